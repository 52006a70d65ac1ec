// Which objects a word names, as docker resolves it: a whole name first, then the beginning of an ID.
import type { Container, Image, Inventory, Network, Volume } from './inventory.ts';
import type { Naming } from './pattern.ts';
import { canonicalReference, shortId } from './reference.ts';

export type Found =
  | { readonly kind: 'image'; readonly image: Image }
  | { readonly kind: 'container'; readonly container: Container }
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'volume'; readonly volume: Volume };

/** What a word names of each kind. `ambiguous`: IDs that begin with it, where several do. */
export interface Resolved {
  readonly found: readonly Found[];
  readonly ambiguous: readonly string[];
}

/** Resolves a name, an ID, the beginning of one, a reference or a digest; else a name that an image in quarantine had. */
export function resolve(inventory: Inventory, word: string, naming: Naming): Resolved {
  const { images, containers, networks, volumes } = inventory;
  const candidates = [
    pick(images, word, ({ tags, digests }) => named([...tags, ...digests], word, naming)).map(
      (image): Found => ({ kind: 'image', image }),
    ),
    pick(containers, word, ({ name }) => name === word).map(
      (container): Found => ({ kind: 'container', container }),
    ),
    pick(networks, word, ({ name }) => name === word).map((network): Found => ({ kind: 'network', network })),
    volumes.filter(({ name }) => name === word).map((volume): Found => ({ kind: 'volume', volume })),
  ];
  if (candidates.every((found) => found.length === 0)) {
    const formerly = images.filter(({ was }) => was && named(was.names, word, naming));
    candidates.push(formerly.map((image): Found => ({ kind: 'image', image })));
  }
  const several = candidates.filter((found) => found.length > 1).flat();
  return {
    found: candidates.filter((found) => found.length === 1).flat(),
    ambiguous: several.map(distinct).sort(),
  };
}

function pick<T extends { readonly id: string }>(
  all: readonly T[],
  word: string,
  isNamed: (one: T) => boolean,
): T[] {
  const exact = all.filter((one) => isNamed(one) || one.id === word || one.id === `sha256:${word}`);
  if (exact.length > 0) return exact;
  const begins = word.replace(/^sha256:/, '');
  return /^[0-9a-z]{3,}$/.test(begins)
    ? all.filter(({ id }) => id.replace(/^sha256:/, '').startsWith(begins))
    : [];
}

function named(names: readonly string[], word: string, { localhost }: Naming): boolean {
  const spellings = localhost && !word.includes('/') ? [word, `localhost/${word}`] : [word];
  const wanted = spellings.map((spelling) => canonicalReference(spelling) ?? spelling);
  const digest = /^sha256:[0-9a-f]{64}$/.test(word) ? `@${word}` : undefined;
  return names.some(
    (name) =>
      wanted.includes(canonicalReference(name) ?? name) || (digest !== undefined && name.endsWith(digest)),
  );
}

function distinct(found: Found): string {
  if (found.kind === 'volume') return found.volume.name;
  const name = found.kind === 'image' ? (found.image.tags[0] ?? '<none>') : nameOf(found);
  return `${name} (${idOf(found)})`;
}

/** The name that it is told by; the short ID of a nameless image. */
export function nameOf(found: Found): string {
  switch (found.kind) {
    case 'image':
      return found.image.tags[0] ?? found.image.digests[0] ?? shortId(found.image.id);
    case 'container':
      return found.container.name;
    case 'network':
      return found.network.name;
    case 'volume':
      return found.volume.name;
  }
}

/** The ID that plans know it by. */
export function idOf(found: Found): string {
  switch (found.kind) {
    case 'image':
      return found.image.id;
    case 'container':
      return found.container.id;
    case 'network':
      return found.network.id;
    case 'volume':
      return found.volume.name;
  }
}
