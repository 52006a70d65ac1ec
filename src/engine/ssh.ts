// An engine behind ssh, as docker reaches it: the user's own ssh runs `docker system dial-stdio` over
// there, so that ~/.ssh/config, agents and jump hosts work. One child process is one connection.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Duplex, type Readable, type Writable } from 'node:stream';
import type { SshTransport } from './host.ts';

/** ssh ended without success, or could not be started. */
export class SshFailure extends Error {
  override readonly name = 'SshFailure';
  /** What ssh, or docker over there, wrote to its standard error. */
  readonly stderr: string;
  /** ssh's exit status: 255 is ssh's own failure, everything else comes from over there. */
  readonly status: number | undefined;

  constructor(stderr: string, options: { status?: number | undefined; cause?: unknown } = {}) {
    super(stderr.trim() || `ssh exited with status ${options.status}`, { cause: options.cause });
    this.stderr = stderr;
    this.status = options.status;
  }
}

/** The arguments of ssh, docker's own: docker/cli, cli/connhelper/ssh. */
export function sshArguments({ user, hostname, port, path }: SshTransport): string[] {
  if (hostname.startsWith('-') || user?.startsWith('-')) {
    throw new SshFailure('an ssh host or user must not begin with a dash');
  }
  return [
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...['-o', 'ConnectTimeout=30', '-T', '--', hostname, 'docker'],
    ...(path === undefined ? [] : ['--host', quoted(`unix://${path}`)]),
    ...['system', 'dial-stdio'],
  ];
}

// ssh hands its words to a shell over there.
function quoted(word: string): string {
  return /^[\w./:@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const STDERR_KEPT = 4096;
/** ssh's background master may keep standard error open for hours: its text is not waited for longer. */
const STDERR_GRACE = 100;

/**
 * A connection that is a running ssh. It has those methods of a net.Socket which http.Agent calls.
 * `Duplex.from({readable, writable})` has not, and crashed on Node 20.
 */
export class SshConnection extends Duplex {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #stderr = '';

  constructor(transport: SshTransport) {
    super();
    this.#child = spawn('ssh', sshArguments(transport), {
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, as docker does: Ctrl-C must not cut a call in flight.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    this.#child.on('error', (cause) => this.destroy(new SshFailure(this.#stderr, { cause })));
    // What fails on the way in is told better by the exit status.
    this.#child.stdin.on('error', () => {});
    this.#listen();
  }

  #listen(): void {
    const { stdout, stderr } = this.#child;
    stdout.on('data', (chunk) => this.push(chunk) || stdout.pause());
    stderr.on('data', (chunk) => {
      this.#stderr = (this.#stderr + chunk).slice(-STDERR_KEPT);
    });
    // Not at the end of stdout: the reason of a failure comes after it.
    const ended = new Promise<void>((resolve) => stdout.once('close', resolve));
    this.#child.once('exit', (status) => {
      ended.then(() => {
        if (stderr.closed) return this.#ended(status);
        const timer = setTimeout(() => this.#ended(status), STDERR_GRACE);
        stderr.once('close', () => {
          clearTimeout(timer);
          this.#ended(status);
        });
      });
    });
  }

  #ended(status: number | null): void {
    if (this.destroyed) return;
    if (status === 0) this.push(null);
    else this.destroy(new SshFailure(this.#stderr, { status: status ?? undefined }));
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#child.stdin.write(chunk, () => done());
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy();
    done(error);
  }

  ref(): this {
    return this.#hold('ref');
  }

  unref(): this {
    return this.#hold('unref');
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  // Child pipes are sockets, though not by type.
  #hold(how: 'ref' | 'unref'): this {
    this.#child[how]();
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      (pipe as unknown as Socket)[how]();
    }
    return this;
  }
}
