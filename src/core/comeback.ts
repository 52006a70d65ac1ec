// How well an image could come back once it is removed, from what is known without trying.
import type { ComebackFacts, Engine, Image, Inventory } from './inventory.ts';
import type { Action, DeletionAction, Plan } from './plan.ts';
import { originDigests } from './quarantine-name.ts';
import { humanSize } from './units.ts';

/**
 * `tagged-elsewhere`: an untag, the image itself stays; `archived`: an archive has it, or will; `pullable`: a registry has
 * it; `local-only`: nothing but this disk is known to have it.
 */
export type Comeback = 'tagged-elsewhere' | 'archived' | 'pullable' | 'local-only';

/** How well an image could come back that is deleted. */
export function comebackOf(
  image: Pick<Image, 'id' | 'digests' | 'was'>,
  { engine, comeback }: Pick<Inventory, 'engine' | 'comeback'>,
): Exclude<Comeback, 'tagged-elsewhere'> {
  const { id } = image;
  const digests = originDigests(image);
  if (comeback?.savedIn !== undefined || comeback?.archived.includes(id)) return 'archived';
  const { registry } = comeback ?? {};
  const found = registry
    ? digests.some((digest) => registry[digest] === true)
    : digests.length > 0 && tellsOrigin(engine);
  return found ? 'pullable' : 'local-only';
}

/**
 * Whether a repository digest says that the image was pulled or pushed. On graph drivers it does; the containerd store and
 * podman give one to what was built here, too.
 */
function tellsOrigin({ store }: Pick<Engine, 'store'>): boolean {
  return store !== 'containerd' && store !== 'podman';
}

/**
 * Whether people should be told that an image goes for good: it had a name, and that its class is `local-only` does not
 * just mean that its registry was not asked.
 */
export function goesForGood(
  { engine, registriesAsked }: Pick<Plan, 'engine' | 'registriesAsked'>,
  action: Action,
): boolean {
  if (action.kind !== 'delete-image' && action.kind !== 'quarantine') return false;
  if (action.comeback !== 'local-only') return false;
  return action.expects.names.length > 0 && (registriesAsked === true || tellsOrigin(engine));
}

/** Sentences for the plan: where images are saved first, if any go, and what could not be looked up. */
export function comebackNotes(
  { comeback }: Pick<Inventory, 'comeback'>,
  actions: readonly Action[],
): string[] {
  if (!comeback) return [];
  const { savedIn, notes } = comeback;
  const images = new Map(
    actions.flatMap((action) =>
      action.kind === 'delete-image' ? [[action.id, action as DeletionAction]] : [],
    ),
  );
  return [
    ...(images.size > 0 && savedIn !== undefined
      ? [`Each image that goes is saved first, in ${savedIn}.`]
      : []),
    ...roomNote(comeback, [...images.values()]),
    ...notes,
  ];
}

/** What is packed takes less: how much less is known only then. */
function roomNote({ room, archived }: ComebackFacts, sizes: readonly DeletionAction[]): string[] {
  if (!room) return [];
  const { stored, most, from, sweeps } = room;
  const added = sizes.filter(({ id }) => !archived.includes(id)).reduce((sum, { size }) => sum + size, 0);
  if (added === 0 || stored + added <= most) return [];
  const now = `Archives take ${humanSize(stored)} of the ${humanSize(most)} that ${from} allows`;
  return [
    stored >= most && !sweeps
      ? `${now}: images that would have to be saved stay.`
      : `${now}, and what goes up to ${humanSize(added)} more, before it is packed: what does not fit stays.`,
  ];
}
