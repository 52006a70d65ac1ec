// What layers take unpacked: each has a folder, or a snapshot. Layers that come and go together are one amount.
import type { Amounts } from './amounts.ts';
import { amounts } from './amounts.ts';
import type { Piece } from './holdings.ts';
import type { Inventory, Layer } from './inventory.ts';
import type { Runs, Stacks } from './stacks.ts';
import { NONE } from './stacks.ts';

/**
 * What a store keeps about each object beside its content, in bytes on a disk of 4 KiB blocks: folders, links, and
 * files of some bytes. Found by experiment: docs/space.md.
 */
export const BOOKKEEPING = {
  graphDriver: { base: 36_864, layer: 49_152, image: 12_288, record: 16_384, created: 114_688, ran: 135_168 },
  containerd: { layer: 8_192, record: 8_192, created: 61_440, ran: 81_920 },
} as const;

/** Bytes of layers as the engine tells them, by the layers' numbers; NaN where nobody told. */
export function sizesOf(layers: Inventory['layers'], { ids }: Stacks): Float64Array {
  const sizes = new Float64Array(ids.length);
  for (let i = 0; i < ids.length; i++) sizes[i] = layers[ids[i] as string]?.size ?? Number.NaN;
  return sizes;
}

/** What the folders of runs take on a graph driver, of those that matter. */
export function foldersOf(
  { layers, cache }: Inventory,
  { ids, below, owners }: Stacks,
  { of, below: { length } }: Runs,
  matters: Uint8Array,
): Amounts {
  const found = amounts(length);
  const { base, layer: upper } = BOOKKEEPING.graphDriver;
  const notLowest = new Set(cache.flatMap(({ parents, layer }) => (parents.length > 0 ? (layer ?? []) : [])));
  const isLowest = (layer: number, id: string) =>
    below[layer] === NONE && (owners[layer] !== 0 || !notLowest.has(id));
  for (let layer = 0; layer < ids.length; layer++) {
    const run = of[layer] as number;
    if (!matters[run]) continue;
    const id = ids[layer] as string;
    const { size, low, high } = onDisk(layers[id]);
    addTo(found, run, size, low, high, isLowest(layer, id) ? base : upper);
  }
  return found;
}

/** What the snapshots of runs take on the containerd store. */
export function snapshotsOf(sizes: Float64Array, { of, below: { length } }: Runs): Amounts {
  const found = amounts(length);
  const about = BOOKKEEPING.containerd.layer;
  for (let layer = 0; layer < sizes.length; layer++) {
    const size = sizes[layer] as number;
    if (Number.isNaN(size)) addTo(found, of[layer] as number, 0, 0, Number.POSITIVE_INFINITY, about);
    else addTo(found, of[layer] as number, size, size, size, about);
  }
  return found;
}

function addTo(to: Amounts, run: number, size: number, low: number, high: number, about: number): void {
  to.size[run] = (to.size[run] as number) + size + about;
  to.low[run] = (to.low[run] as number) + low + about;
  to.high[run] = (to.high[run] as number) + high + about;
}

/** Nothing tells the size of a layer that only images have which stay, or whose image's history made no sense. */
const UNKNOWN: Piece = { size: 0, low: 0, high: Number.POSITIVE_INFINITY };

export function exactly(size: number): Piece {
  return { size, low: size, high: size };
}

/**
 * What a disk of whole blocks gives back for files of so many bytes, where nobody could read them: a tree of many small
 * files takes a third more, one of a few large ones hardly anything.
 */
export function onDisk(files: Pick<Layer, 'size' | 'disk'> | undefined): Piece {
  if (files === undefined) return UNKNOWN;
  const { size, disk } = files;
  if (disk !== undefined || size === 0) return exactly(disk ?? 0);
  return { size, low: size, high: Math.ceil(size * 1.5) + 2 ** 20 };
}
