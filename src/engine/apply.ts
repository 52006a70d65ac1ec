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
 * Performs every action in the plan's order as far as it matters: an image's own actions one after the other, and
 * those of images that the plan puts in a later stage after all of an earlier one. After `cancelled` aborts no
 * action starts any more; those under way are finished and told.
 */
export async function apply(
  plan: Plan,
  perform: (action: Action) => Promise<Outcome>,
  cancelled: AbortSignal,
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const limit = pLimit(concurrencyOf(plan.engine));
  const outcomes = new Map<Action, Outcome>();
  let lost = false;
  const lane = async (actions: readonly Action[]) => {
    let stays: string | undefined; // a name that this image keeps, against the plan
    for (const action of actions) {
      const outcome = await next(action, cancelled.aborted || lost, stays, perform);
      lost ||= outcome.lost === true;
      if (outcome.result !== 'done' && outcome.result !== 'gone') stays ??= action.target;
      outcomes.set(action, outcome);
      tell(outcome);
    }
  };
  for (const stage of stagesOf(plan.actions)) {
    await Promise.all(lanesOf(stage).map((actions) => limit(lane, actions)));
  }
  return plan.actions.map((action) => outcomes.get(action) as Outcome);
}

/** An image that keeps one of its names keeps the rest of them, too. */
async function next(
  action: Action,
  stop: boolean,
  stays: string | undefined,
  perform: (action: Action) => Promise<Outcome>,
): Promise<Outcome> {
  if (stop) return { action, result: 'cancelled' };
  if (stays !== undefined) return { action, result: 'changed', why: `the image stays, as ${stays}` };
  return await perform(action);
}

/** Actions by stage: children are in an earlier one than the images that they were built on. */
function stagesOf(actions: readonly Action[]): Action[][] {
  const stages = Map.groupBy(actions, ({ stage }) => stage);
  return [...stages.entries()].sort(([a], [b]) => a - b).map(([, members]) => members);
}

function lanesOf(actions: readonly Action[]): Action[][] {
  return [...Map.groupBy(actions, ({ id }) => id).values()];
}
