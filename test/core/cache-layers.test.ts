// Which layers of images the records of the build cache are, in the shapes that real engines give both.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layersOfCache } from '../../src/core/cache-layers.ts';
import type { CacheRecord, Image, Layer } from '../../src/core/inventory.ts';
import { recordsOf, someLayers, someRecords, stackOf, toldOf } from '../support/arbitrary.ts';
import { image, inventory, record } from '../support/builders.ts';

const SECOND = 1_780_000_000;
const at = (second: number) => new Date(second * 1000 + 345).toISOString();

/** An image of these layers, by their names. */
const of = (name: string, ...layers: string[]): Image => image(name, { layers });
const shared = (name: string, size: number, more: Partial<CacheRecord> = {}): CacheRecord =>
  record(name, 10, { shared: true, size, ...more });
/** Records each of which lies on the one before it. */
const chain = (...records: CacheRecord[]): CacheRecord[] =>
  records.map((each, i) => ({ ...each, parents: records.slice(i - 1, i).map(({ id }) => id) }));

function found(
  images: readonly Image[],
  layers: Readonly<Record<string, Layer>>,
  cache: readonly CacheRecord[],
  store = 'overlay2',
): Record<string, readonly string[]> {
  const on = inventory(images, [], [], { layers, cache });
  const matched = layersOfCache({ ...on, engine: { ...on.engine, store } }, images);
  return Object.fromEntries([...matched].map(([id, each]) => [id, each.layers]));
}

const OVERLAY2 = [2_063_232, 0, 5_242_880, 4_000_000, 2_097_152];
const STACK = ['l1', 'l2', 'l3', 'l4', 'l5'];
const sizes = (all: readonly number[], names: readonly string[] = STACK) =>
  Object.fromEntries(all.map((size, i) => [names[i] as string, { size }]));

describe('on overlay2', () => {
  test('a chain of records is the chain of layers that has its sizes', () => {
    const cache = chain(...OVERLAY2.map((size, i) => shared(`r${i + 1}`, size)));
    expect(found([of('app:1', ...STACK)], sizes(OVERLAY2), cache)).toEqual({
      r1: ['l1'],
      r2: ['l2'],
      r3: ['l3'],
      r4: ['l4'],
      r5: ['l5'],
    });
  });

  test('records that no image shares are no layers, and without shared ones there is nothing to find', () => {
    const images = [of('app:1', 'l1')];
    expect(found(images, sizes([7]), [record('own', 10, { size: 7 })])).toEqual({});
    expect(found(images, sizes([7]), [record('own', 10, { size: 7 }), shared('r', 7)])).toEqual({
      r: ['l1'],
    });
  });

  test('a record of another size than every layer is none', () => {
    expect(found([of('app:1', 'l1')], sizes([7]), [shared('r', 8)])).toEqual({ r: [] });
  });

  test('a base image that was there already is found by what lies on its records of no size', () => {
    const images = [
      of('base:1', 'b1', 'b2', 'b3'),
      of('other:1', 'o1', 'o2', 'o3'),
      of('app:1', 'b1', 'b2', 'b3', 'top'),
    ];
    const layers = sizes(
      [2_063_232, 0, 5_242_880, 9, 8, 7, 2_097_152],
      ['b1', 'b2', 'b3', 'o1', 'o2', 'o3', 'top'],
    );
    const base = ['f1', 'f2', 'f3'].map((name) => shared(name, 0, { description: 'from local sha256:1f' }));
    expect(found(images, layers, chain(...base, shared('r', 2_097_152)))).toEqual({
      f1: ['b1'],
      f2: ['b2'],
      f3: ['b3'],
      r: ['top'],
    });
    expect(found(images, layers, chain(...base))).toMatchObject({ f1: ['b1', 'o1'] });
  });

  test('a record of no size that was built is a layer of no size only', () => {
    const images = [of('app:1', 'l1'), of('app:2', 'l2')];
    expect(found(images, sizes([0, 5]), [shared('r', 0)])).toEqual({ r: ['l1'] });
  });
});

describe('on the containerd store', () => {
  test('a record takes its layer and its blob, one that an image was taken over by only the blob', () => {
    const layers = sizes([5_246_976, 2_101_248]);
    const images = [of('app:1', 'l1', 'l2')];
    const built = chain(shared('r1', 10_490_858), shared('r2', 2_101_248 + 2_098_000));
    expect(found(images, layers, built, 'containerd')).toEqual({ r1: ['l1'], r2: ['l2'] });
    const imported = chain(shared('r1', 5_243_882, { description: '' }), shared('r2', 2_101_248 + 2_098_000));
    expect(found(images, layers, imported, 'containerd')).toEqual({ r1: ['l1'], r2: ['l2'] });
  });

  test('a record smaller than a layer, or larger than layer and blob can be, is another one', () => {
    const images = [of('app:1', 'l1')];
    const layers = sizes([5_246_976]);
    expect(found(images, layers, [shared('r', 5_243_882)], 'containerd')).toEqual({ r: [] });
    expect(found(images, layers, [shared('r', 5_246_976 * 2 + 200_000)], 'containerd')).toEqual({ r: [] });
    expect(found(images, layers, [shared('r', 5_246_976 * 2 + 60_000)], 'containerd')).toEqual({ r: ['l1'] });
  });
});

describe('layers of the same size', () => {
  const images = [of('app:1', 'base', 'a'), of('app:2', 'base', 'b')];
  const built = (command: string, second: number) => ({ size: 7, command, created: SECOND + second });
  const layers = (a: Layer, b: Layer) => ({ base: { size: 100 }, a, b });
  const step = (name: string, description: string, second: number) =>
    shared(name, 7, { description, created: at(SECOND + second), parents: ['r0'] });

  test('are told apart by the command that built them', () => {
    const two = layers(built('RUN make # buildkit', 1), built('COPY app /app # buildkit', 1));
    const cache = [shared('r0', 100), step('r1', '[2/2] COPY app /app', 1), step('r2', '[2/2] RUN make', 1)];
    expect(found(images, two, cache)).toEqual({ r0: ['base'], r1: ['b'], r2: ['a'] });
  });

  test('and of the same command by the second in which they were built', () => {
    const two = layers(built('RUN make # buildkit', 1), built('RUN make # buildkit', 2));
    const cache = [shared('r0', 100), step('r1', '[2/2] RUN make', 2), step('r2', '[2/2] RUN make', 1)];
    expect(found(images, two, cache)).toEqual({ r0: ['base'], r1: ['b'], r2: ['a'] });
  });

  test('and else are all that the records may be', () => {
    const two = layers(built('RUN make', 1), built('RUN make', 1));
    const cache = [shared('r0', 100), step('r1', 'RUN make', 1), step('r2', 'RUN make', 1)];
    expect(found(images, two, cache)).toEqual({ r0: ['base'], r1: ['a', 'b'], r2: ['a', 'b'] });
  });

  test('are told apart by what was built on them', () => {
    const two = { ...layers(built('RUN make', 1), built('RUN make', 1)), top: { size: 3 } };
    const more = [...images, of('app:3', 'base', 'b', 'top')];
    const cache = [shared('r0', 100), step('r1', 'RUN make', 1), shared('r2', 3, { parents: ['r1'] })];
    expect(found(more, two, cache)).toEqual({ r0: ['base'], r1: ['b'], r2: ['top'] });
  });

  test('tell what they were built on by themselves, and so what else was', () => {
    const twins = [of('one:1', 'x', 'x1', 'x2'), of('two:1', 'y', 'y1', 'y2')];
    const told = {
      ...{ x: { size: 100 }, y: { size: 100 } },
      ...{ x1: { ...built('RUN make', 1) }, y1: { ...built('RUN make', 2) } },
      ...{ x2: { size: 3 }, y2: { size: 3 } },
    };
    const cache = chain(
      shared('r0', 100, { description: 'COPY base /' }),
      step('r1', 'RUN make', 2),
      shared('r2', 3, { description: '' }),
    );
    expect(found(twins, told, cache)).toEqual({ r0: ['y'], r1: ['y1'], r2: ['y2'] });
  });

  test('two records may be the same layer', () => {
    const cache = [shared('r1', 100), shared('r2', 100)];
    expect(found([of('app:1', 'base')], { base: { size: 100 } }, cache)).toEqual({
      r1: ['base'],
      r2: ['base'],
    });
  });
});

describe('records whose parents tell nothing', () => {
  const images = [of('app:1', 'l1', 'l2', 'l3')];
  const layers = sizes([1, 2, 3]);

  test('that go round in a circle are no layers, and looking ends', () => {
    const cache = [
      shared('a', 1, { parents: ['b'] }),
      shared('b', 2, { parents: ['a'] }),
      shared('c', 3, { parents: ['c'] }),
    ];
    expect(found(images, layers, cache)).toEqual({ a: [], b: [], c: [] });
  });

  test('that have gone may be at any height', () => {
    expect(found(images, layers, [shared('r', 3, { parents: ['gone'] })])).toEqual({ r: ['l3'] });
  });

  test('that are several, as of COPY --link, may be at any height, even where only one of them is there', () => {
    const both = [shared('a', 1), shared('b', 2, { parents: ['a'] })];
    const merged = (...parents: string[]) => shared('m', 3, { parents });
    expect(found(images, layers, [...both, merged('a', 'b')])).toMatchObject({ m: ['l3'] });
    expect(found(images, layers, [...both, merged('a', 'gone')])).toMatchObject({ m: ['l3'] });
  });
});

test.each(['overlay2', 'containerd'])(
  'on %s the layer that a record was made of is always among those found',
  (store) => {
    fc.assert(
      fc.property(someLayers, someRecords, fc.boolean(), (layers, made, unsized) => {
        const images = layers.map((layer, i) => of(`app:${i}`, ...stackOf(layer).map(({ id }) => id)));
        const cache = recordsOf(layers, made, store);
        const told = toldOf(unsized ? layers.filter((_, i) => i % 3 > 0) : layers);
        const matched = found(
          images,
          told,
          cache.map(({ record }) => record),
          store,
        );
        for (const { record, layer } of cache) expect(matched[record.id]).toContain(layer.id);
      }),
      { numRuns: 2000 },
    );
  },
);
