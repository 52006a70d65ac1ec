// A socket between docker tidy and an engine, at which a run is killed: just before a call reaches the engine, or just after its answer came.
import type { ChildProcess } from 'node:child_process';
import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** At which of the calls that change something, counted from 1, and on which side of it. */
export interface KillAt {
  readonly call: number;
  readonly when: 'before' | 'after';
}

const CHANGING = /^(?:DELETE|POST|PUT) /;

/** Listens on `path` and passes all on to the socket of an engine. `victim` is killed with SIGKILL. */
export async function killingProxy(
  engine: string,
  path: string,
  { call, when }: KillAt,
  victim: () => ChildProcess | undefined,
): Promise<{ readonly close: () => void; readonly calls: () => number }> {
  let calls = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = createConnection(engine);
    let awaited = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          client.destroy();
          upstream.destroy();
        });
    }
    client.on('data', (data) => {
      const changes = CHANGING.test(data.toString('latin1', 0, 8));
      if (changes) calls++;
      const hit = changes && calls === call;
      if (hit && when === 'before') victim()?.kill('SIGKILL');
      else upstream.write(data);
      awaited ||= hit;
    });
    upstream.on('data', (data) => {
      if (awaited) victim()?.kill('SIGKILL');
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { close, calls: () => calls };
}
