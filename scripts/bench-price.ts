// Measures how long core takes to price a plan over 100,000 images, and to choose half of them for a budget, on each store, as
// ratios to reading the same inventory from its JSON, and how much of the heap pricing takes: `make bench`. Only measures: asserts nothing.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { withinBudget } from '../src/core/budget.ts';
import type { Image, Inventory, Layer } from '../src/core/inventory.ts';
import type { ImageAction } from '../src/core/plan.ts';
import { priced } from '../src/core/price.ts';
import { EMPTY } from './empty-inventory.ts';

const IMAGES = 100_000;
/** Every base has a hundred images on it, every one of ten layers in all. */
const ON_A_BASE = 100;
const BASE_LAYERS = 4;
const OWN_LAYERS = 6;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

main();

function main(): void {
  console.log(`\nPricing a plan that deletes ${IMAGES / 2} of ${IMAGES} images; of the heap in MB:`);
  console.log(
    row('', [
      'ms',
      'ratio to JSON.parse',
      'budget, ms',
      'ratio',
      'inventory',
      'plan and prices',
      'with garbage',
    ]),
  );
  for (const store of ['overlay2', 'containerd']) console.log(row(store, measured(store)));
}

/** Milliseconds are medians; of the heap, what there is before, what more there is afterwards, and all with what was not collected. */
function measured(store: string): string[] {
  const empty = heap();
  const { inventory, reading } = synthetic(store);
  const before = heap();
  const actions = inventory.images.filter((_, i) => i % 2 === 0).map(deletion);
  let most = 0;
  let after = 0;
  const pricing = [1, 2, 3].map(() => {
    collect();
    const start = performance.now();
    const prices = priced(inventory, actions);
    const took = performance.now() - start;
    most = Math.max(most, used());
    after = heap();
    return prices.actions.length > 0 ? took : NaN;
  });
  const median = pricing.toSorted((a, b) => a - b)[1] as number;
  const choosing = budgeted(inventory);
  const megabytes = [before - empty, after - before, most - empty].map((bytes) => (bytes / 1e6).toFixed(0));
  const ratio = (ms: number) => [ms.toFixed(0), (ms / reading).toFixed(2)];
  return [...ratio(median), ...ratio(choosing), ...megabytes];
}

/** Milliseconds that it takes to choose what brings the images down to half of what they take. */
function budgeted(inventory: Inventory): number {
  const half = inventory.images.length * 1_000_000 * 4;
  const mark = { start: half, end: half, startFrom: '', from: '' };
  const start = performance.now();
  const { place } = withinBudget(inventory, { maxUsed: mark, cache: false }, { images: inventory.images });
  const took = performance.now() - start;
  return inventory.images.some(({ id }) => place(id) !== undefined) ? took : NaN;
}

function row(name: string, figures: readonly string[]): string {
  return name.padEnd(12) + figures.map((figure) => figure.padStart(21)).join('');
}

/** Bytes that something refers to. */
function heap(): number {
  collect();
  return used();
}

/** Columns of numbers lie outside of the heap. */
function used(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** An inventory as reading the engine's answers makes it: every string is read from JSON, and none is there twice over. */
function synthetic(store: string): { readonly inventory: Inventory; readonly reading: number } {
  const layers: Record<string, Layer> = {};
  let reading = 0;
  const read = <T>(object: T): T => {
    const json = JSON.stringify(object);
    const start = performance.now();
    const copy = JSON.parse(json) as T;
    reading += performance.now() - start;
    return copy;
  };
  const images = Array.from({ length: IMAGES }, (_, i): Image => {
    const base = Math.floor(i / ON_A_BASE);
    const own = Array.from({ length: OWN_LAYERS }, (_, n) => layer(`${i}b${n}`, 1_000_000 + n));
    const below = Array.from({ length: BASE_LAYERS }, (_, n) => layer(`ba${base}a${n}`, 20_000_000 + n));
    const stack = [...below, ...own];
    Object.assign(layers, read(Object.fromEntries(i % ON_A_BASE === 0 ? stack : own)));
    return read(imageOf(store, i, stack));
  });
  return { inventory: { ...EMPTY, engine: { ...EMPTY.engine, store }, images, layers }, reading };
}

function layer(name: string, size: number): [id: string, layer: Layer] {
  const command = `RUN /bin/sh -c apt-get install -y package-${name} # buildkit`;
  return [`sha256:${name.padStart(64, '0')}`, { size, created: 1_780_000_000 + size, command }];
}

function imageOf(store: string, i: number, stack: readonly (readonly [string, Layer])[]): Image {
  const size = stack.reduce((sum, [, { size: bytes }]) => sum + bytes, 0);
  return {
    id: `sha256:${String(i).padStart(64, '0')}`,
    tags: [`app-${Math.floor(i / ON_A_BASE)}:${i}`],
    digests: [],
    created: new Date(1_780_000_000_000 + i * 60_000).toISOString(),
    size: store === 'containerd' ? Math.round(size * 1.4) : size,
    labels: { 'org.opencontainers.image.version': `1.0.${i}` },
    layers: stack.map(([id]) => id),
  };
}

function deletion({ id, tags, size }: Image): ImageAction {
  return {
    kind: 'delete-image',
    comeback: 'local-only',
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
