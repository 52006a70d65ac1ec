// What came free: measured where the engine or the disk tells, and held against what the plan promised.
import type { Outcome } from './outcome.ts';
import type { Action, Plan, Space } from './plan.ts';
import { atMost, sharesLayers, spaceOf, total } from './price.ts';

/** What can be measured before a run and after it, in bytes. */
export interface Measure {
  /** What the engine says that images and the build cache take. */
  readonly layers?: number;
  /** What is free on the engine's disk. */
  readonly free?: number;
}

export interface Reclaimed extends Space {
  /** What the plan said, where more or less came free. */
  readonly promised?: number;
  /** How much more is free on the engine's disk, where that is all that was measured, and is not what the plan said. */
  readonly disk?: number;
}

/** More of a gap than this is told. */
const GAP = 0.01;

/** Stores keep files of their own about every layer, which their figures leave out: bytes for an image of ten layers. */
const BOOKKEEPING = 524_288;

/** Graph drivers count the bytes of files, which are less than the disk's blocks: by a third where files are small. */
const LEAST_OF_BLOCKS = 0.6;

/**
 * What came free. `plan`: what was carried out. It is what the plan said, where that is borne out by what is free on the
 * disk, or where others wrote to it meanwhile by what the engine says of its layers; else what was measured, and what the
 * plan said. What a plan could only bound is narrowed by what is free on the disk.
 */
export function reclaimedBy(
  plan: Plan,
  outcomes: readonly Outcome[],
  before: Measure,
  after: Measure,
): Reclaimed {
  const done = outcomes.filter(({ result }) => result === 'done').map(({ action }) => action);
  const layered = done.filter(sharesLayers);
  const promised = done.length === plan.actions.length ? spaceOf(plan) : atMost(done);
  if (layered.length === 0) return promised;
  const [low, high] = promised.between ?? [promised.frees, promised.frees];
  const slack = (bytes: number) => Math.max(bytes * GAP, done.length * BOOKKEEPING);
  const disk = difference(after.free, before.free);
  if (disk !== undefined && disk >= low - slack(low) && disk <= high + slack(high))
    return promised.about ? narrowed([low, high], disk, slack(disk)) : promised;
  const engine = difference(before.layers, after.layers);
  if (engine === undefined) return disk === undefined ? promised : { ...promised, disk };
  // Not more than what was removed can have held: others may have removed something, and on the containerd store
  // blobs that only the build cache holds are not counted.
  const measured = Math.min(Math.max(0, engine) + ofOthers(done), high);
  const least = plan.engine.store === 'containerd' ? low : low * LEAST_OF_BLOCKS;
  return measured >= least - slack(low) ? promised : { frees: measured, promised: promised.frees };
}

/** What a plan could not know, by what came free on the disk, where a little else may have happened meanwhile. */
function narrowed([low, high]: readonly [number, number], disk: number, slack: number): Space {
  const frees = Math.min(Math.max(disk, low), high);
  return {
    frees,
    about: true,
    between: [Math.max(low, frees - slack), Math.min(high, frees + slack)],
  };
}

function difference(more: number | undefined, less: number | undefined): number | undefined {
  return more === undefined || less === undefined ? undefined : more - less;
}

function ofOthers(done: readonly Action[]): number {
  return total(done.filter((action) => !sharesLayers(action))).frees;
}
