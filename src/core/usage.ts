// Who uses which image: containers in any state, by ID, by name and by mount, and swarm services.
import type { Container, Image, Inventory } from './inventory.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { canonicalReference } from './reference.ts';

/**
 * The users of each image, by image ID. A name may mean another image than the container runs (its tag has moved):
 * then both are in use, since stores disagree about which of the two they protect.
 */
export function usersOf(
  inventory: Pick<Inventory, 'images' | 'containers' | 'services'>,
): Map<string, Reason[]> {
  const find = finder(inventory.images);
  const users = new Map<string, Reason[]>();
  const use = (id: string, why: Reason) => users.set(id, [...(users.get(id) ?? []), why]);
  for (const container of [...inventory.containers].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    use(container.imageId, reason.usedByContainer(container.name, stateWord(container)));
    for (const id of find(container.image)) {
      if (id !== container.imageId) use(id, reason.namedByContainer(container.name, stateWord(container)));
    }
    for (const id of container.imageMounts.flatMap(find))
      use(id, reason.mountedByContainer(container.name, stateWord(container)));
  }
  for (const service of inventory.services) {
    for (const id of new Set(service.images.flatMap(find))) use(id, reason.usedByService(service.name));
  }
  return users;
}

/** The containers that use each image in any way, by image ID. */
export function containersUsing(
  inventory: Pick<Inventory, 'images' | 'containers'>,
): Map<string, Container[]> {
  const find = finder(inventory.images);
  const users = new Map<string, Container[]>();
  for (const container of inventory.containers) {
    const named = [container.image, ...container.imageMounts].flatMap(find);
    for (const id of new Set([container.imageId, ...named]))
      users.set(id, [...(users.get(id) ?? []), container]);
  }
  return users;
}

/** docker's own word where it differs from the state's name. */
export function stateWord({ state }: Pick<Container, 'state'>): string {
  return state === 'exited' ? 'stopped' : state;
}

/** Resolves a name as docker does: an ID, a reference, or a prefix of an ID (then every match, to be safe). */
function finder(images: readonly Image[]): (name: string) => string[] {
  const byReference = new Map<string, string>();
  for (const image of images) {
    for (const name of [...image.tags, ...image.digests])
      byReference.set(canonicalReference(name) ?? name, image.id);
  }
  const byDigest = (digest: string) =>
    images.filter((i) => i.id === digest || i.digests.some((d) => d.endsWith(`@${digest}`)));
  return (name) => {
    if (name.startsWith('sha256:')) return byDigest(name).map((image) => image.id);
    const digest = name.split('@')[1];
    const named = byReference.get(canonicalReference(name) ?? name);
    const found = named === undefined ? [] : [named];
    if (digest) found.push(...byDigest(digest).map((image) => image.id));
    if (found.length > 0) return found;
    return /^[0-9a-f]{4,64}$/.test(name)
      ? images.filter((i) => i.id.startsWith(`sha256:${name}`)).map((i) => i.id)
      : [];
  };
}
