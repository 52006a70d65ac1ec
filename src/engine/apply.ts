// Applies a plan: its actions and no others, several images at a time, one call at a time for each image.
import pLimit from 'p-limit';
import type { Inventory } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action, Plan } from '../core/plan.ts';

/**
 * Small images: as many deletions at a time as still gain something (measured: 4 on overlay2, 8 on containerd).
 * podman's are done one by one.
 */
export function concurrencyOf({ store }: Inventory['engine']): number {
  if (store === 'podman') return 1;
  return store === 'containerd' ? 8 : 4;
}

/**
 * Performs every action: an image's own one after the other, and an image's after those of the images that were
 * built on it. An image that stays against the plan keeps its other names and what it was built on. After `cancelled`
 * aborts, or when the engine is lost, no action starts any more; those under way are finished and told.
 */
export async function apply(
  plan: Plan,
  perform: (action: Action) => Promise<Outcome>,
  cancelled: AbortSignal,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const limit = pLimit(concurrencyOf(plan.engine));
  const outcomes = new Map<Action, Outcome>();
  const stays = new Map<string, string>(); // images that stay against the plan, with a name of theirs
  let lost = false;
  const next = async (action: Action): Promise<Outcome> => {
    if (cancelled.aborted || lost) return { action, result: 'cancelled' };
    const name = [action.id, ...action.after].map((id) => stays.get(id)).find((found) => found !== undefined);
    if (name === undefined) return await perform(action);
    const why = stays.has(action.id) ? `the image stays, as ${name}` : `${name} stays, which was built on it`;
    return { action, result: 'changed', why };
  };
  const lane = async (actions: readonly Action[]) => {
    for (const action of actions) {
      const outcome = await next(action);
      lost ||= outcome.lost === true;
      const went = outcome.result === 'done' || outcome.result === 'gone';
      if (!went && !stays.has(action.id)) stays.set(action.id, action.target);
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
