// The list to pick from as lines of a terminal, for the state that it is in and the size that the terminal has.
import type { Picking } from '../core/pick.ts';
import { currentRow, numbersBelow, whyOf } from '../core/pick.ts';
import { KEYS } from '../core/pick-keys.ts';
import type { EntryRow, GroupRow } from '../core/pick-rows.ts';
import { entryOf } from '../core/pick-rows.ts';
import type { Action, Space } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { humanSize } from '../core/units.ts';
import { cut, padded } from './fit.ts';
import { detailsOf } from './pick-details.ts';
import type { Layout } from './pick-layout.ts';
import { layoutOf, rowText, verbRow } from './pick-layout.ts';
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
  const layout = layoutOf(state, screen.columns);
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

/** How much further in a line goes on that was broken. */
const HANGING = 2;

/** The reasons of the current row, in at most half of the screen. */
function pane(state: Picking, { rows, columns }: Pick<PickScreen, 'rows' | 'columns'>): string[] {
  const row = state.why ? currentRow(state) : undefined;
  if (!row) return [];
  const lines = detailsOf(state, row).flatMap((text) =>
    wrap(printable(text), columns - HANGING).map((line, i) =>
      cut(i === 0 ? line : ' '.repeat(HANGING) + line, columns),
    ),
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
