// What the totals of images say of blobs that nothing else tells: each total bounds the blobs of the image's layers.
// Numbers in columns, since of a hundred thousand images objects would fill the memory, and the time with tidying it up.
import type { Piece } from './holdings.ts';
import type { Image } from './inventory.ts';
import type { Stacks } from './stacks.ts';
import { NONE } from './stacks.ts';

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

/**
 * Segments by the number of their piece: blobs that come and go together, since they are of layers that the same images
 * have, and no record of the build cache; and one of each image that is no layer's.
 */
interface Segments {
  readonly unpacked: number[];
  readonly low: number[];
  readonly high: number[];
  readonly size: number[];
  /** How many images have it. */
  readonly owners: number[];
  /** What the totals of the images that have it would give it together, and of how many. */
  readonly shares: number[];
  readonly told: number[];
}

interface Draft extends Known {
  readonly segments: Segments;
  /** How many of these images have a layer. */
  readonly owners: Int32Array;
  /** The segment that begins with a layer, and the one that a layer is in, or NONE. */
  readonly from: Int32Array;
  readonly of: Int32Array;
}

/** An image of which the total alone is known. */
interface Total {
  /** The pieces that it holds: of blobs that something else tells, from `first` on its segments, the last no layer's. */
  readonly held: readonly number[];
  readonly first: number;
  /** Bytes of all blobs that are not known. */
  readonly open: number;
  /** All its layers have sizes: else its total tells nothing. */
  readonly sized: boolean;
}

/** Adds to `pieces` what the totals say of images that are not in `held` yet, and to that what these hold. Returns the piece of a layer. */
export function fromTotals(
  images: readonly Image[],
  stacks: Stacks,
  known: Known,
  pieces: Piece[],
  held: (readonly number[] | undefined)[],
): (layer: number) => number | undefined {
  const draft = draftOf(stacks, known, pieces.length);
  const { owners, segments, of } = draft;
  for (const [i, stack] of stacks.of.entries())
    if (held[i] === undefined) for (const layer of stack) owners[layer] = (owners[layer] as number) + 1;
  const totals: Total[] = [];
  for (const [i, { size }] of images.entries()) {
    if (held[i] !== undefined) continue;
    const total = totalOf(draft, size, stacks.of[i] as readonly number[]);
    held[i] = total.held;
    totals.push(total);
  }
  const telling = totals.filter(({ sized }) => sized);
  let wide = telling;
  for (let round = 0; round < ROUNDS && wide.length > 0; round++)
    wide = wide.filter((total) => bound(segments, total));
  for (const total of telling) share(segments, total);
  for (const total of totals) rest(segments, total);
  const { size, low, high } = segments;
  for (let i = pieces.length; i < size.length; i++)
    pieces.push({ size: size[i] as number, low: low[i] as number, high: high[i] as number });
  return (layer) => (of[layer] === NONE ? undefined : of[layer]);
}

/** `count`: the pieces that there are already, which are no segments. */
function draftOf({ ids: { length } }: Stacks, known: Known, count: number): Draft {
  const column = () => new Array<number>(count).fill(0);
  return {
    ...known,
    owners: new Int32Array(length),
    from: new Int32Array(length).fill(NONE),
    of: new Int32Array(length).fill(NONE),
    segments: {
      ...{ unpacked: column(), low: column(), high: column(), size: column() },
      ...{ owners: column(), shares: column(), told: column() },
    },
  };
}

function totalOf(draft: Draft, size: number, stack: readonly number[]): Total {
  const { sizes, pieces, bytes, segments } = draft;
  const held: number[] = [];
  const isTold = (layer: number) => pieces[layer] !== NONE;
  const any = stack.some(isTold);
  if (any) for (const layer of stack) if (isTold(layer)) held.push(pieces[layer] as number);
  const known = held.reduce((sum, piece) => sum + (bytes[piece] as number), 0);
  const unpacked = stack.reduce((sum, layer) => sum + (sizes[layer] || 0), 0);
  const open = Math.max(0, size - unpacked - known);
  const first = held.length;
  addSegments(draft, any ? stack.filter((layer) => !isTold(layer)) : stack, held);
  let most = OWN_MOST;
  for (let i = first; i < held.length; i++) most += segments.high[held[i] as number] as number;
  held.push(addSegment(segments, 0, open > most ? open : OWN_MOST, 1)); // more: other platforms' layers
  return { held, first, open, sized: !stack.some((layer) => Number.isNaN(sizes[layer])) };
}

function addSegment(segments: Segments, unpacked: number, high: number, owners: number): number {
  segments.unpacked.push(unpacked);
  segments.low.push(0);
  segments.high.push(high);
  segments.size.push(0);
  segments.owners.push(owners);
  segments.shares.push(0);
  return segments.told.push(0) - 1;
}

/**
 * Layers in a row that the same images have: what fewer images have than the one below begins a new segment. One that a
 * record of the build cache holds by itself is a segment by itself.
 */
function addSegments(draft: Draft, layers: readonly number[], held: number[]): void {
  const { owners, alone } = draft;
  let from = 0;
  for (let to = 1; to <= layers.length; to++) {
    const [base, layer] = [layers[from] as number, layers[to]];
    if (layer !== undefined && owners[base] === owners[layer] && !alone[base] && !alone[layer]) continue;
    held.push(segmentOf(draft, layers, from, to));
    from = to;
  }
}

function segmentOf(draft: Draft, layers: readonly number[], from: number, to: number): number {
  const base = layers[from] as number;
  const before = draft.from[base] as number;
  const segment = before === NONE ? newSegment(draft, layers.slice(from, to)) : before;
  draft.from[base] = segment;
  for (let i = from; i < to; i++) draft.of[layers[i] as number] = segment;
  return segment;
}

function newSegment({ sizes, owners, segments }: Draft, layers: readonly number[]): number {
  const unpacked = layers.reduce((sum, layer) => sum + (sizes[layer] || 0), 0);
  const told = !layers.some((layer) => Number.isNaN(sizes[layer]));
  const most = told ? mostPacked(unpacked) : Number.POSITIVE_INFINITY;
  return addSegment(segments, unpacked, most, owners[layers[0] as number] as number);
}

/** Layers pack hardly worse than a tar. */
export function mostPacked(unpacked: number): number {
  return Math.ceil(unpacked * 1.01) + OWN_MOST;
}

/** Each of an image's blobs takes what the others leave of the total. Says whether any is open still. */
function bound({ low, high }: Segments, { held, first, open }: Total): boolean {
  let [least, most] = [0, 0];
  for (let i = first; i < held.length; i++) {
    least += low[held[i] as number] as number;
    most += high[held[i] as number] as number;
  }
  for (let i = first; i < held.length; i++) {
    const segment = held[i] as number;
    const [down, up] = [low[segment] as number, high[segment] as number];
    if (open - (most - up) > down) low[segment] = Math.min(open - (most - up), up);
    if (open - (least - down) < up) high[segment] = Math.max(open - (least - down), low[segment] as number);
  }
  return most > least;
}

/** Shared blobs are packed as well as the images that have them, on average. */
function share(segments: Segments, { held, first, open }: Total): void {
  const { unpacked, shares, told, size } = segments;
  let all = 0;
  for (let i = first; i < held.length - 1; i++) all += unpacked[held[i] as number] as number;
  for (let i = first; i < held.length - 1; i++) {
    const segment = held[i] as number;
    const mine = all === 0 ? 0 : (open * (unpacked[segment] as number)) / all;
    shares[segment] = (shares[segment] as number) + mine;
    told[segment] = (told[segment] as number) + 1;
    size[segment] = within(segments, segment, (shares[segment] as number) / (told[segment] as number));
  }
}

/** What is left of a total is the image's alone. */
function rest(segments: Segments, { held, first, open }: Total): void {
  const { low, size, owners } = segments;
  const own = held.at(-1) as number;
  let alone = own;
  for (let i = held.length - 2; i >= first; i--)
    if (owners[held[i] as number] === 1) alone = held[i] as number;
  size[own] = low[own] as number;
  let others = 0;
  for (let i = first; i < held.length; i++)
    if (held[i] !== alone) others += size[held[i] as number] as number;
  size[alone] = within(segments, alone, open - others);
}

function within({ low, high }: Segments, segment: number, value: number): number {
  return Math.round(Math.min(high[segment] as number, Math.max(low[segment] as number, value)));
}
