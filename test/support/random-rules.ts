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

const HALF_HOUR = 1_800_000;
const DAY = 86_400_000;
const NO_SPAN: RandomSpan = { y: 0, mo: 0, d: 0, exact: 0 };

const aSpan: fc.Arbitrary<RandomSpan> = fc.oneof(
  fc
    .constantFrom<Partial<RandomSpan>>(
      { d: 1 },
      { d: 2 },
      { d: 7 },
      { mo: 1 },
      { mo: 13 },
      { y: 1 },
      { exact: HALF_HOUR },
      { exact: 2 * HALF_HOUR },
      { exact: DAY },
      {},
    )
    .map((one) => ({ ...NO_SPAN, ...one })),
  fc.record({
    y: fc.constantFrom(0, 0, 1, 2),
    mo: fc.constantFrom(0, 0, 1, 2),
    d: fc.constantFrom(0, 0, 1, 30),
    exact: fc.constantFrom(0, 1000, HALF_HOUR, DAY),
  }),
);

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

/** Moments where calendars and clocks turn over, and where they do. */
const TURNS: readonly (readonly [time: string, zone: string])[] = [
  ['2010-11-07T02:31:00Z', 'America/St_Johns'], // back over midnight
  ['2011-12-30T10:00:00Z', 'Pacific/Apia'], // a day is skipped
  ['2024-02-29T12:00:00Z', 'Asia/Kathmandu'],
  ['2026-03-08T07:00:00Z', 'America/New_York'], // on by an hour
  ['2026-03-29T01:00:00Z', 'Europe/Berlin'],
  ['2026-03-31T12:00:00Z', 'UTC'],
  ['2026-04-04T15:00:00Z', 'Australia/Lord_Howe'], // back by half an hour
  ['2026-10-03T15:30:00Z', 'Australia/Lord_Howe'],
  ['2026-10-25T01:00:00Z', 'Europe/Berlin'],
  ['2026-11-01T06:00:00Z', 'America/New_York'],
  ['2026-12-28T00:00:00Z', 'UTC'], // the Monday of week 53
  ['2026-12-31T23:00:00Z', 'Europe/Berlin'],
];
/** How many days away: near, where clocks matter, and far, where weeks, months and years do. */
const DAYS = [
  [0, 1],
  [0, 1, -1],
  [0, 1, -1, 2, -7, 30, -31, 365, -365],
];

/** A zone, the time of an inventory and those of images, in milliseconds, most of them around where clocks change there. */
export interface RandomCalendar {
  readonly zone: string;
  readonly now: number;
  readonly times: readonly number[];
}

export const aCalendar: fc.Arbitrary<RandomCalendar> = fc
  .record({
    turn: fc.constantFrom(...TURNS),
    elsewhere: fc.constantFrom(...TURNS.map(([, zone]) => zone)),
    days: fc.constantFrom(...DAYS),
    parts: fc.constantFrom([0], [0, 1, 500, -1]),
    most: fc.constantFrom(3, 12, 12),
  })
  .chain(({ turn: [time, there], elsewhere, days, parts, most }) => {
    const moment = fc
      .tuple(fc.constantFrom(...days), fc.integer({ min: -4, max: 4 }), fc.constantFrom(...parts))
      .map(([day, halves, ms]) => Date.parse(time) + day * DAY + halves * HALF_HOUR + ms);
    return fc.record({
      zone: fc.constantFrom(there, there, elsewhere),
      now: fc.oneof(moment, fc.constant(Date.parse('2028-01-01T00:00:00Z'))),
      times: fc.array(moment, { minLength: 1, maxLength: most }),
    });
  });
