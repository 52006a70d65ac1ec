// What the treemap shows as a tree: repositories, in each its images by what each alone has, and what they share.

import { shortId } from '../core/reference.ts';
import type { Report, ReportImage } from '../core/report.ts';
import type { Share } from '../core/report-spread.ts';
import { space } from './dom.ts';

/** `goes` by the plan, is in `use`, `stays`; or `shared`, which is nobody's alone. */
export type State = 'goes' | 'use' | 'stays' | 'shared';

/** A rectangle. */
export interface Leaf {
  readonly label: string;
  /** What else has it. */
  readonly more?: string;
  readonly bytes: number;
  readonly state: State;
  readonly image?: ReportImage;
  readonly share?: Share;
}

/** Rectangles that belong together. */
export interface Group {
  readonly label: string;
  readonly bytes: number;
  readonly leaves: readonly Leaf[];
}

/** The group of what images of several repositories share. */
const BETWEEN = 'Several repositories';

/** Small ones are no more to be seen, and there may be as many as there are sets of repositories. */
const MOST_SHARES = 60;

export function groupsOf({ images, shares }: Report): Group[] {
  const leaves = new Map<string, Leaf[]>();
  const add = (group: string, leaf: Leaf) => {
    const all = leaves.get(group);
    if (all) all.push(leaf);
    else leaves.set(group, [leaf]);
  };
  for (const image of images) for (const leaf of imageLeaves(image)) add(image.group, leaf);
  for (const share of fewer(shares)) {
    const [only, another] = share.among;
    const group = only !== undefined && another === undefined ? only : BETWEEN;
    add(group, {
      label: shareLabel(share),
      bytes: share.bytes,
      state: share.freed ? 'goes' : 'shared',
      share,
    });
  }
  return [...leaves]
    .map(([label, those]) => ({
      label,
      leaves: those,
      bytes: those.reduce((sum, { bytes }) => sum + bytes, 0),
    }))
    .sort((a, b) => b.bytes - a.bytes);
}

/** Of shares between repositories the largest, and the rest as one, or as two where some of it comes free. */
function fewer(shares: readonly Share[]): Share[] {
  const between = shares.filter(({ among }) => among.length > 1);
  const rest = between.slice(MOST_SHARES);
  const together = [true, false].flatMap((freed) => {
    const those = rest.filter((share) => share.freed === freed);
    const among = [...new Set(those.flatMap((share) => share.among))].sort();
    const bytes = those.reduce((sum, share) => sum + share.bytes, 0);
    const images = Math.max(0, ...those.map((share) => share.images));
    return bytes > 0 ? [{ among, images, cache: those.some(({ cache }) => cache), freed, bytes }] : [];
  });
  return [...shares.filter((share) => !rest.includes(share)), ...together];
}

/** One rectangle of what no other image has, or two where some of it goes and some stays as build cache. */
function imageLeaves(image: ReportImage): Leaf[] {
  const { alone, cached, cachedFreed } = image.own;
  const state = stateOf(image);
  const parts = [
    { bytes: alone, state },
    { bytes: cachedFreed, state: 'goes' as const },
    { bytes: cached - cachedFreed, state: image.goes ? ('shared' as const) : state },
  ];
  const label = shortName(image);
  return [...Map.groupBy(parts, (part) => part.state)]
    .map(([its, those]) => ({ bytes: those.reduce((sum, { bytes }) => sum + bytes, 0), state: its }))
    .filter(({ bytes }) => bytes > 0)
    .map((part): Leaf => ({ label, ...(part.state !== state && { more: CACHED }), ...part, image }));
}

const CACHED = ' + build cache';

export function stateOf({ goes, users }: Pick<ReportImage, 'goes' | 'users'>): State {
  return goes ? 'goes' : users.length > 0 ? 'use' : 'stays';
}

/** In its repository an image is known by its tag. */
function shortName({ name, names, id, group }: ReportImage): string {
  if (names.length === 0) return shortId(id);
  const at = name.lastIndexOf('@');
  if (at >= 0) return shortId(name.slice(at + 1));
  const tag = name.slice(name.lastIndexOf(':') + 1);
  return tag === '' || tag.includes('/') ? group : tag;
}

function shareLabel({ among, cache }: Share): string {
  const holders = among.length > 1 ? among.slice(0, 3).join(', ') : 'shared';
  return `${holders}${among.length > 3 ? ' …' : ''}${cache ? CACHED : ''}`;
}

/** What a screen reader says of a rectangle, and a pointer that rests on it: what is written on it is a part of that. */
export function spoken(
  { label: group }: Group,
  { label, more = '', bytes, state, image, share }: Leaf,
): string {
  const what = image === undefined ? `${group}: ${label}` : image.name;
  const named = image !== undefined && !image.name.endsWith(label) ? `${group}@${label}` : what;
  const does = share ? (share.freed ? 'comes free' : 'stays') : SAID[state];
  return `${named}${more} ${space({ frees: bytes })}, ${does}`;
}

const SAID: Readonly<Record<State, string>> = {
  goes: 'goes',
  use: 'in use',
  stays: 'stays',
  shared: 'stays as build cache',
};
