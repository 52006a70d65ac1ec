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
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const number = (id: string): number => {
    const before = numbers.get(id);
    if (before !== undefined) return before;
    numbers.set(id, ids.length);
    return ids.push(id) - 1;
  };
  const of = images.map(({ layers = [] }) => layers.map(number));
  more.forEach(number);
  return { ids, of, numberOf: (id) => numbers.get(id) };
}
