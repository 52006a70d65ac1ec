// Where the space is, as people read it: an overview, then the largest of each kind, with bars where they fit.
import type { Amount, CacheAge, Df, KindUsage, VolumeUsage } from '../core/df.ts';
import { printable } from '../core/printable.ts';
import { untilText } from '../core/quarantine-name.ts';
import { shortId } from '../core/reference.ts';
import { humanSize } from '../core/units.ts';
import { short } from './plan-columns.ts';
import { painter } from './screen.ts';
import { table, wrap } from './table.ts';

export interface DfTextOptions {
  readonly colour: boolean;
  /** The terminal shows more than ASCII. */
  readonly utf8: boolean;
  /** Every row, not just the largest. */
  readonly all: boolean;
  /** Volumes and the data folder were asked for. */
  readonly sized: boolean;
  /** The terminal's width; absent where there is none: then lines are as long as they are, and have no bars. */
  readonly columns?: number;
}

/** A part of the screen; the bars are as long as their row's `bytes`. */
interface Section {
  readonly title?: string;
  readonly header: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly bytes: number }[];
  /** Columns that may be cut where the terminal is too narrow, the first of them first. */
  readonly soft: readonly number[];
}

const MOST_ROWS = 10;
const BAR = { narrowest: 60, shortest: 5, longest: 40, gap: 3 } as const;

/** Section by section, each worked out when it is asked for; together all of it, with a newline at its end. */
export async function* dfText(df: Df, options: DfTextOptions): AsyncGenerator<string, void, void> {
  const notes = notesOf(df, options).flatMap((note) =>
    options.columns === undefined ? [note] : wrap(note, options.columns),
  );
  const first = await drawn(overview(df), { ...options, all: true });
  yield `${first}${notes.map((line) => `${line}\n`).join('')}`;
  for (const section of [images, repositories, containers, volumes, cache]) {
    const made = section(df);
    if (made.rows.length > 0) yield `\n${await drawn(made, options)}`;
  }
}

const TYPE: Readonly<Record<KindUsage['kind'], string>> = {
  image: 'Images',
  container: 'Containers',
  volume: 'Volumes',
  cache: 'Build cache',
};

function overview({ kinds, total, unaccounted, dataRoot }: Df): Section {
  const freed = (of: Amount | undefined) => (of ? amount(of) : '-');
  const row = (name: string, counts: string[], { size, dangling, unused, policy }: Partial<KindUsage>) => ({
    cells: [
      name,
      ...counts,
      amount(size),
      freed(dangling),
      freed(unused),
      ...(total.policy ? [freed(policy)] : []),
    ],
    bytes: size?.bytes ?? 0,
  });
  const size = dataRoot === undefined ? total.size : { bytes: dataRoot };
  return {
    header: ['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'DANGLING', 'UNUSED', ...(total.policy ? ['BY POLICY'] : [])],
    rows: [
      ...kinds.map((each) => row(TYPE[each.kind], [`${each.total}`, `${each.active}`], each)),
      ...(unaccounted ? [row('Unaccounted', ['', ''], { size: unaccounted })] : []),
      { ...row('Together', ['', ''], { ...total, size }), bytes: 0 },
    ],
    soft: [],
  };
}

function notesOf({ volumes, cache, dataRoot, total, quarantine }: Df, { sized }: DfTextOptions): string[] {
  const unsized = volumes.some(({ size }) => size === undefined);
  return [
    total.policy
      ? 'docker tidy frees what goes BY POLICY, docker tidy --no-policy what is DANGLING, docker tidy all -a --no-policy what is UNUSED; none removes volumes.'
      : 'docker tidy frees what is DANGLING, docker tidy all -a what is UNUSED; neither removes volumes.',
    ...(cache.some(({ shared }) => shared > 0)
      ? [
          'What images and the build cache share is in the SIZE of the images, and is freed by the last that goes.',
        ]
      : []),
    ...(quarantine ? [quarantineNote(quarantine)] : []),
    ...(unsized && !sized
      ? ['Volumes were not sized, which can take minutes: docker tidy df --volumes does it.']
      : []),
    ...(dataRoot === undefined && sized
      ? ['What the engine’s data folder holds beyond all this cannot be read from here.']
      : []),
  ];
}

function quarantineNote({ images, together, from }: NonNullable<Df['quarantine']>): string {
  const what = images === 1 ? '1 image is' : `${images} images are`;
  const first = images === 1 ? 'it goes' : 'the first goes';
  return `${what} in quarantine, ${amount(together)} of the disk: ${first} with the next run after ${untilText(from)}.`;
}

function images(df: Df): Section {
  return {
    title: 'Images, by what removing each alone would free',
    header: ['IMAGE', 'CONTAINERS', 'SIZE', 'ALONE', 'SHARED', 'MOST OF IT WITH'],
    rows: df.images.map(({ name, containers, size, alone, shared, sharedWith = '' }) => ({
      cells: [name, `${containers}`, humanSize(size), amount(alone), humanSize(shared), sharedWith],
      bytes: alone.bytes,
    })),
    soft: [5, 0],
  };
}

function repositories(df: Df): Section {
  return {
    title: 'Repositories, by what removing all images of one would free',
    header: ['REPOSITORY', 'IMAGES', 'SIZE', 'TOGETHER'],
    rows: df.repositories.map(({ name, images, size, together }) => ({
      cells: [name, `${images}`, amount(size), amount(together)],
      bytes: together.bytes,
    })),
    soft: [0],
  };
}

function containers(df: Df): Section {
  return {
    title: 'Containers, by what they have written',
    header: ['CONTAINER', 'IMAGE', 'STATE', 'SIZE'],
    rows: df.containers.map(({ name, image, state, size }) => ({
      cells: [name, image.startsWith('sha256:') ? shortId(image) : image, state, bytes(size)],
      bytes: size ?? 0,
    })),
    soft: [1, 0],
  };
}

function volumes(df: Df): Section {
  return {
    title: 'Volumes',
    header: ['VOLUME', 'SIZE', 'OWNER'],
    rows: df.volumes.map((volume) => ({
      cells: [volume.name, bytes(volume.size), owner(volume)],
      bytes: volume.size ?? 0,
    })),
    soft: [0, 2],
  };
}

function owner({ project, users }: VolumeUsage): string {
  const all = [...(project === undefined ? [] : [`compose project ${project}`]), ...users];
  return all.length > 0 ? all.join('; ') : 'nothing mounts it';
}

const AGE: Readonly<Record<CacheAge['used'], string>> = {
  day: 'within a day',
  week: 'within a week',
  month: 'within a month',
  older: 'longer ago',
};

function cache({ cache }: Df): Section {
  return {
    title: 'Build cache, by when it was last used',
    header: ['LAST USED', 'RECORDS', 'SHARED WITH IMAGES', 'SIZE'],
    rows: cache
      .filter(({ records }) => records > 0)
      .map(({ used, records, shared, size }) => ({
        cells: [AGE[used], `${records}`, `${shared}`, amount(size)],
        bytes: size.bytes,
      })),
    soft: [],
  };
}

function amount(size: Amount | undefined): string {
  if (size === undefined) return 'N/A';
  const { bytes, ...rest } = size;
  return short({ frees: bytes, ...rest });
}

function bytes(size: number | undefined): string {
  return size === undefined ? 'N/A' : humanSize(size);
}

async function drawn({ title, header, rows, soft }: Section, options: DfTextOptions): Promise<string> {
  const paint = painter(options.colour);
  const shown = options.all ? rows : rows.slice(0, MOST_ROWS);
  const lines = await fitting(
    [header, ...shown.map(({ cells }) => cells.map(printable))],
    soft,
    options.columns,
  );
  const bars = barsOf(
    lines,
    shown.map((row) => row.bytes),
    options,
  );
  const more = shown.length < rows.length ? `: ${shown.length} of ${rows.length}, -v lists all` : '';
  return [
    ...(title === undefined ? [] : [paint.bold(`${title}${more}`)]),
    paint.dim((lines[0] as string).trimEnd()),
    ...bars.map((bar, i) =>
      bar === '' ? `${lines[i + 1]}`.trimEnd() : `${lines[i + 1]}${paint.green(bar)}`,
    ),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Lines of the table, of one length; where the terminal is narrower, its soft columns are cut as far as it takes. */
async function fitting(
  rows: readonly (readonly string[])[],
  soft: readonly number[],
  columns: number | undefined,
): Promise<string[]> {
  let cut = rows;
  let lines = await even(cut);
  for (const column of soft) {
    const over = (lines[0]?.length ?? 0) - (columns ?? Number.POSITIVE_INFINITY);
    if (over <= 0) break;
    const widest = Math.max(...cut.map((row) => row[column]?.length ?? 0));
    const width = Math.max(SHORTEST, widest - over);
    cut = cut.map((row) => row.map((cell, i) => (i === column ? shortened(cell, width) : cell)));
    lines = await even(cut);
  }
  return lines;
}

const SHORTEST = 15;

/** An empty last column makes all lines as long as the longest, and the gap before the bars. */
async function even(rows: readonly (readonly string[])[]): Promise<string[]> {
  const lines = await table(rows.map((row) => [...row, '']));
  return lines.map((line) => line.slice(0, -BAR.gap));
}

/** Names tell most at both ends. */
function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`;
}

function barsOf(lines: readonly string[], sizes: readonly number[], options: DfTextOptions): string[] {
  const { columns = 0, utf8 } = options;
  const left = Math.min(BAR.longest, columns - (lines[0]?.length ?? 0) - BAR.gap);
  const most = Math.max(...sizes);
  if (columns < BAR.narrowest || left < BAR.shortest || !(most > 0)) return sizes.map(() => '');
  const mark = utf8 ? '▇' : '#';
  return sizes.map((size) => {
    const bar = mark.repeat(Math.round((size / most) * left));
    return bar && `${' '.repeat(BAR.gap)}${bar}`;
  });
}
