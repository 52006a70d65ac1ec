// The table of what several engines' plans would do, or have done: a row a context, and what it is in all.
import type { Space } from '../core/plan.ts';
import { total } from '../core/price.ts';
import { printable } from '../core/printable.ts';
import { spaceText } from './plan-text.ts';
import { tableWithin } from './table.ts';

/** A context; without an engine where there is nothing but what is said of it. */
export interface ContextRow {
  readonly context: string;
  readonly engine?: string;
  readonly space?: Space;
  /** The same as words, where they say more. */
  readonly spaceText?: string;
  readonly what: string;
}

/** `header`: of the space. A newline at the end. */
export async function contextsTable(
  rows: readonly ContextRow[],
  columns: number | undefined,
  header: 'FREES' | 'RECLAIMED',
): Promise<string> {
  const cells = rows.map(({ context, engine = '-', space, spaceText: text, what }) => [
    context,
    engine,
    text ?? (space ? spaceText(space) : '-'),
    what,
  ]);
  const spaces = rows.flatMap(({ space }) => space ?? []);
  const sum = spaces.length > 1 ? [['in all', '', spaceText(total(spaces)), '']] : [];
  const lines = [
    ['CONTEXT', 'ENGINE', header, 'RESULT'],
    ...[...cells, ...sum].map((row) => row.map(printable)),
  ];
  return (await tableWithin(lines, columns)).map((line) => `${line.trimEnd()}\n`).join('');
}
