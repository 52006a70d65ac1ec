// What a look at an engine adds to its trend: the space by kind, the images by repository, the disk; and how a day is summed up.
import { listed } from './df-rows.ts';
import { allImages } from './holdings.ts';
import type { Disk, Image, Inventory } from './inventory.ts';
import { familiarRepository, repositoryOf } from './reference.ts';
import { NAMELESS, namesOf } from './selection.ts';

/** The version of a sample's JSON; a reader leaves out what is newer. */
export const TREND_VERSION = 1;

/** The kinds whose space is told. */
export const TREND_KINDS = ['image', 'container', 'volume', 'cache'] as const;
export type TrendKind = (typeof TREND_KINDS)[number];

/** One moment, or the most of one day. What was not seen is absent: zero means that there is nothing. */
export interface Sample {
  readonly schemaVersion: typeof TREND_VERSION;
  /** RFC 3339. */
  readonly at: string;
  /** Bytes by kind, as the engine counts them; each layer once. */
  readonly space: Readonly<Partial<Record<TrendKind, number>>>;
  /** The disk with the engine's data, in bytes. */
  readonly disk?: Disk;
  readonly images?: ImageCount;
}

export interface ImageCount {
  readonly total: number;
  /** Images by repository, of the repositories that have most. An image in two counts in both. */
  readonly repositories: Readonly<Record<string, number>>;
}

/** What an inventory was asked to hold; what was not asked for is empty in it, and says nothing. */
export interface Asked {
  readonly images: 'none' | 'dangling' | 'all';
  readonly volumes: 'none' | 'named' | 'sized';
  readonly cache: boolean;
}

/** What earlier runs learnt of images, for an inventory in which nobody asked for it. */
export interface Learnt {
  readonly images: Readonly<Record<string, Pick<Image, 'layers' | 'blobs'> | undefined>>;
  readonly layers: Readonly<Record<string, { readonly size: number } | undefined>>;
  readonly blobs: Readonly<Record<string, number>>;
}

const NOTHING_LEARNT: Learnt = { images: {}, layers: {}, blobs: {} };

/** So many repositories are counted, those with most images. */
const MOST_REPOSITORIES = 50;

/** The sample of one look. `at` is when, in RFC 3339. */
export function sampleOf(
  inventory: Inventory,
  asked: Asked,
  at: string,
  learnt: Learnt = NOTHING_LEARNT,
): Sample {
  const whole = asked.images !== 'none' && !inventory.partial;
  const space = {
    image: whole ? imageBytes(inventory, learnt) : undefined,
    container: sum(inventory.containers.map(({ size }) => size)),
    volume: asked.volumes === 'none' ? undefined : sum(inventory.volumes.map(({ size }) => size)),
    cache: cacheBytes(inventory, asked),
  };
  return {
    schemaVersion: TREND_VERSION,
    at,
    space: Object.fromEntries(Object.entries(space).filter(([, bytes]) => bytes !== undefined)),
    ...(inventory.disk && { disk: inventory.disk }),
    ...(whole && { images: countOf(inventory) }),
  };
}

/** Of all or of nothing: a sum without some would be too small. */
function sum(sizes: readonly (number | undefined)[]): number | undefined {
  let all = 0;
  for (const size of sizes) {
    if (size === undefined) return undefined;
    all += size;
  }
  return all;
}

/** Each layer and each blob once, where what every image is made of is known. */
function imageBytes(inventory: Inventory, learnt: Learnt): number | undefined {
  const layers = new Set<string>();
  const blobs = new Set<string>();
  for (const image of allImages(inventory)) {
    const made = image.layers ? image : learnt.images[image.id];
    if (!made?.layers) return undefined;
    for (const layer of made.layers) layers.add(layer);
    for (const blob of made.blobs ? [...made.blobs.layers, ...made.blobs.others] : []) blobs.add(blob);
  }
  const sizeOf = (layer: string) => (inventory.layers[layer] ?? learnt.layers[layer])?.size;
  return sum([
    ...[...layers].map(sizeOf),
    ...[...blobs].map((blob) => inventory.blobs[blob] ?? learnt.blobs[blob]),
  ]);
}

/** What no image holds of it; what both hold is counted with the images. podman has none. */
function cacheBytes({ cache, engine }: Inventory, asked: Asked): number | undefined {
  if (engine.store === 'podman' || (!asked.cache && cache.length === 0)) return undefined;
  return sum(cache.filter(({ shared }) => !shared).map(({ size }) => size));
}

function countOf(inventory: Inventory): ImageCount {
  const all = listed(allImages(inventory));
  const counts = new Map<string, number>();
  for (const image of all) {
    const names = new Set(namesOf(image).map((name) => familiarRepository(repositoryOf(name))));
    for (const name of names.size > 0 ? names : [NAMELESS]) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return { total: all.length, repositories: largest(counts) };
}

function largest(counts: ReadonlyMap<string, number>): Record<string, number> {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return Object.fromEntries(sorted.slice(0, MOST_REPOSITORIES));
}

/**
 * The samples of one day as one: the most of each kind and of each repository, and the disk when it was fullest. Summing
 * up what was summed up changes nothing, nor does the order. Throws for none.
 */
export function rollUp(samples: readonly Sample[]): Sample {
  const [first, ...rest] = samples;
  if (!first) throw new Error('no sample to sum up'); // a bug
  return rest.reduce(most, first);
}

function most(a: Sample, b: Sample): Sample {
  const disk = a.disk && b.disk ? fuller(a.disk, b.disk) : (a.disk ?? b.disk);
  const images = a.images && b.images ? mostImages(a.images, b.images) : (a.images ?? b.images);
  return {
    schemaVersion: TREND_VERSION,
    at: a.at > b.at ? a.at : b.at,
    space: maxima(a.space, b.space),
    ...(disk && { disk }),
    ...(images && { images }),
  };
}

function fuller(a: Disk, b: Disk): Disk {
  if (a.free !== b.free) return a.free < b.free ? a : b;
  return a.total > b.total ? a : b;
}

function mostImages(a: ImageCount, b: ImageCount): ImageCount {
  const counts = new Map(Object.entries(maxima(a.repositories, b.repositories)));
  return { total: Math.max(a.total, b.total), repositories: largest(counts) };
}

function maxima(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return Object.fromEntries(keys.map((key) => [key, Math.max(a[key] ?? 0, b[key] ?? 0)]));
}

/** The day of a moment in UTC: `2026-11-21`. */
export function dayOf(at: string): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** One day, summed up. */
export interface Day extends Omit<Sample, 'schemaVersion' | 'at'> {
  /** In UTC: `2026-11-21`. */
  readonly day: string;
}

/** The days that there are samples of, in their order. */
export function daysOf(samples: readonly Sample[]): Day[] {
  return [...Map.groupBy(samples, ({ at }) => dayOf(at))]
    .map(([day, its]) => {
      const { schemaVersion: _, at: __, ...rest } = rollUp(its);
      return { day, ...rest };
    })
    .sort((a, b) => (a.day < b.day ? -1 : 1));
}
