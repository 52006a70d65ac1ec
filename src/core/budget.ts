// A budget: of what a command would remove only as much goes as it takes, what is least worth keeping first. It can only keep.
import { ancestors } from './ancestry.ts';
import type { Budget, Goals } from './budget-goals.ts';
import { goalsOf } from './budget-goals.ts';
import { notesOf } from './budget-notes.ts';
import { chooseFrom } from './budget-order.ts';
import { factsOf, factsText, needed } from './budget-reasons.ts';
import type { Life } from './budget-value.ts';
import { lifeOfImage, lifeOfRecord, urgency } from './budget-value.ts';
import { comebackOf } from './comeback.ts';
import type { Holdings } from './holdings.ts';
import { holdingsOf } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';
import type { Kept } from './plan.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';

/** What would go without the budget. */
export interface Candidates {
  readonly images: readonly Image[];
  /** Of the build cache; none where the budget does not count it. */
  readonly records?: readonly CacheRecord[];
}

/** What a budget makes of its candidates, by ID. */
export interface Within {
  /** The place of one that goes: what was built on another comes before it. */
  readonly place: (id: string) => number | undefined;
  /** The reason of one that goes, from the one that selected it; `frees` says to tell what it frees. */
  readonly because: (id: string, why: Reason, frees: boolean) => Reason;
  /** Why a candidate stays; nothing for one that goes. `whole`: all its names were to go. */
  readonly stays: (id: string, whole: boolean) => Reason[];
  /** Sentences for a plan with all this in it that stays. */
  readonly notes: (kept: readonly Kept[]) => string[];
}

/** One candidate. */
export interface Candidate {
  readonly id: string;
  readonly life: Life;
  /** What was built on it comes before it. */
  readonly parents: readonly string[];
  readonly image?: Image;
}

/**
 * Takes as many of the candidates as the budget asks for, in the order of `urgency`. Independent of the order in which
 * they are given. `freedBefore`: bytes that come free by what goes before them.
 */
export function withinBudget(
  inventory: Inventory,
  budget: Budget,
  among: Candidates,
  freedBefore = 0,
): Within {
  const candidates = candidatesOf(inventory, among);
  const numbers = new Map(candidates.map(({ id }, i) => [id, i]));
  const holdings = holdingsOf(inventory);
  const goals = goalsOf(inventory, budget, holdings, (id) => numbers.has(id), freedBefore);
  const { going, lacks } = chooseFrom({
    sizes: Float64Array.from(holdings.pieces, ({ size }) => size),
    holds: candidates.map((candidate) => piecesOf(holdings, candidate)),
    before: candidates.map(({ parents }) => parents.flatMap((id) => numbers.get(id) ?? [])),
    counts: goals.counts,
    urgency: (candidate, bytes) => urgency((candidates[candidate] as Candidate).life, bytes),
    goals: goals.crossed,
  });
  const gone = going.map((number) => candidates[number] as Candidate);
  const places = new Map(gone.map(({ id }, i) => [id, i]));
  const facts = factsOf(inventory, holdings, gone);
  const goes = (id: string) => places.has(id);
  return {
    place: (id) => places.get(id),
    because: (id, why, frees) =>
      reason.byBudget(why, factsText(facts.get(id), frees), needed(goals), ruleOf(goals)),
    stays: (id, whole) => (goes(id) ? [] : [whyItStays(goals, lacks, whole, numbers.has(id))]),
    notes: (kept) => notesOf({ inventory, holdings, goals, lacks, goes }, kept),
  };
}

/** Those of which something tells when they were used, in the order of their IDs. What an image that stays was built on is none. */
function candidatesOf(inventory: Inventory, { images, records = [] }: Candidates): Candidate[] {
  const now = Date.parse(inventory.takenAt);
  const parents = new Map(inventory.images.map(({ id, parent }) => [id, parent]));
  const lives = new Map(
    images.map((image) => [image.id, lifeOfImage(image, now, comebackOf(image, inventory))]),
  );
  const ageless = images.filter(({ id }) => lives.get(id) === undefined);
  const staying = new Set(ageless.flatMap(({ id }) => [id, ...ancestors(id, parents)]));
  const known = images.flatMap((image): Candidate[] => {
    const life = lives.get(image.id);
    if (!life || staying.has(image.id)) return [];
    const nearest = ancestors(image.id, parents).find((id) => lives.has(id));
    return [{ id: image.id, life, image, parents: nearest === undefined ? [] : [nearest] }];
  });
  const cached = records.map(
    (record): Candidate => ({
      id: record.id,
      life: lifeOfRecord(record, now),
      parents: [...new Set(record.parents)],
    }),
  );
  return [...known, ...cached].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** No piece twice: what an image holds for sure is told once already. */
function piecesOf({ held, perhaps }: Holdings, { id, image }: Candidate): readonly number[] {
  if (image && !perhaps.has(id)) return held.get(id) ?? [];
  return [...new Set([...(held.get(id) ?? []), ...(perhaps.get(id) ?? [])])];
}

function ruleOf({ crossed }: Goals): string {
  return crossed[0]?.rule ?? 'max-used-space';
}

function whyItStays(
  { budget, crossed }: Goals,
  lacks: readonly number[],
  whole: boolean,
  dated: boolean,
): Reason {
  if (crossed.length === 0) {
    const marks = [budget.maxUsed, budget.targetFree].filter((mark) => mark !== undefined);
    const start = marks.map(({ startFrom }) => startFrom);
    return marks.some(({ start: from, end }) => from !== end)
      ? reason.notCrossed(start)
      : reason.withinSpace(start);
  }
  const from = crossed.map(({ mark }) => mark.from);
  if (!whole) return reason.onlyName(from);
  if (!dated) return reason.unknownUse(from);
  return lacks.some((bytes) => bytes > 0) ? reason.hardlyFrees(from) : reason.withinSpace(from);
}
