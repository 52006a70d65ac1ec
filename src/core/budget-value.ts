// What an image is worth keeping, for budgets: when it was last used, how long it served, and what it costs to get back.
import type { Comeback } from './comeback.ts';
import type { CacheRecord, Image } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { realTime } from './order.ts';

/** Times in milliseconds. */
export interface Life {
  /** Since its last use. */
  readonly idle: number;
  /** From its arrival to its last use. */
  readonly served: number;
  /** What it costs to get back, as a multiple of a pull. */
  readonly cost: number;
  /** Its last use in words, and by what: `last used`, `container web`. */
  readonly word: string;
  readonly by?: string;
}

/**
 * What it costs to have it again, against a pull of the same bytes: an image that only this disk is known to have is kept
 * four times as long as one that a registry has, and one that nothing names half as long.
 */
const COST = {
  pullable: 1,
  archived: 1,
  'not-asked': 4,
  'local-only': 4,
  nameless: 0.5,
  rebuildable: 1,
} as const;

/** What a pull costs besides its bytes, as bytes: what frees far less is not worth one. */
const PULL = 1_000_000;

/** Nothing is idle for less: what was used just now is as good as any other that was. */
const LEAST = 1_000;

/**
 * Where no use is known, its arrival or its build counts, whichever was later; where a use may have been missed, the end of
 * that time. `undefined` where nothing tells any of it.
 */
export function lifeOfImage(
  image: Image,
  now: number,
  comeback: Exclude<Comeback, 'tagged-elsewhere'>,
): Life | undefined {
  const { at, by, gap } = image.used ?? {};
  const arrived = realTime(image.arrived);
  const built = realTime(image.created);
  const used = by !== undefined || gap ? realTime(at) : undefined;
  const last = used ?? latest(arrived, built) ?? realTime(at);
  if (last === undefined) return undefined;
  const word = lastWord(image, last);
  return {
    idle: Math.max(LEAST, now - last),
    served: Math.max(0, last - Math.min(last, arrived ?? last, realTime(image.seen) ?? last)),
    cost: isNameless(image) ? COST.nameless : COST[comeback],
    word,
    ...(word === 'last used' && by !== undefined && { by }),
  };
}

/** What the moment is that counts as its last use. */
function lastWord({ used, arrived, created }: Image, last: number): string {
  if (last === realTime(used?.at)) {
    if (used?.by !== undefined) return 'last used';
    return used?.gap ? 'events missed until' : 'first seen by docker tidy';
  }
  if (last === realTime(arrived)) return 'came here';
  return last === realTime(created) ? 'built' : 'last used';
}

/** Never `undefined`: of a record that was never used, when it was made; of one that tells neither, long ago. */
export function lifeOfRecord({ lastUsed, created }: CacheRecord, now: number): Life {
  const last = realTime(lastUsed) ?? realTime(created);
  const made = realTime(created) ?? last;
  return {
    idle: Math.max(LEAST, now - (last ?? 0)),
    served: Math.max(0, (last ?? 0) - (made ?? 0)),
    cost: COST.rebuildable,
    word: 'last used',
  };
}

/**
 * How soon it goes: the largest first. `frees`: bytes.
 *
 *     idle / cost × idle / (idle + served) × frees / (frees + 1 MB)
 *
 * What it frees and what its next pull costs are nearly the same bytes, so that they cancel out, but for what a pull costs
 * besides. What decides is how likely it is to be used again: what served for ninety days and rests for ten is likelier to
 * than what came a day ago, and was used just then. docs/space.md says it in words.
 */
export function urgency({ idle, served, cost }: Life, frees: number): number {
  return (((idle / cost) * idle) / (idle + served)) * (frees / (frees + PULL));
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
