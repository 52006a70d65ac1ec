// Random hosts and options for properties.
import fc from 'fast-check';
import type { Holdings, Piece } from '../../src/core/holdings.ts';
import type { CacheRecord, Container, Image, Inventory, Layer } from '../../src/core/inventory.ts';
import type { Keep } from '../../src/core/retention.ts';
import type { Asked } from './builders.ts';
import { container, id, inventory, record } from './builders.ts';
import { keepsOf } from './calendar.ts';

const REPOSITORIES = ['app', 'other/app', 'localhost:5000/app'];
const TAGS = ['1', '2', 'v1.9', 'v1.10', 'latest', 'dev-3', 'abcdef1'];
const DATES = [
  '1970-01-01T00:00:00Z',
  '1980-01-01T00:00:01Z',
  '2026-01-01T00:00:00Z',
  '2026-02-01T00:00:00Z',
  '2026-03-01T00:00:00Z',
  '2026-03-01T10:00:00Z',
  '2026-10-25T00:30:00Z', // in Berlin the same hour
  '2026-10-25T01:30:00Z',
  '2027-01-01T00:00:00Z', // to come
];
const LABELS: readonly Image['labels'][] = [
  {},
  {},
  {},
  { team: 'a' },
  { team: 'b', 'tidy.keep-last': '2' },
  { 'tidy.keep-last': '1' },
  { 'tidy.keep-last': 'x' },
  { 'tidy.ttl': '100d' },
  { 'tidy.ttl': '' },
  { 'tidy.expires': '2026-11-20' },
  { 'tidy.expires': '2026-11-19' },
];
/** Stacks of layers, which are named by all that lies below, as chain IDs are. */
const STACKS: readonly (readonly string[] | undefined)[] = [
  undefined,
  [],
  ['a'],
  ['a', 'ab'],
  ['a', 'ab', 'abc'],
  ['a', 'ad'],
  ['e'],
  ['e', 'ef'],
];

const name = fc
  .tuple(fc.constantFrom(...REPOSITORIES), fc.constantFrom(...TAGS))
  .map(([r, t]) => `${r}:${t}`);

/** Images with shared names, parents, labels and odd dates, and containers that use some. */
export const anInventory: fc.Arbitrary<Inventory> = fc
  .array(
    fc.record({
      names: fc.uniqueArray(name, { maxLength: 3 }),
      digest: fc.boolean(),
      created: fc.option(fc.constantFrom(...DATES), { nil: undefined }),
      parent: fc.option(fc.nat(9), { nil: undefined }),
      keep: fc.boolean(),
      labels: fc.constantFrom(...LABELS),
      layers: fc.constantFrom(...STACKS),
      arrived: fc.option(fc.constantFrom(...DATES.slice(2)), { nil: undefined }),
      user: fc.option(fc.constantFrom('running', 'exited', 'created'), { nil: undefined }),
      size: fc.nat(1000),
    }),
    { maxLength: 10 },
  )
  .map((rows) => {
    const taken = new Set<string>();
    const images = rows.map((row, i): Image => {
      const tags = row.names.filter((tag) => !taken.has(tag));
      for (const tag of tags) taken.add(tag);
      const parent = row.parent !== undefined && row.parent < i ? id(`image ${row.parent}`) : undefined;
      return {
        id: id(`image ${i}`),
        tags,
        digests: row.digest ? [`pinned/app@sha256:${String(i).repeat(64)}`] : [],
        ...(row.created && { created: row.created }),
        size: row.size,
        labels: row.keep && i % 4 === 0 ? { 'tidy.keep': 'true' } : row.labels,
        ...(parent && { parent }),
        ...(row.layers && { layers: row.layers }),
        ...(row.arrived && { arrived: row.arrived }),
      };
    });
    const containers = rows.flatMap(({ user }, i): Container[] =>
      user ? [container(`c${i}`, images[i] as Image, { state: user })] : [],
    );
    return inventory(
      images,
      containers.filter((_, i) => i % 2 === 0),
    );
  });

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia'];
const PERIODS = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];
const SPANS = ['0', '90m', '1d', '36h', '1w', '1mo', '3mo2d', '1y', '2y'];

export const aZone = fc.constantFrom(...ZONES);

/** A keep rule that goes by places, as its option. */
export const orderedKeep: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(fc.constantFrom('last', ...PERIODS), fc.integer({ min: -1, max: 4 }))
    .map(([word, n]) => `--keep-${word} ${n}`),
  fc
    .tuple(fc.constantFrom('', ...PERIODS.map((period) => `-${period}`)), fc.constantFrom(...SPANS))
    .map(([period, span]) => `--keep-within${period} ${span}`),
);

/** A keep rule of any kind. */
export const aKeep: fc.Arbitrary<Keep> = fc.oneof(
  { arbitrary: orderedKeep.map((option) => keepsOf(option)[0] as Keep), weight: 4 },
  fc
    .constantFrom('--keep-tag 1', '--keep-tag v1*', '--keep-label team', '--keep-label team=a')
    .map((option) => keepsOf(option)[0] as Keep),
  fc.constant<Keep>({ rule: 'bases', from: '--keep-bases' }),
);

/** Options as a user might give them. */
export const asked: fc.Arbitrary<Asked> = fc
  .record({
    all: fc.boolean(),
    sort: fc.constantFrom('created', 'pulled', 'version'),
    groupBy: fc.constantFrom(
      { kind: 'repository' as const },
      { kind: 'none' as const },
      { kind: 'label' as const, key: 'team' },
    ),
    patterns: fc.constantFrom<string[]>([], ['app'], ['**:v*']),
    keepTag: fc.constantFrom<string[]>([], ['v*'], ['latest']),
    keeps: fc.array(aKeep, { maxLength: 2 }),
    zone: aZone,
  })
  .chain((rest) =>
    fc
      .option(fc.integer({ min: -1, max: 4 }), { nil: undefined })
      .map((keep) => ({ ...rest, ...(keep !== undefined && { keep }) })),
  );

/** Holders of pieces that several may hold, and who is to go, in any order. */
export interface HoldingsCase {
  readonly holdings: Holdings;
  readonly going: readonly string[];
}

const HOLDERS = ['a', 'b', 'c', 'd', 'e'];
const PIECES = [0, 1, 2, 3, 4, 5];

const exactPiece: fc.Arbitrary<Piece> = fc.nat(1000).map((size) => ({ size, low: size, high: size }));
const openPiece: fc.Arbitrary<Piece> = fc
  .tuple(fc.nat(1000), fc.nat(1000), fc.oneof(fc.nat(1000), fc.constant(Number.POSITIVE_INFINITY)))
  .map(([low, more, most]) => ({ low, size: low + more, high: low + more + most }));

/** `doubtful`: some pieces are known within bounds only, and some holders hold some of them perhaps. */
export function someHoldings({ doubtful }: { doubtful: boolean }): fc.Arbitrary<HoldingsCase> {
  const piece = doubtful ? fc.oneof(exactPiece, openPiece) : exactPiece;
  const hold = doubtful
    ? fc.constantFrom('no', 'no', 'held', 'held', 'perhaps')
    : fc.constantFrom('no', 'held');
  return fc
    .record({
      pieces: fc.tuple(...PIECES.map(() => piece)),
      holds: fc.tuple(...HOLDERS.map(() => fc.tuple(...PIECES.map(() => hold)))),
      going: fc.shuffledSubarray(HOLDERS),
    })
    .map(({ pieces, holds, going }) => {
      const those = (way: string) =>
        new Map(HOLDERS.map((holder, i) => [holder, PIECES.filter((piece) => holds[i]?.[piece] === way)]));
      return { holdings: { pieces, held: those('held'), perhaps: those('perhaps') }, going };
    });
}

/** A layer of a random tree, with the bytes of its blob, and of its folder, which are known as `disk` where it was read. */
export interface RandomLayer extends Layer {
  readonly id: string;
  readonly parent?: RandomLayer;
  readonly packed: number;
  readonly folder: number;
}

const COMMANDS = ['RUN make', 'RUN make install', 'COPY app /app', ''];

/** Layers on each other, several on the same; sizes, commands and seconds are often the same. */
export const someLayers: fc.Arbitrary<readonly RandomLayer[]> = fc
  .array(
    fc.record({
      on: fc.option(fc.nat(11), { nil: undefined, freq: 4 }),
      size: fc.oneof(fc.constantFrom(0, 4096, 2_097_152), fc.nat(50_000_000)),
      ratio: fc.double({ min: 0.01, max: 1, noNaN: true }),
      waste: fc.double({ min: 0, max: 0.5, noNaN: true }),
      isRead: fc.boolean(),
      created: fc.integer({ min: 1_780_000_000, max: 1_780_000_003 }),
      command: fc.constantFrom(...COMMANDS),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rows) => {
    const made: RandomLayer[] = [];
    for (const [i, { on, size, ratio, waste, isRead, created, command }] of rows.entries()) {
      const parent = on === undefined ? undefined : made[on];
      const folder = size + Math.floor(size * waste);
      made.push({
        id: id(`layer ${i}`),
        size,
        packed: Math.round(size * ratio) + 120, // an empty tar, packed
        folder,
        ...(isRead && { disk: folder }),
        created,
        command,
        ...(parent && { parent }),
      });
    }
    return made;
  });

/** The layers below it and itself, lowest first. */
export function stackOf(layer: RandomLayer): RandomLayer[] {
  return [...(layer.parent ? stackOf(layer.parent) : []), layer];
}

/** What an inventory tells of layers. */
export function toldOf(layers: readonly RandomLayer[]): Record<string, Layer> {
  return Object.fromEntries(
    layers.map(({ id: layer, size, disk, created, command = '' }) => [
      layer,
      {
        size,
        ...(disk !== undefined && { disk }),
        ...(created !== undefined && { created }),
        ...(command && { command }),
      },
    ]),
  );
}

/** How a layer's record was made, and what of it is still there. */
interface RandomRecord {
  readonly there: boolean;
  /** What it lies on has gone. */
  readonly orphan: boolean;
  /** Taken over from an image, not built. */
  readonly imported: boolean;
}

/** For each of `someLayers` perhaps a record. */
export const someRecords: fc.Arbitrary<readonly RandomRecord[]> = fc.array(
  fc.record({ there: fc.boolean(), orphan: fc.boolean(), imported: fc.boolean() }),
  { minLength: 12, maxLength: 12 },
);

/** The records of these layers, as a store tells them, each with its layer. */
export function recordsOf(
  layers: readonly RandomLayer[],
  made: readonly RandomRecord[],
  store: string,
): { record: CacheRecord; layer: RandomLayer; imported: boolean }[] {
  const there = new Set(layers.filter((_, i) => made[i]?.there).map((layer) => layer.id));
  return layers.flatMap((layer, i) => {
    const { orphan = false, imported = false } = made[i] ?? {};
    if (!there.has(layer.id)) return [];
    const { size, packed, created = 0, command = '', parent } = layer;
    const containerd = store === 'containerd';
    const shape = imported
      ? { description: containerd ? '' : 'from local x', size: containerd ? packed : 0 }
      : { description: `[2/3] ${command}`, size: containerd ? size + packed : size };
    const below = parent && (orphan || !there.has(parent.id) ? 'gone' : `of ${parent.id}`);
    const more = {
      shared: true,
      parents: below ? [below] : [],
      created: new Date(created * 1000).toISOString(),
    };
    return [{ record: record(`of ${layer.id}`, 10, { ...shape, ...more }), layer, imported }];
  });
}
