import { describe, expect, test } from 'vitest';
import { NO_CONDITIONS } from '../../src/core/condition.ts';
import type { Levels } from '../../src/core/df.ts';
import { dfOf } from '../../src/core/df.ts';
import { holdingsOf } from '../../src/core/holdings.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import { planOf } from '../../src/core/plan.ts';
import { planCache } from '../../src/core/plan-cache.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planImages } from '../../src/core/plan-images.ts';
import { freedBy } from '../../src/core/price.ts';
import { container, image, imagesAsked, inventory, record, stopped, volume } from '../support/builders.ts';

/** A layer whose folder could be read. */
const layer = (disk: number) => ({ size: disk - 5000, disk });
const LAYERS = {
  base: layer(100_000_000),
  one: layer(1_000_000),
  two: layer(2_000_000),
  apart: layer(50_000_000),
};
const one = image('app:1', { size: 101_000_000, layers: ['base', 'one'] });
const two = image('app:2', { size: 102_000_000, layers: ['base', 'two'] });
const apart = image('other:1', { size: 50_000_000, layers: ['apart'] });

/** What the engine keeps about an image, its first layer, and another layer. */
const [ABOUT, BASE, LAYER] = [12_288, 36_864, 49_152];

const levels = (on: Inventory): Levels => {
  const plan = (all: boolean) => {
    const containers = planContainers(on, NO_CONDITIONS);
    const images = planImages(on, [imagesAsked({ all })], new Set(containers.actions.map(({ id }) => id)));
    return planOf(on, [], [containers, images, planCache(on, { all, conditions: NO_CONDITIONS })]);
  };
  return { dangling: plan(false), unused: plan(true) };
};
const df = (on: Inventory, dataRoot?: number) => dfOf(on, levels(on), dataRoot);
const kind = (on: Inventory, name: string) => df(on).kinds.find((each) => each.kind === name);

describe('images', () => {
  const on = inventory([one, two, apart], [], [], { layers: LAYERS });

  test('their size counts each layer once', () => {
    const bytes = 153_000_000 + 3 * ABOUT + 2 * BASE + 2 * LAYER;
    expect(kind(on, 'image')).toMatchObject({ total: 3, active: 0, size: { bytes } });
  });

  test('are sorted by what removing each alone would free', () => {
    expect(df(on).images.map(({ name, alone }) => [name, alone])).toEqual([
      ['other:1', { bytes: 50_000_000 + ABOUT + BASE }],
      ['app:2', { bytes: 2_000_000 + ABOUT + LAYER }],
      ['app:1', { bytes: 1_000_000 + ABOUT + LAYER }],
    ]);
  });

  test('say who has most of what they share', () => {
    expect(df(on).images.map(({ name, shared, sharedWith }) => [name, shared, sharedWith])).toEqual([
      ['other:1', 0, undefined],
      ['app:2', 100_000_000 + BASE, 'app:1'],
      ['app:1', 100_000_000 + BASE, 'app:2'],
    ]);
  });

  test('name the base itself, where several have as much of it', () => {
    const base = image('zbase:1', { size: 100_000_000, layers: ['base'] });
    const based = inventory([one, two, base], [], [], { layers: LAYERS });
    expect(df(based).images.map(({ sharedWith }) => sharedWith)).toEqual(['zbase:1', 'zbase:1', 'app:1']);
  });

  test('share with the build cache, too', () => {
    const shared = record('r', 10, { shared: true, size: LAYERS.apart.size });
    const cached = inventory([apart], [], [], { layers: LAYERS, cache: [shared] });
    expect(df(cached).images).toMatchObject([
      { alone: { bytes: ABOUT }, shared: 50_000_000 + BASE, sharedWith: 'the build cache' },
    ]);
    expect(kind(cached, 'cache')).toMatchObject({ total: 1, size: { bytes: 0 } });
  });

  test('of a repository free together what they share with each other only', () => {
    expect(df(on).repositories).toMatchObject([
      { name: 'app', images: 2, together: { bytes: 103_000_000 + 2 * ABOUT + BASE + 2 * LAYER } },
      { name: 'other', images: 1, together: { bytes: 50_000_000 + ABOUT + BASE } },
    ]);
  });

  test('with a name in another repository stay when one repository goes', () => {
    const both = inventory([{ ...apart, tags: ['other:1', 'third:1'] }], [], [], { layers: LAYERS });
    expect(df(both).repositories.map(({ name, images, together }) => [name, images, together.bytes])).toEqual(
      [
        ['other', 1, 0],
        ['third', 1, 0],
      ],
    );
  });

  test('take the nameless images along that only they were built on, as docker does', () => {
    const parent = image('', { size: 100_000_000, layers: ['base'] });
    const child = image('app:1', { size: 101_000_000, layers: ['base', 'one'], parent: parent.id });
    const classic = inventory([parent, child], [], [], { layers: LAYERS });
    expect(df(classic).images).toMatchObject([
      { name: 'app:1', alone: { bytes: 101_000_000 + 2 * ABOUT + BASE + LAYER }, shared: 0 },
    ]);
    expect(kind(classic, 'image')).toMatchObject({ total: 1 });
  });

  test('alone and together free what the plan’s own price says', () => {
    const holdings = holdingsOf(on);
    for (const { id, alone } of df(on).images)
      expect(alone.bytes).toBe(freedBy(holdings, [id]).together.frees);
  });

  test('whose folders nobody could read are about, for the disk gives whole blocks', () => {
    const unread = inventory([apart], [], [], { layers: { apart: { size: 50_000_000 } } });
    expect(df(unread).images).toMatchObject([
      {
        alone: {
          bytes: 50_000_000 + ABOUT + BASE,
          about: true,
          between: [50_000_000 + ABOUT + BASE, 75_000_000 + 2 ** 20 + ABOUT + BASE],
        },
      },
    ]);
  });

  test('whose layers are not known are about, within bounds', () => {
    const unknown = inventory([image('app:1', { size: 10, sharedSize: 4 })]);
    expect(df(unknown).images).toMatchObject([{ alone: { bytes: 6, about: true, between: [0, 10] } }]);
  });
});

describe('what each level frees', () => {
  const on = inventory(
    [one, two, apart],
    [stopped('old', 10, { imageId: one.id }), container('web', two)],
    [],
    {
      layers: LAYERS,
      cache: [record('r')],
    },
  );

  test('is what the plans of that level say, by kind, and their sums', () => {
    const { dangling, unused } = levels(on);
    const { kinds, total } = df(on);
    expect(total).toMatchObject({ dangling: { bytes: dangling.frees }, unused: { bytes: unused.frees } });
    for (const [level, plan] of [
      ['dangling', dangling],
      ['unused', unused],
    ] as const)
      expect(kinds.reduce((sum, each) => sum + (each[level]?.bytes ?? 0), 0)).toBe(plan.frees);
  });

  test('is not told of volumes, which no level removes', () => {
    const volumes = kind(inventory([], [], [], { volumes: [volume('data')] }), 'volume');
    expect(volumes).toEqual({ kind: 'volume', total: 1, active: 0 });
  });
});

test('containers come by what they have written, largest first; those that run are active', () => {
  const on = inventory(
    [one],
    [container('web', one, { size: 5 }), stopped('old'), container('new', one, { state: 'created' })],
  );
  expect(df(on).containers.map(({ name, size }) => [name, size])).toEqual([
    ['old', 1_000_000],
    ['web', 5],
    ['new', undefined],
  ]);
  expect(kind(on, 'container')).toMatchObject({ total: 3, active: 1 });
});

test('volumes say whose they are: a compose project, and who mounts them', () => {
  const labels = { 'com.docker.compose.project': 'shop' };
  const volumes = [volume('data', { labels }), volume('lost', { size: 7 })];
  expect(
    df(inventory([one], [container('db', one, { volumes: ['data'] })], [], { volumes })).volumes,
  ).toEqual([
    { name: 'lost', size: 7, users: [] },
    { name: 'data', project: 'shop', users: ['mounted by running container db'] },
  ]);
});

test('the build cache is told by when it was last used', () => {
  const disk = 1_003_520;
  const cache = [
    record('a', 21, { disk }),
    record('b', 18, { disk }),
    record('c', 3, { disk }),
    record('d', 1, { disk, lastUsed: '2026-05-01T00:00:00Z' }),
  ];
  const about = 16_384;
  expect(df(inventory([], [], [], { cache })).cache).toEqual(
    ['day', 'week', 'month', 'older'].map((used) => ({
      used,
      records: 1,
      size: { bytes: disk + about },
      shared: 0,
    })),
  );
});

test('what the data folder holds beyond all that is unaccounted, and never less than nothing', () => {
  const on = inventory([], [], [], { cache: [record('r')] });
  expect(df(on, 5_000_000)).toMatchObject({
    dataRoot: 5_000_000,
    unaccounted: { bytes: 5_000_000 - 1_016_384 },
  });
  expect(df(on, 1)).toMatchObject({ unaccounted: { bytes: 0 } });
  expect(df(on)).not.toHaveProperty('unaccounted');
});
