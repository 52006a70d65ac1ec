// What the totals of images say of blobs that nothing else tells: each total bounds the blobs of the image's layers.
// Numbers in columns, since of a hundred thousand images objects would fill the memory, and the time with tidying it up.
import type { Amounts } from './amounts.ts';
import { amounts } from './amounts.ts';
import type { Image } from './inventory.ts';
import type { Runs, Stacks } from './stacks.ts';
import { NONE, runsOf } from './stacks.ts';

/** Manifests, configuration and attestations of one image; more where the engine says so. */
const OWN_MOST = 65_536;

/** How many times what one image's total says of a blob is held against the others' totals. */
const ROUNDS = 8;

/** What is known of layers, by their numbers. */
interface Known {
  /** Bytes unpacked; NaN where nobody told. */
  readonly sizes: Float64Array;
  /** The blobs that something else tells, or NONE, and the bytes of each. */
  readonly first: Int32Array;
  readonly bytes: readonly number[];
  /** 1 where a record of the build cache holds the layer by itself. */
  readonly alone: Uint8Array;
}

/**
 * Segments are blobs that come and go together: those of a run of layers, and one of each image that is no layer's and
 * lies on the others. They have numbers after the blobs that something else tells, which are in none.
 */
interface Segments extends Amounts {
  /** What each lies on, or NONE. */
  readonly below: Int32Array;
  /** Bytes of the layers unpacked. */
  readonly unpacked: Float64Array;
  /** How many images have it. */
  readonly owners: Int32Array;
  /** Whether that is one, and no record may have it. */
  readonly own: readonly boolean[];
  /** Of an image's uppermost one: the bytes of all of the image's. */
  readonly open: Float64Array;
  /** What the totals of the images that have it would give it together, and of how many. */
  readonly shares: Float64Array;
  readonly told: Int32Array;
}

/** What the totals say. */
export interface Totals {
  readonly segments: Amounts & Pick<Segments, 'own'>;
  /** Of one of these images: blobs that something else tells, then its segments, the last no layer's. */
  readonly blobsOf: (image: number) => readonly number[];
  /** The segment that a layer is in. */
  readonly segmentOf: (layer: number) => number | undefined;
}

/** `unread`: the numbers of images of which the total alone is known. */
export function fromTotals(
  images: readonly Image[],
  stacks: Stacks,
  known: Known,
  unread: readonly number[],
): Totals {
  const runs = runsOf(stacks, known.alone, (layer) => known.first[layer] !== NONE);
  const segments = segmentsOf(stacks, runs, known);
  const uppermost = known.bytes.length + runs.below.length; // of the first image
  const { bytes, unsized } = sumsOf(stacks, known);
  const telling: number[] = [];
  for (const image of unread) {
    const top = stacks.tops[image] as number;
    const open = Math.max(0, (images[image] as Image).size - (bytes[top] ?? 0));
    addOwn(segments, uppermost + image, segmentAt(known, runs, top), open);
    if (!unsized[top]) telling.push(uppermost + image);
  }
  for (let round = 0; round < ROUNDS; round++) if (!boundAll(segments, telling)) break;
  for (const own of telling) share(segments, own);
  for (const image of unread) rest(segments, uppermost + image);
  return {
    segments,
    blobsOf: (image) => [
      ...toldUnder(stacks, known, stacks.tops[image] as number),
      ...segmentsUnder(segments, uppermost + image),
    ],
    segmentOf: (layer) => {
      const segment = segmentAt(known, runs, layer);
      return segment === NONE ? undefined : segment;
    },
  };
}

function segmentAt({ bytes }: Known, { of }: Runs, layer: number): number {
  const run = of[layer] ?? NONE;
  return run === NONE ? NONE : bytes.length + run;
}

/** Segments of all runs, and after those room for one of each image. */
function segmentsOf({ owners, tops }: Stacks, runs: Runs, { sizes, first, bytes }: Known): Segments {
  const layered = bytes.length + runs.below.length;
  const images = tops.length;
  const column = () => new Float64Array(layered + images);
  const segments: Segments = {
    ...amounts(layered + images),
    ...{ unpacked: column(), open: column(), shares: column() },
    below: new Int32Array(layered + images).fill(NONE),
    owners: new Int32Array(layered + images).fill(1, layered),
    told: new Int32Array(layered + images),
    own: [...bytes.map(() => false), ...runs.own, ...new Array<boolean>(images).fill(true)],
  };
  const { unpacked, high } = segments;
  for (let layer = 0; layer < sizes.length; layer++) {
    if (first[layer] !== NONE) continue;
    const segment = bytes.length + (runs.of[layer] as number);
    const size = sizes[layer] as number;
    unpacked[segment] = (unpacked[segment] as number) + (size || 0);
    if (Number.isNaN(size)) high[segment] = Number.POSITIVE_INFINITY;
    segments.owners[segment] = owners[layer] as number;
  }
  runs.below.forEach((under, run) => {
    const segment = bytes.length + run;
    high[segment] = Math.max(high[segment] as number, mostPacked(unpacked[segment] as number));
    if (under !== NONE) segments.below[segment] = bytes.length + under;
  });
  return segments;
}

/** Of each layer and all below it: the bytes that are known, packed and unpacked, and whether nobody told of some. */
function sumsOf(
  { below }: Stacks,
  { sizes, first, bytes: packed }: Known,
): { readonly bytes: Float64Array; readonly unsized: Uint8Array } {
  const bytes = new Float64Array(sizes.length);
  const unsized = new Uint8Array(sizes.length);
  for (let layer = 0; layer < sizes.length; layer++) {
    const on = below[layer] as number;
    const size = sizes[layer] as number;
    const blob = first[layer] as number;
    const under = on === NONE ? 0 : (bytes[on] as number);
    bytes[layer] = under + (size || 0) + (blob === NONE ? 0 : (packed[blob] as number));
    unsized[layer] = Number.isNaN(size) || (on !== NONE && unsized[on] === 1) ? 1 : 0;
  }
  return { bytes, unsized };
}

/** The blobs of a stack that something else tells, lowest first. */
function toldUnder({ below }: Stacks, { first }: Known, top: number): number[] {
  const found: number[] = [];
  for (let layer = top; layer !== NONE; layer = below[layer] as number)
    if (first[layer] !== NONE) found.push(first[layer] as number);
  return found.reverse();
}

function segmentsUnder({ below }: Segments, uppermost: number): number[] {
  const found: number[] = [];
  for (let segment = uppermost; segment !== NONE; segment = below[segment] as number) found.push(segment);
  return found.reverse();
}

/** An image's manifests and the like, which are more than usual where its layers cannot take all of the total: other platforms' layers. */
function addOwn(segments: Segments, own: number, on: number, total: number): void {
  const { below, high, open } = segments;
  below[own] = on;
  open[own] = total;
  let most = OWN_MOST;
  for (let segment = on; segment !== NONE; segment = below[segment] as number)
    most += high[segment] as number;
  high[own] = total > most ? total : OWN_MOST;
}

/** Layers pack hardly worse than a tar. */
export function mostPacked(unpacked: number): number {
  return Math.ceil(unpacked * 1.01) + OWN_MOST;
}

/** Says whether this told anything new of blobs. */
function boundAll(segments: Segments, uppermost: readonly number[]): boolean {
  let any = false;
  for (const own of uppermost) if (bound(segments, own)) any = true;
  return any;
}

/** Each of an image's blobs takes what the others leave of the total. */
function bound({ below, low, high, open }: Segments, own: number): boolean {
  const total = open[own] as number;
  let any = false;
  let least = 0;
  let most = 0;
  for (let segment = own; segment !== NONE; segment = below[segment] as number) {
    least += low[segment] as number;
    most += high[segment] as number;
  }
  for (let segment = own; segment !== NONE; segment = below[segment] as number) {
    const down = low[segment] as number;
    const up = high[segment] as number;
    if (total - (most - up) > down) low[segment] = Math.min(total - (most - up), up);
    if (total - (least - down) < up) high[segment] = Math.max(total - (least - down), low[segment] as number);
    if (low[segment] !== down || high[segment] !== up) any = true;
  }
  return any;
}

/** Shared blobs are packed as well as the images that have them, on average. */
function share(segments: Segments, own: number): void {
  const { below, unpacked, shares, told, size, open } = segments;
  let all = 0;
  for (let segment = below[own] as number; segment !== NONE; segment = below[segment] as number)
    all += unpacked[segment] as number;
  for (let segment = below[own] as number; segment !== NONE; segment = below[segment] as number) {
    const mine = all === 0 ? 0 : ((open[own] as number) * (unpacked[segment] as number)) / all;
    shares[segment] = (shares[segment] as number) + mine;
    told[segment] = (told[segment] as number) + 1;
    size[segment] = within(segments, segment, (shares[segment] as number) / (told[segment] as number));
  }
}

/** What is left of a total is the image's alone. */
function rest(segments: Segments, own: number): void {
  const { below, low, size, owners, open } = segments;
  let alone = own;
  for (let segment = own; segment !== NONE; segment = below[segment] as number)
    if (owners[segment] === 1) alone = segment;
  size[own] = low[own] as number;
  let others = 0;
  for (let segment = own; segment !== NONE; segment = below[segment] as number)
    if (segment !== alone) others += size[segment] as number;
  size[alone] = within(segments, alone, (open[own] as number) - others);
}

function within({ low, high }: Segments, segment: number, value: number): number {
  return Math.round(Math.min(high[segment] as number, Math.max(low[segment] as number, value)));
}
