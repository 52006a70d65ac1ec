// What the totals of images say of blobs that nothing else tells: each total bounds the blobs of the image's layers.
import type { Piece } from './holdings.ts';
import type { Image } from './inventory.ts';
import type { Stacks } from './stacks.ts';

/** No piece. */
export const NONE = -1;

/** Manifests, configuration and attestations of one image; more where the engine says so. */
const OWN_MOST = 65_536;

/** How many times what one image's total says of a blob is held against the others' totals. */
const ROUNDS = 8;

/** What is known of layers, by their numbers. */
interface Known {
  /** Bytes unpacked; NaN where nobody told. */
  readonly sizes: Float64Array;
  /** The pieces of blobs that something else tells, or NONE, and their bytes by piece. */
  readonly pieces: Int32Array;
  readonly bytes: readonly number[];
  /** 1 where a record of the build cache holds the layer by itself. */
  readonly alone: Uint8Array;
}

/** Blobs that come and go together: those of layers that the same images have, and no record of the build cache. */
interface Segment {
  readonly number: number;
  readonly unpacked: number;
  readonly shared: boolean;
  low: number;
  high: number;
  size: number;
  /** What the totals of the images that have it would give it, and of how many. */
  shares: number;
  told: number;
}

interface Total {
  /** Bytes of all blobs that are not known. */
  readonly open: number;
  readonly segments: readonly Segment[];
  /** What is no layer's. */
  readonly own: Segment;
  /** All its layers have sizes: else its total tells nothing. */
  readonly sized: boolean;
}

interface Draft extends Known {
  /** How many of these images have a layer. */
  readonly owners: Int32Array;
  readonly segments: Segment[];
  /** The segment that begins with a layer, by that, or NONE; and the one that a layer is in. */
  readonly from: Int32Array;
  readonly of: Int32Array;
}

/** Adds to `pieces` what the totals say of images that are not in `held` yet, and to that what these hold. Returns the piece of a layer. */
export function fromTotals(
  images: readonly Image[],
  stacks: Stacks,
  known: Known,
  pieces: Piece[],
  held: (readonly number[] | undefined)[],
): (layer: number) => number | undefined {
  const n = stacks.ids.length;
  const owners = new Int32Array(n);
  const open = [...images.keys()].filter((i) => held[i] === undefined);
  for (const i of open) for (const layer of stacks.of[i] ?? []) owners[layer] = (owners[layer] ?? 0) + 1;
  const [from, of] = [new Int32Array(n).fill(NONE), new Int32Array(n).fill(NONE)];
  const draft: Draft = { ...known, owners, segments: [], from, of };
  const base = pieces.length;
  const totals = open.map((i) => {
    const { packed, total } = totalOf(draft, (images[i] as Image).size, stacks.of[i] ?? []);
    held[i] = [...packed, ...[...total.segments, total.own].map(({ number }) => base + number)];
    return total;
  });
  const telling = totals.filter(({ sized }) => sized);
  let wide = telling;
  for (let round = 0; round < ROUNDS && wide.length > 0; round++) wide = wide.filter(bound);
  estimate(totals, telling);
  for (const { low, high, size } of draft.segments) pieces.push({ size, low, high });
  return (layer) => (of[layer] === undefined || of[layer] === NONE ? undefined : base + of[layer]);
}

/** An image's total, and the pieces of its layers that something else tells. */
function totalOf(
  draft: Draft,
  size: number,
  stack: readonly number[],
): { packed: readonly number[]; total: Total } {
  const packed: number[] = [];
  const rest: number[] = [];
  let [unpacked, known, sized] = [0, 0, true];
  for (const layer of stack) {
    const bytes = draft.sizes[layer] as number;
    if (Number.isNaN(bytes)) sized = false;
    else unpacked += bytes;
    const piece = draft.pieces[layer] as number;
    if (piece === NONE) rest.push(layer);
    else {
      packed.push(piece);
      known += draft.bytes[piece] as number;
    }
  }
  const open = Math.max(0, size - unpacked - known);
  const segments = segmentsOf(draft, rest);
  const most = segments.reduce((sum, { high }) => sum + high, 0);
  const own = addSegment(draft, 0, false, open > most + OWN_MOST ? open : OWN_MOST); // more: other platforms' layers
  return { packed, total: { open, segments, own, sized } };
}

function addSegment({ segments }: Draft, unpacked: number, shared: boolean, high: number): Segment {
  const added = { number: segments.length, unpacked, shared, low: 0, high, size: 0, shares: 0, told: 0 };
  segments.push(added);
  return added;
}

/**
 * Layers in a row that the same images have: what fewer images have than the one below begins a new segment. One that a
 * record of the build cache holds by itself is a segment by itself.
 */
function segmentsOf(draft: Draft, layers: readonly number[]): Segment[] {
  const { owners, alone } = draft;
  const found: Segment[] = [];
  let from = 0;
  for (let to = 1; to <= layers.length; to++) {
    const [base, layer] = [layers[from] as number, layers[to]];
    if (layer !== undefined && owners[base] === owners[layer] && !alone[base] && !alone[layer]) continue;
    found.push(segmentOf(draft, layers, from, to));
    from = to;
  }
  return found;
}

function segmentOf(draft: Draft, layers: readonly number[], from: number, to: number): Segment {
  const base = layers[from] as number;
  const before = draft.from[base] as number;
  const segment =
    before === NONE ? newSegment(draft, layers.slice(from, to)) : (draft.segments[before] as Segment);
  draft.from[base] = segment.number;
  for (let i = from; i < to; i++) draft.of[layers[i] as number] = segment.number;
  return segment;
}

function newSegment(draft: Draft, layers: readonly number[]): Segment {
  const sizes = layers.map((layer) => draft.sizes[layer] as number);
  const told = sizes.filter((size) => !Number.isNaN(size));
  const unpacked = told.reduce((sum, size) => sum + size, 0);
  const most = told.length === sizes.length ? mostPacked(unpacked) : Number.POSITIVE_INFINITY;
  return addSegment(draft, unpacked, (draft.owners[layers[0] as number] as number) > 1, most);
}

/** Layers pack hardly worse than a tar. */
export function mostPacked(unpacked: number): number {
  return Math.ceil(unpacked * 1.01) + OWN_MOST;
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
  for (const { open, segments } of telling) {
    const unpacked = segments.reduce((sum, segment) => sum + segment.unpacked, 0);
    for (const segment of segments) {
      segment.shares += unpacked === 0 ? 0 : (open * segment.unpacked) / unpacked;
      segment.told++;
      segment.size = within(segment, segment.shares / segment.told);
    }
  }
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
