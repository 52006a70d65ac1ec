// A trace played back: what a policy would have removed day by day, and what of that was needed again; beside LRU and age alone.
import type { Inventory } from './inventory.ts';
import type { Trace } from './replay-trace.ts';
import type { There, World } from './replay-world.ts';
import { playUntil, remove, worldOf } from './replay-world.ts';

/** An image that was needed again after it was removed. */
export interface Missed {
  readonly image: string;
  /** The first of its names, if it had any. */
  readonly name?: string;
  readonly removed: string;
  readonly needed: string;
  /** What of it was not there any more; all of it where its layers are not known. */
  readonly bytes: number;
  /** `pull`: it has a repository digest, so that a registry may have it. */
  readonly by: 'pull' | 'rebuild';
}

/** What one way to choose came to. Bytes count each layer once, where layers are known. */
export interface Played {
  readonly removed: { readonly images: number; readonly bytes: number };
  readonly again: { readonly pulls: number; readonly rebuilds: number; readonly bytes: number };
  /** What the images took after each day's run. */
  readonly disk: { readonly mean: number; readonly last: number };
  readonly missed: readonly Missed[];
}

export interface Replay {
  readonly since: string;
  readonly until: string;
  readonly runs: number;
  readonly images: number;
  readonly uses: number;
  readonly policy: Played;
  /** The least recently used go, each day until as little is left as the policy left. */
  readonly lru: Played;
  /** The same, and those that were built first go. */
  readonly age: Played;
}

/** IDs of images that go, of an inventory as it would have been. */
export type Decide = (inventory: Inventory) => readonly string[];

const DAY = 86_400_000;

/**
 * Plays a trace with a run at the end of each of its days. An image that was used on the day of a run counts as in use then,
 * whoever decides: a trace tells uses by the day, and no containers.
 */
export function replay(trace: Trace, decide: Decide): Replay {
  const moments = runsOf(trace);
  const targets: number[] = [];
  const policy = play(trace, moments, (world, at) => {
    for (const id of decide(inventoryAt(trace, world, at))) if (!inUse(world, id, at)) remove(world, id, at);
    targets.push(world.bytes);
  });
  const until = (target: number | undefined, world: World, at: number, order: (each: There) => number) => {
    const candidates = [...world.there].filter(([id]) => !inUse(world, id, at));
    candidates.sort(([a, one], [b, other]) => order(one) - order(other) || (a < b ? -1 : 1));
    for (const [id] of candidates) {
      if (world.bytes <= (target ?? 0)) break;
      remove(world, id, at);
    }
  };
  return {
    since: trace.since,
    until: trace.until,
    runs: moments.length,
    images: Object.keys(trace.images).length,
    uses: trace.events.filter(({ does }) => does === 'used').length,
    policy,
    lru: play(trace, moments, (world, at, i) => until(targets[i], world, at, ({ used }) => used)),
    age: play(trace, moments, (world, at, i) => until(targets[i], world, at, ({ built }) => built)),
  };
}

/** The end of each day of the trace, the last one cut short. */
function runsOf({ since, until }: Trace): number[] {
  const [first, last] = [Date.parse(since), Date.parse(until)];
  const whole = Math.max(0, Math.ceil((last - first) / DAY));
  return Array.from({ length: whole }, (_, i) => Math.min(last, first + (i + 1) * DAY));
}

function play(
  trace: Trace,
  moments: readonly number[],
  run: (world: World, at: number, i: number) => void,
): Played {
  const world = worldOf(trace);
  let sum = 0;
  for (const [i, at] of moments.entries()) {
    playUntil(world, at);
    run(world, at, i);
    sum += world.bytes;
  }
  playUntil(world, Number.POSITIVE_INFINITY);
  const { missed, removed } = world;
  const pulls = missed.filter(({ by }) => by === 'pull').length;
  const bytes = missed.reduce((all, each) => all + each.bytes, 0);
  return {
    removed,
    again: { pulls, rebuilds: missed.length - pulls, bytes },
    disk: { mean: Math.round(sum / Math.max(1, moments.length)), last: world.bytes },
    missed,
  };
}

function inUse({ there }: World, id: string, at: number): boolean {
  return (there.get(id)?.lastUse ?? Number.NEGATIVE_INFINITY) > at - DAY;
}

/** The engine as docker tidy would have seen it. What is in use is held by a container. */
function inventoryAt(trace: Trace, world: World, at: number): Inventory {
  const moment = (ms: number) => new Date(ms).toISOString();
  const images = [...world.there].map(([id, { names, arrived, used, lastUse }]) => {
    const { size, created, labels, parent, layers } = trace.images[id] as Trace['images'][string];
    const by = lastUse === undefined ? {} : { by: 'what the trace tells' };
    return {
      id,
      tags: names.filter((name) => !name.includes('@')),
      digests: names.filter((name) => name.includes('@')),
      ...(created !== undefined && { created }),
      arrived: moment(arrived),
      used: { at: moment(used), ...by },
      size,
      labels,
      ...(parent !== undefined && { parent }),
      ...(layers && { layers }),
    };
  });
  const containers = images
    .filter(({ id }) => inUse(world, id, at))
    .map(({ id }) => ({
      id: id.replace(/^sha256:/, ''),
      name: 'in-use',
      state: 'running',
      imageId: id,
      image: id,
      imageMounts: [],
      labels: {},
      volumes: [],
      folders: [],
      networks: [],
    }));
  return {
    schemaVersion: 1,
    engine: ENGINE,
    takenAt: moment(at),
    images,
    containers,
    services: [],
    networks: [],
    volumes: [],
    cache: [],
    layers: Object.fromEntries(Object.entries(trace.layers).map(([id, size]) => [id, { size }])),
    blobs: {},
  };
}

const ENGINE: Inventory['engine'] = {
  id: 'trace',
  name: 'trace',
  host: 'trace://',
  version: '',
  apiVersion: '',
  store: 'overlay2',
  swarm: false,
  zone: 'Z',
};
