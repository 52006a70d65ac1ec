// What a user picked from a plan, as a plan: never more than was picked, and less where that could not go by itself.
import { isForecast } from './budget-notes.ts';
import type { Inventory } from './inventory.ts';
import type { Limit } from './limit.ts';
import { consistent, needsOf } from './pick-needs.ts';
import type { Action, ContainerAction, ImageAction, Kept, Part, Plan } from './plan.ts';
import { kindOf, planOf } from './plan.ts';
import { reason } from './reason.ts';

/** By which an action is known again when the same is planned later. */
export function pickKey({ kind, target, id }: Pick<Action, 'kind' | 'target' | 'id'>): string {
  return JSON.stringify([kind, target, id]);
}

/**
 * The plan of what is picked, by `pickKey`, priced as if nothing else had been planned. `inventory` is what the plan was
 * made on, `limits` what it is held against. What is not picked, or cannot go without what is not, is kept.
 */
export function chosen(
  plan: Plan,
  picked: ReadonlySet<string>,
  inventory: Inventory,
  limits: readonly Limit[] = [],
): Plan {
  const wanted = plan.actions.flatMap((action, number) => (picked.has(pickKey(action)) ? [number] : []));
  const going = consistent(needsOf(plan.actions), wanted);
  const stays = plan.actions.filter((_, number) => !going.has(number));
  if (stays.length === 0) return plan;
  const goes = plan.actions.filter((_, number) => going.has(number));
  const world: World = {
    goes: new Set(goes),
    byId: Map.groupBy(plan.actions, ({ id }) => id),
    mounted: mountedBy(stays, inventory),
  };
  const part: Part = {
    actions: goes.map((action) => amongThese(action, world)),
    kept: [...plan.kept, ...stays.map(keptOf)],
    notes: ownNotes(plan, inventory).filter((note) => !isForecast(note)),
  };
  return planOf(inventory, plan.command, [part], limits);
}

/** Where only some of a plan's actions go. */
interface World {
  readonly goes: ReadonlySet<Action>;
  /** All of the plan, by object. */
  readonly byId: ReadonlyMap<string, readonly Action[]>;
  /** Volumes of containers that stay after all. */
  readonly mounted: ReadonlySet<string>;
}

function mountedBy(stays: readonly Action[], { containers }: Inventory): Set<string> {
  const ids = new Set(stays.map(({ id }) => id));
  return new Set(containers.filter(({ id }) => ids.has(id)).flatMap(({ volumes }) => volumes));
}

/** What the plan's parts said; the other notes are made anew. */
function ownNotes({ command, actions, kept, notes }: Plan, inventory: Inventory): string[] {
  const made = new Set(planOf(inventory, command, [{ actions, kept }]).notes);
  return notes.filter((note) => !made.has(note));
}

function keptOf(action: Action): Kept {
  const { target, id, group, created, finished, lastUsed, size, detail } = action;
  return {
    kind: kindOf(action),
    target,
    id,
    group,
    reasons: [reason.notPicked()],
    ...(created && { created }),
    ...(finished && { finished }),
    ...(lastUsed && { lastUsed }),
    ...(size !== undefined && { size }),
    ...(detail && { detail }),
  };
}

function amongThese(action: Action, world: World): Action {
  if (action.kind === 'delete-container') return leaving(action, world);
  return 'names' in action.expects ? withNames(action as ImageAction, world) : action;
}

/** Names that are not picked are there still when its turn comes; and an image whose deletion is not picked stays. */
function withNames(action: ImageAction, { goes, byId }: World): ImageAction {
  const own = byId.get(action.id) as readonly ImageAction[];
  const atFirst = (own[0] as ImageAction).expects.names;
  const gone = (among: readonly Action[]) =>
    new Set(among.filter((other) => goes.has(other)).map(({ target }) => target));
  const before = gone(own.slice(0, own.indexOf(action)));
  const expects = { names: atFirst.filter((name) => !before.has(name)) };
  const last = own.find(({ kind }) => kind !== 'untag');
  if (!last || goes.has(last)) return { ...action, expects };
  const all = gone(own);
  const text = `${action.because.text}; the image stays as ${atFirst.find((name) => !all.has(name))}`;
  return { ...action, expects, because: { ...action.because, text }, comeback: 'tagged-elsewhere' };
}

/** A volume that a container mounts which stays after all is in use. */
function leaving(action: ContainerAction, { mounted }: World): ContainerAction {
  const leaves = action.leaves.filter((name) => !mounted.has(name));
  if (leaves.length === action.leaves.length) return action;
  return { ...action, leaves, because: reason.leavingOnly(action.because, leaves.length) };
}
