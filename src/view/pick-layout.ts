// The columns of the list to pick from: as wide as what they hold, as far as the terminal is.
import stringWidth from 'string-width';
import type { Picking } from '../core/pick.ts';
import type { EntryRow } from '../core/pick-rows.ts';
import { printable } from '../core/printable.ts';
import { cut, cutWithin, padded } from './fit.ts';
import { verbOf } from './plan-columns.ts';

/** How wide the columns are. */
export interface Layout {
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

export function layoutOf({ rows }: Picking, columns: number): Layout {
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

/** The row as other tables have it. */
export function verbRow(row: EntryRow) {
  return row.is === 'action' ? { action: row.action } : { kept: row.kept };
}

/** A line, as wide as its columns; the last one is not padded. */
export function rowText(
  layout: Layout,
  marks: string,
  verb: string,
  name: string,
  size: string,
  frees: string,
  why: string,
): string {
  const { verb: verbWidth, name: nameWidth, why: whyWidth } = layout;
  const start = `${marks}${verb.padEnd(verbWidth)}  ${padded(cutWithin(name, nameWidth), nameWidth)}`;
  const numbers = `  ${size.padStart(NUMBER)}  ${frees.padStart(NUMBER)}`;
  return `${start}${numbers}${whyWidth > 0 ? `  ${cut(why, whyWidth)}` : ''}`;
}
