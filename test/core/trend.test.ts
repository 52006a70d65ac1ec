// The trend: what a look adds, how a day is summed up, how fast it grows, when a disk is full.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Day, Sample } from '../../src/core/trend.ts';
import { daysOf, rollUp, sampleOf } from '../../src/core/trend.ts';
import { trendCsv } from '../../src/core/trend-csv.ts';
import type { Point } from '../../src/core/trend-growth.ts';
import { dateOf, forecastOf, growthOf, numberOf } from '../../src/core/trend-growth.ts';
import { container, image, inventory, record, stopped, volume } from '../support/builders.ts';

const AT = '2026-11-21T02:41:09.000Z';
const ALL = { images: 'all', volumes: 'sized', cache: true } as const;
const GB = 1e9;

describe('a sample', () => {
  const layers = { a: { size: 100 }, ab: { size: 20 }, ac: { size: 3 } };
  const shared = [
    image('app:1 app:2', { layers: ['a', 'ab'] }),
    image('web:1', { layers: ['a', 'ac'] }),
    image('', { layers: ['a'] }),
  ];

  test('counts each layer once, and an image once in each of its repositories', () => {
    const more = { layers, volumes: [volume('v', { size: 7 })], cache: [record('r')] };
    expect(sampleOf(inventory(shared, [stopped('x')], [], more), ALL, AT)).toMatchObject({
      at: AT,
      space: { image: 123, container: 1_000_000, volume: 7, cache: 1_000_000 },
      images: { total: 3, repositories: { app: 1, web: 1, '<none>': 1 } },
    });
  });

  test('says nothing of what was not asked for, nor of what is known in part', () => {
    const running = [container('web', shared[1] ?? '')];
    const unsized = [volume('a', { size: 7 }), volume('b')];
    const part = inventory(shared, running, [], { layers: { a: { size: 1 } }, volumes: unsized, disk: DISK });
    const sample = sampleOf(part, { ...ALL, cache: false }, AT);
    expect(sample.space).toEqual({});
    expect(sample.disk).toEqual(DISK);
    expect(sampleOf({ ...part, partial: true }, ALL, AT).images).toBeUndefined();
    expect(sampleOf(inventory([]), { images: 'none', volumes: 'none', cache: false }, AT)).toEqual({
      schemaVersion: 1,
      at: AT,
      space: { container: 0 },
      ...(inventory([]).disk && { disk: inventory([]).disk }),
    });
  });

  test('knows images that an earlier run has looked into, and does not count what images share as cache', () => {
    const bare = shared.map(({ layers: _, ...rest }) => rest);
    const learnt = {
      images: Object.fromEntries(shared.map(({ id, layers = [] }) => [id, { layers }])),
      layers,
      blobs: {},
    };
    const on = inventory(bare, [], [], { cache: [record('r', 1, { shared: true })] });
    expect(sampleOf(on, ALL, AT, learnt).space).toMatchObject({ image: 123, cache: 0 });
    expect(sampleOf(on, ALL, AT).space.image).toBeUndefined();
  });

  test('names the repositories with most images, not all of a registry', () => {
    const many = Array.from({ length: 120 }, (_, i) => image(`r${i}:1 r7:${i}`));
    const { images } = sampleOf(inventory(many), ALL, AT);
    expect(Object.keys(images?.repositories ?? {})).toHaveLength(50);
    expect(images?.repositories['r7']).toBe(120);
    expect(images?.total).toBe(120);
  });
});

const DISK = { free: 40 * GB, total: 100 * GB };

const aSample: fc.Arbitrary<Sample> = fc.record(
  {
    schemaVersion: fc.constant(1 as const),
    at: fc
      .integer({ min: 0, max: 5 * 86_400 })
      .map((s) => new Date(Date.UTC(2026, 10, 1) + s * 1000).toISOString()),
    space: fc.record(
      { image: fc.nat(99), container: fc.nat(99), volume: fc.nat(99), cache: fc.nat(99) },
      { requiredKeys: [] },
    ),
    disk: fc.record({ free: fc.nat(9), total: fc.nat(99) }),
    images: fc.record({
      total: fc.nat(99),
      repositories: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(9)),
    }),
  },
  { requiredKeys: ['schemaVersion', 'at', 'space'] },
);
const some = fc.array(aSample, { minLength: 1, maxLength: 8 });

describe('days', () => {
  test('a sum of sums is the sum, in any order, and never less than a part', () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const all = rollUp([...a, ...b]);
        expect(rollUp([rollUp(b), rollUp(a)])).toEqual(all);
        expect(rollUp([all])).toEqual(all);
        for (const { space, disk } of a) {
          for (const [kind, bytes] of Object.entries(space))
            expect(all.space[kind as keyof typeof space]).toBeGreaterThanOrEqual(bytes);
          if (disk) expect(all.disk?.free).toBeLessThanOrEqual(disk.free);
        }
      }),
    );
  });

  test('are the same of samples as of samples that were summed up by day', () => {
    fc.assert(
      fc.property(some, (samples) => {
        const summed = Object.values(Object.groupBy(samples, ({ at }) => at.slice(0, 10))).map((its = []) =>
          rollUp(its),
        );
        expect(daysOf(summed)).toEqual(daysOf(samples));
      }),
    );
  });

  test('as CSV have a line each, with nothing where nothing is known', () => {
    const days: Day[] = [
      { day: '2026-11-20', space: { image: 5, cache: 0 }, disk: { free: 1, total: 3 } },
      { day: '2026-11-21', space: {}, images: { total: 4, repositories: {} } },
    ];
    expect(trendCsv(days)).toBe(
      'day,image_bytes,container_bytes,volume_bytes,cache_bytes,images,disk_used_bytes,disk_bytes\n' +
        '2026-11-20,5,,,0,,2,3\n2026-11-21,,,,,4,,\n',
    );
  });
});

const line = (days: number, perDay: number, from = 1000): Point[] =>
  Array.from({ length: days }, (_, day) => ({ day, value: from + day * perDay }));

describe('growth', () => {
  test('of a straight line is its slope, whatever the days are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 29 }), { minLength: 5 }),
        fc.integer({ min: -1000, max: 1000 }),
        (days, slope) => {
          const found = growthOf(days.map((day) => ({ day, value: 7 + day * slope })));
          if (Math.max(...days) - Math.min(...days) < 6) expect(found).toBeUndefined();
          else expect(found).toEqual({ perDay: slope, steady: slope !== 0 });
        },
      ),
    );
  });

  test('is not turned by a few odd days', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 19 }), { maxLength: 4 }),
        fc.integer({ min: 0, max: 1e12 }),
        (odd, value) => {
          const points = line(20, 100).map((point) =>
            odd.includes(point.day) ? { ...point, value } : point,
          );
          const { perDay } = growthOf(points) ?? { perDay: Number.NaN };
          expect(perDay).toBeGreaterThan(0);
        },
      ),
    );
  });

  test('is of the last 30 days', () => {
    expect(growthOf([...line(60, 100), ...line(30, -5).map((p) => ({ ...p, day: p.day + 60 }))])).toEqual({
      perDay: -5,
      steady: true,
    });
  });

  test.each<[string, Point[]]>([
    ['no day', []],
    ['four days', line(4, 10)],
    ['five days of one week that are too near to each other', line(5, 10)],
    ['one day over and over', Array.from({ length: 9 }, () => ({ day: 3, value: 4 }))],
  ])('is not told of %s', (_, points) => {
    expect(growthOf(points)).toBeUndefined();
  });
});

const filling = (days: number, perDay: number, total = 100 * GB, from = 0): Day[] =>
  Array.from({ length: days }, (_, i) => ({
    day: dateOf(numberOf('2026-11-01') + from + i),
    space: {},
    disk: { total, free: total - (50 * GB + i * perDay) },
  }));

describe('a forecast', () => {
  test('says when a disk that fills up evenly is full', () => {
    expect(forecastOf(filling(11, GB)).disk).toEqual({ perDay: GB, fullOn: '2026-12-21' });
  });

  test.each<[string, Day[]]>([
    ['does not grow', filling(11, 0)],
    ['empties', filling(11, -GB)],
    ['is not full in years', filling(11, GB / 100)],
    [
      'goes up and down',
      filling(12, 0).map((day, i) => ({ ...day, disk: { total: 100 * GB, free: (i % 2 ? 20 : 60) * GB } })),
    ],
  ])('names no day for a disk that %s', (_, days) => {
    expect(forecastOf(days).disk).toBeDefined();
    expect(forecastOf(days).disk?.fullOn).toBeUndefined();
  });

  test('knows nothing of a disk that nobody sees, nor of one that is new', () => {
    expect(forecastOf(filling(11, GB).map(({ day, space }) => ({ day, space })))).toEqual({ growth: {} });
    expect(forecastOf([...filling(11, GB), ...filling(3, GB, 200 * GB, 11)]).disk).toBeUndefined();
  });
});
