// Replays traces under a budget, ours and least recently used first: what comes back after it was removed, in bytes:
// `make bench`. Only measures: asserts nothing.
import { withinBudget } from '../src/core/budget.ts';
import type { Image, Inventory } from '../src/core/inventory.ts';
import type { Trace, TracedImage } from './bench-traces.ts';
import { recorded, traces } from './bench-traces.ts';
import { EMPTY } from './empty-inventory.ts';

const SEEDS = [1, 2, 3];
/** Budgets, as multiples of the bytes that a day uses on average. */
const DAYS = [0.5, 1, 2];
/** What was used just now is in use. */
const DAY = 24 * 3_600_000;
const RUNNING = 15 * 60_000;

const FIRST_DAY = Date.UTC(2026, 0, 1);

/** An image that is there. */
interface Present {
  readonly image: TracedImage;
  readonly arrived: number;
  used: number;
}

/** Which go, in their order, until no more than so many bytes are used. */
type Policy = (present: readonly Present[], now: number, most: number) => readonly TracedImage[];

/** What it cost to have again what had been removed. */
interface Cost {
  bytes: number;
  pulls: number;
  builds: number;
}

/** Recorded ones besides; a ledger's file may be given as an argument. */
const RECORDED = ['examples/trace.json', ...process.argv.slice(2)];

await main();

async function main(): Promise<void> {
  console.log('\nBytes that came back after a budget had removed them:');
  console.log(row('', ['budget', 'LRU', 'ours', 'ours/LRU', 'LRU pulls', 'ours', 'LRU builds', 'ours']));
  let [theirs, mine] = [0, 0];
  const all = [...traces(SEEDS), ...(await Promise.all(RECORDED.map(recorded)))];
  for (const trace of all)
    for (const days of DAYS) {
      const most = days * bytesOfDay(trace);
      const [lru, ours] = [leastRecent, byValue].map((policy) => replay(trace, most, policy)) as [Cost, Cost];
      theirs += lru.bytes;
      mine += ours.bytes;
      console.log(
        row(trace.name, [
          gb(most),
          gb(lru.bytes),
          gb(ours.bytes),
          (ours.bytes / lru.bytes).toFixed(2),
          ...[lru.pulls, ours.pulls, lru.builds, ours.builds].map(String),
        ]),
      );
    }
  console.log(row('all', ['', gb(theirs), gb(mine), (mine / theirs).toFixed(2)]));
}

function row(name: string, figures: readonly string[]): string {
  return name.padEnd(28) + figures.map((figure) => figure.padStart(11)).join('');
}

function gb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function bytesOf(images: Iterable<TracedImage>): number {
  const layers = new Map<string, number>();
  for (const image of images) for (const [id, bytes] of image.layers) layers.set(id, bytes);
  return layers.values().reduce((sum, bytes) => sum + bytes, 0);
}

/** What the days' distinct images take on average. */
function bytesOfDay({ uses }: Trace): number {
  const days = Map.groupBy(uses, ({ at }) => Math.floor(at / DAY));
  const each = [...days.values()].map((those) => bytesOf(those.map(({ image }) => image)));
  return each.reduce((sum, bytes) => sum + bytes, 0) / each.length;
}

/** The trace on an empty host, with the policy asked whenever more than so many bytes are used. */
function replay({ uses }: Trace, most: number, policy: Policy): Cost {
  const present = new Map<TracedImage, Present>();
  const known = new Set<TracedImage>();
  const cost: Cost = { bytes: 0, pulls: 0, builds: 0 };
  for (const { at, image } of uses) {
    const there = present.get(image);
    if (there) {
      there.used = at;
      continue;
    }
    const before = bytesOf(present.keys());
    present.set(image, { image, arrived: at, used: at });
    if (known.has(image)) {
      cost.bytes += bytesOf(present.keys()) - before;
      if (image.pullable) cost.pulls++;
      else cost.builds++;
    }
    known.add(image);
    if (bytesOf(present.keys()) <= most) continue;
    for (const gone of policy([...present.values()], at, most)) present.delete(gone);
  }
  return cost;
}

/** As docuum does it: the least recently used image goes, until what all layers take is no more than that. */
function leastRecent(present: readonly Present[], now: number, most: number): readonly TracedImage[] {
  const left = new Set(present.map(({ image }) => image));
  const gone: TracedImage[] = [];
  for (const { image, used } of present.toSorted((a, b) => a.used - b.used)) {
    if (bytesOf(left) <= most) break;
    if (now - used < RUNNING) continue;
    left.delete(image);
    gone.push(image);
  }
  return gone;
}

function byValue(present: readonly Present[], now: number, most: number): readonly TracedImage[] {
  const byId = new Map(present.map((each) => [`sha256:${each.image.name}`, each]));
  const inventory = inventoryOf(present, now);
  const images = inventory.images.filter(({ id }) => now - (byId.get(id)?.used ?? 0) >= RUNNING);
  const mark = { start: most, end: most, startFrom: '', from: '' };
  const { place } = withinBudget(inventory, { maxUsed: mark, cache: false }, { images });
  return images.flatMap(({ id }) => (place(id) === undefined ? [] : (byId.get(id)?.image ?? [])));
}

function inventoryOf(present: readonly Present[], now: number): Inventory {
  const time = (at: number) => new Date(FIRST_DAY + at).toISOString();
  const layers: Record<string, { size: number; disk: number }> = {};
  const images = present.map(({ image, arrived, used }): Image => {
    for (const [id, bytes] of image.layers) layers[id] = { size: bytes, disk: bytes };
    return {
      id: `sha256:${image.name}`,
      tags: [image.name],
      digests: image.pullable ? [`${image.name}@sha256:0`] : [],
      arrived: time(arrived),
      used: { at: time(used), by: 'a container' },
      size: image.layers.reduce((sum, [, bytes]) => sum + bytes, 0),
      labels: {},
      layers: image.layers.map(([id]) => id),
    };
  });
  return { ...EMPTY, takenAt: time(now), images, layers };
}
