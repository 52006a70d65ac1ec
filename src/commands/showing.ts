// How a plan is to be shown, from the options.
import { UsageError } from '../core/errors.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

export interface Showing {
  readonly format: 'table' | 'json';
  /** What an empty plan adds: how to look for more. */
  readonly hint?: string;
  /** The question before anything goes, where it is not the usual one. */
  readonly question?: string;
}

/** Throws UsageError for a format that there is not. */
export function showingOf(invocation: Invocation, hint?: string): Showing {
  const format = oneOf('--format', optionValue(invocation, 'format') ?? 'table', ['table', 'json'] as const);
  return { format, ...(hint !== undefined && { hint }) };
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
