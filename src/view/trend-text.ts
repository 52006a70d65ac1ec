// An engine's trend as people read it: the disk by day, each kind with how it grows, and the repositories that grew most.
import { printable } from '../core/printable.ts';
import type { Day, TrendKind } from '../core/trend.ts';
import { TREND_KINDS } from '../core/trend.ts';
import type { Forecast } from '../core/trend-growth.ts';
import { dateOf, numberOf } from '../core/trend-growth.ts';
import { count, humanDuration, humanSize } from '../core/units.ts';
import { painter } from './screen.ts';
import { table, wrap } from './table.ts';
import type { ChartOptions } from './trend-chart.ts';
import { chart, sparkline } from './trend-chart.ts';

export interface TrendTextOptions {
  readonly colour: boolean;
  readonly utf8: boolean;
  /** The terminal's width; absent where there is none. */
  readonly columns?: number;
}

const DAY = 86_400_000;
/** Where there is no terminal. */
const COLUMNS = 80;
/** A disk's growth that a week does not show is none, as a share of the disk. */
const NOTICEABLE = 0.001;
const MOST_REPOSITORIES = 5;

/** All of it, with a newline at its end. `days` in their order. */
export async function trendText(
  days: readonly Day[],
  forecast: Forecast,
  options: TrendTextOptions,
): Promise<string> {
  const [first, last] = [days[0], days.at(-1)];
  if (!first || !last)
    return 'Nothing is known of this engine yet: each docker tidy adds what it sees, and docker tidy df most.\n';
  const screen = { utf8: options.utf8, columns: options.columns ?? COLUMNS };
  const paint = painter(options.colour);
  const every = everyDay(days, last.day);
  const parts = [
    diskChart(every, screen, paint.bold),
    await kindsTable(every, forecast, screen, paint.dim),
    wrap(said(days, forecast).join(' '), screen.columns),
    await repositories(days, paint),
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .join('\n');
}

/** From the first day to the last, each with what is known of it. */
function everyDay(days: readonly Day[], last: string): Day[] {
  const byDay = new Map(days.map((day) => [day.day, day]));
  const [from, to] = [numberOf(days[0]?.day ?? last), numberOf(last)];
  return Array.from({ length: to - from + 1 }, (_, i) => {
    const day = dateOf(from + i);
    return byDay.get(day) ?? { day, space: {} };
  });
}

/** The disk where it can be seen, else the images. */
function diskChart(days: readonly Day[], screen: ChartOptions, bold: (text: string) => string): string[] {
  const total = days.findLast(({ disk }) => disk)?.disk?.total;
  const ends = [days[0]?.day ?? '', days.at(-1)?.day ?? ''] as const;
  const draw = (title: string, values: readonly (number | undefined)[], top: number) =>
    top > 0 ? [bold(title), ...chart(values, top, humanRound, ends, screen)] : [];
  if (total !== undefined) {
    const used = days.map(({ disk }) => disk && disk.total - disk.free);
    return draw(`The disk, ${humanSize(total)}, at its fullest of each day`, used, total);
  }
  const images = days.map(({ space }) => space.image);
  return draw('Images, at their most of each day', images, Math.max(0, ...images.map((bytes) => bytes ?? 0)));
}

/** Three digits are enough beside a chart. */
function humanRound(bytes: number): string {
  return humanSize(Number(bytes.toPrecision(3)));
}

const TYPE: Readonly<Record<TrendKind, string>> = {
  image: 'Images',
  container: 'Containers',
  volume: 'Volumes',
  cache: 'Build cache',
};
/** Days back to what is compared with, and how much longer ago it may be where that day is not known. */
const WEEK = 7;
const SLACK = 3;
const SHORTEST = 8;
const LONGEST = 60;

async function kindsTable(
  days: readonly Day[],
  { growth, disk }: Forecast,
  { utf8, columns }: ChartOptions,
  dim: (text: string) => string,
): Promise<string[]> {
  const kinds = TREND_KINDS.map((kind) => ({
    name: TYPE[kind],
    values: days.map(({ space }) => space[kind]),
    perDay: growth[kind],
  }));
  const used = days.map((day) => day.disk && day.disk.total - day.disk.free);
  const rows = [...kinds, { name: 'Disk', values: used, perDay: disk?.perDay }].filter(({ values }) =>
    values.some((value) => value !== undefined),
  );
  if (rows.length === 0) return [];
  const cells = rows.map(({ name, values, perDay }) => [
    name,
    bytes(values.findLast((value) => value !== undefined)),
    bytes(values.slice(-WEEK - SLACK, -WEEK).findLast((value) => value !== undefined)),
    perDay === undefined ? '-' : signed(perDay * WEEK),
    '',
  ]);
  const lines = await table([['TYPE', 'LAST', 'A WEEK BEFORE', 'PER WEEK', ''], ...cells]);
  const left = Math.min(LONGEST, columns - (lines[0]?.length ?? 0));
  return lines.map((line, i) => {
    const row = rows[i - 1];
    if (!row) return dim(line.trimEnd());
    if (left < SHORTEST) return line.trimEnd();
    const top = Math.max(...row.values.map((value) => value ?? 0));
    return `${line}${sparkline(row.values, top, { utf8, columns: left })}`.trimEnd();
  });
}

function bytes(size: number | undefined): string {
  return size === undefined ? '-' : humanSize(size);
}

/** About so much, since it is a line's slope. */
function signed(change: number): string {
  const size = humanRound(Math.abs(Math.round(change)));
  return change === 0 || size === '0B' ? '0B' : `~${change > 0 ? '+' : '-'}${size}`;
}

function said(days: readonly Day[], { disk, growth }: Forecast): string[] {
  const last = days.findLast((day) => day.disk);
  const few = `${count(days.length, 'day')} ${days.length === 1 ? 'is' : 'are'} known`;
  if (!disk && Object.keys(growth).length === 0)
    return [`${few}: how it grows is said when there are five, over a week.`];
  if (!last?.disk || !disk) return [`The engine’s disk cannot be seen from here, or not for long enough.`];
  const { free, total } = last.disk;
  const week = disk.perDay * WEEK;
  if (Math.abs(week) < total * NOTICEABLE)
    return [`The disk does not grow; ${humanSize(free)} of it are free.`];
  if (week < 0) return [`The disk empties by about ${humanRound(-Math.round(week))} a week.`];
  const grows = `The disk grows by about ${humanRound(Math.round(week))} a week`;
  if (disk.fullOn === undefined) return [`${grows}; ${humanSize(free)} of it are free.`];
  return [
    `${grows}, and is full in about ${untilFull(last.day, disk.fullOn)} (${disk.fullOn}) if that goes on.`,
  ];
}

function untilFull(from: string, to: string): string {
  const days = numberOf(to) - numberOf(from);
  return days < 2 ? 'a day' : humanDuration(days * DAY);
}

async function repositories(days: readonly Day[], paint: ReturnType<typeof painter>): Promise<string[]> {
  const counted = days.filter(({ images }) => images);
  const last = counted.at(-1);
  if (!last?.images) return [];
  const age = ({ day }: Day) => numberOf(last.day) - numberOf(day);
  const before = counted.findLast((day) => age(day) >= WEEK && age(day) < WEEK + SLACK);
  const earlier = before?.images?.repositories ?? {};
  const all = Object.entries(last.images.repositories);
  const change = ([name, now]: [string, number]) => (before ? now - (earlier[name] ?? 0) : 0);
  const grew = all.some((each) => change(each) > 0);
  const rows = all
    .sort((a, b) => (grew ? change(b) - change(a) : 0) || b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MOST_REPOSITORIES);
  if (rows.length === 0) return [];
  const lines = await table([
    ['REPOSITORY', 'IMAGES', ...(before ? ['A WEEK BEFORE'] : [])],
    ...rows.map(([name, now]) => [
      printable(name),
      String(now),
      ...(before ? [name in earlier ? String(earlier[name]) : '-'] : []),
    ]),
  ]);
  const title = grew ? 'that grew most in a week' : 'with most images';
  return [
    paint.bold(`Repositories ${title}, of ${count(last.images.total, 'image')}`),
    paint.dim(lines[0] as string),
    ...lines.slice(1),
  ];
}
