// The keep rules as they are written, on the command line and in policy files: `--keep-daily 7`, `daily: 7`.
import type { Period } from './calendar.ts';
import { parseSpan } from './calendar.ts';
import { UsageError } from './errors.ts';
import { labelFilter } from './filter.ts';
import { parseTagGlob } from './pattern.ts';
import type { Given, Keep } from './retention.ts';

const PERIODS: readonly Period[] = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];

/** The words for keep rules: their options are `--keep-WORD`. */
export const KEEP_WORDS: readonly string[] = [
  'last',
  ...PERIODS,
  'within',
  ...PERIODS.map((period) => `within-${period}`),
  'tag',
  'label',
];

/** Reads one rule by its word of `KEEP_WORDS`. Throws UsageError that says what its value may be. */
export function readKeep(word: string, text: string, given: Given): Keep {
  if (word === 'tag')
    return { rule: 'tag', text, matches: parseTagGlob(text, given.from.split(' ')[0]), ...given };
  if (word === 'label') return { rule: 'label', ...readLabel(text, given), ...given };
  if (word.startsWith('within')) {
    const span = parseSpan(text);
    if (!span) throw wrong(given, text, 'it is a span of time as 12h, 14d, 6mo or 1y6mo');
    const period = word.slice('within-'.length) as Period | '';
    return { rule: 'within', text, span, ...(period && { period }), ...given };
  }
  const count = Number(text);
  if (!/^(-1|\d+)$/.test(text) || !Number.isSafeInteger(count))
    throw wrong(given, text, 'it is a number of images, or -1 to keep all');
  return { rule: word as 'last' | Period, count, ...given };
}

function readLabel(text: string, given: Given) {
  if (!/^[^=\s]/.test(text)) throw wrong(given, text, 'it is KEY or KEY=VALUE');
  return labelFilter(text);
}

function wrong({ from }: Given, text: string, why: string): UsageError {
  return new UsageError(`invalid argument "${text}" for "${from.split(' ')[0]}": ${why}`);
}

/** `--keep-tag` as it is typed: a glob in quotes. */
export function keepTagWords(text: string): string {
  return `--keep-tag ${/^[\w.-]+$/.test(text) ? text : `'${text}'`}`;
}
