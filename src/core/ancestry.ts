// What images were built on: by the parent that the classic builder records, and by their layers, which BuildKit leaves alone.
import type { Image } from './inventory.ts';

/**
 * The images that were built on each, by ID: those that name it as their parent, and those whose first layers are all of
 * its own. Of a line of images only the nearest one counts. Layers are known only of inspected images.
 */
export function childrenOf(images: readonly Image[]): Map<string, Image[]> {
  const byId = new Map(images.map((image) => [image.id, image]));
  const byLayers = Map.groupBy(images, ({ layers }) => (layers ?? []).join(' '));
  const children = new Map<string, Image[]>();
  for (const image of images) {
    const parents = image.parent ? [byId.get(image.parent)] : nearest(image, byLayers);
    for (const parent of parents) {
      if (parent && parent !== image) children.set(parent.id, [...(children.get(parent.id) ?? []), image]);
    }
  }
  return children;
}

/** Images with the longest beginning of its layers. */
function nearest({ layers = [] }: Image, byLayers: ReadonlyMap<string, readonly Image[]>): readonly Image[] {
  for (let n = layers.length - 1; n > 0; n--) {
    const bases = byLayers.get(layers.slice(0, n).join(' '));
    if (bases) return bases;
  }
  return [];
}
