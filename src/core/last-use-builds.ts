// What builds used: BuildKit records no parent, but what an image was built on has its lower layers, and so has the build cache.
import type { Image, Inventory } from './inventory.ts';
import type { Ledger, LedgerImage } from './last-use.ts';
import { NEVER_SEEN, newLedger, united } from './last-use.ts';
import type { Use } from './last-use-events.ts';
import { momentOf, withUses } from './last-use-uses.ts';
import { nameKnown } from './quarantine-name.ts';
import { shortId } from './reference.ts';

/**
 * The ledger with what the layers of an inventory tell, as far as these are known: an image whose every layer lies under
 * another was used when that one was built; and one whose last layer the build cache has, when a build last used that.
 */
export function afterWeighing(ledger: Ledger, inventory: Inventory): Ledger {
  const images = [...inventory.images, ...(inventory.others ?? [])];
  const now = momentOf(inventory.takenAt) as string;
  const ending = Map.groupBy(
    images.filter(({ layers }) => layers && layers.length > 0),
    ({ layers }) => layers?.at(-1),
  );
  const under = (layer: string | undefined, at: string, by: string): Use[] =>
    (ending.get(layer) ?? []).map(({ id }) => ({ image: id, at, by }));
  const uses = [
    ...images.flatMap((image) => {
      const built = builtAt(image, ledger, now);
      if (built === undefined) return [];
      const by = `a build of ${nameKnown(image)}`;
      return (image.layers ?? []).slice(0, -1).flatMap((layer) => under(layer, built, by));
    }),
    ...inventory.cache.flatMap(({ layer, lastUsed, created }) => {
      const at = momentOf(lastUsed ?? created);
      return layer === undefined || at === undefined || at > now ? [] : under(layer, at, 'a build');
    }),
  ];
  return withUses(united(ledger, layersOf(ledger, inventory, images)), uses);
}

/** When an image was built: by its date; or later, where the engine told of a build that found all of it in the cache. */
function builtAt({ id, created }: Image, { images }: Ledger, now: string): string | undefined {
  const used = Object.hasOwn(images, id) ? images[id]?.used : undefined;
  const again = used?.by !== undefined && /^a build\b/.test(used.by) ? used.at : undefined;
  const date = momentOf(created);
  const built = date !== undefined && date <= now ? date : undefined;
  return (again ?? '') > (built ?? '') ? again : built;
}

/** Layers for replays, by as many digits as tell them apart. */
function layersOf(ledger: Ledger, { layers, takenAt }: Inventory, images: readonly Image[]): Ledger {
  const unknown = images.filter(
    ({ id, layers: own }) => own && Object.hasOwn(ledger.images, id) && !ledger.images[id]?.layers,
  );
  const entries = unknown.map(({ id, size, layers: own = [] }): [string, LedgerImage] => [
    id,
    { ...NEVER_SEEN, size, layers: own.map(shortId) },
  ]);
  const sizes = unknown.flatMap(({ layers: own = [] }) =>
    own.flatMap((layer): [string, number][] => {
      const { size, disk } = (Object.hasOwn(layers, layer) ? layers[layer] : undefined) ?? {};
      return size === undefined ? [] : [[shortId(layer), disk ?? size]];
    }),
  );
  return {
    ...newLedger(ledger.engine, momentOf(takenAt) ?? ledger.since),
    images: Object.fromEntries(entries),
    layers: Object.fromEntries(sizes),
  };
}
