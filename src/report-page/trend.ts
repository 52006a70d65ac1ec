// How the space has grown, and what it comes to if it goes on so: areas by kind, the disk, and both as a table.
import { area, curveLinear, line, stack } from 'd3-shape';
import type { ReportTrend } from '../core/report.ts';
import { TREND_KINDS, type TrendKind } from '../core/trend.ts';
import { numberOf } from '../core/trend-growth.ts';
import { count } from '../core/units.ts';
import { type Chart, chart, type Drawing } from './chart.ts';
import { el, section, space, svg } from './dom.ts';
import { type Column, table } from './table.ts';

type Day = ReportTrend['days'][number];

const KIND: Readonly<Record<TrendKind, string>> = {
  image: 'Images',
  container: 'Containers',
  volume: 'Volumes',
  cache: 'Build cache',
};

export function trend({ trend: found }: { readonly trend?: ReportTrend }): HTMLElement | undefined {
  if (!found) return undefined;
  const { days, forecast } = found;
  const disk = diskChart(found);
  return section(
    'trend',
    'Trend and forecast',
    el('p', {}, sentence(found)),
    el('div', { class: 'charts' }, kindChart(days), disk),
    el('details', {}, el('summary', {}, 'The days as a table'), dayTable(days)),
    el(
      'p',
      { class: 'dim' },
      `Of what earlier runs saw; what none looked at on a day is drawn as it was seen before.${forecast.disk?.fullOn ? ' The dashed line is how it goes on if it grows as in the last 30 days.' : ''}`,
    ),
  );
}

/** `Each day adds about 310MB of images and takes away about 1MB of containers. The disk is full about 2027-01-15 …`. */
function sentence({ days, forecast: { growth, disk } }: ReportTrend): string {
  const told = (sign: 1 | -1) =>
    TREND_KINDS.flatMap((kind) => {
      const perDay = sign * (growth[kind] ?? 0);
      return perDay < LITTLE ? [] : [`${about(perDay)} of ${KIND[kind].toLowerCase()}`];
    });
  const said = [
    ...(told(1).length > 0 ? [`adds about ${listed(told(1))}`] : []),
    ...(told(-1).length > 0 ? [`takes away about ${listed(told(-1))}`] : []),
  ];
  const grows =
    said.length > 0
      ? `Each day ${said.join(', and ')}.`
      : `${count(days.length, 'day')} were seen: too few to tell how the space grows, or it does not.`;
  return disk?.fullOn === undefined
    ? grows
    : `${grows} The disk is full about ${disk.fullOn}, if it goes on so.`;
}

/** Bytes a day that are not worth a word. */
const LITTLE = 1000;

function listed(all: readonly string[]): string {
  return all.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

/** As docker prints it, in no more digits than are known. */
function about(bytes: number): string {
  return space({ frees: Number(Math.abs(bytes).toPrecision(2)) });
}

/** What was seen last before a day, of each kind that was ever seen; before that, what was seen first. */
function filled(days: readonly Day[]): { kinds: TrendKind[]; rows: Record<TrendKind, number>[] } {
  const kinds = TREND_KINDS.filter((kind) => days.some((day) => (day.space[kind] ?? 0) > 0));
  const last = Object.fromEntries(
    TREND_KINDS.map((kind) => [kind, days.find((day) => day.space[kind] !== undefined)?.space[kind] ?? 0]),
  ) as Record<TrendKind, number>;
  const rows = days.map((day) => Object.assign(last, day.space) && { ...last });
  return { kinds, rows };
}

function kindChart(days: readonly Day[]): HTMLElement {
  const { kinds, rows } = filled(days);
  const series = stack<Record<TrendKind, number>, TrendKind>().keys(kinds)(rows);
  const numbers = days.map(({ day }) => numberOf(day));
  const most = Math.max(...(series.at(-1)?.map(([, top]) => top) ?? [0]));
  const draw: Chart['draw'] = ({ x, y }) =>
    series.map((each) => {
      const path = area<[number, number]>()
        .x((_, i) => x(numbers[i] as number))
        .y0(([low]) => y(low))
        .y1(([, high]) => y(high))
        .curve(curveLinear)(each as unknown as [number, number][]);
      return svg('path', { d: path ?? '', class: `area ${each.key}` });
    });
  const now = rows.at(-1);
  const legend = kinds.map((kind) =>
    el(
      'li',
      {},
      el('span', { class: `key ${kind}`, 'aria-hidden': 'true' }),
      `${KIND[kind]} ${space({ frees: now?.[kind] ?? 0 })}`,
    ),
  );
  return chart({
    title: 'Space by kind',
    from: numbers[0] ?? 0,
    to: numbers.at(-1) ?? 0,
    most,
    legend,
    draw,
  });
}

/** The used space of the disk, with its size above; dashed, how it goes on. */
function diskChart({ days, forecast }: ReportTrend): HTMLElement | undefined {
  const seen = days.flatMap(({ day, disk }) =>
    disk ? [{ at: numberOf(day), used: disk.total - disk.free, total: disk.total }] : [],
  );
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || seen.length < 2) return undefined;
  const { perDay = 0, fullOn } = forecast.disk ?? {};
  const full = fullOn === undefined ? undefined : numberOf(fullOn);
  const to = full === undefined ? last.at : Math.min(full, last.at + Math.max(30, last.at - first.at));
  const draw = ({ x, y }: Drawing): SVGElement[] => {
    const path = line<(typeof seen)[number]>()
      .x(({ at }) => x(at))
      .y(({ used }) => y(used))(seen);
    const ahead = `M${x(last.at)},${y(last.used)}L${x(to)},${y(Math.min(last.total, last.used + perDay * (to - last.at)))}`;
    const size = svg('path', { d: `M${x(first.at)},${y(last.total)}H${x(to)}`, class: 'line size' });
    return [
      size,
      svg('path', { d: path ?? '', class: 'line used' }),
      ...(full === undefined ? [] : [svg('path', { d: ahead, class: 'line ahead' })]),
    ];
  };
  const legend = [
    el(
      'li',
      {},
      el('span', { class: 'key line used', 'aria-hidden': 'true' }),
      `Used ${space({ frees: last.used })}`,
    ),
    el(
      'li',
      {},
      el('span', { class: 'key line size', 'aria-hidden': 'true' }),
      `Disk ${space({ frees: last.total })}`,
    ),
  ];
  return chart({ title: 'Disk', from: first.at, to, most: last.total, legend, draw });
}

function dayTable(days: readonly Day[]): HTMLElement {
  const bytes = (value: number | undefined) => (value === undefined ? '–' : space({ frees: value }));
  const columns: Column<Day>[] = [
    { title: 'Day', value: ({ day }) => day },
    ...TREND_KINDS.map(
      (kind): Column<Day> => ({
        title: KIND[kind],
        value: (day) => day.space[kind] ?? -1,
        cell: (day) => bytes(day.space[kind]),
      }),
    ),
    { title: 'Disk free', value: ({ disk }) => disk?.free ?? -1, cell: ({ disk }) => bytes(disk?.free) },
  ];
  return table({ nouns: ['day', 'days'], rows: days, columns, search: ({ day }) => day, by: 0 });
}
