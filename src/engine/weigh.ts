// What the inventory lacks for the prices of a plan: what images are made of, and what of it the build cache holds.
import type { Inventory } from '../core/inventory.ts';
import { openLayerCache } from '../state/layer-cache.ts';
import type { Client } from './client.ts';
import { findContentStore } from './content-store.ts';
import { listImages, listsFast } from './observe.ts';
import { learnLayers } from './observe-layers.ts';
import { observeCache } from './observe-more.ts';

/** Where listing takes 5 ms an image, so many are listed for the sake of what others share with them. */
const LISTED_FOR_SPACE = 100;

/** Before API 1.42 the engine tells of the build cache only together with the size of every volume. */
const CACHE_WAIT = 10_000;

/**
 * The inventory with all that prices need. `going`: the images whose layers' sizes are wanted, where they take long to
 * ask for. What cannot be had in a reasonable time leaves the inventory `partial`, and prices within bounds.
 */
export async function weigh(
  client: Client,
  inventory: Inventory,
  going: ReadonlySet<string> | 'all',
  folder: string,
): Promise<Inventory> {
  const { engine } = inventory;
  if (engine.store === 'podman') return inventory;
  const cache =
    inventory.cache.length > 0
      ? inventory.cache
      : await observeCache(client, CACHE_WAIT).catch(() => undefined);
  const fast = listsFast(engine);
  const wanted = going === 'all' ? undefined : going;
  const few = fast || (engine.images ?? 0) <= LISTED_FOR_SPACE || !wanted;
  const listed = inventory.partial && few ? await listImages(client, false) : [];
  const seen = new Set(inventory.images.map(({ id }) => id));
  const images = [...inventory.images, ...listed.filter(({ id }) => !seen.has(id))];
  const complete = (few || !inventory.partial) && cache !== undefined;
  const { known, keep } = await openLayerCache(folder, engine.id);
  const content =
    engine.store === 'containerd' && engine.host.startsWith('unix:')
      ? await findContentStore(
          engine.folder,
          images.map(({ id }) => id),
        )
      : undefined;
  const sized = ({ id }: { readonly id: string }) => few || wanted?.has(id) === true;
  const asked = await learnLayers(client, engine.store, images, sized, known, content);
  if (asked) await keep(complete ? images : Object.keys(known.images).map((id) => ({ id })));
  const { partial: _, ...rest } = inventory;
  return {
    ...rest,
    images: images.map((image) => ({ ...image, ...known.images[image.id] })),
    cache: cache ?? [],
    layers: known.layers,
    blobs: known.blobs,
    ...(!complete && { partial: true as const }),
  };
}
