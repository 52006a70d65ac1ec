// What the blobs of images take on the containerd store: random layers, packed, of which images tell only their totals.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordLayers } from '../../src/core/cache-layers.ts';
import { contentOf } from '../../src/core/content.ts';
import { sizesOf } from '../../src/core/folders.ts';
import type { CacheRecord, Image, Inventory, Layer } from '../../src/core/inventory.ts';
import { stacksOf } from '../../src/core/stacks.ts';
import type { RandomLayer } from '../support/arbitrary.ts';
import { someLayers, stackOf, toldOf } from '../support/arbitrary.ts';
import { id, image, inventory, record } from '../support/builders.ts';

const RUNS = { numRuns: 2000 };
const OWN_MOST = 65_536;
const BLOCK = 4096;

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const blocks = (bytes: number) => Math.ceil(bytes / BLOCK) * BLOCK;

/** An image of these layers, with so many bytes of manifests and configuration. */
function imageOf(name: string, top: RandomLayer, own: number): Image {
  const stack = stackOf(top);
  return image(name, {
    layers: stack.map((layer) => layer.id),
    size: sum(stack.map(({ size, packed }) => size + packed)) + own,
  });
}

interface Host {
  readonly layers: readonly RandomLayer[];
  readonly images: readonly Image[];
  readonly own: readonly number[];
}

/** Images whose top is one of the layers each, some of the same one. */
const host: fc.Arbitrary<Host> = someLayers.chain((layers) =>
  fc
    .array(fc.tuple(fc.nat(layers.length - 1), fc.integer({ min: 400, max: 20_000 })), {
      minLength: 1,
      maxLength: 6,
    })
    .map((rows) => ({
      layers,
      images: rows.map(([top, own], i) => imageOf(`app:${i}`, layers[top] as RandomLayer, own)),
      own: rows.map(([, own]) => own),
    })),
);

function on({ layers, images }: Host, more: Partial<Inventory> = {}): Inventory {
  return inventory(images, [], [], { layers: toldOf(layers), ...more });
}

type Found = ReturnType<typeof contentOn>;

const NOWHERE = -1;

/** What the blobs take, by the names of images and layers. */
function contentOn(
  there: Inventory,
  images: readonly Image[],
  records: ReadonlyMap<string, RecordLayers> = new Map(),
) {
  const stacks = stacksOf(images);
  const alone = new Uint8Array(stacks.ids.length);
  for (const { layers } of records.values())
    for (const layer of layers) alone[stacks.numberOf(layer) ?? NOWHERE] = 1;
  const sizes = sizesOf(there.layers, stacks);
  const { blobs, held, blobOf } = contentOf(there, images, records, stacks, sizes, alone);
  const pieces = [...blobs.size].map((size, i) => ({
    size,
    low: blobs.low[i] as number,
    high: blobs.high[i] as number,
  }));
  const heldBy = (name: string) => held(images.findIndex((each) => each.id === name));
  return {
    pieces,
    heldBy,
    /** The piece that is no layer's. */
    ownOf: (name: string) => heldBy(name).at(-1) ?? NOWHERE,
    blobOf: (layer: string, recordSize: number) =>
      blobOf(stacks.numberOf(layer) ?? NOWHERE, recordSize) ?? NOWHERE,
  };
}

/** The pieces that are not an image's own, each with the layers whose blobs it is. */
function layersByPiece({ layers, images }: Host, content: Found): Map<number, RandomLayer[]> {
  const used = new Set(images.flatMap((each) => each.layers ?? []));
  return Map.groupBy(
    layers.filter((layer) => used.has(layer.id)),
    (layer) => content.blobOf(layer.id, layer.size + layer.packed),
  );
}

describe('of random images, of which only the totals are known', () => {
  test('what the blobs take lies between the bounds', () => {
    fc.assert(
      fc.property(host, (there) => {
        const content = contentOn(on(there), there.images);
        for (const [name, layers] of layersByPiece(there, content)) {
          const piece = content.pieces[name];
          const packed = sum(layers.map((layer) => layer.packed));
          expect(packed).toBeGreaterThanOrEqual(piece?.low ?? Number.NaN);
          expect(packed).toBeLessThanOrEqual(piece?.high ?? Number.NaN);
        }
        for (const [i, { id: name }] of there.images.entries()) {
          const own = content.pieces[content.ownOf(name)];
          expect(there.own[i]).toBeGreaterThanOrEqual(own?.low ?? Number.NaN);
          expect(there.own[i]).toBeLessThanOrEqual(own?.high ?? Number.NaN);
        }
      }),
      RUNS,
    );
  });

  test('and so it does where nobody asked for the sizes of some layers', () => {
    fc.assert(
      fc.property(host, fc.infiniteStream(fc.boolean()), (there, asked) => {
        const told = toldOf(there.layers.filter(() => asked.next().value));
        const content = contentOn(on(there, { layers: told }), there.images);
        for (const [name, layers] of layersByPiece(there, content)) {
          const piece = content.pieces[name];
          const packed = sum(layers.map((layer) => layer.packed));
          expect(packed).toBeGreaterThanOrEqual(piece?.low ?? Number.NaN);
          expect(packed).toBeLessThanOrEqual(piece?.high ?? Number.NaN);
        }
      }),
      RUNS,
    );
  });

  test('the estimate is a whole number between the bounds', () => {
    fc.assert(
      fc.property(host, fc.nat(80_000_000), (there, more) => {
        const odd = there.images.map((each, i) => (i % 2 === 0 ? each : { ...each, size: each.size + more }));
        for (const images of [there.images, odd]) {
          for (const { low, size, high } of contentOn(on(there), images).pieces) {
            expect(Number.isInteger(size)).toBe(true);
            expect(low).toBeLessThanOrEqual(size);
            expect(size).toBeLessThanOrEqual(high);
          }
        }
      }),
      RUNS,
    );
  });

  test('every image holds the blobs of all its layers, and those of an image alone are its own', () => {
    fc.assert(
      fc.property(host, (there) => {
        const content = contentOn(on(there), there.images);
        const named = layersByPiece(there, content);
        for (const { id: name, layers = [] } of there.images) {
          const mine = [...named].filter(([, all]) => all.some((layer) => layers.includes(layer.id)));
          const own = content.ownOf(name);
          expect(named.has(own)).toBe(false);
          expect(new Set(content.heldBy(name))).toEqual(new Set([...mine.map(([piece]) => piece), own]));
        }
      }),
      RUNS,
    );
  });
});

describe('what is known better', () => {
  test('records of the build cache tell exactly what the blobs of their layers take', () => {
    fc.assert(
      fc.property(host, fc.infiniteStream(fc.boolean()), (there, has) => {
        const used = new Set(there.images.flatMap(({ layers = [] }) => layers));
        const seen = there.layers.filter((layer) => used.has(layer.id) && has.next().value);
        const cache = seen.map(
          (layer): CacheRecord =>
            record(`of ${layer.id}`, 10, { shared: true, size: layer.size + layer.packed }),
        );
        const matched = new Map(seen.map((layer) => [`of ${layer.id}`, { layers: [layer.id] }]));
        const content = contentOn(on(there, { cache }), there.images, matched);
        for (const { id: layer, size, packed } of seen) {
          const bytes = blocks(packed);
          expect(content.pieces[content.blobOf(layer, size + packed)]).toEqual({
            size: bytes,
            low: bytes,
            high: bytes,
          });
        }
        for (const [name, layers] of layersByPiece(there, content)) {
          if (layers.some((layer) => seen.includes(layer))) continue;
          const packed = sum(layers.map((layer) => layer.packed));
          expect(packed).toBeGreaterThanOrEqual(content.pieces[name]?.low ?? Number.NaN);
          expect(packed).toBeLessThanOrEqual(content.pieces[name]?.high ?? Number.NaN);
        }
      }),
      RUNS,
    );
  });

  test('manifests tell exactly what every blob takes, in whole blocks', () => {
    fc.assert(
      fc.property(host, (there) => {
        const blobOf = (layer: RandomLayer) => `sha256:blob of ${layer.id}`;
        const blobs = Object.fromEntries([
          ...there.layers.map((layer) => [blobOf(layer), layer.packed]),
          ...there.own.map((own, i) => [`sha256:own ${i}`, own]),
        ]);
        const byId = new Map(there.layers.map((layer) => [layer.id, layer]));
        const images = there.images.map((each, i) => ({
          ...each,
          blobs: {
            layers: (each.layers ?? []).map((layer) => blobOf(byId.get(layer) as RandomLayer)),
            others: [`sha256:own ${i}`],
          },
        }));
        const content = contentOn(on(there, { blobs, images }), images);
        for (const each of images) {
          const all = [...each.blobs.layers, ...each.blobs.others];
          const sizes = [...new Set(all)].map((digest) => blocks(blobs[digest] ?? 0));
          const held = content.heldBy(each.id).map((piece) => content.pieces[piece]);
          expect(held).toEqual(sizes.map((size) => ({ size, low: size, high: size })));
        }
      }),
      RUNS,
    );
  });

  test('images each built on the next tell all blobs but for what is no layer’s', () => {
    const layer = (n: number, parent?: RandomLayer): RandomLayer => ({
      id: id(`layer ${n}`),
      size: n * 10_000_000,
      packed: n * 3_000_000,
      folder: n * 10_000_000,
      ...(parent && { parent }),
    });
    const [a] = [layer(1)];
    const b = layer(2, a);
    const c = layer(3, b);
    const there: Host = {
      layers: [a, b, c],
      images: [a, b, c].map((top, i) => imageOf(`app:${i}`, top, 3000)),
      own: [3000, 3000, 3000],
    };
    const content = contentOn(on(there), there.images);
    for (const { id: name, size, packed } of there.layers) {
      const piece = content.pieces[content.blobOf(name, size + packed)];
      expect(piece?.low).toBeGreaterThanOrEqual(packed - 2 * OWN_MOST);
      expect(piece?.high).toBeLessThanOrEqual(packed + 2 * OWN_MOST);
    }
  });

  test('what was taken over from an image has perhaps the size of its blob alone, even where that packs badly', () => {
    const known = (of: { size: number; packed: number; description: string; record: number }) => {
      const { size, packed, description } = of;
      const only: RandomLayer = { id: id('l'), size, packed, folder: size };
      const there: Host = { layers: [only], images: [imageOf('app:1', only, 3000)], own: [3000] };
      const cache = [record('r', 10, { shared: true, size: of.record, description })];
      const content = contentOn(on(there, { cache }), there.images, new Map([['r', { layers: [only.id] }]]));
      const { low = 0, high = 0 } = content.pieces[content.blobOf(only.id, of.record)] ?? {};
      expect(low).toBeLessThanOrEqual(blocks(packed));
      expect(high).toBeGreaterThanOrEqual(packed);
      return low === high;
    };
    const real = { size: 5_246_976, packed: 5_243_882 };
    expect(known({ ...real, description: '', record: 5_243_882 })).toBe(true);
    expect(known({ ...real, description: '[2/2] COPY app /', record: 10_490_858 })).toBe(true);
    const random = { size: 8_192, packed: 9_100 };
    expect(known({ ...random, description: '', record: 9_100 })).toBe(false);
    expect(known({ ...random, description: '[2/2] COPY app /', record: 17_292 })).toBe(true);
  });

  test('a record of one layer of several holds that one’s blob, and none of the others’', () => {
    const base: RandomLayer = { id: id('base'), size: 40_000_000, packed: 30_000_000, folder: 40_000_000 };
    const top: RandomLayer = { id: id('top'), size: 8_192, packed: 9_100, folder: 8_192, parent: base };
    const there: Host = { layers: [base, top], images: [imageOf('app:1', top, 3000)], own: [3000] };
    const cache = [record('r', 10, { shared: true, size: 9_100, description: '' })]; // or of a blob of 908
    const content = contentOn(on(there, { cache }), there.images, new Map([['r', { layers: [top.id] }]]));
    const [below, own] = [base.id, top.id].map((layer) => content.blobOf(layer, 9_100)) as [number, number];
    expect(below).not.toBe(own);
    expect(content.pieces[below]?.high).toBeGreaterThanOrEqual(30_000_000);
    expect(content.pieces[own]?.high).toBeLessThan(1_000_000);
  });

  test('a record tells nothing of a layer that nobody asked about', () => {
    const only: RandomLayer = { id: id('l'), size: 1_000_000, packed: 400_000, folder: 1_000_000 };
    const there: Host = { layers: [only], images: [imageOf('app:1', only, 3000)], own: [3000] };
    const cache = [record('r', 10, { shared: true, size: 1_400_000 })];
    const none: Record<string, Layer> = {};
    const matched = new Map([['r', { layers: [only.id] }]]);
    const content = contentOn(on(there, { cache, layers: none }), there.images, matched);
    const piece = content.pieces[content.blobOf(only.id, 1_400_000)];
    expect(piece?.low).toBe(0);
    expect(piece?.high).toBeGreaterThanOrEqual(400_000);
  });

  test('an image with more bytes than its layers can have holds other platforms’ layers, too', () => {
    const only: RandomLayer = { id: id('l'), size: 1_000_000, packed: 400_000, folder: 1_000_000 };
    const there: Host = { layers: [only], images: [imageOf('app:1', only, 50_000_000)], own: [50_000_000] };
    const content = contentOn(on(there), there.images);
    const own = content.pieces[content.ownOf(there.images[0]?.id ?? '')];
    expect(own?.low).toBeGreaterThan(48_000_000);
    expect(own?.high).toBeGreaterThanOrEqual(50_000_000);
    expect(own?.size).toBeGreaterThanOrEqual(own?.low ?? 0);
  });

  test('a layer that was packed twice has the blob that a record’s size tells', () => {
    const layers = ['sha256:l'];
    const one = image('app:1', { layers, blobs: { layers: ['sha256:b1'], others: [] } });
    const two = image('app:2', { layers, blobs: { layers: ['sha256:b2'], others: [] } });
    const told = {
      layers: { 'sha256:l': { size: 10_000 } },
      blobs: { 'sha256:b1': 5_000, 'sha256:b2': 9_000 },
    };
    const content = contentOn(inventory([one, two], [], [], told), [one, two]);
    expect([content.blobOf('sha256:l', 15_000)]).toEqual(content.heldBy(one.id));
    expect([content.blobOf('sha256:l', 19_000)]).toEqual(content.heldBy(two.id));
  });
});
