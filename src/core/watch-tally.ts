// What a watch counts while it runs, for metrics. Pure: each happening makes a new tally.
import type { Kind } from './kind.ts';
import { KINDS } from './kind.ts';
import type { Outcome, Result } from './outcome.ts';
import type { Plan } from './plan.ts';
import { kindOf } from './plan.ts';
import { spaceOf, total } from './price.ts';
import type { Reclaimed } from './reclaimed.ts';

/** What goes wrong: `policy`: it cannot be read, or says nothing; `limit`: the plan was refused; `engine`: it cannot be reached; `action`: something could not be removed. */
export type Trouble = 'policy' | 'limit' | 'engine' | 'action' | 'other';
export const TROUBLES: readonly Trouble[] = ['policy', 'limit', 'engine', 'action', 'other'];

/** Counts since the watch began; moments in milliseconds since 1970, sizes in bytes. */
export interface Tally {
  readonly connected: boolean;
  /** Looks at the host, whether there was something to do or not. */
  readonly runs: number;
  /** By kind and result, `image done`. */
  readonly removals: Readonly<Record<string, number>>;
  readonly freed: number;
  readonly errors: Readonly<Partial<Record<Trouble, number>>>;
  /** The last run in which nothing went wrong. */
  readonly lastSuccess?: number;
  /** What each kind takes, as far as it is known. */
  readonly space: Readonly<Partial<Record<Kind, number>>>;
  /** What the policy would free of each kind and has not, at the last run. */
  readonly reclaimable: Readonly<Partial<Record<Kind, number>>>;
}

export const EMPTY_TALLY: Tally = {
  connected: false,
  runs: 0,
  removals: {},
  freed: 0,
  errors: {},
  space: {},
  reclaimable: {},
};

/** What a run has found and done. */
export interface Ran {
  readonly plan: Plan;
  readonly space: Tally['space'];
  /** Absent where the plan was refused. */
  readonly carried: { readonly outcomes: readonly Outcome[]; readonly reclaimed: Reclaimed } | undefined;
}

export function withRun(tally: Tally, { plan, space, carried }: Ran, now: number): Tally {
  const outcomes = carried?.outcomes ?? [];
  const trouble = troubleOf(plan, outcomes);
  const done = new Set(outcomes.filter(({ result }) => result === 'done').map(({ action }) => action));
  const left = plan.actions.filter((action) => !done.has(action));
  const counted = {
    ...tally,
    runs: tally.runs + 1,
    removals: outcomes.reduce(countRemoval, tally.removals),
    freed: tally.freed + (carried?.reclaimed.frees ?? 0),
    space,
    reclaimable: Object.fromEntries(
      KINDS.map((kind) => [kind, total(left.filter((action) => kindOf(action) === kind).map(spaceOf)).frees]),
    ),
    ...(!trouble && { lastSuccess: now }),
  };
  return trouble ? withTrouble(counted, trouble) : counted;
}

function troubleOf({ refused }: Plan, outcomes: readonly Outcome[]): Trouble | undefined {
  if (refused !== undefined) return 'limit';
  return outcomes.some(({ result }) => WRONG.includes(result)) ? 'action' : undefined;
}

const WRONG: readonly Result[] = ['failed', 'conflict'];

function countRemoval(counts: Tally['removals'], { action, result }: Outcome): Tally['removals'] {
  const key = `${kindOf(action)} ${result}`;
  return { ...counts, [key]: (counts[key] ?? 0) + 1 };
}

export function withTrouble(tally: Tally, trouble: Trouble): Tally {
  return { ...tally, errors: { ...tally.errors, [trouble]: (tally.errors[trouble] ?? 0) + 1 } };
}
