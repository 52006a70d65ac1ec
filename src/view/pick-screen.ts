// The list to pick from as lines of a terminal, for the state that it is in and the size that the terminal has.
import stringWidth from 'string-width';
import type { Picking } from '../core/pick.ts';
import { currentRow, numbersBelow, whyOf } from '../core/pick.ts';
import { KEYS } from '../core/pick-keys.ts';
import type { EntryRow, GroupRow } from '../core/pick-rows.ts';
import { entryOf } from '../core/pick-rows.ts';
import type { Action, Space } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { humanSize } from '../core/units.ts';
import { detailsOf } from './pick-details.ts';
import { short, verbOf } from './plan-columns.ts';
import { spaceText, titleOf } from './plan-text.ts';
import { painter } from './screen.ts';
import { wrap } from './table.ts';

/** What the picked actions free: each, by its number in the plan, and all. */
export interface PickPrices {
  readonly each: ReadonlyMap<number, Space>;
  readonly together: Space;
}

export interface PickScreen {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

type Painter = ReturnType<typeof painter>;

/** Lines above and below the list. */
const AROUND = 4;

/** How many rows of the list are on a screen of this height. */
export function pageOf(state: Picking, { rows, columns }: Pick<PickScreen, 'rows' | 'columns'>): number {
  return Math.max(1, rows - AROUND - pane(state, { rows, columns }).length);
}

/** As many lines as the terminal has, none wider than it is. */
export function pickScreen(state: Picking, prices: PickPrices, screen: PickScreen): string[] {
  const paint = painter(screen.colour);
  const fitted = (text: string) => cut(printable(text), screen.columns);
  if (state.mode === 'help') return helpLines(screen, paint);
  const page = pageOf(state, screen);
  const top = Math.max(0, Math.min(state.cursor - Math.floor(page / 2), state.listed.length - page));
  const layout = layoutOf(state, screen);
  const list = state.listed
    .slice(top, top + page)
    .map((row, i) => lineOf(state, row, top + i, prices, layout));
  const painted = list.map(({ text, colour }, i) => {
    if (top + i === state.cursor) return paint.inverse(text);
    return colour ? paint[colour](text.trimEnd()) : text.trimEnd();
  });
  return [
    paint.bold(fitted(title(state, prices))),
    paint.dim(cut(rowText(layout, '      ', '', 'NAME', 'SIZE', 'FREES', 'WHY'), screen.columns)),
    ...painted,
    ...Array<string>(Math.max(0, page - painted.length)).fill(''),
    ...pane(state, screen),
    paint.yellow(fitted(status(state))),
    paint.dim(cut(FOOTER, screen.columns)),
  ].slice(0, screen.rows);
}

const FOOTER = 'Space pick  a all  / search  w why  Enter go on  ? keys  q leave';

function title({ plan, picked }: Picking, { together }: PickPrices): string {
  const all = picked.size === plan.actions.length ? '' : ` of ${spaceText(plan)}`;
  return `${picked.size} of ${plan.actions.length} picked: frees ${spaceText(together)}${all}`;
}

function status({ mode, search, said, listed, rows }: Picking): string {
  if (mode === 'search') return `/${search}_`;
  if (said !== '') return said;
  if (search === '') return '';
  const found = listed.filter((row) => rows[row]?.is !== 'group').length;
  return `/${search}: ${found === 0 ? 'nothing' : found} found; Esc shows all`;
}

/** How wide the columns are. */
interface Layout {
  readonly columns: number;
  readonly verb: number;
  readonly name: number;
  readonly why: number;
}

/** `> [x] `, and what stands between columns. */
const MARKS = 6;
const GAP = 2;
const NUMBER = 9;
const NARROWEST_NAME = 16;
/** Fewer columns than this tell nothing of a reason: then there is none, but with the key for it. */
const NARROWEST_WHY = 12;

function layoutOf({ rows }: Picking, { columns }: PickScreen): Layout {
  const widest = WIDEST.get(rows) ?? widestOf(rows);
  WIDEST.set(rows, widest);
  const left = columns - MARKS - widest.verb - 3 * GAP - 2 * NUMBER;
  const wanted = Math.max(NARROWEST_NAME, widest.name);
  const share = Math.max(NARROWEST_NAME, Math.floor(left * (columns < 120 ? 0.6 : 0.4)));
  const name = Math.min(wanted, share);
  const why = left - name - GAP;
  return why >= NARROWEST_WHY
    ? { columns, verb: widest.verb, name, why }
    : { columns, verb: widest.verb, name: Math.min(wanted, left), why: 0 };
}

type Widest = Pick<Layout, 'verb' | 'name'>;

/** Rows never change, and to measure thousands of them takes longer than to draw the screen. */
const WIDEST = new WeakMap<Picking['rows'], Widest>();

function widestOf(rows: Picking['rows']): Widest {
  const entries = rows.filter((row) => row.is !== 'group');
  const most = (width: (row: EntryRow) => number) =>
    entries.reduce((widest, row) => Math.max(widest, width(row)), 0);
  return {
    verb: most((row) => verbOf(verbRow(row)).length),
    name: most((row) => stringWidth(printable(row.name))),
  };
}

function verbRow(row: EntryRow) {
  return row.is === 'action' ? { action: row.action } : { kept: row.kept };
}

function rowText(
  layout: Layout,
  marks: string,
  verb: string,
  name: string,
  size: string,
  frees: string,
  why: string,
): string {
  const { verb: verbWidth, name: nameWidth, why: whyWidth } = layout;
  const start = `${marks}${verb.padEnd(verbWidth)}  ${padded(cut(name, nameWidth), nameWidth)}`;
  const numbers = `  ${size.padStart(NUMBER)}  ${frees.padStart(NUMBER)}`;
  return `${start}${numbers}${whyWidth > 0 ? `  ${cut(why, whyWidth)}` : ''}`;
}

interface Line {
  readonly text: string;
  readonly colour?: 'bold' | 'dim' | 'red' | 'yellow';
}

function lineOf(state: Picking, number: number, at: number, prices: PickPrices, layout: Layout): Line {
  const row = state.rows[number] as EntryRow | GroupRow;
  const pointer = at === state.cursor ? '> ' : '  ';
  const whole = (text: string) => padded(cut(text, layout.columns), layout.columns);
  if (row.is === 'group') return { text: whole(pointer + groupText(state, row, at, prices)), colour: 'bold' };
  const { size, group: _ } = entryOf(row);
  const sizeText = size === undefined ? 'N/A' : humanSize(size);
  const isPicked = row.is === 'action' && state.picked.has(row.number);
  const marks = `${pointer}${row.is === 'kept' ? ' -  ' : isPicked ? '[x] ' : '[ ] '}`;
  const verb = verbOf(verbRow(row));
  const [name, why] = [row.name, whyOf(row).join('; ')].map(printable) as [string, string];
  const frees =
    row.is === 'action' ? freesText(row.action, isPicked ? prices.each.get(row.number) : undefined) : '';
  const text = whole(rowText(layout, marks, verb, name, sizeText, frees, why));
  if (!isPicked) return { text, ...(row.is === 'kept' && { colour: 'dim' as const }) };
  return { text, colour: verb === 'delete' ? 'red' : 'yellow' };
}

/** In brackets what it would free if all of the plan went. */
function freesText(action: Action, now: Space | undefined): string {
  return now ? short(now) : `(${short(action)})`;
}

function groupText(state: Picking, { group }: GroupRow, at: number, { each }: PickPrices): string {
  const below = numbersBelow(state, at);
  const picked = below.filter((number) => state.picked.has(number));
  const mark =
    below.length === 0 ? ' - ' : picked.length === 0 ? '[ ]' : picked.length === below.length ? '[x]' : '[-]';
  const frees = picked.reduce((bytes, number) => bytes + (each.get(number)?.frees ?? 0), 0);
  const about = picked.some((number) => each.get(number)?.about) ? 'about ' : '';
  const what =
    below.length === 0
      ? 'all stays'
      : `${picked.length} of ${below.length} picked, frees ${about}${humanSize(frees)}`;
  return `${mark} ${titleOf(group)}: ${what}`;
}

/** The reasons of the current row, in at most half of the screen. */
function pane(state: Picking, { rows, columns }: Pick<PickScreen, 'rows' | 'columns'>): string[] {
  const row = state.why ? currentRow(state) : undefined;
  if (!row) return [];
  const lines = detailsOf(state, row).flatMap((text) =>
    wrap(printable(text), columns - GAP).map((line, i) => cut(i === 0 ? line : `  ${line}`, columns)),
  );
  const most = Math.max(1, Math.floor(rows / 2) - AROUND);
  const shown = lines.length > most ? [...lines.slice(0, most - 1), '…'] : lines;
  return ['-'.repeat(columns), ...shown];
}

function helpLines({ columns, rows }: PickScreen, paint: Painter): string[] {
  const widest = Math.max(...KEYS.map(({ shown }) => shown.length));
  return [
    paint.bold(cut('Keys', columns)),
    '',
    ...KEYS.map(({ shown, does }) => cut(`  ${shown.padEnd(widest)}   ${does}`, columns)),
    '',
    cut('[x] goes, [ ] stays, - cannot be picked. What is not picked stays.', columns),
    paint.dim(cut('Any key goes back to the list.', columns)),
  ].slice(0, rows);
}

const GRAPHEMES = new Intl.Segmenter();

/** The text, or as much of it as fits, with `…` for the rest. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let used = 1;
  let shown = '';
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    shown += segment;
  }
  return width > 0 ? `${shown}…` : '';
}

function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
