// Applies a plan: its actions and no others, several objects at a time, one call at a time for each.
import pLimit from 'p-limit';
import type { Outcome } from '../core/outcome.ts';
import type { Action, Plan } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';

/**
 * Small images: as many deletions at a time as still gain something (measured: 4 on overlay2, 8 on containerd).
 * podman's are done one by one, and so are volumes, whose backups share one disk.
 */
export function concurrencyOf({ engine: { store }, actions }: Pick<Plan, 'engine' | 'actions'>): number {
  if (store === 'podman' || actions.some(({ kind }) => kind === 'delete-volume')) return 1;
  return store === 'containerd' ? 8 : 4;
}

/**
 * Performs every action: an object's own one after the other, and an object's after those that hold it: containers, and
 * what was built on it. What stays against the plan keeps its other names, and all that it holds. After `cancelled`
 * aborts, or when the engine is lost, no action starts any more; those under way are finished and told.
 */
export async function apply(
  plan: Plan,
  perform: (action: Action) => Promise<Outcome>,
  cancelled: AbortSignal,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const limit = pLimit(concurrencyOf(plan));
  const outcomes = new Map<Action, Outcome>();
  const stays = new Map<string, Action>(); // objects that stay against the plan
  let lost = false;
  const next = async (action: Action): Promise<Outcome> => {
    if (cancelled.aborted || lost) return { action, result: 'cancelled' };
    const holder = [action.id, ...action.after]
      .map((id) => stays.get(id))
      .find((found) => found !== undefined);
    return holder ? { action, result: 'changed', why: heldBy(action, holder) } : await perform(action);
  };
  const lane = async (actions: readonly Action[]) => {
    for (const action of actions) {
      const outcome = await next(action);
      lost ||= outcome.lost === true;
      const went = outcome.result === 'done' || outcome.result === 'gone';
      if (!went && !stays.has(action.id)) stays.set(action.id, action);
      outcomes.set(action, outcome);
      tell(outcome);
    }
  };
  const lanes = new Map<string, Promise<void>>(); // the plan has children first, so what a lane waits for is there
  for (const [id, actions] of Map.groupBy(plan.actions, (action) => action.id)) {
    const children = actions.flatMap(({ after }) => after).map((child) => lanes.get(child));
    lanes.set(
      id,
      Promise.all(children).then(() => limit(lane, actions)),
    );
  }
  await Promise.all(lanes.values());
  return plan.actions.map((action) => outcomes.get(action) as Outcome);
}

function heldBy(action: Action, holder: Action): string {
  if (holder.id === action.id) return `the image stays, as ${holder.target}`;
  if (kindOf(holder) === 'container') return `container ${holder.target} stays, which uses it`;
  return `${holder.target} stays, which was built on it`;
}
