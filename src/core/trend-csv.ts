// A trend as a table for spreadsheets: a line a day, bytes as whole numbers, nothing where nothing is known.
import type { Day } from './trend.ts';
import { TREND_KINDS } from './trend.ts';

const HEADER = [
  'day',
  ...TREND_KINDS.map((kind) => `${kind}_bytes`),
  'images',
  'disk_used_bytes',
  'disk_bytes',
];

/** Comma-separated values with a header, of numbers and days alone. Lines end with a newline (RFC 4180 but for its CRLF). */
export function trendCsv(days: readonly Day[]): string {
  const rows = days.map(({ day, space, images, disk }) => [
    day,
    ...TREND_KINDS.map((kind) => space[kind]),
    images?.total,
    disk && disk.total - disk.free,
    disk?.total,
  ]);
  return [HEADER, ...rows].map((row) => `${row.map((cell) => cell ?? '').join(',')}\n`).join('');
}
