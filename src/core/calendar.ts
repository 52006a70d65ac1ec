// Calendar periods and spans in a time zone: which day, ISO week or month a moment lies in, and what lies a month before.

/** The periods that keep rules count in. */
export type Period = 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';

/** A span of calendar years, months and days, and of exact milliseconds beyond them. */
export interface CalendarSpan {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

const two = (n: number | undefined) => String(n ?? 0).padStart(2, '0');

/** The name of each period: two moments lie in the same one when their names are equal. */
const NAMES: Readonly<Record<Period, (at: Temporal.ZonedDateTime) => string>> = {
  hourly: (at) => `${at.year}-${two(at.month)}-${two(at.day)} ${two(at.hour)}h`,
  daily: (at) => `${at.year}-${two(at.month)}-${two(at.day)}`,
  weekly: (at) => `${at.yearOfWeek}-W${two(at.weekOfYear)}`,
  monthly: (at) => `${at.year}-${two(at.month)}`,
  yearly: (at) => `${at.year}`,
};

/**
 * The period that a moment (milliseconds since 1970) lies in, in local time: `2026-11-21`, `2026-W47`. Weeks are those of
 * ISO 8601. The hour that a clock shows twice is one, as in restic, whose rules these are.
 */
export function periodOf(ms: number, period: Period, zone: string): string {
  return NAMES[period](Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone));
}

/** Years beyond which nothing lies that an engine could tell of, and no calendar of ours reaches. */
const ALL_TIME = 100_000;

/**
 * The moment a span before another, as Go's AddDate counts, which restic uses: a month before 31 March is 31 February,
 * so 3 March; days keep the time of the clock; hours are exact. A time that the clock skips or shows twice, of which Go
 * promises neither reading, is the earlier one, so that more is kept. Of a span longer than all time, -Infinity.
 */
export function before(ms: number, { years, months, days, ms: exact }: CalendarSpan, zone: string): number {
  if (years + months / 12 + days / 365 > ALL_TIME) return Number.NEGATIVE_INFINITY;
  if (years + months + days === 0) return ms - exact; // also in an hour that occurs twice
  const at = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);
  const local = at.toPlainDateTime();
  const first = local.with({ day: 1 }).subtract({ years, months });
  const then = first.add({ days: local.day - 1 - days });
  return then.toZonedDateTime(zone, { disambiguation: 'earlier' }).epochMilliseconds - exact;
}

export function isNoSpan({ years, months, days, ms }: CalendarSpan): boolean {
  return years + months + days + ms === 0;
}

const HOUR = 3_600_000;
const EXACT: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: HOUR, d: 24 * HOUR, w: 168 * HOUR };

/**
 * A span as `14d`, `1y6mo`, `2w12h`, `90m`: years (`y`), months (`mo`), weeks and days of the calendar, hours, minutes
 * and seconds exact, as are fractions (`1.5d`). `undefined` for what is none.
 */
export function parseSpan(text: string): CalendarSpan | undefined {
  if (text === '0') return { years: 0, months: 0, days: 0, ms: 0 };
  if (!/^(\d{1,6}(y|mo|w|d|h|m|s)|\d{1,6}\.\d+(w|d|h|m|s))+$/.test(text)) return undefined;
  const span = { years: 0, months: 0, days: 0, ms: 0 };
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(y|mo|w|d|h|m|s)/g)) {
    const n = Number(number);
    if (unit === 'y') span.years += n;
    else if (unit === 'mo') span.months += n;
    else if (Number.isInteger(n) && (unit === 'w' || unit === 'd')) span.days += unit === 'w' ? 7 * n : n;
    else span.ms += n * (EXACT[unit] as number);
  }
  return span;
}
