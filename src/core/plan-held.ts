// Images together with the stopped containers that hold them: these go first, and only where their image then goes.
import type { Within } from './budget.ts';
import type { Conditions } from './condition.ts';
import type { Container, Image, Inventory } from './inventory.ts';
import type { Part } from './plan.ts';
import { planContainers } from './plan-containers.ts';
import { candidateImages, planImages } from './plan-images.ts';
import { reason } from './reason.ts';
import { containersUsing } from './usage.ts';
import type { ImagesAsked } from './verdict.ts';

/**
 * The images that are selected, and the stopped containers that hold them, which are held against the same ages, since
 * they stopped. An image that anything else keeps stays, and so do its containers. `limit`: the budget for these images.
 */
export function planHeld(
  inventory: Inventory,
  asked: ImagesAsked,
  limit?: (candidates: readonly Image[]) => Within,
): Part[] {
  const stopped = planContainers(inventory, agesOf(asked.conditions));
  const eligible = new Set(stopped.actions.map(({ id }) => id));
  const holders = containersUsing(inventory);
  const budget = limit?.(candidateImages(inventory, [asked], eligible));
  const going = planImages(inventory, [asked], eligible, budget).actions;
  const leaving = new Map<string, Set<string>>(); // images that go, by the container that must go for it
  for (const { id, target } of going) {
    for (const container of holders.get(id) ?? [])
      leaving.set(container.id, (leaving.get(container.id) ?? new Set()).add(target));
  }
  const actions = stopped.actions
    .filter(({ id }) => leaving.has(id))
    .map((action) => ({
      ...action,
      because: reason.holds([...(leaving.get(action.id) ?? [])], action.because),
    }));
  const images = planImages(inventory, [asked], new Set(leaving.keys()), budget);
  return [
    { actions, kept: [] },
    { ...images, notes: [...(images.notes ?? []), ...(budget?.notes(images.kept) ?? [])] },
  ];
}

/** Images that only stopped containers hold, by ID, and these containers, by name: what `--with-containers` would add. */
export interface Held {
  readonly images: readonly string[];
  readonly containers: readonly string[];
}

export function heldByStopped(inventory: Inventory, asked: ImagesAsked): Held {
  if (!inventory.containers.some(isStopped)) return { images: [], containers: [] };
  const now = new Set(planImages(inventory, [asked]).actions.map(({ id }) => id));
  const actions = planHeld(inventory, asked).flatMap((part) => part.actions);
  const images = actions.filter((action) => 'names' in action.expects && !now.has(action.id));
  return {
    images: [...new Set(images.map(({ id }) => id))],
    containers: actions.filter(({ kind }) => kind === 'delete-container').map(({ target }) => target),
  };
}

function isStopped({ state }: Container): boolean {
  return state === 'exited' || state === 'created' || state === 'dead';
}

/** An image's labels and size are not its containers'. */
function agesOf({ filters, olderThan, unusedFor, grace, protection }: Conditions): Conditions {
  return {
    filters: filters.filter(({ key }) => key === 'until'),
    by: 'created',
    ...(olderThan && { olderThan }),
    ...(unusedFor && { unusedFor }),
    ...(grace && { grace }),
    ...(protection && { protection }),
  };
}
