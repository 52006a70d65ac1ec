// What a watch counts while it runs, for metrics. Pure: each happening makes a new tally.
import type { Kind } from './kind.ts';
import { KINDS } from './kind.ts';
import type { Outcome, Result } from './outcome.ts';
import type { Action, Plan } from './plan.ts';
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

/** What a run has found and done, in numbers. */
export interface Ran {
  readonly removals: Tally['removals'];
  readonly freed: number;
  readonly space: Tally['space'];
  readonly reclaimable: Tally['reclaimable'];
  /** What went wrong in it. */
  readonly trouble?: Trouble;
}

/** What came of what a plan speaks of: what was planned before another run was waited for may be that run's doing. */
export function stillPlanned(plan: Pick<Plan, 'actions'>, { outcomes, reclaimed }: Carried): Carried {
  const keyOf = ({ kind, target, id }: Action) => `${kind} ${id} ${target}`;
  const planned = new Set(plan.actions.map(keyOf));
  return { outcomes: outcomes.filter(({ action }) => planned.has(keyOf(action))), reclaimed };
}

/** What the next run would try again: what is gone, or not what it was, the plan does not speak of any more. */
const LEFT: readonly Result[] = ['conflict', 'failed', 'cancelled'];

/** The numbers of a run; `carried` is absent where the plan was refused. */
export function ranOf(plan: Plan, carried: Carried | undefined, space: Tally['space']): Ran {
  const outcomes = carried?.outcomes ?? [];
  const left = carried
    ? outcomes.filter(({ result }) => LEFT.includes(result)).map(({ action }) => action)
    : plan.actions;
  const wrong = outcomes.some(({ result }) => result === 'failed' || result === 'conflict');
  const trouble = plan.refused !== undefined ? 'limit' : wrong ? 'action' : undefined;
  const byKind = (kind: Kind) => total(left.filter((action) => kindOf(action) === kind).map(spaceOf)).frees;
  return {
    removals: counted(outcomes.map(({ action, result }) => `${kindOf(action)} ${result}`)),
    freed: carried?.reclaimed.frees ?? 0,
    space,
    reclaimable: Object.fromEntries(KINDS.map((kind) => [kind, byKind(kind)])),
    ...(trouble && { trouble }),
  };
}

interface Carried {
  readonly outcomes: readonly Outcome[];
  readonly reclaimed: Reclaimed;
}

function counted(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(words, (word) => word)].map(([word, all]) => [word, all.length]));
}

export function withRun(
  tally: Tally,
  { removals, freed, space, reclaimable, trouble }: Ran,
  now: number,
): Tally {
  const keys = [...new Set([...Object.keys(tally.removals), ...Object.keys(removals)])];
  const ran = {
    ...tally,
    runs: tally.runs + 1,
    removals: Object.fromEntries(keys.map((key) => [key, (tally.removals[key] ?? 0) + (removals[key] ?? 0)])),
    freed: tally.freed + freed,
    space,
    reclaimable,
    ...(!trouble && { lastSuccess: now }),
  };
  return trouble ? withTrouble(ran, trouble) : ran;
}

export function withTrouble(tally: Tally, trouble: Trouble): Tally {
  return { ...tally, errors: { ...tally.errors, [trouble]: (tally.errors[trouble] ?? 0) + 1 } };
}
