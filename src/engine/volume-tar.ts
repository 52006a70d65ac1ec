// A folder as a tar by GNU tar, which keeps what the engine's archive leaves out: all extended attributes, so also ACLs,
// fractions of a second, and holes. Two readings of what did not change are the same bytes.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Refusal } from '../core/errors.ts';
import type { Answer } from './reading.ts';
import { cancelledBy } from './reading.ts';

const OPTIONS = [
  '--create',
  '--format=posix',
  '--numeric-owner',
  '--sort=name',
  '--xattrs',
  '--xattrs-include=*',
  // Once more as text, since who restores with --acls would lose those that are only among the attributes. That text has
  // the names that users have on this machine: only without --acls are they restored by their numbers everywhere.
  '--acls',
  '--sparse',
  // Newer ones put tar's process ID into names.
  '--sparse-version=0.0',
  // So does the default name of the headers; and reading a file changes its access time.
  '--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f',
];

/** tar's own options by TAR_OPTIONS, and words in another language, are not for us. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C' };
}

/** Whether there is a GNU tar that takes the options, and has nothing to say about the folder itself. */
export async function canTar(folder: string, signal: AbortSignal): Promise<boolean> {
  const words = [...OPTIONS, '--no-recursion', '--file=/dev/null', '-C', folder, '.'];
  try {
    const { stderr } = await promisify(execFile)('tar', words, { env: environment(), signal });
    return stderr === '';
  } catch {
    if (signal.aborted) throw cancelledBy(signal);
    return false;
  }
}

/** What tar could not put in. */
export interface Left {
  readonly sockets: boolean;
}

/**
 * Gives `work` the folder as a tar, its root as `./`, which must be read to its end. tar is gone when this settles.
 * Nothing but sockets is left out of it.
 *
 * @param name the volume's. @throws out of `body`: Refusal where the folder changed meanwhile, or cannot be read;
 * Cancelled. What `work` throws.
 */
export async function withTar<T>(
  name: string,
  folder: string,
  signal: AbortSignal,
  work: (body: Answer['body']) => Promise<T>,
): Promise<{ result: T; left: Left }> {
  if (signal.aborted) throw cancelledBy(signal);
  const words = [...OPTIONS, '--file=-', '-C', folder, '.'];
  const child = spawn('tar', words, { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => void child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => {}); // it is waited for below
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 2 ** 20) said += text;
  });
  const starting = once(child, 'spawn').catch((cause: Error) => {
    throw new Refusal(
      `tar could not be started (${cause.message}); the volume stays, and no backup was kept`,
      { cause },
    );
  });
  const body = async function* (): AsyncGenerator<Buffer> {
    yield* child.stdout;
    const [status] = await ended;
    if (signal.aborted) throw cancelledBy(signal);
    if (status !== 0) throw failed(name, status, said);
  };
  try {
    await starting;
    const result = await work(body());
    return { result, left: { sockets: said.includes(': socket ignored') } };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    child.stdout.destroy();
    await ended.catch(() => {});
  }
}

/** A file that was being written while it was read, or went: tar ends with 1, and for all else that fails with 2. */
function failed(name: string, status: number | null, said: string): Refusal {
  const [, path, words] = /^tar: (?:\.\/)?(.+?): (.+)$/m.exec(said) ?? [];
  if (status === 1) return changed(name, path);
  const ended = status === null ? 'it was killed' : `it ended with status ${status}`;
  return new Refusal(
    `tar could not read all of volume ${name} (${path ? `${path}: ${words}` : ended}): the disk may fail, look at the kernel's log; the volume stays, and no backup was kept`,
  );
}

/** The words where a volume changed while it was read; `path` where it is known. */
export function changed(name: string, path: string | undefined): Refusal {
  const where = path ? ` (${path})` : '';
  return new Refusal(
    `volume ${name} changed while it was backed up${where}: stop what writes to it, and try again; the volume stays, and no backup was kept`,
  );
}
