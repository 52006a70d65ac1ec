// The layers of images by number: a hundred thousand images have a million, so that each name is looked up once.
import type { Image } from './inventory.ts';

export interface Stacks {
  /** The layers' chain IDs, by number. */
  readonly ids: readonly string[];
  /** Each image's layers, lowest first, in the order of the images. */
  readonly of: readonly (readonly number[])[];
  /** `undefined` for a layer that was not given. */
  readonly numberOf: (id: string) => number | undefined;
}

/** Numbers the layers of these images in the order in which they come, then `more`, which some of them may be. */
export function stacksOf(images: readonly Pick<Image, 'layers'>[], more: readonly string[] = []): Stacks {
  const ids: string[] = [];
  let places = empty(FEWEST);
  const number = (id: string): number => {
    const place = placeOf(places, ids, id);
    const before = places[place] as number;
    if (before !== NONE) return before;
    places[place] = ids.length;
    ids.push(id);
    if (ids.length * 2 > places.length) places = grown(places, ids);
    return ids.length - 1;
  };
  const of = images.map(({ layers = [] }) => layers.map(number));
  more.forEach(number);
  const numberOf = (id: string) => {
    const found = places[placeOf(places, ids, id)] as number;
    return found === NONE ? undefined : found;
  };
  return { ids, of, numberOf };
}

/** No number: what has numbers, layers or pieces, is in arrays of them. */
export const NONE = -1;

/** A power of two. */
const FEWEST = 64;

function empty(places: number): Int32Array {
  return new Int32Array(places).fill(NONE);
}

function grown({ length }: Int32Array, ids: readonly string[]): Int32Array {
  const places = empty(length * 4);
  for (const [number, id] of ids.entries()) places[placeOf(places, ids, id)] = number;
  return places;
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
