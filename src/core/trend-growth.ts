// How fast something grows, and when a disk is full: a line through the last weeks that single odd days do not turn.
import type { Day, TrendKind } from './trend.ts';
import { TREND_KINDS } from './trend.ts';

/** A value on a day; days are numbered since 1970. */
export interface Point {
  readonly day: number;
  readonly value: number;
}

/** How something grows: bytes a day. `steady`: most pairs of days agree on whether it grows or shrinks. */
export interface Growth {
  readonly perDay: number;
  readonly steady: boolean;
}

const DAY = 86_400_000;
/** Days that the line goes through: the last ones. */
export const RECENT = 30;
/** With fewer days, or days nearer to each other, nothing is said. */
const FEWEST = { days: 5, span: 6 } as const;
/** What lies further ahead is not foretold. */
const FAR = 2 * 365;

/**
 * The slope of the Theil–Sen line (the median of the slopes of all pairs) through the last 30 days before the last point;
 * `undefined` where they are too few. Up to 29 % of the days may be odd without moving it far.
 * Source: P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, 1968.
 */
export function growthOf(points: readonly Point[]): Growth | undefined {
  const recent = recentOf(points);
  const span = (recent.at(-1)?.day ?? 0) - (recent[0]?.day ?? 0);
  if (recent.length < FEWEST.days || span < FEWEST.span) return undefined;
  const slopes = recent
    .flatMap((a, i) => recent.slice(i + 1).map((b) => (b.value - a.value) / (b.day - a.day)))
    .sort((a, b) => a - b);
  const perDay = quantile(slopes, 0.5);
  return { perDay, steady: quantile(slopes, 0.25) > 0 || quantile(slopes, 0.75) < 0 };
}

/** In the order of the days; of a day with several points the last counts. */
function recentOf(points: readonly Point[]): Point[] {
  const byDay = new Map(points.map((point) => [point.day, point]));
  const sorted = [...byDay.values()].sort((a, b) => a.day - b.day);
  const last = sorted.at(-1)?.day ?? 0;
  return sorted.filter(({ day }) => day > last - RECENT);
}

function quantile(sorted: readonly number[], q: number): number {
  const at = (sorted.length - 1) * q;
  const [low, high] = [Math.floor(at), Math.ceil(at)];
  const [a, b] = [sorted[low] as number, sorted[high] as number];
  return a + (b - a) * (at - low);
}

/** What a trend says beyond its days. */
export interface Forecast {
  /** Bytes a day, by kind; absent where there are too few days. */
  readonly growth: Readonly<Partial<Record<TrendKind, number>>>;
  /** How the used space of the disk grows, and when about none is free if it goes on so. */
  readonly disk?: { readonly perDay: number; readonly fullOn?: string };
}

export function forecastOf(days: readonly Day[]): Forecast {
  const growth = TREND_KINDS.flatMap((kind) => {
    const found = growthOf(pointsOf(days, ({ space }) => space[kind]));
    return found ? [[kind, found.perDay] as const] : [];
  });
  const disk = diskForecast(days);
  return { growth: Object.fromEntries(growth), ...(disk && { disk }) };
}

/** A disk that was made larger or exchanged is another one: only the days since then count. */
function diskForecast(days: readonly Day[]): Forecast['disk'] {
  const last = days.findLast(({ disk }) => disk);
  if (!last?.disk) return undefined;
  const { free, total } = last.disk;
  const another = days.findLastIndex(({ disk }) => disk && disk.total !== total);
  const since = days.slice(another + 1);
  const found = growthOf(pointsOf(since, ({ disk }) => disk && disk.total - disk.free));
  if (!found) return undefined;
  const left = free / found.perDay;
  const fullOn =
    found.steady && found.perDay > 0 && left <= FAR ? dateOf(numberOf(last.day) + left) : undefined;
  return { perDay: found.perDay, ...(fullOn !== undefined && { fullOn }) };
}

export function pointsOf(days: readonly Day[], value: (day: Day) => number | undefined): Point[] {
  return days.flatMap((day) => {
    const found = value(day);
    return found === undefined ? [] : [{ day: numberOf(day.day), value: found }];
  });
}

/** The number of a day, `2026-11-21`, since 1970. */
export function numberOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY;
}

/** The day with a number, `2026-11-21`. */
export function dateOf(day: number): string {
  return new Date(Math.floor(day) * DAY).toISOString().slice(0, 10);
}
