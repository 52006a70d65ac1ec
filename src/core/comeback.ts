// How well an image could come back once it is removed, from what is known without trying.
import type { ComebackFacts, Engine, Image, Inventory } from './inventory.ts';
import type { Action, DeletionAction, Plan } from './plan.ts';
import { originDigests } from './quarantine-name.ts';
import { registryOf } from './reference.ts';
import { count, humanSize } from './units.ts';

/**
 * `tagged-elsewhere`: an untag, the image itself stays; `archived`: an archive has it, or will; `pullable`: a registry has
 * it; `not-asked`: a registry may have it, and could not be asked; `local-only`: nothing but this disk is known to have it.
 */
export type Comeback = 'tagged-elsewhere' | 'archived' | 'pullable' | 'not-asked' | 'local-only';

/** How well an image could come back that is deleted. */
export function comebackOf(
  image: Pick<Image, 'id' | 'digests' | 'was'>,
  { engine, comeback }: Pick<Inventory, 'engine' | 'comeback'>,
): Exclude<Comeback, 'tagged-elsewhere'> {
  const { id } = image;
  const digests = originDigests(image);
  if (comeback?.savedIn !== undefined || comeback?.archived.includes(id)) return 'archived';
  const { registry } = comeback ?? {};
  if (!registry) return digests.length > 0 && tellsOrigin(engine) ? 'pullable' : 'local-only';
  if (digests.some((digest) => registry[digest] === true)) return 'pullable';
  return digests.some((digest) => registry[digest] === 'not-asked') ? 'not-asked' : 'local-only';
}

/** The registries that might have it, and could not be asked. */
export function registriesNotAsked(
  image: Pick<Image, 'digests' | 'was'>,
  { comeback }: Pick<Inventory, 'comeback'>,
): string[] {
  const failed = originDigests(image).filter((digest) => comeback?.registry?.[digest] === 'not-asked');
  return [...new Set(failed.map(registryOf))].sort();
}

/**
 * Whether a repository digest says that the image was pulled or pushed. On graph drivers it does; the containerd store and
 * podman give one to what was built here, too.
 */
function tellsOrigin({ store }: Pick<Engine, 'store'>): boolean {
  return store !== 'containerd' && store !== 'podman';
}

/**
 * What people should be told of an image that may go for good; empty where nothing: it has no name, or that its class is
 * `local-only` may just mean that no registry was asked.
 */
export function goesForGood(
  { engine, registriesAsked }: Pick<Plan, 'engine' | 'registriesAsked'>,
  action: Action,
): '' | 'local only' | 'its registry could not be asked' {
  if (action.kind !== 'delete-image' && action.kind !== 'quarantine') return '';
  if (action.expects.names.length === 0) return '';
  if (action.comeback === 'not-asked') return 'its registry could not be asked';
  const told = registriesAsked === true || tellsOrigin(engine);
  return action.comeback === 'local-only' && told ? 'local only' : '';
}

/** Sentences for the plan: where images are saved first, if any go, and what could not be looked up. */
export function comebackNotes(
  { comeback, engine }: Pick<Inventory, 'comeback' | 'engine'>,
  actions: readonly Action[],
): string[] {
  if (!comeback) return [];
  const { savedIn, notes, tooOld = [] } = comeback;
  const images = new Map(
    actions.flatMap((action) =>
      action.kind === 'delete-image' ? [[action.id, action as DeletionAction]] : [],
    ),
  );
  const going = [...images.values()];
  const added = going
    .filter(({ id }) => !comeback.archived.includes(id))
    .reduce((sum, { size }) => sum + size, 0);
  return [
    ...(going.length > 0 && savedIn !== undefined
      ? [
          `Each image that goes is saved first, in ${savedIn}: up to ${humanSize(added)}, before it is packed.`,
        ]
      : []),
    ...roomNote(comeback, added),
    ...(comeback.registry || tellsOrigin(engine) ? [] : originNote(going)),
    ...(actions.length > 0 ? tooOldNote(tooOld.filter((id) => !images.has(id)).length) : []),
    ...notes,
  ];
}

function tooOldNote(archives: number): string[] {
  if (archives === 0) return [];
  const [were, are, they] = archives === 1 ? ['was', 'is', 'it'] : ['were', 'are', 'they'];
  return [
    `${count(archives, 'saved image')} ${were} saved longer ago than ${they} ${are} to be kept, and ${are} removed first.`,
  ];
}

/** Where the engine does not tell what was built here, no row can say `local only`. */
function originNote(going: readonly DeletionAction[]): string[] {
  const unsure = going.filter(
    ({ comeback, expects }) => comeback === 'local-only' && expects.names.length > 0,
  );
  return unsure.length === 0
    ? []
    : [
        `${count(unsure.length, 'image')} with a name may be on this disk only, which this engine does not tell: --verify-registry asks.`,
      ];
}

/** What is packed takes less: how much less is known only then. `added`: at the most. */
function roomNote({ room }: ComebackFacts, added: number): string[] {
  if (!room) return [];
  const { stored, most, from, sweeps } = room;
  if (added === 0 || stored + added <= most) return [];
  const now = `Archives take ${humanSize(stored)} of the ${humanSize(most)} that ${from} allows`;
  return [
    stored >= most && !sweeps
      ? `${now}: images that would have to be saved stay.`
      : `${now}, and what goes up to ${humanSize(added)} more, before it is packed: what does not fit stays.`,
  ];
}
