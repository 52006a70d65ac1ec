// What holds which bytes of the disk: layers, snapshots and blobs, which several images and the build cache may share.
import type { RecordLayers } from './cache-layers.ts';
import { layersOfCache } from './cache-layers.ts';
import { blobBytes, contentOf } from './content.ts';
import type { CacheRecord, Image, Inventory, Layer } from './inventory.ts';

/** Bytes that come free together, once nothing holds them any more. Where `low` and `high` differ, `size` is an estimate. */
export interface Piece {
  readonly size: number;
  readonly low: number;
  /** Infinity where nothing bounds it. */
  readonly high: number;
}

/** The pieces of the disk by ID, and which of them each image and each cache record holds, by the holder's ID. */
export interface Holdings {
  readonly pieces: ReadonlyMap<string, Piece>;
  readonly held: ReadonlyMap<string, readonly string[]>;
  /** What a holder may hold, or not. */
  readonly perhaps: ReadonlyMap<string, readonly string[]>;
}

interface Draft extends Holdings {
  readonly pieces: Map<string, Piece>;
  readonly held: Map<string, string[]>;
  readonly perhaps: Map<string, string[]>;
}

/**
 * What a store keeps about each object beside its content, in bytes on a disk of 4 KiB blocks: folders, links, and
 * files of some bytes. Found by experiment: docs/space.md.
 */
const BOOKKEEPING = {
  graphDriver: { base: 36_864, layer: 49_152, image: 12_288, record: 16_384, created: 114_688, ran: 135_168 },
  containerd: { layer: 8_192, record: 8_192, created: 61_440, ran: 81_920 },
} as const;

/** What the engine keeps about a container beside its writable layer; podman's is not known. */
export function aboutContainer(store: string, ran: boolean): number {
  if (store === 'podman') return 0;
  const about = store === 'containerd' ? BOOKKEEPING.containerd : BOOKKEEPING.graphDriver;
  return ran ? about.ran : about.created;
}

/**
 * How long BuildKit holds an image that a build began `FROM`, on the containerd store: the engine deletes it, and its
 * bytes stay. Source: BuildKit, source/containerimage/pull.go.
 */
const HELD_AFTER_BUILD = 5 * 60_000;

/** What may hold an image after a build. The next prune of the build cache ends it, of whatever record. */
export const LEASE = 'lease of a build';

/**
 * Finds out from an inventory what holds what. Of images whose layers nobody asked for only bounds are known. `going`:
 * of other images than these only layers that they share with them matter.
 */
export function holdingsOf(inventory: Inventory, going?: ReadonlySet<string>): Holdings {
  const draft: Draft = { pieces: new Map(), held: new Map(), perhaps: new Map() };
  const { known = [], unknown = [] } = Object.groupBy(allImages(inventory), ({ layers }) =>
    layers ? 'known' : 'unknown',
  );
  for (const image of unknown) holdUnknown(draft, image);
  const matched = layersOfCache(inventory, known);
  const matters = going ? mattering(inventory, known, matched, going) : () => true;
  const on = { inventory, images: known, matched, matters };
  if (inventory.engine.store === 'containerd') onContainerd(draft, on);
  else onGraphDriver(draft, on);
  return draft;
}

/** All that were listed, for whatever reason. */
export function allImages({ images, others = [] }: Pick<Inventory, 'images' | 'others'>): readonly Image[] {
  return [...images, ...others];
}

/** What is known of a host. */
interface Known {
  readonly inventory: Inventory;
  /** Those whose layers are known. */
  readonly images: readonly Image[];
  readonly matched: ReadonlyMap<string, RecordLayers>;
  /** Whether it makes a difference that this image holds this layer. */
  readonly matters: (image: Image, layer: string) => boolean;
}

/** Of images that stay only layers matter which others that go have too, or the build cache. */
function mattering(
  { cache }: Inventory,
  images: readonly Image[],
  matched: ReadonlyMap<string, RecordLayers>,
  going: ReadonlySet<string>,
): Known['matters'] {
  const matter = new Set<string>();
  for (const { id, layers = [] } of images) if (going.has(id)) for (const layer of layers) matter.add(layer);
  for (const { layers } of matched.values()) for (const layer of layers) matter.add(layer);
  for (const { layer } of cache) if (layer !== undefined) matter.add(layer);
  return ({ id }, layer) => going.has(id) || matter.has(layer);
}

function add(draft: Draft, id: string, size: number, low = size, high = size): string {
  if (!draft.pieces.has(id)) draft.pieces.set(id, { size, low, high });
  return id;
}

/** The folder of a layer. Nothing tells its size where only images that stay have it, or a history made no sense. */
function addLayer(
  draft: Draft,
  { engine, layers, partial }: Inventory,
  id: string,
  bookkeeping: number,
): string {
  if (draft.pieces.has(id)) return id;
  const layer = layers[id];
  const { size, low, high } =
    layer === undefined ? UNKNOWN : engine.store === 'containerd' ? exactly(layer.size) : onDisk(layer);
  return add(draft, id, size + bookkeeping, partial ? 0 : low + bookkeeping, high + bookkeeping);
}

const UNKNOWN: Piece = { size: 0, low: 0, high: Number.POSITIVE_INFINITY };

function exactly(size: number): Piece {
  return { size, low: size, high: size };
}

/**
 * What a disk of whole blocks gives back for files of so many bytes, where nobody could read them: a tree of many small
 * files takes a third more, one of a few large ones hardly anything.
 */
function onDisk({ size, disk }: Pick<Layer, 'size' | 'disk'>): Piece {
  if (disk !== undefined || size === 0) return exactly(disk ?? 0);
  return { size, low: size, high: Math.ceil(size * 1.5) + 2 ** 20 };
}

function hold(map: Map<string, string[]>, holder: string, pieces: readonly string[]): void {
  const all = map.get(holder) ?? [];
  for (const piece of pieces) all.push(piece); // more than a call has arguments
  map.set(holder, all);
}

/** All that the list tells: an image's size, and on some engines what of it other images share. */
function holdUnknown(draft: Draft, { id, size, sharedSize }: Image): void {
  const own = Math.max(0, size - (sharedSize ?? 0));
  hold(draft.held, id, [add(draft, id, own, 0, size)]);
}

/** An image's layers are folders, and a cache record that an image shares is the very same folder. */
function onGraphDriver(draft: Draft, { inventory, images, matched, matters }: Known): void {
  const about = BOOKKEEPING.graphDriver;
  const piece = (layer: string, below = 1) =>
    addLayer(draft, inventory, layer, below === 0 ? about.base : about.layer);
  for (const image of images) {
    const pieces = image.layers?.flatMap((layer, below) =>
      matters(image, layer) ? [piece(layer, below)] : [],
    );
    draft.held.set(image.id, [...(pieces ?? []), add(draft, image.id, about.image)]);
  }
  for (const record of inventory.cache) {
    const layers = layersOf(record, inventory, matched);
    if (layers.length === 0) {
      const { size, low, high } = onDisk(record);
      const bounds = { size: size + about.record, low: low + about.record, high: high + about.record };
      hold(draft.held, record.id, [ownPiece(draft, record, bounds)]);
      continue;
    }
    const target = layers.length === 1 ? draft.held : draft.perhaps;
    hold(
      target,
      record.id,
      layers.map((layer) => piece(layer, record.parents.length)),
    );
  }
}

/** The layers that a record may be: as its image shows, or as an earlier run saw when that was still there. */
function layersOf(
  { id, shared, layer }: CacheRecord,
  { layers }: Inventory,
  matched: ReadonlyMap<string, RecordLayers>,
): readonly string[] {
  if (shared) return matched.get(id)?.layers ?? [];
  return layer !== undefined && layer in layers ? [layer] : [];
}

/** Of a base image that has gone the engine does not tell what the cache still holds. */
function ownPiece(draft: Draft, record: CacheRecord, { size, low, high }: Piece): string {
  const open = record.shared || isImported(record);
  return add(draft, record.id, size, record.shared ? 0 : low, open ? Number.POSITIVE_INFINITY : high);
}

/** A record that was not built but taken over from a local or pulled image: it has no size, or not its whole size. */
export function isImported({ type, description }: CacheRecord): boolean {
  return type === 'regular' && (description === '' || /^(from|pulled from) /.test(description));
}

/**
 * Every layer is there as a blob, packed, and as a snapshot, unpacked. Build cache has snapshots of its own, and shares
 * the blobs; only what it took over from an image are the image's snapshots.
 */
function onContainerd(draft: Draft, { inventory, images, matched, matters }: Known): void {
  const { layer: aboutLayer, record: aboutRecord } = BOOKKEEPING.containerd;
  const snapshot = (layer: string) => addLayer(draft, inventory, layer, aboutLayer);
  const content = contentOf(inventory, images, matched);
  for (const [id, { size, low, high }] of content.pieces)
    add(draft, id, size, inventory.partial ? 0 : low, high);
  for (const image of images) {
    const layers = image.layers?.filter((layer) => matters(image, layer)) ?? [];
    draft.held.set(image.id, [...layers.map(snapshot), ...(content.held.get(image.id) ?? [])]);
  }
  for (const record of inventory.cache) {
    const layers = layersOf(record, inventory, matched);
    if (!record.shared || layers.length === 0) {
      const size = record.size + aboutRecord;
      hold(
        draft.held,
        record.id,
        remembered(draft, inventory, record, layers) ?? [ownPiece(draft, record, exactly(size))],
      );
      continue;
    }
    const target = layers.length === 1 ? draft.held : draft.perhaps;
    hold(
      target,
      record.id,
      layers.flatMap((layer) => content.blobOf(layer, record.size) ?? []),
    );
    if (isImported(record)) hold(target, record.id, layers.map(snapshot));
    else hold(draft.held, record.id, [copyPiece(draft, inventory, record, layers)]);
  }
  const leased = builtFromLately(inventory, images, matched).flatMap(({ id }) => draft.held.get(id) ?? []);
  if (leased.length > 0) hold(draft.perhaps, LEASE, [...new Set(leased)]);
  if (failedLately(inventory)) {
    for (const [id, piece] of draft.pieces) draft.pieces.set(id, { ...piece, low: 0 });
  }
}

/** A record that was taken over from an image which has gone since, and whose layer an earlier run saw: its snapshot, and the blob. */
function remembered(
  draft: Draft,
  inventory: Inventory,
  record: CacheRecord,
  layers: readonly string[],
): string[] | undefined {
  const [layer] = layers;
  if (layer === undefined || !isImported(record)) return undefined;
  const unpacked = inventory.layers[layer]?.size ?? 0;
  const least = record.size >= unpacked ? record.size - unpacked : record.size;
  const packed = blobBytes(record, unpacked);
  return [
    addLayer(draft, inventory, layer, BOOKKEEPING.containerd.layer),
    add(draft, record.id, packed ?? record.size, least, packed ?? record.size),
  ];
}

/**
 * Whether a build of the last minutes read its Dockerfile and came to nothing: then BuildKit may hold the image that it
 * was to begin from, and nothing tells which.
 */
function failedLately({ takenAt, cache }: Inventory): boolean {
  const last = (source: boolean) =>
    cache
      .filter(({ type }) => (type === 'source.local') === source)
      .reduce(
        (latest, { lastUsed, created }) => Math.max(latest, Date.parse(lastUsed ?? created ?? '') || 0),
        0,
      );
  const began = last(true);
  return began >= Date.parse(takenAt) - HELD_AFTER_BUILD && last(false) < began;
}

/** A record's own snapshot takes what its layer takes, whichever that is; and never more than the record. */
function copyPiece(
  draft: Draft,
  inventory: Inventory,
  record: CacheRecord,
  layers: readonly string[],
): string {
  const about = BOOKKEEPING.containerd.record;
  const sizes = layers.map((layer) => inventory.layers[layer]?.size);
  const low = sizes.reduce<number>((least, size) => Math.min(least, size ?? 0), record.size);
  const high = sizes.reduce<number>((most, size) => Math.max(most, size ?? record.size), 0);
  const size = sizes[0] ?? record.size;
  return add(draft, record.id, size + about, low + about, high + about);
}

/** Images that a build of the last minutes may have begun from: a record that was used just now lies on their top. Pruning it ends that. */
function builtFromLately(
  { takenAt, cache }: Inventory,
  images: readonly Image[],
  matched: ReadonlyMap<string, RecordLayers>,
): Image[] {
  const since = Date.parse(takenAt) - HELD_AFTER_BUILD;
  const used = cache.filter(({ lastUsed, created }) => Date.parse(lastUsed ?? created ?? '') >= since);
  const below = new Set(
    used.flatMap(({ parents }) => parents.flatMap((id) => matched.get(id)?.layers ?? [])),
  );
  return images.filter(({ layers }) => below.has(layers?.at(-1) ?? ''));
}
