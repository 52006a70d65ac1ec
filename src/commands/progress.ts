// What is said of work that takes long, as the options have it: on standard error, never among what programs read.
import { Progress } from '../view/progress.ts';
import { wantsUtf8 } from '../view/screen.ts';
import type { Invocation } from './invocation.ts';
import { progressMode } from './showing.ts';

/** Milliseconds. A log that nobody watches is told only of what takes really long; one that was asked for, soon. */
const BAR = { patience: 700, every: 100 } as const;
const PLAIN = { patience: 1000, every: 5000 } as const;
const LOG = { patience: 30_000, every: 30_000 } as const;

type Asking = Pick<Invocation, 'flags' | 'values' | 'env' | 'stderr'>;

const OF_STREAM = new WeakMap<object, Progress>();

/** The same for all of a command, since there is one terminal. Throws UsageError for a mode that there is not. */
export function progressOf(invocation: Asking): Progress {
  const made = OF_STREAM.get(invocation.stderr) ?? new Progress(invocation.stderr, optionsOf(invocation));
  OF_STREAM.set(invocation.stderr, made);
  return made;
}

function optionsOf(invocation: Asking) {
  const { flags, env, stderr } = invocation;
  const given = progressMode(invocation);
  if (flags.has('quiet') || given === 'none') return { mode: 'none', ...LOG } as const;
  if (given === 'plain') return { mode: 'plain', ...PLAIN } as const;
  const draws = stderr.isTTY && env['TERM'] !== 'dumb';
  return draws
    ? ({ mode: 'bar', ...BAR, utf8: wantsUtf8(env) } as const)
    : ({ mode: 'plain', ...LOG } as const);
}
