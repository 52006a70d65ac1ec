// How something is to be shown, from the options.
import { UsageError } from '../core/errors.ts';
import type { Fields, RowOf } from '../view/fields.ts';
import { PLAN_FIELDS } from '../view/fields.ts';
import type { Format } from '../view/format.ts';
import { formatOf, formatted } from '../view/format.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

export interface Showing<F extends Fields = Fields> {
  readonly format: 'table' | 'json';
  /** A template to print rows by, instead of either. */
  readonly template?: Format<F>;
  /** What an empty plan adds: how to look for more. */
  readonly hint?: string;
  /** The question before anything goes, where it is not the usual one. */
  readonly question?: string;
}

/** `fields`: what a template may name; without them there are no templates. Throws UsageError for a format that there is not. */
export function showingOf<F extends Fields = Fields>(
  invocation: Invocation,
  fields?: F,
  hint?: string,
): Showing<F> {
  progressMode(invocation); // so that a slip is told before anything is done
  const given = optionValue(invocation, 'format') ?? 'table';
  if (fields && isTemplate(given)) return { format: 'table', template: formatOf(given, fields) };
  const format = oneOf('--format', given, ['table', 'json'] as const);
  return { format, ...(hint !== undefined && { hint }) };
}

/** The same of a list in which -q prints one field alone, a line a row; a template and JSON come before it. */
export function listShowing<F extends Fields>(
  invocation: Invocation,
  fields: F,
  only: keyof F & string,
): Showing<F> {
  const showing = showingOf(invocation, fields);
  if (!invocation.flags.has('quiet') || showing.template || showing.format === 'json') return showing;
  return { format: 'table', template: formatOf(`{{.${only}}}`, fields) };
}

/** All rows by a template. What makes them is loaded only then. */
export async function rowsText<F extends Fields>(
  template: Format<F>,
  make: (rows: typeof import('../view/rows.ts')) => readonly RowOf<F>[],
): Promise<string> {
  return await formatted(template, make(await import('../view/rows.ts')));
}

/** What is shown while something takes long. Throws UsageError for a mode that there is not. */
export function progressMode(invocation: Pick<Invocation, 'values'>): 'auto' | 'plain' | 'none' {
  const given = optionValue(invocation, 'progress') ?? 'auto';
  return oneOf('--progress', given, ['auto', 'plain', 'none'] as const);
}

/** Of a plan. `hint`: what an empty one adds. */
export type PlanShowing = Showing<typeof PLAN_FIELDS>;

export function planShowing(invocation: Invocation, hint?: string): PlanShowing {
  return showingOf(invocation, PLAN_FIELDS, hint);
}

/** What is asked and told beside what programs read, is not in their way. */
export function besides({ stdout, stderr }: Invocation, { format, template }: Showing): NodeJS.WriteStream {
  return format === 'json' || template ? stderr : stdout;
}

/** Docker takes for a template whatever is no word that it knows; a slip in such a word should not be one. */
export function isTemplate(given: string): boolean {
  return given.includes('{{') || /^\s*table\s+\S/.test(given);
}

/** The word among those that an option takes. Throws UsageError for another. */
export function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) {
    throw new UsageError(
      `invalid argument "${text}" for "${option}": it is ${allowed.join(', ').replace(/, (?=[^,]*$)/, ' or ')}`,
    );
  }
  return found;
}
