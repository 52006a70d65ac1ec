// What may go at all: the candidates of a command, in the groups that retention looks at.
import type { Image, Inventory } from './inventory.ts';
import { danglingImages } from './inventory.ts';
import type { Member } from './order.ts';
import type { Pattern } from './pattern.ts';
import { canonicalRepository, familiarRepository, repositoryOf } from './reference.ts';

export type GroupBy =
  | { readonly kind: 'repository' }
  | { readonly kind: 'none' }
  | { readonly kind: 'label'; readonly key: string };

export interface Selection {
  /** `-a`: also tagged images that no container uses, and images named by digest only. */
  readonly all: boolean;
  /** A keep option was given, which makes tagged images candidates. */
  readonly keeps: boolean;
  /** Empty: every image. */
  readonly patterns: readonly Pattern[];
  readonly groupBy: GroupBy;
}

/** Candidates that retention compares with each other. `retained` is false for nameless images grouped by repository. */
export interface Group {
  readonly name: string;
  readonly retained: boolean;
  readonly members: readonly Member[];
}

/** The group of nameless images. */
export const NAMELESS = '<none>';

/**
 * Every name of an image that the engine counts: its tags, and digests of repositories in which it has no tag.
 * (A digest beside a tag of the same repository goes with the last such tag.)
 */
export function namesOf(image: Image): string[] {
  return [...image.tags, ...lonelyDigests(image)];
}

/** Digests of repositories in which the image has no tag: what `docker pull name@sha256:…` leaves. */
export function lonelyDigests(image: Image): string[] {
  const tagged = new Set(image.tags.map((tag) => canonicalRepository(repositoryOf(tag))));
  return image.digests.filter((digest) => !tagged.has(canonicalRepository(repositoryOf(digest))));
}

/** The selected images with their selected references, by group, sorted by the group's name. */
export function select(inventory: Inventory, selection: Selection): Group[] {
  const groups = new Map<
    string,
    { name: string; retained: boolean; members: Map<string, { image: Image; references: string[] }> }
  >();
  const add = (key: string, name: string, retained: boolean, image: Image, reference?: string) => {
    const group = groups.get(key) ?? { name, retained, members: new Map() };
    groups.set(key, group);
    const member = group.members.get(image.id) ?? { image, references: [] };
    group.members.set(image.id, member);
    if (reference !== undefined) member.references.push(reference);
  };
  const { groupBy } = selection;
  for (const image of selection.patterns.length === 0 ? danglingImages(inventory.images) : []) {
    if (groupBy.kind === 'repository') add('', NAMELESS, false, image);
    else add(...otherGroup(image, groupBy), image);
  }
  for (const image of inventory.images) {
    for (const reference of selectedReferences(image, selection)) {
      const repository = repositoryOf(reference);
      if (groupBy.kind === 'repository')
        add(canonicalRepository(repository), familiarRepository(repository), true, image, reference);
      else add(...otherGroup(image, groupBy), image, reference);
    }
  }
  return [...groups.values()]
    .map(({ name, retained, members }) => ({ name, retained, members: [...members.values()] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The references of an image that the selection means: tags by `-a` or a keep option, lonely digests by `-a` only. */
export function selectedReferences(image: Image, selection: Selection): string[] {
  const references = [
    ...(selection.all || selection.keeps ? image.tags : []),
    ...(selection.all ? lonelyDigests(image) : []),
  ];
  if (selection.patterns.length === 0) return references;
  return references.filter((reference) => selection.patterns.some((pattern) => pattern.matches(reference)));
}

/** Key, name and retention of an image's group when not grouped by repository. */
function otherGroup(
  image: Image,
  groupBy: Exclude<GroupBy, { kind: 'repository' }>,
): [string, string, boolean] {
  if (groupBy.kind === 'none') return ['all', 'all images', true];
  const value = image.labels[groupBy.key];
  return value === undefined
    ? ['no label', `no label ${groupBy.key}`, true]
    : [`label ${value}`, `${groupBy.key}=${value}`, true];
}
