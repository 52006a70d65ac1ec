// What a plan says of its budget: how far it comes, and where that is not far enough, what holds the rest.
import type { Crossed, Goals, Mark } from './budget-goals.ts';
import type { Holdings } from './holdings.ts';
import { allImages } from './holdings.ts';
import type { Inventory } from './inventory.ts';
import type { Kept } from './plan.ts';
import { isInQuarantine } from './quarantine-name.ts';
import { humanSize } from './units.ts';

/** How far a budget comes. */
export interface Reached {
  readonly inventory: Inventory;
  readonly holdings: Holdings;
  readonly goals: Goals;
  /** What each goal that was crossed lacks still, in bytes: below 0 where more came free than was needed. */
  readonly lacks: readonly number[];
  readonly goes: (id: string) => boolean;
}

/** Sentences, for a plan with these images and records in it that stay. */
export function notesOf({ goals, lacks, ...rest }: Reached, kept: readonly Kept[]): string[] {
  const { crossed, budget } = goals;
  const isCrossed = (rule: Crossed['rule']) => crossed.some((each) => each.rule === rule);
  return [
    ...(budget.maxUsed && !isCrossed('max-used-space') ? [`${usedText(goals)}: ${met(budget.maxUsed)}`] : []),
    ...(budget.targetFree && !isCrossed('target-free')
      ? [`${humanSize(budget.targetFree.free)} of the disk are free: ${met(budget.targetFree)}`]
      : []),
    ...crossed.map((each, i) => reached(goals, each, lacks[i] as number)),
    ...(goals.inQuarantine > 0
      ? [
          `Images in quarantine hold ${humanSize(goals.inQuarantine)}, which is not counted: it comes free by itself.`,
        ]
      : []),
    ...(lacks.some((bytes) => bytes > 0) ? holding({ goals, lacks, ...rest }, kept) : []),
  ];
}

function usedText({ used, budget }: Goals): string {
  return `${budget.cache ? 'Images and build cache take' : 'Images take'} ${humanSize(used)}`;
}

function met({ start, end, startFrom, from }: Mark): string {
  return start === end ? `${from} is met.` : `nothing goes until that crosses ${startFrom}.`;
}

/** Whether a note says what will be once all of a plan has gone. */
export function isForecast(note: string): boolean {
  return note.includes(ONCE_GONE) || note.startsWith(OF_WHAT_STAYS);
}

const ONCE_GONE = ' once this has gone: ';
const OF_WHAT_STAYS = 'Of what stays, each layer once: ';

function reached(goals: Goals, { rule, mark, now, need }: Crossed, lack: number): string {
  const byUse = rule === 'max-used-space';
  const before = byUse ? usedText(goals) : `${humanSize(now)} of the disk are free`;
  const verdict = `${mark.from} is ${lack > 0 ? 'not ' : ''}met.`;
  const after = humanSize(byUse ? mark.end + lack : mark.end - lack);
  return lack === need ? `${before}: ${verdict}` : `${before}, and ${after}${ONCE_GONE}${verdict}`;
}

/** Why images stay, by their reasons' rules: the first that fits is told. */
const HOLDERS: readonly (readonly [words: string, rule: RegExp])[] = [
  ['images in use', /^(used-by|named-by|mounted-by)/],
  ['images that are protected', /^(protected|keep-label|label-lifetime|unreadable-label|pinned)$/],
  ['images that keep rules keep', /^keep-/],
  ['images that others which stay were built on', /^parent-of$/],
  ['images that other rules keep', /^(?!within-space|frees-nothing)/],
  ['images that would free next to nothing', /./],
];
const NOT_ASKED = 'images that nothing asked for';

/** What stays, each piece of the disk once. */
function holding({ inventory, holdings, goals, goes }: Reached, kept: readonly Kept[]): string[] {
  const rules = Map.groupBy(
    kept.flatMap(({ id, reasons }) => reasons.map(({ rule }) => ({ id, rule }))),
    ({ id }) => id,
  );
  const place = (id: string) =>
    Math.min(...(rules.get(id) ?? []).map(({ rule }) => HOLDERS.findIndex(([, test]) => test.test(rule))));
  const wordOf = (id: string) => HOLDERS[place(id)]?.[0] ?? NOT_ASKED;
  const images = Map.groupBy(
    allImages(inventory).filter((image) => !goes(image.id) && !isInQuarantine(image)),
    ({ id }) => wordOf(id),
  );
  const groups: (readonly [string, readonly { readonly id: string }[]])[] = [
    ...[...HOLDERS.map(([word]) => word), NOT_ASKED].map((word) => [word, images.get(word) ?? []] as const),
    ['the build cache', goals.budget.cache ? inventory.cache.filter(({ id }) => !goes(id)) : []],
  ];
  const seen = new Uint8Array(holdings.pieces.length);
  const sizes = groups.map(([word, holders]) => {
    let bytes = 0;
    for (const { id } of holders)
      for (const piece of holdings.held.get(id) ?? []) {
        if (seen[piece] === 0) bytes += holdings.pieces[piece]?.size ?? 0;
        seen[piece] = 1;
      }
    return { word, bytes };
  });
  const told = sizes.filter(({ bytes }) => bytes > 0).map(({ word, bytes }) => `${word} ${humanSize(bytes)}`);
  if (told.length === 0) return [];
  return [`${OF_WHAT_STAYS}${told.join(', ')}.`];
}
