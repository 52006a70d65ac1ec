// Measures how long core takes to price a plan over 100,000 images, on each store, as a ratio to reading the same
// inventory from its JSON: `make bench`. Only measures: asserts nothing.
import type { Image, Inventory, Layer } from '../src/core/inventory.ts';
import type { ImageAction } from '../src/core/plan.ts';
import { priced } from '../src/core/price.ts';

const IMAGES = 100_000;
/** Every base has a hundred images on it, every one of ten layers in all. */
const ON_A_BASE = 100;
const BASE_LAYERS = 4;
const OWN_LAYERS = 6;

let largest = 0;
const rows = ['overlay2', 'containerd'].map((store) => {
  const inventory = synthetic(store);
  const actions = inventory.images.filter((_, i) => i % 2 === 0).map(deletion);
  const pricing = milliseconds(() => priced(inventory, actions));
  largest = Math.max(largest, process.memoryUsage().heapUsed);
  const json = JSON.stringify(inventory);
  const reading = milliseconds(() => JSON.parse(json));
  return [`${store}, ${actions.length} of ${IMAGES} images go`, pricing, reading] as const;
});

console.log('\nPricing a plan'.padEnd(46), 'ms'.padStart(8), 'ratio to JSON.parse'.padStart(22));
for (const [name, pricing, reading] of rows)
  console.log(name.padEnd(45), pricing.toFixed(0).padStart(8), (pricing / reading).toFixed(2).padStart(22));
console.log(`Heap afterwards: ${(largest / 1e6).toFixed(0)} MB, with the inventory.`);

function milliseconds(work: () => unknown): number {
  const times = [1, 2, 3].map(() => {
    const start = performance.now();
    work();
    return performance.now() - start;
  });
  return times.toSorted((a, b) => a - b)[1] as number;
}

function synthetic(store: string): Inventory {
  const layers: Record<string, Layer> = {};
  const layer = (name: string, size: number) => {
    const id = `sha256:${name.padStart(64, '0')}`;
    layers[id] = { size };
    return id;
  };
  const images = Array.from({ length: IMAGES }, (_, i): Image => {
    const base = Math.floor(i / ON_A_BASE);
    const stack = [
      ...Array.from({ length: BASE_LAYERS }, (_, n) => layer(`ba${base}a${n}`, 20_000_000 + n)),
      ...Array.from({ length: OWN_LAYERS }, (_, n) => layer(`${i}b${n}`, 1_000_000 + n)),
    ];
    const size = stack.reduce((sum, id) => sum + (layers[id]?.size ?? 0), 0);
    return {
      id: `sha256:${String(i).padStart(64, '0')}`,
      tags: [`app-${base}:${i}`],
      digests: [],
      size: store === 'containerd' ? size * 1.4 : size,
      labels: {},
      layers: stack,
    };
  });
  return {
    schemaVersion: 1,
    engine: { id: '', name: '', host: '', version: '', apiVersion: '1.51', store, swarm: false, zone: 'Z' },
    takenAt: '2026-11-21T00:00:00Z',
    images,
    layers,
    blobs: {},
    containers: [],
    services: [],
    networks: [],
    volumes: [],
    cache: [],
  };
}

function deletion({ id, tags, size }: Image): ImageAction {
  return {
    kind: 'delete-image',
    target: tags[0] as string,
    id,
    group: '',
    size,
    frees: 0,
    because: { rule: 'unused', text: '' },
    after: [],
    expects: { names: tags },
  };
}
