// Random keep rules that go by places, as data for a model, and as the options that say the same.
import fc from 'fast-check';

/** `exact`: milliseconds. */
export interface RandomSpan {
  readonly y: number;
  readonly mo: number;
  readonly d: number;
  readonly exact: number;
}

/** By `count` or by `span`; of each period if there is one. */
export interface RandomRule {
  readonly period?: string;
  readonly count?: number;
  readonly span?: RandomSpan;
}

const PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];

const aSpan: fc.Arbitrary<RandomSpan> = fc.record({
  y: fc.constantFrom(0, 0, 0, 1, 2),
  mo: fc.constantFrom(0, 0, 1, 2, 13),
  d: fc.constantFrom(0, 0, 1, 2, 7, 30),
  exact: fc.constantFrom(0, 0, 1, 1800, 3600, 43_200, 86_400).map((seconds) => seconds * 1000),
});

/** With or without a period, `undefined`. */
const period = fc.constantFrom(undefined, ...PERIODS);

export const aRule: fc.Arbitrary<RandomRule> = fc.oneof(
  fc
    .tuple(period, fc.integer({ min: -1, max: 5 }))
    .map(([of, count]) => ({ ...(of && { period: of }), count })),
  fc.tuple(period, aSpan).map(([of, span]) => ({ ...(of && { period: of }), span })),
);

/** `--keep-daily 3`, `--keep-within-weekly 1y2mo`. */
export function optionOf({ period: of, count, span }: RandomRule): string {
  if (!span) return `--keep-${of ?? 'last'} ${count}`;
  const { y, mo, d, exact } = span;
  return `--keep-within${of ? `-${of}` : ''} ${y}y${mo}mo${d}d${exact / 1000}s`;
}

/** A rule that keeps at least as much: a larger count, or a longer span. */
export function larger({ count, span, ...rest }: RandomRule, by: keyof RandomSpan | 'all'): RandomRule {
  if (span) return { ...rest, span: by === 'all' ? { ...span, y: 99 } : { ...span, [by]: span[by] + 1000 } };
  return { ...rest, count: count === -1 || by === 'all' ? -1 : (count as number) + 1 };
}

/** Moments where calendars and clocks turn over, and what lies some minutes to days around them. */
const TURNS = [
  '2010-11-07T02:31:00Z', // St. John's: back over midnight
  '2011-12-30T10:00:00Z', // Apia: a day is skipped
  '2024-02-29T12:00:00Z',
  '2026-03-08T07:00:00Z', // New York: on by an hour
  '2026-03-29T01:00:00Z', // Berlin: on by an hour
  '2026-03-31T12:00:00Z',
  '2026-04-04T15:00:00Z', // Lord Howe: back by half an hour
  '2026-10-03T15:30:00Z',
  '2026-10-25T01:00:00Z',
  '2026-11-01T06:00:00Z',
  '2026-12-28T00:00:00Z', // the Monday of week 53
  '2027-01-01T00:00:00Z',
].map((time) => Date.parse(time));
const AWAY = [1, 1000, 1_800_000, 3_600_000, 86_400_000, 7 * 86_400_000, 30 * 86_400_000];

/** Milliseconds. */
export const aMoment: fc.Arbitrary<number> = fc
  .tuple(fc.constantFrom(...TURNS), fc.constantFrom(...AWAY), fc.integer({ min: -3, max: 3 }))
  .map(([turn, away, times]) => turn + away * times);

export const aCalendarZone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
);
