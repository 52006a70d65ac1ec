// The tables: what goes, images, repositories, containers, volumes and the build cache.
import type { CacheAge, RepositoryUsage, VolumeUsage } from '../core/df.ts';
import { shortId } from '../core/reference.ts';
import type { Report, ReportAction, ReportContainer, ReportImage } from '../core/report.ts';
import { imageDetails } from './details.ts';
import { amount, el, name, section, space, time } from './dom.ts';
import { type Column, table } from './table.ts';
import { stateOf } from './tree.ts';

const KIND = {
  container: 'container',
  network: 'network',
  image: 'image',
  cache: 'build cache',
  volume: 'volume',
} as const;

export function going({ actions }: Report): HTMLElement | undefined {
  if (actions.length === 0) return undefined;
  const label = ({ kind, target, id, detail }: ReportAction) =>
    kind === 'cache' ? detail || shortId(id) : target;
  const columns: Column<ReportAction>[] = [
    { title: 'Name', value: label, cell: (row) => name(label(row)) },
    {
      title: 'Kind',
      value: ({ kind, does }) => `${KIND[kind]}${DOES[does]}`,
      wide: true,
    },
    { title: 'Frees', value: ({ frees }) => frees.frees, cell: ({ frees }) => space(frees) },
    { title: 'Why', value: ({ why }) => why, long: true },
  ];
  const kinds = [...new Set(actions.map(({ kind }) => kind))];
  const choices = [
    ['All kinds', () => true] as const,
    ...kinds.map((kind) => [KIND[kind], (row: ReportAction) => row.kind === kind] as const),
  ];
  const search = (row: ReportAction) => `${label(row)} ${row.target} ${row.id} ${row.why} ${KIND[row.kind]}`;
  return section(
    'goes',
    'What the plan removes, in its order',
    table({
      nouns: ['action', 'actions'],
      rows: actions,
      columns,
      search,
      ...(kinds.length > 1 && { choices }),
    }),
  );
}

const PLAN = { goes: 'goes', use: 'in use', stays: 'stays', shared: '' } as const;

const DOES = { delete: '', untag: ' name', quarantine: ', into quarantine' } as const;

function planWord(image: ReportImage): string {
  if (image.plan.some(({ does }) => does === 'quarantine')) return 'into quarantine';
  const loses = !image.goes && image.plan.some(({ does }) => does === 'untag');
  return loses ? 'loses a name' : PLAN[stateOf(image)];
}

export function images(report: Report): HTMLElement | undefined {
  if (report.images.length === 0) return undefined;
  const reasons = ({ plan, byAll }: ReportImage) =>
    (plan.length > 0 ? plan : byAll.filter(({ does }) => does === 'keep')).flatMap((fate) => fate.reasons);
  const why = (image: ReportImage) => [...new Set(reasons(image))].join('; ');
  const columns: Column<ReportImage>[] = [
    { title: 'Image', value: (image) => image.name, cell: (image) => name(image.name) },
    {
      title: 'Built',
      value: ({ created = '' }) => created,
      cell: ({ created }) => time(created).slice(0, 10),
      wide: true,
    },
    { title: 'Size', value: ({ size }) => size, cell: ({ size }) => space({ frees: size }), wide: true },
    { title: 'Adds', value: ({ alone }) => alone.bytes, cell: ({ alone }) => amount(alone) },
    {
      title: 'Shared',
      value: ({ shared }) => shared,
      cell: ({ shared }) => space({ frees: shared }),
      wide: true,
    },
    {
      title: 'Plan',
      value: planWord,
      cell: (image) => el('span', { class: `mark ${stateOf(image)}` }, planWord(image)),
    },
    { title: 'Why', value: why, long: true, wide: true },
  ];
  const choices = [
    ['All images', () => true],
    ['That go', ({ goes }: ReportImage) => goes],
    ['That stay', ({ goes }: ReportImage) => !goes],
    ['In use', ({ users }: ReportImage) => users.length > 0],
  ] as const;
  return section(
    'images',
    'Images',
    table({
      nouns: ['image', 'images'],
      rows: report.images,
      columns,
      choices,
      search: (image) => [...image.names, image.id, why(image), ...image.users].join(' '),
      details: (image) => imageDetails(report, image),
      by: 3,
    }),
  );
}

export function repositories({ repositories: rows }: Report): HTMLElement | undefined {
  if (rows.length < 2) return undefined;
  const columns: Column<RepositoryUsage>[] = [
    { title: 'Repository', value: (row) => row.name, cell: (row) => name(row.name) },
    { title: 'Images', value: (row) => row.images },
    { title: 'Size', value: ({ size }) => size.bytes, cell: ({ size }) => amount(size) },
    {
      title: 'Free together',
      value: ({ together }) => together.bytes,
      cell: ({ together }) => amount(together),
    },
  ];
  return section(
    'repositories',
    'Repositories, by what removing all images of one would free',
    table({ nouns: ['repository', 'repositories'], rows, columns, search: (row) => row.name, by: 3 }),
  );
}

export function containers({ containers: rows }: Report): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  const columns: Column<ReportContainer>[] = [
    { title: 'Container', value: (row) => row.name, cell: (row) => name(row.name) },
    { title: 'Image', value: ({ image }) => image, cell: ({ image }) => name(image), wide: true },
    { title: 'State', value: ({ state }) => state },
    { title: 'Written', value: ({ size = -1 }) => size, cell: ({ size }) => optional(size) },
    {
      title: 'Plan',
      value: ({ goes }) => (goes ? 'goes' : 'stays'),
      cell: ({ goes }) => el('span', { class: `mark ${goes ? 'goes' : 'stays'}` }, goes ? 'goes' : 'stays'),
    },
    { title: 'Why', value: ({ why }) => why, long: true, wide: true },
  ];
  const search = (row: ReportContainer) => Object.values(row).join(' ');
  return section(
    'containers',
    'Containers',
    table({ nouns: ['container', 'containers'], rows, columns, search }),
  );
}

export function volumes({ volumes: rows }: Report): HTMLElement | undefined {
  if (rows.length === 0) return undefined;
  const owner = ({ project, users }: VolumeUsage) =>
    [...(project === undefined ? [] : [`compose project ${project}`]), ...users].join('; ') ||
    'nothing mounts it';
  const columns: Column<VolumeUsage>[] = [
    { title: 'Volume', value: (row) => row.name, cell: (row) => name(row.name) },
    { title: 'Size', value: ({ size = -1 }) => size, cell: ({ size }) => optional(size) },
    { title: 'Owner', value: owner, long: true },
  ];
  const search = (row: VolumeUsage) => `${row.name} ${owner(row)}`;
  return section('volumes', 'Volumes', table({ nouns: ['volume', 'volumes'], rows, columns, search }));
}

const AGE = {
  day: 'within a day',
  week: 'within a week',
  month: 'within a month',
  older: 'longer ago',
} as const;

export function cache({ cache: all }: Report): HTMLElement | undefined {
  const rows = all.filter(({ records }) => records > 0);
  if (rows.length === 0) return undefined;
  const columns: Column<CacheAge>[] = [
    {
      title: 'Last used',
      value: ({ used }) => Object.keys(AGE).indexOf(used),
      cell: ({ used }) => AGE[used],
      words: true,
    },
    { title: 'Records', value: ({ records }) => records },
    { title: 'Shared with images', value: ({ shared }) => shared, wide: true },
    { title: 'Size', value: ({ size }) => size.bytes, cell: ({ size }) => amount(size) },
  ];
  return section(
    'cache',
    'Build cache, by when it was last used',
    table({ nouns: ['row', 'rows'], rows, columns, search: ({ used }) => used }),
  );
}

function optional(size: number | undefined): string {
  return size === undefined ? '–' : space({ frees: size });
}
