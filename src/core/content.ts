// What the blobs of images take, in which the containerd store keeps every layer packed besides unpacked.
import type { Amounts } from './amounts.ts';
import type { RecordLayers } from './cache-layers.ts';
import { fromTotals, mostPacked } from './content-totals.ts';
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';
import type { Stacks } from './stacks.ts';
import { NONE } from './stacks.ts';

/** Bytes of blobs, by number, and which of them each image has, by its number. */
export interface Content {
  readonly blobs: Amounts;
  /** Whether only one image has it, and nothing else may. */
  readonly own: readonly boolean[];
  readonly held: (image: number) => readonly number[];
  /** The blob of a layer, by its number, that a cache record of that size holds. */
  readonly blobOf: (layer: number, recordSize: number) => number | undefined;
}

/** Files take whole blocks. */
const BLOCK = 4_096;

/** What is known of blobs but for the images' totals. */
interface Told {
  /** Of each blob, as totals count them: without the rest of a block. */
  readonly bytes: number[];
  /** The blob of a layer, by the layer's number, or NONE; and the others where it was packed several times. */
  readonly first: Int32Array;
  readonly more: Map<number, number[]>;
}

/**
 * Finds what the blobs take, from the best that is known: the manifests, where they could be read; records of the build
 * cache, whose size is that of the blob and of the unpacked layer; and for the rest the images' totals, which bound the
 * blobs of layers that they share. By the layers' numbers: `sizes` unpacked, and `alone`, 1 for what records are, or may be.
 */
export function contentOf(
  inventory: Inventory,
  images: readonly Image[],
  records: ReadonlyMap<string, RecordLayers>,
  stacks: Stacks,
  sizes: Float64Array,
  alone: Uint8Array,
): Content {
  const told: Told = { bytes: [], first: new Int32Array(sizes.length).fill(NONE), more: new Map() };
  const { bytes, first, more } = told;
  const read = fromManifests(inventory, images, stacks, told);
  fromRecords(inventory, records, stacks, told);
  const unread = [...images.keys()].filter((image) => read[image] === undefined);
  const { blobsOf, segments, segmentOf } = fromTotals(images, stacks, { sizes, bytes, first, alone }, unread);
  const { size, low, high, own } = segments;
  for (const [blob, known] of bytes.entries()) size[blob] = low[blob] = high[blob] = blocks(known);
  return {
    blobs: segments,
    own,
    held: (image) => read[image] ?? blobsOf(image),
    blobOf: (layer, recordSize) => {
      const packed = blocks(recordSize - (sizes[layer] || 0));
      const blob = first[layer] ?? NONE;
      if (blob === NONE) return segmentOf(layer);
      return [blob, ...(more.get(layer) ?? [])].find((one) => blocks(bytes[one] ?? 0) === packed) ?? blob;
    },
  };
}

/** What each image has whose manifests could be read. */
function fromManifests(
  { blobs }: Inventory,
  images: readonly Image[],
  { numberOf }: Stacks,
  told: Told,
): (readonly number[] | undefined)[] {
  const numbers = new Map<string, number>();
  const blobOf = (digest: string): number => {
    const blob = numbers.get(digest) ?? told.bytes.push(blobs[digest] ?? 0) - 1;
    numbers.set(digest, blob);
    return blob;
  };
  return images.map(({ layers = [], blobs: packed }) => {
    if (packed === undefined) return undefined;
    const those = packed.layers.map(blobOf);
    for (const [n, blob] of those.entries()) remember(told, numberOf(layers[n] ?? ''), blob);
    return [...new Set([...those, ...packed.others.map(blobOf)])];
  });
}

/** What records tell of layers whose blob no manifest names. */
function fromRecords(
  { cache, layers }: Inventory,
  records: ReadonlyMap<string, RecordLayers>,
  stacks: Stacks,
  told: Told,
): void {
  for (const record of cache) {
    const [layer, another] = records.get(record.id)?.layers ?? [];
    if (layer === undefined || another !== undefined) continue;
    const number = stacks.numberOf(layer);
    const packed = blobBytes(record, layers[layer]?.size);
    if (packed === undefined || number === undefined || told.first[number] !== NONE) continue;
    told.first[number] = told.bytes.push(packed) - 1;
  }
}

function remember({ first, more }: Told, layer: number | undefined, blob: number): void {
  if (layer === undefined || first[layer] === blob) return;
  if (first[layer] === NONE) first[layer] = blob;
  else more.set(layer, [...(more.get(layer) ?? []), blob]);
}

/**
 * Bytes of the blob that a record of a layer of so many bytes has; `undefined` where it cannot be told. What was taken
 * over from an image has perhaps the blob's size alone, which may be more than the layer's.
 */
export function blobBytes(record: CacheRecord, unpacked: number | undefined): number | undefined {
  if (unpacked === undefined) return undefined;
  if (record.size < unpacked) return record.size;
  const either = isImported(record) && record.size <= mostPacked(unpacked);
  return either ? undefined : record.size - unpacked;
}

function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}
