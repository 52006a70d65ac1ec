// The layers of images as trees, by number: a hundred thousand images have a million, so that each name is looked up once.
import type { Image } from './inventory.ts';

/** Layers have numbers in the order in which they come, each after the one that it lies on. */
export interface Stacks {
  /** The layers' chain IDs. */
  readonly ids: readonly string[];
  /** What each layer lies on; NONE for a lowest one, and for one that no image has. */
  readonly below: Int32Array;
  /** How many images have each layer. */
  readonly owners: Int32Array;
  /** Each image's highest layer, in the order of the images; NONE for one that has none. */
  readonly tops: Int32Array;
  /** `undefined` for a layer that was not given. */
  readonly numberOf: (id: string) => number | undefined;
}

/** No number: what has numbers, layers or pieces, is in arrays of them. */
export const NONE = -1;

/**
 * Numbers the layers of these images, lowest first, then `more`, which some of them may be. An image that has a layer
 * has all that this lies on, by what a chain ID is: from the top down only new ones are looked up, and one that is known.
 */
export function stacksOf(images: readonly Pick<Image, 'layers'>[], more: readonly string[] = []): Stacks {
  const most = images.reduce((sum, { layers = [] }) => sum + layers.length, more.length);
  const ids: string[] = [];
  const below = new Int32Array(most);
  const places = placesFor(most);
  const numberAt = (id: string) => places[placeOf(places, ids, id)] as number;
  const number = (id: string, on: number): number => {
    const place = placeOf(places, ids, id);
    if (places[place] === NONE) {
      below[ids.length] = on;
      places[place] = ids.push(id) - 1;
    }
    return places[place] as number;
  };
  const top = (layers: readonly string[]): number => {
    let known = layers.length; // so many from below
    let layer = NONE;
    for (; known > 0 && layer === NONE; known--) layer = numberAt(layers[known - 1] as string);
    if (layer !== NONE) known++;
    for (; known < layers.length; known++) layer = number(layers[known] as string, layer);
    return layer;
  };
  const tops = Int32Array.from(images, ({ layers = [] }) => top(layers));
  for (const id of more) number(id, NONE);
  const numberOf = (id: string) => {
    const found = numberAt(id);
    return found === NONE ? undefined : found;
  };
  return { ids, below, owners: ownersOf(below, tops, ids.length), tops, numberOf };
}

function ownersOf(below: Int32Array, tops: Int32Array, layers: number): Int32Array {
  const owners = new Int32Array(layers);
  for (const top of tops) if (top !== NONE) owners[top] = (owners[top] as number) + 1;
  for (let layer = layers - 1; layer >= 0; layer--) {
    const on = below[layer] as number;
    if (on !== NONE) owners[on] = (owners[on] as number) + (owners[layer] as number);
  }
  return owners;
}

/** Layers in a row that the same images have, so that they come and go together. A run has its number after the one that it lies on. */
export interface Runs {
  /** The run that each layer is in. */
  readonly of: Int32Array;
  /** What each run lies on, or NONE. */
  readonly below: readonly number[];
  /** Whether one image has it, and nothing else may. */
  readonly own: readonly boolean[];
}

/**
 * The runs of all layers. What is `alone`, since something else may hold it by itself, is a run by itself. What is
 * `apart` is in none: it has the number of the run below it, or NONE, and does not part that from the layers above.
 */
export function runsOf(
  { ids, below, owners }: Stacks,
  alone: Uint8Array,
  isApart: (layer: number) => boolean = () => false,
): Runs {
  const of = new Int32Array(ids.length);
  const lowest: number[] = []; // layer of each run
  const [under, own]: [number[], boolean[]] = [[], []];
  const goesOn = (run: number, layer: number) => {
    const base = lowest[run] as number;
    return owners[base] === owners[layer] && !alone[base] && !alone[layer];
  };
  for (let layer = 0; layer < ids.length; layer++) {
    const on = below[layer] as number;
    const run = on === NONE ? NONE : (of[on] as number);
    of[layer] = run;
    if (isApart(layer) || (run !== NONE && goesOn(run, layer))) continue;
    of[layer] = under.push(run) - 1;
    lowest.push(layer);
    own.push(owners[layer] === 1 && !alone[layer]);
  }
  return { of, below: under, own };
}

/** The runs of a stack with that top, lowest first. */
export function runsUnder({ of, below }: Runs, top: number): number[] {
  const found: number[] = [];
  for (let run = top === NONE ? NONE : (of[top] as number); run !== NONE; run = below[run] as number)
    found.push(run);
  return found.reverse();
}

/** At most half full. A power of two. */
function placesFor(names: number): Int32Array {
  return new Int32Array(2 << (32 - Math.clz32(names))).fill(NONE);
}

/** Where the number of a name is, or is to be. A Map would hash all of each name and takes thrice the memory; a digest is as random at its end alone. */
function placeOf(places: Int32Array, ids: readonly string[], id: string): number {
  let hash = 0;
  for (let i = Math.max(0, id.length - 12); i < id.length; i++)
    hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  const last = places.length - 1;
  for (let place = Math.imul(hash, 0x9e3779b1) & last; ; place = (place + 1) & last) {
    const number = places[place] as number;
    if (number === NONE || ids[number] === id) return place;
  }
}
