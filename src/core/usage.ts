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
  const use = (id: string, why: Reason) => add(users, id, why);
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
    for (const id of new Set([container.imageId, ...named])) add(users, id, container);
  }
  return users;
}

/** docker's own word where it differs from the state's name. */
export function stateWord({ state }: Pick<Container, 'state'>): string {
  return state === 'exited' ? 'stopped' : state;
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const before = map.get(key);
  if (before) before.push(value);
  else map.set(key, [value]);
}

/** Resolves a name as docker does: an ID, a reference, or a prefix of an ID (then every match, to be safe). */
function finder(images: readonly Image[]): (name: string) => readonly string[] {
  const byReference = new Map<string, string>();
  const byDigest = new Map<string, string[]>(); // IDs are digests, too
  for (const { id, tags, digests } of images) {
    for (const name of [...tags, ...digests]) byReference.set(canonicalReference(name) ?? name, id);
    for (const digest of new Set([id, ...digests.map((name) => name.slice(name.indexOf('@') + 1))]))
      add(byDigest, digest, id);
  }
  let sorted: readonly string[] | undefined;
  const startingWith = (prefix: string): readonly string[] => {
    sorted ??= images.map(({ id }) => id).sort();
    const from = firstFrom(sorted, prefix);
    let to = from;
    while (sorted[to]?.startsWith(prefix)) to += 1;
    return sorted.slice(from, to);
  };
  return (name) => {
    if (name.startsWith('sha256:')) return byDigest.get(name) ?? [];
    const digest = name.split('@')[1];
    const named = byReference.get(canonicalReference(name) ?? name);
    const found = [...(named === undefined ? [] : [named]), ...((digest && byDigest.get(digest)) || [])];
    if (found.length > 0) return found;
    return /^[0-9a-f]{4,64}$/.test(name) ? startingWith(`sha256:${name}`) : [];
  };
}

/** Where the first of these that does not come before `name` is. */
function firstFrom(sorted: readonly string[], name: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] as string) < name) from = middle + 1;
    else to = middle;
  }
  return from;
}
