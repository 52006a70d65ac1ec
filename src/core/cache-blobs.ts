// Build cache that images share though the engine does not say so: what is packed by the same name is there once.
import { isBuiltBy } from './cache-layers.ts';
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';

/**
 * The layer whose blob a record most likely has, by the record's ID, of records that images do not share if the engine is
 * right: now and then it leaves out an image that was built a moment ago. It is the layer of an image whose bytes,
 * unpacked and packed, are together exactly the record's, and that was built by the same command.
 */
export function blobTwins(
  { cache, layers, blobs }: Pick<Inventory, 'cache' | 'layers' | 'blobs'>,
  images: readonly Image[],
): ReadonlyMap<string, string> {
  const open = cache.filter((record) => !record.shared && record.type === 'regular' && !isImported(record));
  const found = new Map<string, string>();
  if (open.length === 0) return found;
  const bySize: ReadonlyMap<number, readonly CacheRecord[]> = Map.groupBy(open, ({ size }) => size);
  for (const image of images) {
    image.blobs?.layers.forEach((blob, n) => {
      const [id, packed] = [image.layers?.[n], blobs[blob]];
      const layer = id === undefined ? undefined : layers[id];
      if (id === undefined || layer === undefined || packed === undefined) return;
      for (const record of bySize.get(layer.size + packed) ?? [])
        if (isBuiltBy(record, layer)) found.set(record.id, id);
    });
  }
  return found;
}
