// One run at a time on an engine, by this user on this machine: two would skip what the other is doing, and tell it twice.
import { readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../core/errors.ts';
import { makeFolder } from './folder.ts';

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** The machine and the space of process IDs that `pid` belongs to. */
  readonly where?: string;
  /** The words after `docker`. */
  readonly command: string;
  /** RFC 3339. */
  readonly since: string;
}

export interface LockOptions {
  /** Wait until the other run is done, instead of leaving. Called once, with who it is. */
  readonly waiting?: ((holder: Holder | undefined) => void) | undefined;
  readonly signal: AbortSignal;
  /** What would have been done: `removed`, or `restored`. */
  readonly doing?: string;
}

/** A lock that nobody renewed for that long was left by a run that was killed. */
const STALE = 10_000;
const POLL = 250;

/**
 * Takes the lock of the engine with this ID. Resolves to what gives it back, and whether it had to wait. Where the state
 * folder cannot be written there is no lock, and the work goes on: each step is checked just before it is done anyway.
 *
 * @throws Refusal that says who is at it, unless `waiting` is given; the signal's reason when it aborts.
 */
export async function lockEngine(
  folder: string,
  engine: string,
  me: Holder,
  { waiting, signal, doing = 'removed' }: LockOptions,
): Promise<{ readonly release: () => Promise<void>; readonly waited: boolean }> {
  const [{ lock }, { createHash }] = await Promise.all([import('proper-lockfile'), import('node:crypto')]);
  const name = createHash('sha256').update(engine).digest('hex').slice(0, 16);
  const file = join(folder, 'locks', `${name}.json`);
  for (let waited = false; ; waited = true) {
    signal.throwIfAborted();
    try {
      await makeFolder(join(folder, 'locks'));
      const release = await lock(file, { realpath: false, stale: STALE, onCompromised: () => {} });
      await writeFile(file, JSON.stringify({ ...me, where: await here() }));
      const done = async () => {
        await rm(file, { force: true }).catch(() => {}); // so that nobody reads of us beside the next one's lock
        await release().catch(() => {});
      };
      return { release: done, waited };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ELOCKED') return { release: async () => {}, waited };
    }
    const holder = await read(file);
    if (holder && (await hasDied(holder)) && (await takenAway(file))) continue;
    if (!waiting) throw new Refusal(inTheWay(holder, doing));
    if (!waited) waiting(holder);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** Whether a holder was killed: only where process IDs mean the same here. */
async function hasDied({ pid, where }: Holder): Promise<boolean> {
  if (where === undefined || where !== (await here())) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/**
 * Takes the lock of a killed run away; says whether that was done. A file that is older than the lock tells of an earlier
 * run, not of the one that holds it; and of several that come by only the one that moves the very same lock takes it.
 */
async function takenAway(file: string): Promise<boolean> {
  const [lock, mine] = [`${file}.lock`, `${file}.lock.${process.pid}`]; // the first is what proper-lockfile makes
  try {
    const [held, said] = await Promise.all([stat(lock), stat(file)]);
    if (said.mtimeMs < held.birthtimeMs) return false;
    await rename(lock, mine);
    if ((await stat(mine)).ino !== held.ino) {
      await rename(mine, lock);
      return false;
    }
    await rm(mine, { recursive: true });
    return true;
  } catch {
    return false; // somebody else was quicker
  }
}

async function here(): Promise<string> {
  const space = await readlink('/proc/self/ns/pid').catch(() => process.platform);
  return `${hostname()} ${space}`;
}

function inTheWay(holder: Holder | undefined, doing: string): string {
  return `nothing was ${doing}: ${whoIsAtIt(holder)}. Add --wait to wait for it`;
}

/** `another docker tidy is at work on this engine (process 12, docker tidy -f, since …)`. */
export function whoIsAtIt(holder: Holder | undefined): string {
  const who = holder ? ` (process ${holder.pid}, docker ${holder.command}, since ${holder.since})` : '';
  return `another docker tidy is at work on this engine${who}`;
}

async function read(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}
