// The images of an engine while a trace is played: what is there, what it takes, and what was missed once it was removed.
import { realTime } from './order.ts';
import type { Missed } from './replay.ts';
import type { Trace, TraceEvent } from './replay-trace.ts';
import { inOrder } from './replay-trace.ts';

/** An image that is there. Moments are milliseconds. */
export interface There {
  names: readonly string[];
  readonly arrived: number;
  /** When it was built; where that is not known, when it came. */
  readonly built: number;
  /** When it was last used, or else came. */
  used: number;
  lastUse: number | undefined;
}

/** Changed by what is played, and by what is removed. */
export interface World {
  readonly trace: Trace;
  readonly events: readonly TraceEvent[];
  /** The event that comes next. */
  next: number;
  readonly there: Map<string, There>;
  /** Images that were removed, and not by whoever made the trace: when, and what they were. */
  readonly gone: Map<string, There & { readonly removed: number }>;
  /** How many images that are there have each layer. */
  readonly holders: Map<string, number>;
  bytes: number;
  readonly removed: { images: number; bytes: number };
  readonly missed: Missed[];
}

/** The beginning of a trace, with what was there already. */
export function worldOf(trace: Trace): World {
  const events = inOrder(trace.events);
  const world: World = {
    trace,
    events,
    next: 0,
    there: new Map(),
    gone: new Map(),
    holders: new Map(),
    bytes: 0,
    removed: { images: 0, bytes: 0 },
    missed: [],
  };
  const own = Map.groupBy(events, ({ image }) => image);
  for (const image of Object.keys(trace.images)) {
    const [first, ...more] = own.get(image) ?? [];
    const names = [first, ...more].find((event) => event?.names)?.names ?? [];
    if (first?.does !== 'arrived') arrive(world, image, names, Date.parse(trace.since));
  }
  return world;
}

/** Plays all events up to a moment, that included. */
export function playUntil(world: World, until: number): void {
  for (; world.next < world.events.length; world.next++) {
    const event = world.events[world.next] as TraceEvent;
    if (Date.parse(event.at) > until) return;
    happen(world, event);
  }
}

function happen(world: World, { at, image, does, names }: TraceEvent): void {
  const now = Date.parse(at);
  const { there, gone } = world;
  const away = gone.get(image);
  if (does === 'gone') {
    take(world, image);
    gone.delete(image);
  } else if (does === 'arrived') {
    gone.delete(image); // it came by itself, whatever was removed
    if (there.has(image)) take(world, image);
    arrive(world, image, names ?? [], now);
  } else if (does === 'named') {
    const named = there.get(image) ?? away;
    if (named) named.names = names ?? named.names;
  } else {
    if (away) bringBack(world, image, away, at);
    const used = there.get(image);
    if (used) [used.used, used.lastUse] = [now, now];
  }
}

function arrive(world: World, image: string, names: readonly string[], at: number): void {
  if (!Object.hasOwn(world.trace.images, image)) return;
  const built = realTime(world.trace.images[image]?.created) ?? at;
  world.there.set(image, { names, arrived: at, built, used: at, lastUse: undefined });
  put(world, image);
}

/** It is needed and was removed: what of it is missing is pulled or built again. */
function bringBack(
  world: World,
  image: string,
  { removed, ...was }: There & { removed: number },
  at: string,
): void {
  const before = world.bytes;
  world.gone.delete(image);
  world.there.set(image, { ...was, arrived: Date.parse(at) });
  put(world, image);
  const { names } = was;
  world.missed.push({
    image,
    ...(names[0] !== undefined && { name: names[0] }),
    removed: new Date(removed).toISOString(),
    needed: at,
    bytes: world.bytes - before,
    by: names.some((name) => name.includes('@')) ? 'pull' : 'rebuild',
  });
}

/** Removes an image that is there. */
export function remove(world: World, image: string, at: number): void {
  const was = world.there.get(image);
  if (!was) return;
  const before = world.bytes;
  take(world, image);
  world.gone.set(image, { ...was, removed: at });
  world.removed.images++;
  world.removed.bytes += before - world.bytes;
}

/** Layers as the trace has them; an image without any is a piece of its own. */
function piecesOf({ images, layers }: Trace, image: string): [piece: string, bytes: number][] {
  const { size = 0, layers: own } = images[image] ?? {};
  if (!own?.every((layer) => Object.hasOwn(layers, layer))) return [[image, size]];
  return [...new Set(own)].map((layer) => [layer, layers[layer] as number]);
}

function put(world: World, image: string): void {
  for (const [piece, bytes] of piecesOf(world.trace, image)) {
    const holders = world.holders.get(piece) ?? 0;
    if (holders === 0) world.bytes += bytes;
    world.holders.set(piece, holders + 1);
  }
}

function take(world: World, image: string): void {
  if (!world.there.delete(image)) return;
  for (const [piece, bytes] of piecesOf(world.trace, image)) {
    const holders = (world.holders.get(piece) ?? 1) - 1;
    if (holders === 0) world.bytes -= bytes;
    world.holders.set(piece, holders);
  }
}
