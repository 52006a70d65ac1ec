// What the blobs of images take, in which the containerd store keeps every layer packed besides unpacked.
import type { RecordLayers } from './cache-layers.ts';
import { fromTotals, mostPacked } from './content-totals.ts';
import type { Piece } from './holdings.ts';
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';
import type { Stacks } from './stacks.ts';
import { NONE, stacksOf } from './stacks.ts';

/** Blobs as pieces, by number, and which of them each image holds, in the order of the images. */
export interface Content {
  /** Bytes of layers unpacked, by the layers' numbers; NaN where nobody told. */
  readonly sizes: Float64Array;
  readonly pieces: readonly Piece[];
  readonly held: readonly (readonly number[])[];
  /** The blob of a layer, by its number, that a cache record of that size holds. */
  readonly blobOf: (layer: number, recordSize: number) => number | undefined;
}

/** Files take whole blocks. */
const BLOCK = 4_096;

/** What is known of blobs but for the images' totals. */
interface Told {
  readonly pieces: Piece[];
  /** Of pieces that are known, as totals count them: without the rest of a block. */
  readonly bytes: number[];
  /** The piece that is a layer's blob, by the layer's number, or NONE; and the others where it was packed several times. */
  readonly first: Int32Array;
  readonly more: Map<number, number[]>;
}

/**
 * Finds what the blobs take, from the best that is known: the manifests, where they could be read; records of the build
 * cache, whose size is that of the blob and of the unpacked layer; and for the rest the images' totals, which bound the
 * blobs of layers that they share.
 */
export function contentOf(
  inventory: Inventory,
  images: readonly Image[],
  records: ReadonlyMap<string, RecordLayers>,
  stacks: Stacks = stacksOf(images),
): Content {
  const told: Told = {
    pieces: [],
    bytes: [],
    first: new Int32Array(stacks.ids.length).fill(NONE),
    more: new Map(),
  };
  const { pieces, bytes, first, more } = told;
  const sizes = sizesOf(inventory.layers, stacks);
  const held = fromManifests(inventory, images, stacks, told);
  fromRecords(inventory, records, stacks, told);
  const alone = new Uint8Array(stacks.ids.length);
  for (const { layers } of records.values())
    for (const layer of layers) alone[stacks.numberOf(layer) ?? NONE] = 1;
  const segmentOf = fromTotals(images, stacks, { sizes, bytes, pieces: first, alone }, pieces, held);
  return {
    sizes,
    pieces,
    held: held.map((mine) => mine ?? []),
    blobOf: (layer, recordSize) => {
      const packed = blocks(recordSize - (sizes[layer] || 0));
      const piece = first[layer] ?? NONE;
      if (piece === NONE) return segmentOf(layer);
      return [piece, ...(more.get(layer) ?? [])].find((one) => pieces[one]?.size === packed) ?? piece;
    },
  };
}

function sizesOf(layers: Inventory['layers'], { ids }: Stacks): Float64Array {
  const sizes = new Float64Array(ids.length);
  for (let i = 0; i < ids.length; i++) sizes[i] = layers[ids[i] as string]?.size ?? Number.NaN;
  return sizes;
}

function addBlob({ pieces, bytes }: Told, known: number): number {
  const size = blocks(known);
  bytes.push(known);
  return pieces.push({ size, low: size, high: size }) - 1;
}

/** What each image holds whose manifests could be read. */
function fromManifests(
  { blobs }: Inventory,
  images: readonly Image[],
  stacks: Stacks,
  told: Told,
): (readonly number[] | undefined)[] {
  const pieces = new Map<string, number>();
  const pieceOf = (digest: string): number => {
    const piece = pieces.get(digest) ?? addBlob(told, blobs[digest] ?? 0);
    pieces.set(digest, piece);
    return piece;
  };
  return images.map((image, i) => {
    if (image.blobs === undefined) return undefined;
    const layers = image.blobs.layers.map(pieceOf);
    for (const [n, piece] of layers.entries()) remember(told, stacks.of[i]?.[n], piece);
    return [...new Set([...layers, ...image.blobs.others.map(pieceOf)])];
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
    told.first[number] = addBlob(told, packed);
  }
}

function remember({ first, more }: Told, layer: number | undefined, piece: number): void {
  if (layer === undefined || first[layer] === piece) return;
  if (first[layer] === NONE) first[layer] = piece;
  else more.set(layer, [...(more.get(layer) ?? []), piece]);
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
