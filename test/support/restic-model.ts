// What restic's forget keeps, written down once more from its documentation and rules, with nothing but Date and Intl.
import type { RandomRule, RandomSpan } from './random-rules.ts';

interface Local {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  /** The clock's time as if it were UTC. */
  readonly wall: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function local(ms: number, timeZone: string): Local {
  const numeric = 'numeric' as const;
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  formats.set(timeZone, format);
  const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) as number;
  const [year, month, day, hour] = [of('year'), of('month'), of('day'), of('hour')];
  const rest = ((ms % 1000) + 1000) % 1000;
  const wall = Date.UTC(year, month - 1, day, hour, of('minute'), of('second'), rest);
  return { year, month, day, hour, wall };
}

const DAY = 86_400_000;

/** Year and number of the week that the Thursday of a day's week lies in. */
function week({ year, month, day }: Local): string {
  const midnight = Date.UTC(year, month - 1, day);
  const thursday = new Date(midnight + (3 - ((new Date(midnight).getUTCDay() + 6) % 7)) * DAY);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return `${thursday.getUTCFullYear()} ${Math.floor((thursday.getTime() - first) / DAY / 7)}`;
}

function bucket(ms: number, period: string, zone: string): string {
  const at = local(ms, zone);
  if (period === 'weekly') return week(at);
  const depth = ['yearly', 'monthly', 'daily', 'hourly'].indexOf(period) + 1;
  return [at.year, at.month, at.day, at.hour].slice(0, depth).join(' ');
}

/** The clock set back, overflowing days and months counted on; of two readings, or of none, the earlier. */
function setBack(ms: number, { y, mo, d, exact }: RandomSpan, zone: string): number {
  if (y === 0 && mo === 0 && d === 0) return ms - exact;
  const clock = local(ms, zone).wall;
  const { year, month, day } = local(ms, zone);
  const wall = Date.UTC(year - y, month - 1 - mo, day - d) + (clock - Date.UTC(year, month - 1, day));
  const offsets = [wall - DAY, wall + DAY].map((near) => local(near, zone).wall - near);
  const readings = offsets.map((offset) => wall - offset);
  const right = readings.filter((reading) => local(reading, zone).wall === wall);
  return Math.min(...(right.length > 0 ? right : readings)) - exact;
}

/** The places that stay of `times`, which come newest first. */
export function keptByModel(
  times: readonly number[],
  rules: readonly RandomRule[],
  zone: string,
  now: number,
): number[] {
  const newest = times.find((time) => time < now) ?? Number.POSITIVE_INFINITY;
  const keeps = (rule: RandomRule): number[] => {
    const { period, count = -1, span } = rule;
    if (count === 0 || (span && span.y + span.mo + span.d + span.exact === 0)) return [];
    const start =
      !span || newest === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : setBack(newest, span, zone);
    const eligible = times.map((_, i) => i).filter((i) => (times[i] as number) > start);
    const name = (i: number) => (period ? bucket(times[i] as number, period, zone) : String(i));
    const firsts = eligible.filter(
      (i, nth) => nth === 0 || name(i) !== name(eligible[nth - 1] as number) || i === times.length - 1,
    );
    return count === -1 ? firsts : firsts.slice(0, count);
  };
  return [...new Set(rules.flatMap(keeps))].sort((a, b) => a - b);
}
