// What may go at all: the candidates of a command, in the groups that retention looks at.
import type { Image, Inventory } from './inventory.ts';
import { danglingImages } from './inventory.ts';
import type { Member } from './order.ts';
import type { Pattern } from './pattern.ts';
import { isInQuarantine } from './quarantine-name.ts';
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
  /** `--filter reference=…`: a reference must match one of them too. Empty: every reference. */
  readonly references: readonly Pattern[];
  /** The other filters: only images that fit are candidates. */
  readonly fits: (image: Image) => boolean;
  /** A policy's rule: which names are its own; of an image without one, `undefined`. Absent: all are. */
  readonly claims?: (image: Image, reference: string | undefined) => boolean;
  /** Whether images without a name are candidates; absent: where no name is asked for. */
  readonly nameless?: boolean;
  readonly groupBy: GroupBy;
}

/** Candidates that retention compares with each other. `retained` is false for nameless images grouped by repository. */
export interface Group {
  readonly name: string;
  readonly retained: boolean;
  readonly members: readonly Member[];
  /** The label that images are grouped by, and these lack. */
  readonly lacks?: string;
  /** The largest `tidy.keep-last` of images that belong to it and take no place in it. */
  readonly keepLast?: number;
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
  if (image.digests.length === 0) return [];
  const tagged = new Set(image.tags.map((tag) => canonicalRepository(repositoryOf(tag))));
  return image.digests.filter((digest) => !tagged.has(canonicalRepository(repositoryOf(digest))));
}

/** The selected images with their selected references, by group, sorted by the group's name. */
export function select(inventory: Inventory, selection: Selection): Group[] {
  const groups = new Map<
    string,
    { head: Head; members: Map<string, { image: Image; references: string[] }> }
  >();
  const add = (image: Image, reference?: string) => {
    const head = headOf(image, reference, selection.groupBy);
    const group = groups.get(head.key) ?? { head, members: new Map() };
    groups.set(head.key, group);
    const member = group.members.get(image.id) ?? { image, references: [] };
    group.members.set(image.id, member);
    if (reference !== undefined) member.references.push(reference);
  };
  const { nameless = selection.patterns.length + selection.references.length === 0 } = selection;
  for (const image of nameless ? danglingImages(inventory.images) : [])
    if (takesNameless(image, selection)) add(image);
  for (const image of inventory.images) {
    if (isInQuarantine(image)) continue;
    for (const reference of selectedReferences(image, selection)) add(image, reference);
  }
  return [...groups.values()]
    .map(({ head: { key: _, ...head }, members }) => ({ ...head, members: [...members.values()] }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether the selection means an image without a name. */
export function takesNameless(image: Image, { nameless = true, fits, claims }: Selection): boolean {
  return nameless && fits(image) && (claims?.(image, undefined) ?? true);
}

/** The references of an image that the selection means: tags by `-a` or a keep option, lonely digests by `-a` only. */
export function selectedReferences(image: Image, selection: Selection): string[] {
  const names = [
    ...(selection.all || selection.keeps ? image.tags : []),
    ...(selection.all ? lonelyDigests(image) : []),
  ];
  if (names.length === 0 || !selection.fits(image)) return [];
  const oneOf = (any: readonly Pattern[], name: string) =>
    any.length === 0 || any.some((pattern) => pattern.matches(name));
  const { patterns, references, claims = () => true } = selection;
  return names.filter((name) => oneOf(patterns, name) && oneOf(references, name) && claims(image, name));
}

/** What a group is, but for its members; `key` tells groups apart. */
type Head = Omit<Group, 'members'> & { readonly key: string };

function headOf(image: Image, reference: string | undefined, groupBy: GroupBy): Head {
  if (groupBy.kind === 'none') return { key: 'all', name: 'all images', retained: true };
  if (groupBy.kind === 'label' && image.labels[groupBy.key] !== undefined) {
    const name = `${groupBy.key}=${image.labels[groupBy.key]}`;
    return { key: `label ${name}`, name, retained: true };
  }
  if (reference === undefined) return { key: '', name: NAMELESS, retained: false };
  if (groupBy.kind === 'label') {
    return { key: 'no label', name: `no label ${groupBy.key}`, retained: true, lacks: groupBy.key };
  }
  const repository = repositoryOf(reference);
  return { key: canonicalRepository(repository), name: familiarRepository(repository), retained: true };
}
