// The lock of a run: two on one engine do not fight.
import { homedir } from 'node:os';
import { stateFolder } from '../state/folder.ts';
import type { Holder } from '../state/lock.ts';
import { lockEngine, whoIsAtIt } from '../state/lock.ts';
import type { Invocation } from './invocation.ts';

/** The second run leaves, or with --wait waits, and must then look again. `doing`: `removed`, or `restored`. */
export async function locked(
  { flags, env, words, stderr, cancelled }: Invocation,
  engine: string,
  doing?: 'removed' | 'restored',
) {
  const folder = stateFolder(env, homedir(), process.platform);
  const me = { pid: process.pid, command: ['tidy', ...words].join(' '), since: new Date().toISOString() };
  const waiting = flags.has('wait')
    ? (holder?: Holder) => stderr.write(`Waiting: ${whoIsAtIt(holder)}.\n`)
    : undefined;
  return await lockEngine(folder, engine, me, { waiting, signal: cancelled, ...(doing && { doing }) });
}
