// A plan as people read it: by group, what goes and what stays, each with its reason, then the totals.

import type { Action, Kept, Plan, Space } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { shortId } from '../core/reference.ts';
import { NAMELESS } from '../core/selection.ts';
import { count, humanDuration, humanSize } from '../core/units.ts';
import { painter } from './screen.ts';
import { table, wrap } from './table.ts';

export interface TextOptions {
  readonly colour: boolean;
  readonly noTrunc: boolean;
  /** Only dangling images were looked for. */
  readonly danglingOnly?: boolean;
  /** The terminal's width; absent where there is none, and lines are as long as they are. */
  readonly columns?: number;
}

/** Where a reason begins that stands under its row: below the image's name. */
const UNDER = ' '.repeat(11);

type Painter = ReturnType<typeof painter>;
type Row =
  | { readonly action: Action; readonly kept?: never }
  | { readonly kept: Kept; readonly action?: never };

/** Only what goes, a name a line; a nameless image by its ID. */
export function planNames({ actions }: Plan, noTrunc: boolean): string {
  const name = ({ target, id }: Action) => (noTrunc && target === shortId(id) ? id : target);
  return actions.map((action) => `${printable(name(action))}\n`).join('');
}

/** The whole plan as text, with a newline at its end. */
export async function planText(plan: Plan, options: TextOptions): Promise<string> {
  const paint = painter(options.colour);
  const rows: Row[] = [...plan.actions.map((action) => ({ action })), ...plan.kept.map((kept) => ({ kept }))];
  const groups = [...Map.groupBy(rows, (row) => facts(row).group).entries()].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const sections = await Promise.all(
    groups.map(([name, members]) => section(name, members, plan, paint, options)),
  );
  const sum =
    options.columns === undefined ? [totals(plan, options)] : wrap(totals(plan, options), options.columns);
  return `${[...sections, sum.join('\n')].join('\n')}\n`;
}

function facts(row: Row): Action | Kept {
  return row.action ?? row.kept;
}

async function section(
  name: string,
  rows: readonly Row[],
  plan: Plan,
  paint: Painter,
  options: TextOptions,
): Promise<string> {
  const images = new Set(rows.map((row) => facts(row).id)).size;
  const going = new Set(rows.flatMap((row) => row.action?.id ?? [])).size;
  const title = `${name === NAMELESS ? 'dangling images' : printable(name)}: ${count(images, 'image')}, ${going} to go`;
  const header = ['', 'IMAGE', 'IMAGE ID', 'CREATED', 'SIZE', 'WHY'];
  const lines = await tableWithin(options.columns, [header, ...rows.map((row) => cells(row, plan, options))]);
  const painted = lines.map((line, i) =>
    i === 0 ? paint.dim(line) : colourOf(rows[i - 1] as Row, paint)(line),
  );
  return `${paint.bold(title)}\n${painted.map((line) => `${line}\n`).join('')}`;
}

/** A table that is too wide for the terminal has its last column, the reasons, under each row instead. */
async function tableWithin(
  columns: number | undefined,
  rows: readonly (readonly string[])[],
): Promise<string[]> {
  const whole = indented(await table(rows));
  if (columns === undefined || whole.every((line) => line.length <= columns)) return whole;
  const narrow = indented(await table(rows.map((row) => row.slice(0, -1))));
  const under = (why: string) => wrap(why, columns - UNDER.length).map((line) => `\n${UNDER}${line}`);
  return narrow.map((line, i) => (i === 0 ? line : [line, ...under(rows[i]?.at(-1) ?? '')].join('')));
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function colourOf(row: Row, paint: Painter): (text: string) => string {
  if (row.kept) return (text) => text;
  return row.action.kind === 'untag' ? paint.yellow : paint.red;
}

function cells(row: Row, plan: Plan, { noTrunc }: TextOptions): string[] {
  const { id, target, created, size } = facts(row);
  const verb = row.kept ? 'keep' : row.action.kind === 'untag' ? 'untag' : 'delete';
  const why = row.kept ? row.kept.reasons.map(({ text }) => text).join('; ') : row.action.because.text;
  const name = target === shortId(id) ? NAMELESS : target;
  return [verb, name, noTrunc ? id : shortId(id), age(created, plan.takenAt), humanSize(size), why].map(
    printable,
  );
}

function age(created: string | undefined, now: string): string {
  const ms = created === undefined ? Number.NaN : Date.parse(now) - Date.parse(created);
  return Number.isNaN(ms) ? 'N/A' : `${humanDuration(Math.max(0, ms))} ago`;
}

/** One sentence: how much goes, how much stays, what it frees. */
function totals(plan: Plan, { danglingOnly }: TextOptions): string {
  const deleted = plan.actions.filter(({ kind }) => kind === 'delete-image').length;
  const untagged = plan.actions.length - deleted;
  const stay = `${count(new Set(plan.kept.map(({ id }) => id)).size, 'image')} kept`;
  if (plan.actions.length === 0) {
    if (plan.kept.length > 0) return `Nothing to remove; ${stay}.`;
    const hint = ' no image is dangling. -a, or --keep N, looks at tagged images too.';
    return `Nothing to remove${danglingOnly ? `:${hint}` : '.'}`;
  }
  const parts = [
    ...(deleted > 0 ? [`${count(deleted, 'image')} to delete`] : []),
    ...(untagged > 0 ? [`${count(untagged, 'name')} to untag`] : []),
    stay,
  ];
  return `${parts.join(', ')}. Frees ${spaceText(plan)}.`;
}

/** `12MB`; `about 12MB (between 0B and 30MB)` where the engine leaves it open; `at most 30MB` where it tells no more. */
export function spaceText({ frees, about, between }: Space): string {
  if (!about) return humanSize(frees);
  const [low, high] = between ?? [0, frees];
  if (frees === high) return `at most ${humanSize(high)}`;
  return `about ${humanSize(frees)} (between ${humanSize(low)} and ${humanSize(high)})`;
}
