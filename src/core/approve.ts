// What of an approved plan still holds when the world has moved on: an approved plan can only shrink.
import type { Outcome } from './outcome.ts';
import type { Action, Plan, Space } from './plan.ts';
import { atMost, spaceOf } from './price.ts';

export interface Approved {
  readonly plan: Plan;
  /** The actions that were approved and would not be planned any more, with what keeps them now. */
  readonly changed: readonly Outcome[];
}

/** The actions that are in both plans: what `fresh` adds was never approved, and what it lacks is kept by now. */
export function stillApproved(approved: Plan, fresh: Plan): Approved {
  const planned = new Set(fresh.actions.map(keyOf));
  const reasons = new Map(fresh.kept.map((kept) => [`${kept.id} ${kept.target}`, kept.reasons[0]?.text]));
  const changed = approved.actions
    .filter((action) => !planned.has(keyOf(action)))
    .map((action): Outcome => {
      const why =
        reasons.get(`${action.id} ${action.target}`) ?? 'it is not what it was when the plan was shown';
      return { action, result: 'changed', why };
    });
  const lately = new Map(fresh.actions.map((action) => [keyOf(action), action]));
  const actions = approved.actions
    .filter((action) => planned.has(keyOf(action)))
    .map((action) => latest(action, lately.get(keyOf(action))));
  if (changed.length === 0) return { plan: { ...approved, actions }, changed };
  const same = fresh.actions.length === actions.length;
  const prices = new Map(fresh.actions.map((action) => [keyOf(action), spaceOf(action)]));
  return {
    plan: {
      ...withSpace(approved, same ? spaceOf(fresh) : atMost(actions)),
      actions: same ? actions.map((each) => withSpace(each, prices.get(keyOf(each)) as Space)) : actions,
    },
    changed,
  };
}

/** The time in quarantine begins when it is put there, however long ago that was planned. */
function latest(action: Action, now: Action | undefined): Action {
  if (action.kind !== 'quarantine' || now?.kind !== 'quarantine' || now.until <= action.until) return action;
  return { ...action, until: now.until, as: now.as };
}

/** The same with another space: what is exact now may have been about. */
function withSpace<T extends Space>({ about: _, between: __, ...rest }: T, space: Space): T {
  return { ...rest, ...space } as T;
}

function keyOf(action: Action): string {
  const { kind, target, id, expects } = action;
  const expected = 'names' in expects ? [...expects.names].sort() : expects;
  return JSON.stringify([kind, target, id, expected, action.kind === 'delete-volume' && action.guarded]);
}
