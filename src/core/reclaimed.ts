// What came free: measured where the engine or the disk tells, and held against what the plan promised.
import type { Outcome } from './outcome.ts';
import type { Plan, Space } from './plan.ts';
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

/** Stores keep files of their own about every layer, which their figures leave out: bytes for an image of ten layers. */
const BOOKKEEPING = 524_288;

/** More of a gap than this is told. */
const GAP = 0.01;

/**
 * What came free. `plan`: what was carried out. Of images and the build cache it is measured, but not more than what was
 * removed can have held: others may have removed something meanwhile. Of the rest it is what the plan said.
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
  const is = (bytes: number) =>
    bytes >= low - slack(low, done.length) && bytes <= high + slack(high, done.length);
  if (before.layers !== undefined && after.layers !== undefined) {
    const others = total(done.filter((action) => !sharesLayers(action))).frees;
    const measured = Math.min(Math.max(0, before.layers - after.layers) + others, high);
    if (!promised.about && is(measured)) return promised;
    // The containerd store's figure leaves out blobs that only the build cache holds: it may have fallen by too much.
    if (promised.about && plan.engine.store === 'containerd')
      return {
        frees: Math.min(promised.frees, measured),
        about: true,
        between: [Math.min(low, measured), measured],
      };
    return { frees: measured, ...(is(measured) ? {} : { promised: promised.frees }) };
  }
  if (before.free === undefined || after.free === undefined) return promised;
  const disk = after.free - before.free;
  return is(disk) ? promised : { ...promised, disk };
}

function slack(bytes: number, objects: number): number {
  return Math.max(bytes * GAP, objects * BOOKKEEPING);
}
