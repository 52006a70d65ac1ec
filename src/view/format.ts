// --format TEMPLATE: a line a row, or with `table TEMPLATE` columns under headers, as docker draws them.
import { UsageError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import type { Fields, RowOf } from './fields.ts';
import { table } from './table.ts';
import type { Template } from './template.ts';
import { execute, fieldsAsked, template } from './template.ts';
import type { Value } from './template-functions.ts';
import { TemplateError } from './template-lex.ts';

/** A template, for rows with these fields. */
export interface Format<F extends Fields> {
  readonly source: string;
  readonly made: Template;
  readonly fields: F;
  readonly isTable: boolean;
}

/**
 * Reads what was given to `--format`. `\t` and `\n` stand for a tab and a new line.
 * Source: docker/cli, cli/command/formatter/formatter.go.
 * Throws UsageError with the place of what is not understood, and for a field that the rows have not.
 */
export function formatOf<F extends Fields>(given: string, fields: F): Format<F> {
  const isTable = /^table(?!\w)/.test(given.trim());
  const source = given
    .trim()
    .replace(/^table(?!\w)\s*/, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
  return orUsage(source, () => {
    const made = template(source);
    const unknown = fieldsAsked(made).find(({ name }) => !Object.hasOwn(fields, name));
    if (unknown) {
      const known = Object.keys(fields).map((name) => `.${name}`);
      throw new TemplateError(`there is no .${unknown.name} here, but ${known.join(', ')}`, unknown.at);
    }
    return { source, made, fields, isTable };
  });
}

/** All rows as text, each with a newline at its end. Control characters in what they hold are shown as �. */
export async function formatted<F extends Fields>(
  { source, made, fields, isTable }: Format<F>,
  rows: readonly RowOf<F>[],
): Promise<string> {
  const lines = orUsage(source, () => rows.map((row) => execute(made, safe(row))));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  const cells = [headerOf(made, fields), ...lines]
    .flatMap((line) => line.split('\n'))
    .map((line) => line.split('\t'));
  const most = Math.max(...cells.map(({ length }) => length));
  const even = cells.map((row) => [...row, ...Array.from({ length: most - row.length }, () => '')]);
  return (await table(even)).map((line) => `${line.trimEnd()}\n`).join('');
}

/** The template with the headers for values. What it does with values that are no words leaves their headers alone. */
function headerOf(made: Template, fields: Fields): string {
  const headers = Object.fromEntries(Object.entries(fields).map(([name, [header]]) => [name, header]));
  return execute(made, headers, true);
}

function safe(value: Value): Value {
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(safe);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, safe(one)]));
}

function orUsage<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const where = error.at === undefined ? '' : ` at character ${error.at} of ${JSON.stringify(source)}`;
    throw new UsageError(`invalid argument for "--format"${where}: ${error.message}`);
  }
}
