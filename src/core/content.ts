// What the blobs of images take, in which the containerd store keeps every layer packed besides unpacked.
import type { RecordLayers } from './cache-layers.ts';
import type { Piece } from './holdings.ts';
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';

/** Blobs as pieces, and which of them each image holds. */
export interface Content {
  readonly pieces: ReadonlyMap<string, Piece>;
  readonly held: ReadonlyMap<string, readonly string[]>;
  /** The blob of a layer that a cache record of that size holds. */
  readonly blobOf: (layer: string, recordSize: number) => string | undefined;
}

/** Files take whole blocks. */
const BLOCK = 4_096;

/** Manifests, configuration and attestations of one image; more where the engine says so. */
const OWN_MOST = 65_536;

/** How many times what one image's total says of a blob is held against the others' totals. */
const ROUNDS = 8;

/**
 * Finds what the blobs take, from the best that is known: the manifests, where they could be read; records of the build
 * cache, whose size is that of the blob and of the unpacked layer; and for the rest the images' totals, which bound the
 * blobs of layers that they share.
 */
export function contentOf(
  inventory: Inventory,
  images: readonly Image[],
  records: ReadonlyMap<string, RecordLayers>,
): Content {
  const pieces = new Map<string, Piece>();
  const bytes = new Map<string, number>(); // of pieces that are known, as totals count them: without the rest of a block
  const held = new Map<string, readonly string[]>();
  const exact = (digest: string, known: number): string => {
    const [piece, size] = [pieceOf(digest), blocks(known)];
    pieces.set(piece, { size, low: size, high: size });
    bytes.set(piece, known);
    return piece;
  };
  const blobs = new Map<string, Set<string>>(); // pieces that are a layer's blob; several where it was packed several times
  const remember = (layer: string, piece: string): void => {
    blobs.set(layer, (blobs.get(layer) ?? new Set()).add(piece));
  };
  for (const image of images) {
    if (image.blobs === undefined) continue;
    const all = [...image.blobs.layers, ...image.blobs.others];
    for (const digest of all) exact(digest, inventory.blobs[digest] ?? 0);
    for (const [i, digest] of image.blobs.layers.entries())
      remember(image.layers?.[i] ?? '', pieceOf(digest));
    held.set(image.id, [...new Set(all)].map(pieceOf));
  }
  const recorded = new Set([...records.values()].flatMap(({ layers }) => layers));
  for (const record of inventory.cache) {
    const [layer, another] = records.get(record.id)?.layers ?? [];
    if (layer === undefined || another !== undefined || blobs.has(layer)) continue;
    const packed = blobBytes(record, inventory.layers[layer]?.size);
    if (packed !== undefined) remember(layer, exact(layer, packed));
  }
  const segments = fromTotals(
    inventory,
    images.filter((image) => image.blobs === undefined),
    { pieceOf: (layer) => first(blobs.get(layer)), bytes, isRecorded: (layer) => recorded.has(layer) },
    pieces,
    held,
  );
  return {
    pieces,
    held,
    blobOf: (layer, recordSize) => {
      const unpacked = inventory.layers[layer]?.size ?? 0;
      const packed = [...(blobs.get(layer) ?? [])];
      const fitting = packed.find((piece) => pieces.get(piece)?.size === blocks(recordSize - unpacked));
      return fitting ?? packed[0] ?? segments.get(layer);
    },
  };
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

/** Layers pack hardly worse than a tar. */
function mostPacked(unpacked: number): number {
  return Math.ceil(unpacked * 1.01) + OWN_MOST;
}

function first(set: ReadonlySet<string> | undefined): string | undefined {
  return set?.values().next().value;
}

function pieceOf(digest: string): string {
  return `blob ${digest}`;
}

function blocks(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

/** Blobs that come and go together: those of layers that the same images have, and no record of the build cache. */
interface Segment {
  readonly id: string;
  readonly unpacked: number;
  readonly shared: boolean;
  low: number;
  high: number;
  size: number;
}

interface Total {
  readonly id: string;
  /** Bytes of all blobs that are not known. */
  readonly open: number;
  readonly segments: readonly Segment[];
  /** What is no layer's. */
  readonly own: Segment;
}

/** Blobs that something else tells. */
interface Known {
  readonly pieceOf: (layer: string) => string | undefined;
  readonly bytes: ReadonlyMap<string, number>;
  readonly isRecorded: (layer: string) => boolean;
}

/** What the images' totals say of blobs that nothing else tells. Returns the piece of each layer. */
function fromTotals(
  inventory: Inventory,
  images: readonly Image[],
  known: Known,
  pieces: Map<string, Piece>,
  held: Map<string, readonly string[]>,
): Map<string, string> {
  const owners = new Map<string, number>();
  for (const { layers = [] } of images)
    for (const layer of layers) owners.set(layer, (owners.get(layer) ?? 0) + 1);
  const segments = new Map<string, Segment>();
  const pieceOfLayer = new Map<string, string>();
  const totals = images.map((image): Total & { readonly sized: boolean } => {
    const { id, size, layers = [] } = image;
    const sizeOf = (layer: string) => inventory.layers[layer]?.size ?? 0;
    let unpacked = 0;
    let sized = true;
    const packed: string[] = [];
    for (const layer of layers) {
      unpacked += sizeOf(layer);
      if (!(layer in inventory.layers)) sized = false; // then its total tells nothing
      const piece = known.pieceOf(layer);
      if (piece !== undefined) packed.push(piece);
    }
    const open = Math.max(
      0,
      size - unpacked - packed.reduce((sum, piece) => sum + (known.bytes.get(piece) ?? 0), 0),
    );
    const runs = runsOf(
      layers.filter((layer) => known.pieceOf(layer) === undefined),
      owners,
      known.isRecorded,
    );
    const mine = runs.map((run) => {
      const [base = ''] = run;
      const bytes = run.reduce((sum, layer) => sum + sizeOf(layer), 0);
      const segment = segments.get(base) ?? {
        id: pieceOf(`of ${base}`),
        unpacked: bytes,
        shared: (owners.get(base) ?? 1) > 1,
        low: 0,
        high: run.every((layer) => layer in inventory.layers) ? mostPacked(bytes) : Number.POSITIVE_INFINITY,
        size: 0,
      };
      segments.set(base, segment);
      for (const layer of run) pieceOfLayer.set(layer, segment.id);
      return segment;
    });
    const most = mine.reduce((sum, { high }) => sum + high, 0);
    const own = { id: pieceOf(`of ${id}`), unpacked: 0, shared: false, low: 0, high: OWN_MOST, size: 0 };
    if (open > most + OWN_MOST) own.high = open; // other platforms' layers
    held.set(id, [...packed, ...mine.map((segment) => segment.id), own.id]);
    return { id, open, segments: mine, own, sized };
  });
  const telling = totals.filter(({ sized }) => sized);
  let open = telling;
  for (let round = 0; round < ROUNDS && open.length > 0; round++) open = open.filter(bound);
  estimate(totals, telling);
  for (const { low, high, size, id } of [...segments.values(), ...totals.map(({ own }) => own)])
    pieces.set(id, { low, high, size });
  return pieceOfLayer;
}

/**
 * Layers in a row that the same images have: what fewer images have than the one below begins a new run. One that a
 * record of the build cache holds by itself is a run by itself.
 */
function runsOf(
  layers: readonly string[],
  owners: ReadonlyMap<string, number>,
  isAlone: (layer: string) => boolean,
): string[][] {
  const runs: string[][] = [];
  for (const layer of layers) {
    const run = runs.at(-1);
    const [base = ''] = run ?? [];
    const isOn = owners.get(base) === owners.get(layer) && !isAlone(base) && !isAlone(layer);
    if (run && isOn) run.push(layer);
    else runs.push([layer]);
  }
  return runs;
}

/** Each of an image's blobs takes what the others leave of the total. Says whether any is open still. */
function bound({ open, segments, own }: Total): boolean {
  let { low, high } = own;
  for (const segment of segments) {
    low += segment.low;
    high += segment.high;
  }
  for (const segment of segments) narrow(segment, open - (high - segment.high), open - (low - segment.low));
  narrow(own, open - (high - own.high), open - (low - own.low));
  return high > low;
}

function narrow(segment: Segment, least: number, most: number): void {
  if (least > segment.low) segment.low = Math.min(least, segment.high);
  if (most < segment.high) segment.high = Math.max(most, segment.low);
}

/** Shared blobs are packed as well as the images that have them, on average; what is left is the image's alone. */
function estimate(totals: readonly Total[], telling: readonly Total[]): void {
  const shares = new Map<Segment, { sum: number; n: number }>();
  for (const { open, segments } of telling) {
    const unpacked = segments.reduce((sum, segment) => sum + segment.unpacked, 0);
    for (const segment of segments) {
      const share = shares.get(segment) ?? { sum: 0, n: 0 };
      share.sum += unpacked === 0 ? 0 : (open * segment.unpacked) / unpacked;
      share.n++;
      shares.set(segment, share);
    }
  }
  for (const [segment, { sum, n }] of shares) segment.size = within(segment, sum / n);
  for (const { open, segments, own } of totals) {
    const alone = segments.find(({ shared }) => !shared) ?? own;
    own.size = own.low;
    const rest = [...segments, own].reduce((sum, each) => (each === alone ? sum : sum + each.size), 0);
    alone.size = within(alone, open - rest);
  }
}

function within({ low, high }: Segment, value: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}
