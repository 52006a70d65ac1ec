// What the inventory lacks for the prices of a plan: what images are made of, and what of it the build cache holds.
import { join } from 'node:path';
import { layersOfCache } from '../core/cache-layers.ts';
import type { CacheRecord, Engine, Image, Inventory } from '../core/inventory.ts';
import type { KnownLayers } from '../state/layer-cache.ts';
import { openLayerCache } from '../state/layer-cache.ts';
import { rememberNames } from '../state/names.ts';
import type { Client } from './client.ts';
import { findContentStore } from './content-store.ts';
import { diskUsage, learnDisk } from './layer-disk.ts';
import { listImages, listsFast } from './observe.ts';
import { learnLayers } from './observe-layers.ts';
import { observeCache } from './observe-more.ts';

/** Where listing takes 5 ms an image, so many are listed for the sake of what others share with them. */
const LISTED_FOR_SPACE = 100;

/** Before API 1.42 the engine tells of the build cache only together with the size of every volume. */
const CACHE_WAIT = 10_000;

/** How long folders are read, in milliseconds: for a plan, and where much is asked for that may never go. */
const READING = { going: 5_000, all: 1_000 } as const;

/**
 * The inventory with all that prices need, and nothing else that a plan could decide by: images that must be listed for
 * what they share are `others`, since nobody looked closer at them nor at what uses them. `going`: the images and records that go, or all; `sizes`: of which images the
 * layers' sizes are wanted, where they take long to ask for; `tell`: how many images are looked up, of how many. What cannot be had in a reasonable time leaves the inventory
 * `partial`, and prices within bounds.
 */
export async function weigh(
  client: Client,
  inventory: Inventory,
  going: ReadonlySet<string> | 'all',
  folder: string,
  sizes = going,
  tell?: (done: number, total: number) => void,
): Promise<Inventory> {
  const { engine } = inventory;
  if (!inventory.partial) await rememberNames(folder, engine.host, inventory.images);
  if (engine.store === 'podman') return inventory;
  const fast = listsFast(engine);
  const few = fast || (engine.images ?? 0) <= LISTED_FOR_SPACE || sizes === 'all';
  // A large containerd store takes up to 30 ms a record: not for prices that are bounds anyway, since others are not listed.
  const asksCache = inventory.cache.length === 0 && (few || !inventory.partial);
  const given = inventory.cache.length > 0 ? inventory.cache : undefined;
  const [cache, listed, { known, keep }] = await Promise.all([
    asksCache ? observeCache(client, CACHE_WAIT).catch(() => undefined) : given,
    inventory.partial && few ? listImages(client, false) : [],
    openLayerCache(folder, engine.id),
  ]);
  const seen = new Set(inventory.images.map(({ id }) => id));
  const others = listed.filter(({ id }) => !seen.has(id));
  const images = [...inventory.images, ...others];
  const complete = (few || !inventory.partial) && cache !== undefined;
  const learnt = await learn(client, engine, images, cache ?? [], { going, few, sizes, tell }, known);
  if (learnt) await keep(complete ? images : named(known.images), cache ?? named(known.records));
  const { partial: _, ...rest } = inventory;
  const stacked = (image: Image) => ({ ...image, ...known.images[image.id] });
  return {
    ...rest,
    images: inventory.images.map(stacked),
    ...(others.length > 0 && { others: others.map(stacked) }),
    cache: await withDisk(
      engine,
      going,
      (cache ?? []).map((record) =>
        known.records[record.id] ? { ...record, layer: known.records[record.id] as string } : record,
      ),
    ),
    layers: known.layers,
    blobs: known.blobs,
    ...(!complete && { partial: true as const }),
  };
}

interface Wanted {
  readonly going: ReadonlySet<string> | 'all';
  readonly sizes: ReadonlySet<string> | 'all';
  readonly few: boolean;
  readonly tell: ((done: number, total: number) => void) | undefined;
}

/** Adds to `known` what these images are made of. Says whether anything was new. */
async function learn(
  client: Client,
  engine: Engine,
  images: readonly Image[],
  cache: readonly CacheRecord[],
  { going, few, sizes, tell }: Wanted,
  known: KnownLayers,
): Promise<boolean> {
  const ids = images.map(({ id }) => id);
  const isHere = engine.host.startsWith('unix:');
  const content =
    engine.store === 'containerd' && isHere ? await findContentStore(engine.folder, ids) : undefined;
  const sized = ({ id }: { readonly id: string }) => few || sizes === 'all' || sizes.has(id);
  const layered = await learnLayers(client, engine.store, images, sized, known, content, tell);
  const asked = going === 'all' ? ids : ids.filter((id) => going.has(id));
  const deadline = Date.now() + (going === 'all' ? READING.all : READING.going);
  const read = engine.store === 'overlay2' && isHere && (await learnDisk(client, asked, known, deadline));
  const stacked = images.map((image) => ({ ...image, ...known.images[image.id] }));
  const matched = learnRecords(
    engine,
    stacked.filter(({ layers }) => layers),
    cache,
    known,
  );
  return layered || read || matched;
}

/** Remembers which layers the records are, for the time when the image that shares them has gone. */
function learnRecords(
  engine: Engine,
  images: readonly Image[],
  cache: readonly CacheRecord[],
  known: KnownLayers,
): boolean {
  let any = false;
  for (const [id, { layers }] of layersOfCache({ engine, layers: known.layers, cache }, images)) {
    const [layer, another] = layers;
    if (layer === undefined || another !== undefined || known.records[id] === layer) continue;
    known.records[id] = layer;
    any = true;
  }
  return any;
}

/** What BuildKit took over from a client has a folder of the record's own name. */
async function withDisk(
  { store, host, folder }: Engine,
  going: ReadonlySet<string> | 'all',
  cache: readonly CacheRecord[],
): Promise<CacheRecord[]> {
  const deadline = Date.now() + READING.all;
  const isRead = ({ id, type, size }: CacheRecord) =>
    type === 'source.local' && size > 0 && /^[a-z0-9]+$/.test(id) && (going === 'all' || going.has(id));
  if (store !== 'overlay2' || !host.startsWith('unix:') || folder === undefined) return [...cache];
  return await Promise.all(
    cache.map(async (record) => {
      const found = isRead(record)
        ? await diskUsage(join(folder, 'overlay2', record.id, 'diff'), deadline)
        : undefined;
      return found?.disk === undefined ? record : { ...record, disk: found.disk };
    }),
  );
}

function named(objects: Readonly<Record<string, unknown>>): { readonly id: string }[] {
  return Object.keys(objects).map((id) => ({ id }));
}
