// What a budget asks for on one host: how much is used and free, whether that is too much, and what must come free.
import type { Goal } from './budget-order.ts';
import type { Holdings } from './holdings.ts';
import { allImages } from './holdings.ts';
import type { Inventory } from './inventory.ts';
import { isInQuarantine } from './quarantine-name.ts';

/** A bound in bytes. Nothing goes until it is crossed at `start`; then it is brought to `end`. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  /** How the two were given: `--max-used-space 50GB`, `maxUsedSpace.high 60GB (tidy.yaml:4)`. */
  readonly startFrom: string;
  readonly from: string;
}

/** How much may be used, and must be free. At least one of the two is there. */
export interface Budget {
  readonly maxUsed?: Mark;
  /** With the bytes of the engine's disk that are free now. */
  readonly targetFree?: Mark & { readonly free: number };
  /** The build cache counts as well as images. */
  readonly cache: boolean;
}

/** A mark that is crossed, and where it stands now. */
export interface Crossed extends Goal {
  readonly rule: 'max-used-space' | 'target-free';
  readonly mark: Mark;
  readonly now: number;
}

/** What a budget comes to. */
export interface Goals {
  readonly budget: Budget;
  /** Bytes that the images take, and the cache if it counts: each piece of the disk once, as `docker tidy df` counts. */
  readonly used: number;
  /** Bytes that images in quarantine have for themselves: they come free anyway, and count as if they had. */
  readonly inQuarantine: number;
  /** Empty: the budget is met. */
  readonly crossed: readonly Crossed[];
  /** Which part of a piece counts when candidates are compared. */
  readonly counts: (piece: number) => number;
}

/** Bytes that leave an image and stay in the build cache count as half: they have only changed hands. */
const CHANGED_HANDS = 0.5;

/** `isCandidate`: what may go, by ID. `freedBefore`: bytes that come free by what goes before, such as containers. */
export function goalsOf(
  inventory: Inventory,
  budget: Budget,
  holdings: Holdings,
  isCandidate: (id: string) => boolean,
  freedBefore = 0,
): Goals {
  const { isUsed, stays, staysCounted, leaves } = holding(inventory, budget, holdings, isCandidate);
  const sizeOf = (is: (piece: number) => boolean) =>
    holdings.pieces.reduce((sum, { size }, piece) => sum + (is(piece) ? size : 0), 0);
  const used = sizeOf((piece) => isUsed[piece] === 1);
  const inQuarantine = sizeOf((piece) => leaves[piece] === 1 && isUsed[piece] === 0 && stays[piece] === 0);
  const { maxUsed, targetFree } = budget;
  const crossed: Crossed[] = [];
  if (maxUsed && used > maxUsed.start)
    crossed.push({
      rule: 'max-used-space',
      mark: maxUsed,
      now: used,
      need: used - maxUsed.end,
      isHeld: (piece) => staysCounted[piece] === 1,
    });
  const free = targetFree?.free ?? 0;
  const soon = freedBefore + inQuarantine;
  if (targetFree && free + soon < targetFree.start)
    crossed.push({
      rule: 'target-free',
      mark: targetFree,
      now: free,
      need: targetFree.end - free - soon,
      isHeld: (piece) => stays[piece] === 1,
    });
  const byUse = crossed.some(({ rule }) => rule === 'max-used-space');
  const counts = (piece: number) => {
    if (stays[piece] === 0) return 1;
    return byUse && staysCounted[piece] === 0 ? CHANGED_HANDS : 0;
  };
  return { budget, used, inQuarantine, crossed, counts };
}

/** By piece, 1 where it holds. */
interface Holding {
  /** What the budget counts holds it, and does not leave anyway. */
  readonly isUsed: Uint8Array;
  /** Something holds it that is no candidate; that the budget counts. */
  readonly stays: Uint8Array;
  readonly staysCounted: Uint8Array;
  /** An image in quarantine holds it. */
  readonly leaves: Uint8Array;
}

function holding(
  inventory: Inventory,
  { cache }: Budget,
  { pieces, held, perhaps }: Holdings,
  isCandidate: (id: string) => boolean,
): Holding {
  const images = allImages(inventory);
  const leaving = new Set(images.filter(isInQuarantine).map(({ id }) => id));
  const counted = new Set([...images, ...(cache ? inventory.cache : [])].map(({ id }) => id));
  const marks = () => new Uint8Array(pieces.length);
  const found: Holding = { isUsed: marks(), stays: marks(), staysCounted: marks(), leaves: marks() };
  for (const [holder, those] of [...held, ...perhaps]) {
    const stays = !isCandidate(holder);
    const into = leaving.has(holder)
      ? [found.leaves]
      : [
          ...(stays ? [found.stays] : []),
          ...(counted.has(holder) ? [found.isUsed] : []),
          ...(counted.has(holder) && stays ? [found.staysCounted] : []),
        ];
    for (const mark of into) for (const piece of those) mark[piece] = 1;
  }
  return found;
}
