// The bytes of images laid out so that each counts once: what an image alone has, and what several share.
import type { Holdings } from './holdings.ts';
import { holdingsOf, LEASE } from './holdings.ts';
import type { Image, Inventory } from './inventory.ts';
import type { Plan } from './plan.ts';
import { freedBy, sharesLayers } from './price.ts';

/** Bytes that more than one image has: shown ones, or nameless ones that stay below them. */
export interface Share {
  /** The groups of the images that have them, in alphabetical order. */
  readonly among: readonly string[];
  /** How many images have some of them. */
  readonly images: number;
  /** The build cache has them, too. */
  readonly cache: boolean;
  /** They come free by the plan. */
  readonly freed: boolean;
  readonly bytes: number;
}

/** Bytes that no other image has. */
export interface Own {
  /** What the build cache has not, either. */
  readonly alone: number;
  /** What the build cache has, too, and what of that comes free by the plan. */
  readonly cached: number;
  readonly cachedFreed: number;
}

export interface Spread {
  /** By the image's ID. */
  readonly own: ReadonlyMap<string, Own>;
  /** The largest first. */
  readonly shares: readonly Share[];
}

/**
 * Lays out what the images hold. `groups`: the images that are shown, each with its group; what was built on others that
 * are not shown has their bytes, too. All of it together is what all images take.
 */
export function spreadOf(inventory: Inventory, plan: Plan, groups: ReadonlyMap<string, string>): Spread {
  const holdings = holdingsOf(inventory);
  const isFreed = freedIn(holdings, plan);
  const going = new Set(plan.actions.filter(sharesLayers).map(({ id }) => id));
  const holders = shownHolders(holdings, inventory.images, groups);
  const own = new Map<string, Own>();
  const shares = new Map<string, Omit<Share, 'images'> & { readonly images: Set<string> }>();
  for (const [piece, { size }] of holdings.pieces.entries()) {
    const { images, cache } = holders[piece] as Holders;
    const [only, another] = images;
    if (only === undefined || size === 0) continue;
    const freed = isFreed(piece);
    if (another === undefined && (cache || freed === going.has(only))) {
      own.set(only, grown(own.get(only) ?? NOTHING, size, cache, freed));
      continue;
    }
    const among = [...new Set([...images].map((id) => groups.get(id) as string))].sort();
    const key = JSON.stringify([among, cache, freed]);
    const share = shares.get(key) ?? { among, cache, freed, bytes: 0, images: new Set() };
    for (const id of images) share.images.add(id);
    shares.set(key, { ...share, bytes: share.bytes + size });
  }
  const all = [...shares.values()].map(({ images, ...share }) => ({ ...share, images: images.size }));
  return { own, shares: all.sort((a, b) => b.bytes - a.bytes || (`${a.among}` < `${b.among}` ? -1 : 1)) };
}

const NOTHING: Own = { alone: 0, cached: 0, cachedFreed: 0 };

function grown({ alone, cached, cachedFreed }: Own, size: number, cache: boolean, freed: boolean): Own {
  if (!cache) return { alone: alone + size, cached, cachedFreed };
  return { alone, cached: cached + size, cachedFreed: cachedFreed + (freed ? size : 0) };
}

function freedIn(holdings: Holdings, { actions }: Plan): (piece: number) => boolean {
  const layered = actions.filter(sharesLayers);
  const prunes = layered.some(({ kind }) => kind === 'prune-cache');
  const { isHeld } = freedBy(holdings, [...layered.map(({ id }) => id), ...(prunes ? [LEASE] : [])]);
  return (piece) => !isHeld(piece);
}

interface Holders {
  readonly images: Set<string>;
  cache: boolean;
}

/** Who has each piece, of the images that are shown. What is not sure counts, too. */
function shownHolders(
  { pieces, held, perhaps }: Holdings,
  images: readonly Image[],
  shown: ReadonlyMap<string, string>,
): Holders[] {
  const holders = pieces.map((): Holders => ({ images: new Set(), cache: false }));
  const standing = standIns(images, shown);
  for (const map of [held, perhaps])
    for (const [holder, those] of map) {
      const ids = standing.get(holder);
      for (const piece of those) {
        const found = holders[piece] as Holders;
        if (ids === undefined) found.cache = true;
        else for (const id of ids) found.images.add(id);
      }
    }
  return holders;
}

/** For each image itself; for one that is not shown, the images that were built on it. */
function standIns(images: readonly Image[], shown: ReadonlyMap<string, string>): Map<string, string[]> {
  const parents = new Map(images.map(({ id, parent }) => [id, parent]));
  const found = new Map(images.map(({ id }): [string, string[]] => [id, shown.has(id) ? [id] : []]));
  for (const id of shown.keys()) {
    const seen = new Set([id]);
    for (let at = parents.get(id); at !== undefined && !seen.has(at); at = parents.get(at)) {
      seen.add(at);
      if (!shown.has(at)) found.get(at)?.push(id);
    }
  }
  return found;
}
