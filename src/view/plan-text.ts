// A plan as people read it: by group, what goes and what stays, each with its reason, then the totals.

import { goesForGood } from '../core/comeback.ts';
import type { Kind } from '../core/kind.ts';
import { KINDS } from '../core/kind.ts';
import type { Action, Plan, Space } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { QUARANTINE } from '../core/quarantine-name.ts';
import { shortId } from '../core/reference.ts';
import { NAMELESS } from '../core/selection.ts';
import { count, humanSize } from '../core/units.ts';
import type { Column, Row } from './plan-columns.ts';
import { COLUMNS, countOf, FREES, factsOf, kindOfRow, verbOf } from './plan-columns.ts';
import { painter } from './screen.ts';
import { broken, table, wrap } from './table.ts';

export interface TextOptions {
  readonly colour: boolean;
  readonly noTrunc: boolean;
  /** What a plan with nothing in it adds. */
  readonly hint?: string;
  /** The terminal's width; absent where there is none, and lines are as long as they are. */
  readonly columns?: number;
}

/** Where a reason begins that stands under its row: below the image's name. */
const UNDER = ' '.repeat(11);

type Painter = ReturnType<typeof painter>;

/** Only what goes, a name a line; a nameless image by its ID. */
export function planNames({ actions }: Plan, noTrunc: boolean): string {
  const name = ({ target, id }: Action) => (noTrunc && target === shortId(id) ? id : target);
  return actions.map((action) => `${printable(name(action))}\n`).join('');
}

/** The whole plan as text, with a newline at its end. */
export async function planText(plan: Plan, options: TextOptions): Promise<string> {
  const paint = painter(options.colour);
  const rows: Row[] = [...plan.actions.map((action) => ({ action })), ...plan.kept.map((kept) => ({ kept }))];
  const sections = KINDS.flatMap((kind) => {
    const groups = Map.groupBy(
      rows.filter((row) => kindOfRow(row) === kind),
      (row) => factsOf(row).group,
    );
    return [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, members]) => ({ kind, name, members }));
  });
  const texts = await Promise.all(sections.map((each) => section(each, plan, paint, options)));
  const sentences = [...plan.notes.map(printable), ...refusal(plan), totals(plan, options)].flatMap((text) =>
    options.columns === undefined ? [text] : wrap(text, options.columns),
  );
  return `${[...texts, sentences.join('\n')].join('\n')}\n`;
}

interface Section {
  readonly kind: Kind;
  readonly name: string;
  readonly members: readonly Row[];
}

async function section(
  { kind, name, members }: Section,
  plan: Plan,
  paint: Painter,
  options: TextOptions,
): Promise<string> {
  const all = new Set(members.map((row) => factsOf(row).id)).size;
  const going = new Set(members.flatMap((row) => row.action?.id ?? [])).size;
  const title = `${titleOf(name)}: ${countOf(kind, all)}, ${going} to go`;
  const columns = going > 0 ? COLUMNS[kind] : COLUMNS[kind].filter((column) => column !== FREES);
  const header = ['', ...columns.map(([word]) => word), 'WHY'];
  const rows = kind === 'cache' ? withoutKept(members) : members;
  const lines = [
    header,
    ...rows.map((row) => cells(row, columns, plan, options)),
    ...keptTogether(kind, columns.length, members),
  ];
  const painted = (await tableWithin(options.columns, lines)).map((line, i) => {
    const row = rows[i - 1];
    return i === 0 ? paint.dim(line) : row ? colourOf(row, paint)(line) : line;
  });
  return `${paint.bold(title)}\n${painted.map((line) => `${line}\n`).join('')}`;
}

export function titleOf(group: string): string {
  if (group === QUARANTINE) return 'in quarantine';
  return group === NAMELESS ? 'dangling images' : printable(group);
}

function withoutKept(rows: readonly Row[]): Row[] {
  return rows.filter(({ action }) => action);
}

/** Records of the build cache that stay have no names that anybody knows: one line for each reason. */
function keptTogether(kind: Kind, columns: number, rows: readonly Row[]): string[][] {
  if (kind !== 'cache') return [];
  const kept = rows.flatMap((row) => row.kept ?? []);
  const byReason = Map.groupBy(kept, ({ reasons }) => reasons[0]?.rule ?? '');
  return [...byReason.values()].map((records) => {
    const size = records.reduce((sum, record) => sum + (record.size ?? 0), 0);
    const why = records[0]?.reasons[0]?.text ?? '';
    const more = new Set(records.map(({ reasons }) => reasons[0]?.text)).size > 1 ? ', and the like' : '';
    const cells = [count(records.length, 'record'), '', humanSize(size), ''].slice(0, columns);
    return ['keep', ...cells, `${why}${more}`];
  });
}

/** A table that is too wide for the terminal has its last column, the reasons, broken or under each row instead. */
async function tableWithin(
  columns: number | undefined,
  rows: readonly (readonly string[])[],
): Promise<string[]> {
  const whole = indented(await table(rows));
  if (columns === undefined || whole.every((line) => line.length <= columns)) return whole;
  const beside = broken(whole, rows, columns);
  if (beside) return beside;
  const narrow = indented(await table(rows.map((row) => row.slice(0, -1))));
  const fits = narrow.every((line) => line.length <= columns);
  const lines = fits ? narrow : await namesApart(rows);
  const under = (why: string) => wrap(why, columns - UNDER.length).map((line) => `\n${UNDER}${line}`);
  return lines.map((line, i) => (i === 0 ? line : [line, ...under(rows[i]?.at(-1) ?? '')].join('')));
}

/** Names that leave too little room for the rest of their rows, each on a line of its own: none is cut, since it says what goes. */
async function namesApart(rows: readonly (readonly string[])[]): Promise<string[]> {
  const names = indented(await table(rows.map((row) => row.slice(0, 2))));
  const facts = await table(rows.map((row) => row.slice(2, -1)));
  return names.map((name, i) => (facts[i]?.trim() ? `${name}\n${UNDER}${facts[i]}`.trimEnd() : name));
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`.trimEnd());
}

function colourOf(row: Row, paint: Painter): (text: string) => string {
  const verb = verbOf(row);
  if (verb === 'keep') return (text) => text;
  return verb === 'delete' ? paint.red : paint.yellow;
}

function cells(row: Row, columns: readonly Column[], plan: Plan, { noTrunc }: TextOptions): string[] {
  const facts = factsOf(row);
  const why = row.kept ? row.kept.reasons.map(({ text }) => text).join('; ') : whyItGoes(row.action, plan);
  const middle = columns.map(([, cell]) => cell(facts, plan, noTrunc));
  return [verbOf(row), ...middle, why].map(printable);
}

function whyItGoes(action: Action, plan: Plan): string {
  const told = goesForGood(plan, action);
  return `${action.because.text}${told && `; ${told}`}`;
}

/** How much goes, how much stays, what it frees. */
function totals(plan: Plan, { hint }: TextOptions): string {
  if (plan.actions.length > 0) return `${inNumbers(plan)}. Frees ${spaceText(plan)}.`;
  return plan.kept.length > 0 || hint === undefined ? `${inNumbers(plan)}.` : `${inNumbers(plan)}: ${hint}`;
}

/** How much goes and how much stays, as a sentence without its full stop. */
export function inNumbers(plan: Plan): string {
  const stay = numbers(plan.kept.map(({ kind, id }) => ({ kind, id })));
  if (plan.actions.length === 0)
    return plan.kept.length > 0 ? `Nothing to remove; ${stay} kept` : 'Nothing to remove';
  const held = plan.actions.filter(({ kind }) => kind === 'quarantine').length;
  const deleted = plan.actions.filter(({ kind }) => kind !== 'untag' && kind !== 'quarantine');
  const untagged = plan.actions.length - deleted.length - held;
  const imagesOnly = plan.actions.every((action) => kindOf(action) === 'image');
  const parts = [
    ...(deleted.length > 0
      ? [`${numbers(deleted.map((a) => ({ kind: kindOf(a), id: a.id })))} to delete`]
      : []),
    ...(held > 0 ? [`${count(held, 'image')} to quarantine`] : []),
    ...(untagged > 0 ? [`${count(untagged, 'name')} to untag`] : []),
  ];
  const kept = stay !== '' || imagesOnly ? `${stay || '0 images'} kept` : '';
  const mark = / and /.test(stay) ? '; ' : ', ';
  return [parts.join(', '), ...(kept ? [kept] : [])].join(mark);
}

/** `2 containers, 1 network and 3 images`. */
function numbers(objects: readonly { readonly kind: Kind; readonly id: string }[]): string {
  const each = KINDS.flatMap((kind) => {
    const n = new Set(objects.filter((object) => object.kind === kind).map(({ id }) => id)).size;
    return n === 0 ? [] : [countOf(kind, n)];
  });
  return each.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

/** `12MB`; `about 12MB (between 0B and 30MB)` where the engine leaves it open; `at most` and `at least` where it bounds one end. */
export function spaceText({ frees, about, between }: Space): string {
  if (!about) return humanSize(frees);
  const [low, high] = between ?? [0, frees];
  if (high === Number.POSITIVE_INFINITY) return `at least ${humanSize(low)}`;
  if (humanSize(low) === humanSize(high)) return humanSize(frees);
  if (frees === high) return `at most ${humanSize(high)}`;
  return `about ${humanSize(frees)} (between ${humanSize(low)} and ${humanSize(high)})`;
}

function refusal({ refused }: Plan): string[] {
  return refused === undefined ? [] : [`It can be looked at only: ${printable(refused)}.`];
}
