// Which of some candidates go, and in which order, so that as much comes free as is needed and hardly more: numbers alone.
import { Queue } from './budget-heap.ts';

/** So many bytes must come free. A piece comes free when the candidates that hold it have gone, unless others hold it. */
export interface Goal {
  readonly need: number;
  /** By piece: whether others than candidates hold it, too. */
  readonly isHeld: (piece: number) => boolean;
}

/** Candidates and pieces of the disk have numbers. */
export interface Field {
  /** The bytes of each piece. */
  readonly sizes: ArrayLike<number>;
  /** What each candidate holds, no piece twice. */
  readonly holds: readonly (readonly number[])[];
  /** The candidates that can go only after each one, since it was built on them. */
  readonly before: readonly (readonly number[])[];
  /** The part of a piece's bytes that counts when candidates are compared. */
  readonly counts: (piece: number) => number;
  /** How soon a candidate goes to which so many bytes fall: the largest first. */
  readonly urgency: (candidate: number, bytes: number) => number;
  readonly goals: readonly Goal[];
}

/** Who goes, in this order; and what each goal still lacks. */
export interface Order {
  readonly going: readonly number[];
  readonly lacks: readonly number[];
}

/** What frees less does not go where a goal is out of reach: it would be no step towards it. */
const NEXT_TO_NOTHING = 100_000;

/**
 * Takes candidates, the most urgent first, until the goals are met, then gives back those that it turned out to do without.
 * A piece that several hold falls to each of them in equal parts, so that a group which frees something only together is
 * seen. A part is worked out anew each time that a piece has half as many holders left: so 100,000 images on one base are
 * weighed some times each, and not each time that one of them goes.
 */
export function chooseFrom(field: Field): Order {
  const holders = holdersOf(field);
  const taken = taking(field, holders);
  return givingBack(field, holders, taken);
}

/** How many candidates hold each piece still; and where several did at first, which. */
interface Holders {
  readonly left: Int32Array;
  readonly of: (piece: number) => readonly number[];
}

function holdersOf({ sizes, holds }: Field): Holders {
  const left = new Int32Array(sizes.length);
  const of = new Map<number, number[]>();
  for (const pieces of holds) for (const piece of pieces) left[piece] = (left[piece] as number) + 1;
  for (const [candidate, pieces] of holds.entries())
    for (const piece of pieces) {
      if ((left[piece] as number) < 2) continue;
      const all = of.get(piece);
      if (all) all.push(candidate);
      else of.set(piece, [candidate]);
    }
  return { left, of: (piece) => of.get(piece) ?? [] };
}

interface Taken {
  readonly going: number[];
  readonly lacks: number[];
}

function taking(field: Field, { left, of }: Holders): Taken {
  const { holds, before, goals, urgency } = field;
  const weights = Float64Array.from(field.sizes, (size, piece) => size * field.counts(piece));
  const among = Int32Array.from(left); // by how many each piece was shared out last
  const share = (pieces: readonly number[]) =>
    pieces.reduce((sum, piece) => sum + (weights[piece] as number) / (among[piece] as number), 0);
  const shares = Float64Array.from(holds, share);
  const waits = new Int32Array(holds.length);
  for (const others of before) for (const other of others) waits[other] = (waits[other] as number) + 1;
  const isGone = new Uint8Array(holds.length);
  const queue = new Queue(holds.length);
  const line = (candidate: number) => {
    if (isGone[candidate] === 0 && waits[candidate] === 0)
      queue.put(candidate, urgency(candidate, shares[candidate] as number));
  };
  const shareOut = (piece: number) => {
    const [now, was] = [left[piece] as number, among[piece] as number];
    if (now === 0 || now * 2 > was || weights[piece] === 0) return;
    among[piece] = now;
    const more = (weights[piece] as number) * (1 / now - 1 / was);
    for (const candidate of of(piece)) {
      if (isGone[candidate] === 1) continue;
      shares[candidate] = (shares[candidate] as number) + more;
      line(candidate);
    }
  };
  const going: number[] = [];
  const lacks = goals.map(({ need }) => need);
  for (const candidate of holds.keys()) line(candidate);
  while (lacks.some((bytes) => bytes > 0)) {
    const next = queue.take();
    if (next === undefined) break;
    going.push(next);
    isGone[next] = 1;
    for (const piece of holds[next] as readonly number[]) {
      left[piece] = (left[piece] as number) - 1;
      if (left[piece] === 0) free(field, lacks, piece, -1);
      shareOut(piece);
    }
    for (const other of before[next] as readonly number[]) {
      waits[other] = (waits[other] as number) - 1;
      line(other);
    }
  }
  return { going, lacks };
}

function free({ sizes, goals }: Field, lacks: number[], piece: number, sign: 1 | -1): void {
  for (const [i, { isHeld }] of goals.entries())
    if (!isHeld(piece)) lacks[i] = (lacks[i] as number) + sign * (sizes[piece] as number);
}

/** The last that were taken are worth most: they are given back first. */
function givingBack(field: Field, { left }: Holders, { going, lacks }: Taken): Order {
  const { holds, before, goals } = field;
  const isGoing = new Uint8Array(holds.length);
  for (const candidate of going) isGoing[candidate] = 1;
  for (const candidate of going.toReversed()) {
    if (before[candidate]?.some((other) => isGoing[other] === 1)) continue;
    const pieces = holds[candidate] as readonly number[];
    const costs = goals.map(() => 0);
    for (const piece of pieces) if (left[piece] === 0) free(field, costs, piece, 1);
    if (!costs.every((bytes, i) => isSpare(bytes, lacks[i] as number))) continue;
    isGoing[candidate] = 0;
    for (const piece of pieces) left[piece] = (left[piece] as number) + 1;
    for (const [i, bytes] of costs.entries()) lacks[i] = (lacks[i] as number) + bytes;
  }
  return { going: going.filter((candidate) => isGoing[candidate] === 1), lacks };
}

/** Whether a goal can do without so many bytes. */
function isSpare(bytes: number, lacks: number): boolean {
  return lacks > 0 ? bytes < NEXT_TO_NOTHING : lacks + bytes <= 0;
}
