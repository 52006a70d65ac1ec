// What images were built on: by the parent that the classic builder records, and by their layers, which BuildKit leaves alone.
import type { Image } from './inventory.ts';

/**
 * The images that were built on each, by ID: those that name it as their parent, and those whose first layers are all of
 * its own. Of a line of images only the nearest one counts. Layers are known only of inspected images.
 */
export function childrenOf(images: readonly Image[]): Map<string, Image[]> {
  const byId = new Map(images.map((image) => [image.id, image]));
  const byTop = Map.groupBy(images, ({ layers }) => layers?.at(-1) ?? '');
  const children = new Map<string, Image[]>();
  for (const image of images) {
    const parents = image.parent ? [byId.get(image.parent)] : nearest(image, byTop);
    for (const parent of parents) {
      if (!parent || parent === image) continue;
      const all = children.get(parent.id) ?? [];
      all.push(image);
      children.set(parent.id, all);
    }
  }
  return children;
}

/** Images whose layers are the longest beginning of its own: a chain ID stands for all layers below it, too. */
function nearest({ layers = [] }: Image, byTop: ReadonlyMap<string, readonly Image[]>): readonly Image[] {
  return (
    layers
      .slice(0, -1)
      .toReversed()
      .flatMap((top) => (byTop.has(top) ? [byTop.get(top) as readonly Image[]] : []))[0] ?? []
  );
}

/** The images that an image was built on by the classic builder, nearest first. `parents`: of each image, by ID. */
export function ancestors(id: string, parents: ReadonlyMap<string, string | undefined>): string[] {
  const line = new Set<string>();
  for (let at = parents.get(id); at && at !== id && !line.has(at); at = parents.get(at)) line.add(at);
  return [...line];
}
