// What holds which bytes of the disk, on every kind of store.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aboutContainer, holdingsOf, isImported, LEASE } from '../../src/core/holdings.ts';
import type { CacheRecord, Image, Inventory, Layer } from '../../src/core/inventory.ts';
import type { Space } from '../../src/core/plan.ts';
import { freedBy } from '../../src/core/price.ts';
import type { RandomLayer } from '../support/arbitrary.ts';
import { recordsOf, someLayers, someRecords, stackOf, toldOf } from '../support/arbitrary.ts';
import { id, image, inventory, record } from '../support/builders.ts';

const RUNS = { numRuns: 1000 };

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const bounds = ({ frees, between }: Space) => between ?? ([frees, frees] as const);
const blocks = (bytes: number) => Math.ceil(bytes / 4096) * 4096;

/** docs/space.md has where these are from. */
const GRAPH = { base: 36_864, layer: 49_152, image: 12_288, record: 16_384 };
const CONTAINERD = { layer: 8_192, record: 8_192 };

function host(store: string, images: readonly Image[], more: Partial<Inventory> = {}): Inventory {
  const on = inventory(images, [], [], more);
  return { ...on, engine: { ...on.engine, store } };
}

/** What the disk takes for files of so many bytes that nobody could read, with what is kept about them. */
const between = (size: number, about: number) => [size + about, Math.ceil(size * 1.5) + 2 ** 20 + about];

const freed = (on: Inventory, ...going: string[]) => freedBy(holdingsOf(on), going);

describe('on overlay2', () => {
  const SIZES = [2_063_232, 0, 5_242_880, 4_000_000, 2_097_152];
  const stack = SIZES.map((_, i) => `l${i}`);
  const layers = Object.fromEntries(
    SIZES.map((disk, i) => [`l${i}`, disk > 0 ? { size: disk - 1000, disk } : { size: 0 }]),
  );
  const app = image('app:1', { id: 'app', layers: stack, size: sum(SIZES) });
  const cache = SIZES.map((_, i) =>
    record(`r${i}`, 10, {
      size: layers[`l${i}`]?.size ?? 0,
      shared: true,
      parents: i > 0 ? [`r${i - 1}`] : [],
    }),
  );
  const folders = sum(SIZES) + GRAPH.base + 4 * GRAPH.layer;

  test('an image holds the folders of its layers, and what is kept about it', () => {
    expect(freed(host('overlay2', [app], { layers }), 'app').together).toEqual({
      frees: folders + GRAPH.image,
    });
  });

  test('a layer whose folder nobody could read takes its files’ bytes at least, and half as much again at most', () => {
    const one = image('app:1', { id: 'app', layers: ['l'], size: 10_000_001 });
    const on = (layer: Layer) => freed(host('overlay2', [one], { layers: { l: layer } }), 'app').together;
    const [low, high] = between(10_000_001, GRAPH.base + GRAPH.image);
    expect(on({ size: 10_000_001 })).toEqual({ frees: low, about: true, between: [low, high] });
    expect(on({ size: 10_000_001, disk: 10_100_736 })).toEqual({
      frees: 10_100_736 + GRAPH.base + GRAPH.image,
    });
    expect(on({ size: 0 })).toEqual({ frees: GRAPH.base + GRAPH.image });
    expect(on({ size: 0, disk: 8_192 })).toEqual({ frees: 8_192 + GRAPH.base + GRAPH.image });
  });

  test('an image without layers holds nothing but what is kept about it', () => {
    const empty = image('empty:1', { id: 'empty', layers: [], size: 0 });
    expect(freed(host('overlay2', [empty]), 'empty').together).toEqual({ frees: GRAPH.image });
  });

  test('what the build cache holds of it comes free with the last record', () => {
    const on = host('overlay2', [app], { layers, cache });
    expect(freed(on, 'app').together).toEqual({ frees: GRAPH.image });
    const { each, together } = freed(on, 'app', 'r4', 'r3', 'r2', 'r1', 'r0');
    expect(each.map(({ frees }) => frees)).toEqual([
      GRAPH.image,
      ...SIZES.slice(1)
        .reverse()
        .map((size) => size + GRAPH.layer),
      (SIZES[0] as number) + GRAPH.base,
    ]);
    expect(together).toEqual({ frees: folders + GRAPH.image });
  });

  test('a record that no image shares has a folder of its own', () => {
    const own = (more: Partial<CacheRecord>) =>
      freed(host('overlay2', [], { cache: [record('r', 10, more)] }), 'r').together;
    const [low, high] = between(7, GRAPH.record);
    expect(own({ size: 7 })).toEqual({ frees: low, about: true, between: [low, high] });
    expect(own({ size: 7, disk: 4096 })).toEqual({ frees: 4096 + GRAPH.record });
    expect(own({ size: 0 })).toEqual({ frees: GRAPH.record });
  });

  describe('a record whose image has gone', () => {
    const gone = (i: number, more: Partial<CacheRecord> = {}) =>
      ({ ...(cache[i] as CacheRecord), shared: false, layer: `l${i}`, ...more }) satisfies CacheRecord;

    test('holds the layer that an earlier run saw it to be', () => {
      const on = host('overlay2', [], { layers, cache: [gone(0), gone(2)] });
      expect(freed(on, 'r0').together).toEqual({ frees: (SIZES[0] as number) + GRAPH.base });
      expect(freed(on, 'r2').together).toEqual({ frees: (SIZES[2] as number) + GRAPH.layer });
    });

    test('shares it with another image that has it by now', () => {
      const on = host('overlay2', [app], { layers, cache: [gone(2)] });
      expect(freed(on, 'r2').together).toEqual({ frees: 0 });
      expect(freed(on, 'app', 'r2').each[1]).toEqual({ frees: (SIZES[2] as number) + GRAPH.layer });
    });

    test('has the size that the engine tells where nobody remembers the layer, and that of its base image nothing bounds', () => {
      const imported = gone(2, { size: 0, description: 'from local sha256:1f' });
      const [lost, base] = [gone(2), imported].map((each) => host('overlay2', [], { cache: [each] })) as [
        Inventory,
        Inventory,
      ];
      expect(bounds(freed(lost, 'r2').together)).toEqual(between(5_241_880, GRAPH.record));
      expect(bounds(freed(base, 'r2').together)[1]).toBe(Number.POSITIVE_INFINITY);
      expect(freed(host('overlay2', [], { layers, cache: [imported] }), 'r2').together).toEqual({
        frees: (SIZES[2] as number) + GRAPH.layer,
      });
    });

    test('is what the image shows, whatever was remembered, while one shares it', () => {
      const wrong = { ...(cache[0] as CacheRecord), layer: 'l3' };
      const on = host('overlay2', [app], { layers, cache: [wrong] });
      const { held } = holdingsOf(on);
      expect(held.get('r0')).toEqual([held.get('app')?.[0]]);
    });
  });

  test('of a record whose base image has gone nothing bounds what it holds', () => {
    const gone = [
      record('local', 10, { size: 0, description: 'from local sha256:1f' }),
      record('lost', 10, { size: 5, shared: true }),
    ];
    const on = host('overlay2', [], { cache: gone });
    expect(freed(on, 'local').together.between).toEqual([GRAPH.record, Number.POSITIVE_INFINITY]);
    expect(freed(on, 'lost').together.between).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test('records of layers that cannot be told apart may hold either', () => {
    const twins = ['a', 'b'].map((name) => image(`${name}:1`, { id: name, layers: [`l-${name}`] }));
    const told = { 'l-a': { size: 7_000_000, disk: 7_000_000 }, 'l-b': { size: 7_000_000, disk: 7_000_000 } };
    const one = record('r', 10, { size: 7_000_000, shared: true });
    const on = host('overlay2', twins, { layers: told, cache: [one, { ...one, id: 'q' }] });
    const both = 2 * (7_000_000 + GRAPH.base);
    expect(freed(on, 'a').together.between).toEqual([GRAPH.image, GRAPH.image + both / 2]);
    expect(freed(on, 'a', 'b', 'q').together.between).toEqual([2 * GRAPH.image, 2 * GRAPH.image + both]);
    expect(freed(on, 'a', 'b', 'q', 'r').together).toEqual({ frees: 2 * GRAPH.image + both });
  });
});

describe('on the containerd store', () => {
  const SIZE = 5_246_976;
  const BLOB = 5_243_882;
  const layers = { l1: { size: SIZE } };
  const app = image('app:1', { id: 'app', layers: ['l1'], size: SIZE + BLOB + 3000 });
  const built = record('r', 10, { size: SIZE + BLOB, shared: true });
  const taken = record('r', 10, { size: BLOB, shared: true, description: '' });

  test('a record that was built has a snapshot of its own, and shares the blob', () => {
    const on = host('containerd', [app], { layers, cache: [built] });
    expect(freed(on, 'app').together).toEqual({ frees: SIZE + CONTAINERD.layer + 3000 });
    expect(freed(on, 'r').together).toEqual({ frees: SIZE + CONTAINERD.record });
    expect(freed(on, 'app', 'r').each[1]).toEqual({ frees: SIZE + CONTAINERD.record + blocks(BLOB) });
  });

  describe('where the engine does not say that an image shares a record', () => {
    const read = { ...app, blobs: { layers: ['sha256:b'], others: [] } };
    const unshared = { ...built, shared: false, description: '[2/2] COPY f /f' };
    const on = (command: string, size = SIZE + BLOB) =>
      host('containerd', [read], {
        layers: { l1: { size: SIZE, command } },
        blobs: { 'sha256:b': BLOB },
        cache: [{ ...unshared, size }],
      });

    test('its blob is most likely the image’s, if its bytes and its command are exactly those of a layer', () => {
      const own = SIZE + CONTAINERD.record;
      expect(freed(on('COPY f /f # buildkit'), 'r').together).toEqual({
        frees: own,
        about: true,
        between: [own, own + BLOB],
      });
      expect(bounds(freed(on('COPY f /f # buildkit'), 'app').together)).toEqual([
        SIZE + CONTAINERD.layer,
        SIZE + CONTAINERD.layer + blocks(BLOB),
      ]);
    });

    test.each([
      ['another command made the layer', on('COPY g /g # buildkit'), SIZE + BLOB],
      ['it has a byte more', on('COPY f /f # buildkit', SIZE + BLOB + 1), SIZE + BLOB + 1],
    ])('all of it is its own where %s', (_, elsewhere, size) => {
      expect(freed(elsewhere, 'r').together).toEqual({ frees: size + CONTAINERD.record });
    });
  });

  test('a record that was taken over from an image shares its snapshot, too', () => {
    const on = host('containerd', [app], { layers, cache: [taken] });
    expect(freed(on, 'app').together).toEqual({ frees: 3000 });
    expect(freed(on, 'r').together).toEqual({ frees: 0 });
    expect(freed(on, 'app', 'r').each[1]).toEqual({ frees: SIZE + CONTAINERD.layer + blocks(BLOB) });
  });

  test('a record that is the one layer or the other has a snapshot of either’s size', () => {
    const two = ['a', 'b'].map((name) =>
      image(`${name}:1`, { id: name, layers: [`l-${name}`], size: 9_000_000 }),
    );
    const told = { 'l-a': { size: 4_000_000 }, 'l-b': { size: 5_000_000 } };
    const on = host('containerd', two, {
      layers: told,
      cache: [record('r', 10, { size: 7_500_000, shared: true })],
    });
    const [low, high] = bounds(freed(on, 'r').together);
    expect(low).toBeLessThanOrEqual(4_000_000 + CONTAINERD.record);
    expect(high).toBeGreaterThanOrEqual(5_000_000 + CONTAINERD.record);
  });

  test('of a record of a layer without a known size its own bounds the snapshot', () => {
    const on = host('containerd', [app], { cache: [built] });
    const [low, high] = bounds(freed(on, 'r').together);
    expect(low).toBeLessThanOrEqual(SIZE + CONTAINERD.record);
    expect(high).toBeGreaterThanOrEqual(SIZE + CONTAINERD.record);
    expect(high).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('an image without layers holds what it is described by alone', () => {
    const empty = image('empty:1', { id: 'empty', layers: [], size: 700 });
    expect(freed(host('containerd', [empty]), 'empty').together).toEqual({ frees: 700 });
  });

  describe('a record whose image has gone', () => {
    const gone = { ...taken, shared: false, layer: 'l1' };

    test('and that was taken over from it holds the snapshot of its layer, and the blob', () => {
      const on = host('containerd', [], { layers, cache: [gone] });
      expect(freed(on, 'r').together).toEqual({ frees: SIZE + CONTAINERD.layer + BLOB });
      const whole = host('containerd', [], { layers, cache: [{ ...gone, size: 2 * SIZE }] });
      expect(freed(whole, 'r').together).toEqual({ frees: 2 * SIZE + CONTAINERD.layer });
    });

    test('and whose size may be that of the layer and its blob, or of a blob alone that is hardly packed, is about', () => {
      const on = host('containerd', [], { layers, cache: [{ ...gone, size: SIZE + 5000 }] });
      const about = SIZE + CONTAINERD.layer;
      expect(freed(on, 'r').together).toEqual({
        frees: about + SIZE + 5000,
        about: true,
        between: [about + 5000, about + SIZE + 5000],
      });
    });

    test('shares the snapshot with another that was taken over, and with an image that has it by now', () => {
      const two = host('containerd', [], { layers, cache: [gone, { ...gone, id: 'q' }] });
      expect(freed(two, 'r').together).toEqual({ frees: BLOB });
      expect(freed(two, 'r', 'q').together).toEqual({ frees: SIZE + CONTAINERD.layer + 2 * BLOB });
      const on = host('containerd', [app], { layers, cache: [gone] });
      expect(freed(on, 'r').together).toEqual({ frees: BLOB });
    });

    test('and that was built has what the engine tells, all its own', () => {
      const on = host('containerd', [], { layers, cache: [{ ...built, shared: false, layer: 'l1' }] });
      expect(freed(on, 'r').together).toEqual({ frees: SIZE + BLOB + CONTAINERD.record });
    });

    test('and whose layer nobody remembers is bounded by nothing', () => {
      const on = host('containerd', [], { cache: [gone] });
      expect(freed(on, 'r').together.between).toEqual([BLOB + CONTAINERD.record, Number.POSITIVE_INFINITY]);
    });
  });

  describe('a build that read its sources', () => {
    const sources = (lastUsed: string) =>
      record('sources', 10, { type: 'source.local', description: '', size: 4096, lastUsed });
    const step = (lastUsed: string) => record('step', 10, { size: 9000, lastUsed });
    const on = (cache: readonly CacheRecord[], store = 'containerd') =>
      host(store, [app], { layers, cache, takenAt: '2026-11-21T12:00:00Z' });
    const lows = (there: Inventory) =>
      [...freedBy(holdingsOf(there), ['app', ...there.cache.map(({ id: name }) => name)]).each].map(
        (space) => bounds(space)[0],
      );

    test('in the last five minutes and used nothing since may hold any image', () => {
      for (const cache of [
        [sources('2026-11-21T11:56:00Z')],
        [sources('2026-11-21T11:56:00Z'), step('2026-11-21T11:55:59Z')],
        [sources('2026-11-21T09:00:00Z'), { ...sources('2026-11-21T11:55:00Z'), id: 'others' }],
      ])
        expect(new Set(lows(on(cache)))).toEqual(new Set([0]));
    });

    test('keeps the most that may come free, and the estimate', () => {
      const [failed, long] = ['2026-11-21T11:56:00Z', '2026-11-21T11:50:00Z'].map(
        (used) => freed(on([sources(used)]), 'app').together,
      );
      expect(failed?.frees).toBe(long?.frees);
      expect(bounds(failed as Space)[1]).toBe(bounds(long as Space)[1]);
    });

    test.each([
      ['longer ago', [sources('2026-11-21T11:54:59Z')]],
      ['and used a step since', [sources('2026-11-21T11:56:00Z'), step('2026-11-21T11:56:01Z')]],
      ['and used a step in the same second', [sources('2026-11-21T11:56:00Z'), step('2026-11-21T11:56:00Z')]],
      ['at a time that nobody knows', [sources('')]],
      ['never', []],
    ])('%s holds none', (_, cache) => {
      expect(lows(on(cache))[0]).toBeGreaterThan(SIZE);
    });

    test('holds none on overlay2, whose layers stay with what holds them', () => {
      expect(lows(on([sources('2026-11-21T11:56:00Z')], 'overlay2'))[0]).toBeGreaterThan(SIZE);
    });
  });

  describe('an image that a build began from', () => {
    const base = record('base', 10, { size: BLOB, shared: true, description: '' });
    const step = (lastUsed: string) => record('step', 10, { parents: ['base'], lastUsed });
    const on = (lastUsed: string) =>
      host('containerd', [app], { layers, cache: [base, step(lastUsed)], takenAt: '2026-11-21T12:00:00Z' });

    test('may be held by BuildKit for five minutes', () => {
      const late = holdingsOf(on('2026-11-21T11:56:00Z'));
      expect(late.perhaps.get(LEASE)).toEqual(late.held.get('app'));
      expect(bounds(freedBy(late, ['app', 'step', 'base']).together)[0]).toBeLessThan(SIZE);
    });

    test('and is free of it afterwards', () => {
      const early = holdingsOf(on('2026-11-21T11:54:00Z'));
      expect(early.perhaps.get(LEASE)).toBeUndefined();
      expect(bounds(freedBy(early, ['app', 'step', 'base']).together)[0]).toBeGreaterThan(SIZE);
    });
  });
});

describe('what is not known', () => {
  test('an image whose layers nobody asked for frees between nothing and its size', () => {
    const app = image('app:1', { id: 'app', size: 10_000_000, sharedSize: 4_000_000 });
    for (const store of ['overlay2', 'containerd', 'podman'])
      expect(freed(host(store, [app]), 'app').together).toEqual({
        frees: 6_000_000,
        about: true,
        between: [0, 10_000_000],
      });
  });

  test('an engine that says more is shared than there is frees nothing, at least', () => {
    const app = image('app:1', { id: 'app', size: 10, sharedSize: 40 });
    expect(freed(host('podman', [app]), 'app').together).toMatchObject({ frees: 0, between: [0, 10] });
  });

  test('where not all images were listed, those that were not may hold every layer', () => {
    const app = image('app:1', { id: 'app', layers: ['l1'], size: 5_000_000 });
    for (const store of ['overlay2', 'containerd']) {
      const on = host(store, [app], { layers: { l1: { size: 4_000_000 } }, partial: true });
      const [low, high] = bounds(freed(on, 'app').together);
      expect(low).toBeLessThanOrEqual(GRAPH.image);
      expect(high).toBeGreaterThanOrEqual(4_000_000);
    }
  });

  test('of a layer without a size nothing bounds what it takes', () => {
    const app = image('app:1', { id: 'app', layers: ['l1'], size: 5_000_000 });
    for (const store of ['overlay2', 'containerd'])
      expect(bounds(freed(host(store, [app]), 'app').together)[1]).toBe(Number.POSITIVE_INFINITY);
  });
});

test.each<[string, Partial<CacheRecord>, boolean]>([
  ['built', { description: '[2/2] RUN make' }, false],
  ['of a base image that was there', { description: 'from local sha256:1f' }, true],
  ['of a pulled base image', { description: 'pulled from docker.io/library/alpine:3' }, true],
  ['of an image on the containerd store', { description: '' }, true],
  ['of a build context', { type: 'source.local', description: '' }, false],
])('a record %s is taken over from an image: %#', (_, more, imported) => {
  expect(isImported(record('r', 10, more))).toBe(imported);
});

test('what is kept about a container is more once it ran, and is not known of podman', () => {
  for (const store of ['overlay2', 'containerd']) {
    expect(aboutContainer(store, false)).toBeGreaterThan(0);
    expect(aboutContainer(store, true)).toBeGreaterThan(aboutContainer(store, false));
  }
  expect(aboutContainer('podman', true)).toBe(0);
});

/** A random host: images, and records of the layers that they have, or had: an earlier run saw those. */
const randomHost = fc.record({
  layers: someLayers,
  made: someRecords,
  tops: fc.array(fc.tuple(fc.nat(11), fc.integer({ min: 400, max: 20_000 })), { minLength: 1, maxLength: 5 }),
  goes: fc.shuffledSubarray(Array.from({ length: 20 }, (_, i) => i)),
  manifests: fc.boolean(),
});

interface Real {
  readonly on: Inventory;
  /** Holders, in the order in which they go. */
  readonly going: readonly string[];
  /** What each holds in truth, with the bytes, least and most: a blob takes whole blocks, which totals do not say. */
  readonly holds: ReadonlyMap<string, ReadonlyMap<string, readonly [number, number]>>;
}

type RandomHost = typeof randomHost extends fc.Arbitrary<infer T> ? T : never;

function real(store: string, { layers, made, tops, goes, manifests }: RandomHost): Real {
  const containerd = store === 'containerd';
  const blobOf = (layer: RandomLayer) => `sha256:blob of ${layer.id}`;
  const pieces = (layer: RandomLayer): [string, readonly [number, number]][] => {
    const about = containerd ? CONTAINERD.layer : layer.parent ? GRAPH.layer : GRAPH.base;
    const bytes = (containerd ? layer.size : layer.folder) + about;
    return [[`folder ${layer.id}`, [bytes, bytes]]];
  };
  const blob = (layer: RandomLayer): [string, readonly [number, number]][] =>
    containerd ? [[blobOf(layer), [layer.packed, blocks(layer.packed)]]] : [];
  const holds = new Map<string, ReadonlyMap<string, readonly [number, number]>>();
  const images = tops.map(([top, own], i) => {
    const stack = stackOf(layers[top % layers.length] as RandomLayer);
    const about = containerd ? ([own, blocks(own)] as const) : ([GRAPH.image, GRAPH.image] as const);
    const name = id(`image ${i}`);
    holds.set(
      name,
      new Map([
        ...stack.flatMap((layer) => [...pieces(layer), ...blob(layer)]),
        [`own ${i}`, about] as const,
      ]),
    );
    const packed = containerd ? sum(stack.map((layer) => layer.packed)) + own : 0;
    return image(`app:${i}`, {
      id: name,
      layers: stack.map((layer) => layer.id),
      size: sum(stack.map(({ size }) => size)) + packed,
      ...(containerd && manifests && { blobs: { layers: stack.map(blobOf), others: [`own ${i}`] } }),
    });
  });
  const used = new Set(images.flatMap((each) => each.layers ?? []));
  const cache = recordsOf(layers, made, store).map(({ record: each, ...rest }) => {
    const remembered = { ...each, shared: false, layer: rest.layer.id };
    return { ...rest, record: used.has(rest.layer.id) ? each : remembered };
  });
  for (const { record: each, layer, imported } of cache) {
    const own = [layer.size + CONTAINERD.record, layer.size + CONTAINERD.record] as const;
    const folder = containerd && !imported ? ([[`copy ${each.id}`, own]] as const) : pieces(layer);
    holds.set(each.id, new Map([...folder, ...blob(layer)]));
  }
  const blobs = Object.fromEntries([
    ...layers.map((layer) => [blobOf(layer), layer.packed]),
    ...tops.map(([, own], i) => [`own ${i}`, own]),
  ]);
  const more = { layers: toldOf(layers), blobs, cache: cache.map((each) => each.record) };
  const all = [...holds.keys()];
  return { on: host(store, images, more), going: goes.flatMap((i) => all[i] ?? []), holds };
}

/** What comes free when these go, counted anew: what nobody who stays holds. */
function counted({ holds, going }: Real): [low: number, high: number] {
  const stays = new Set(
    [...holds].flatMap(([holder, all]) => (going.includes(holder) ? [] : [...all.keys()])),
  );
  const goes = new Map(going.flatMap((holder) => [...(holds.get(holder) ?? [])]));
  const free = [...goes].filter(([piece]) => !stays.has(piece)).map(([, bytes]) => bytes);
  return [sum(free.map(([low]) => low)), sum(free.map(([, high]) => high))];
}

describe.each(['overlay2', 'containerd'])('on random hosts with %s', (store) => {
  test('what comes free lies between the bounds, whatever goes in whatever order', () => {
    fc.assert(
      fc.property(randomHost, (random) => {
        const there = real(store, random);
        const [low, high] = bounds(freed(there.on, ...there.going).together);
        const [least, most] = counted(there);
        expect(low).toBeLessThanOrEqual(most);
        expect(high).toBeGreaterThanOrEqual(least);
      }),
      RUNS,
    );
  });

  test('it is the same where only what goes is looked at, and what it shares', () => {
    fc.assert(
      fc.property(randomHost, (random) => {
        const { on, going } = real(store, random);
        const [some, all] = [holdingsOf(on, new Set(going)), holdingsOf(on)].map((holdings) => {
          const { each, together } = freedBy(holdings, going);
          return { each, together };
        });
        expect(some).toEqual(all);
      }),
      RUNS,
    );
  });

  test('it is exact where all is known and nothing can be mistaken', () => {
    fc.assert(
      fc.property(randomHost, (random) => {
        const none = random.made.map((each) => ({ ...each, there: false }));
        const read = random.layers.map((layer) => ({ ...layer, disk: layer.folder }));
        const there = real(store, { ...random, layers: read, made: none, manifests: true });
        expect(freed(there.on, ...there.going).together).toEqual({ frees: counted(there)[1] });
      }),
      RUNS,
    );
  });
});

test('on overlay2 everything that is held comes free exactly when all go, whatever the records may be', () => {
  fc.assert(
    fc.property(randomHost, (random) => {
      const read = random.layers.map((layer) => ({ ...layer, disk: layer.folder }));
      const there = real('overlay2', { ...random, layers: read });
      const all = { ...there, going: [...there.holds.keys()] };
      expect(freed(all.on, ...all.going).together).toEqual({ frees: counted(all)[0] });
    }),
    RUNS,
  );
});
