// Stands in for ssh2, which docker-modem requires even where no ssh:// engine is asked for.
// docker tidy reaches such engines through `docker system dial-stdio`, so this is never called.

export class Client {
  constructor() {
    throw new Error('ssh2 is not in this binary: an ssh:// engine must be reached through the docker CLI');
  }
}
