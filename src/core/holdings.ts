// What holds which bytes of the disk: layers, snapshots and blobs, which several images and the build cache may share.
import { layersOfCache } from './cache-layers.ts';
import { BOOKKEEPING } from './folders.ts';
import type { Draft } from './holders.ts';
import { holdUnknown } from './holders.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';
import { onContainerd } from './on-containerd.ts';
import { onGraphDriver } from './on-graph-driver.ts';
import type { Runs, Stacks } from './stacks.ts';
import { NONE, runsOf, stacksOf } from './stacks.ts';

/** Bytes that come free together, once nothing holds them any more. Where `low` and `high` differ, `size` is an estimate. */
export interface Piece {
  readonly size: number;
  readonly low: number;
  /** Infinity where nothing bounds it. */
  readonly high: number;
}

/** The pieces of the disk by number, and which of them each image and each cache record holds, by the holder's ID. */
export interface Holdings {
  readonly pieces: readonly Piece[];
  readonly held: ReadonlyMap<string, readonly number[]>;
  /** What a holder may hold, or not. */
  readonly perhaps: ReadonlyMap<string, readonly number[]>;
}

/** What the engine keeps about a container beside its writable layer; podman's is not known. */
export function aboutContainer(store: string, ran: boolean): number {
  if (store === 'podman') return 0;
  const about = store === 'containerd' ? BOOKKEEPING.containerd : BOOKKEEPING.graphDriver;
  return ran ? about.ran : about.created;
}

/** What may hold an image after a build. The next prune of the build cache ends it, of whatever record. */
export const LEASE = 'lease of a build';

/**
 * Finds out from an inventory what holds what. Of images whose layers nobody asked for only bounds are known. `going`:
 * of other images than these only layers that they share with them matter.
 */
export function holdingsOf(inventory: Inventory, going?: ReadonlySet<string>): Holdings {
  const { known: images = [], unknown = [] } = Object.groupBy(allImages(inventory), ({ layers }) =>
    layers ? 'known' : 'unknown',
  );
  const seen = inventory.cache.flatMap(({ layer }) => layer ?? []);
  const stacks = stacksOf(images, seen);
  const matched = layersOfCache(inventory, images, stacks);
  const alone = marked(stacks, [...seen, ...[...matched.values()].flatMap(({ layers }) => layers)]);
  const runs = runsOf(stacks, alone);
  const isGoing = images.map(({ id }) => going?.has(id) ?? true);
  const matters = mattering(stacks, runs, alone, isGoing);
  const draft: Draft = { pieces: [], held: new Map(), perhaps: new Map() };
  const known = { draft, inventory, images, stacks, matched, alone, runs, matters, isGoing };
  for (const image of unknown) holdUnknown(draft, image);
  if (inventory.engine.store === 'containerd') onContainerd(known);
  else onGraphDriver(known);
  return draft;
}

/** All that were listed, for whatever reason. */
export function allImages({ images, others = [] }: Pick<Inventory, 'images' | 'others'>): readonly Image[] {
  return [...images, ...others];
}

/** A record that was not built but taken over from a local or pulled image: it has no size, or not its whole size. */
export function isImported({ type, description }: CacheRecord): boolean {
  return type === 'regular' && (description === '' || /^(from|pulled from) /.test(description));
}

function marked({ ids, numberOf }: Stacks, layers: readonly string[]): Uint8Array {
  const marks = new Uint8Array(ids.length);
  for (const layer of layers) marks[numberOf(layer) as number] = 1;
  return marks;
}

/** Of images that stay only those layers matter, as runs, which others that go have too, or the build cache. */
function mattering(
  { tops }: Stacks,
  { of, below }: Runs,
  alone: Uint8Array,
  isGoing: readonly boolean[],
): Uint8Array {
  const matters = new Uint8Array(below.length);
  tops.forEach((top, image) => {
    if (isGoing[image] && top !== NONE) matters[of[top] as number] = 1;
  });
  of.forEach((run, layer) => {
    if (alone[layer]) matters[run] = 1;
  });
  for (let run = below.length - 1; run >= 0; run--)
    if (matters[run] && below[run] !== NONE) matters[below[run] as number] = 1;
  return matters;
}
