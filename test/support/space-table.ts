// The sets of the experiment as a Markdown table.
import type { Measured } from './space-measure.ts';

export interface Row extends Measured {
  readonly engine: string;
  readonly number: number;
  readonly command: readonly string[];
  readonly about: string;
}

const COLUMNS = [
  'engine',
  'set',
  'docker tidy …',
  'images',
  'the plan',
  'the disk (du)',
  'error',
  'docker’s lists',
  'error',
  'docker system df',
];

export function spaceTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => cells(row));
  return [COLUMNS, COLUMNS.map((_, i) => (i < 3 ? '---' : '--:')), ...lines]
    .map((line) => `| ${line.join(' | ')} |\n`)
    .join('');
}

function cells({ engine, number, command, about, plan, real, images, docker, df }: Row): string[] {
  return [
    engine,
    `${number}`,
    `\`${command.join(' ')}\` (${about})`,
    `${images}`,
    spaceText(plan),
    kB(real),
    error(plan.frees, real),
    kB(docker),
    error(docker, real),
    df === undefined ? '' : `${kB(df)} (${error(df, real)})`,
  ];
}

/** `about 1,234 kB (1,000 to 2,000)`. */
export function spaceText({
  frees,
  about,
  between,
}: Measured['plan'] | Measured['run']['reclaimed']): string {
  const bounds = between ? ` (${between.map((bytes) => kB(bytes).replace(' kB', '')).join(' to ')})` : '';
  return `${about ? 'about ' : ''}${kB(frees)}${bounds}`;
}

/** What JSON has for infinity is null. */
function kB(bytes: number | null): string {
  if (bytes === null) return '∞';
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
}

function error(said: number, real: number): string {
  const percent =
    real === 0 ? (said === 0 ? 0 : Number.POSITIVE_INFINITY) : ((said - real) / Math.abs(real)) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(Math.abs(percent) < 10 ? 1 : 0)} %`;
}
