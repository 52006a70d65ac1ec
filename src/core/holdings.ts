// What holds which bytes of the disk: layers, snapshots and blobs, which several images and the build cache may share.
import type { RecordLayers } from './cache-layers.ts';
import { layersOfCache } from './cache-layers.ts';
import { blobBytes, contentOf } from './content.ts';
import type { CacheRecord, Image, Inventory, Layer } from './inventory.ts';
import type { Stacks } from './stacks.ts';
import { NONE, stacksOf } from './stacks.ts';

/** Bytes that come free together, once nothing holds them any more. Where `low` and `high` differ, `size` is an estimate. */
export interface Piece {
  readonly size: number;
  readonly low: number;
  /** Infinity where nothing bounds it. */
  readonly high: number;
}

/** The pieces of the disk by number, and which of them each image and each cache record holds, by the holder's ID. */
export interface Holdings {
  readonly pieces: readonly Piece[];
  readonly held: ReadonlyMap<string, readonly number[]>;
  /** What a holder may hold, or not. */
  readonly perhaps: ReadonlyMap<string, readonly number[]>;
}

interface Draft extends Holdings {
  readonly pieces: Piece[];
  readonly held: Map<string, number[]>;
  readonly perhaps: Map<string, number[]>;
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
  const { known: images = [], unknown = [] } = Object.groupBy(allImages(inventory), ({ layers }) =>
    layers ? 'known' : 'unknown',
  );
  const seen = inventory.cache.flatMap(({ layer }) => layer ?? []);
  const stacks = stacksOf(images, seen);
  const matched = layersOfCache(inventory, images, stacks);
  const draft: Draft = { pieces: [], held: new Map(), perhaps: new Map() };
  const folders = new Int32Array(stacks.ids.length).fill(NONE);
  const recorded = [...seen, ...[...matched.values()].flatMap(({ layers }) => layers)];
  const matters = going ? mattering(images, stacks, recorded, going) : () => true;
  const known = { draft, inventory, images, stacks, matched, folders, matters };
  for (const image of unknown) holdUnknown(draft, image);
  if (inventory.engine.store === 'containerd') onContainerd(known);
  else onGraphDriver(known);
  return draft;
}

/** Of images that stay only layers matter which others that go have too, or the build cache. */
function mattering(
  images: readonly Image[],
  stacks: Stacks,
  recorded: readonly string[],
  going: ReadonlySet<string>,
): Known['matters'] {
  const matter = new Uint8Array(stacks.ids.length);
  for (const [i, { id }] of images.entries())
    if (going.has(id)) for (const layer of stacks.of[i] as readonly number[]) matter[layer] = 1;
  for (const layer of recorded) matter[stacks.numberOf(layer) as number] = 1;
  return (layer) => matter[layer] === 1;
}

/** All that were listed, for whatever reason. */
export function allImages({ images, others = [] }: Pick<Inventory, 'images' | 'others'>): readonly Image[] {
  return [...images, ...others];
}

/** What is known of a host, and what is found of it. */
interface Known {
  readonly draft: Draft;
  readonly inventory: Inventory;
  /** Those whose layers are known, and their layers. */
  readonly images: readonly Image[];
  readonly stacks: Stacks;
  readonly matched: ReadonlyMap<string, RecordLayers>;
  /** The pieces that are layers' folders, by the layers' numbers, or NONE. */
  readonly folders: Int32Array;
  /** Whether it makes a difference who holds this layer. */
  readonly matters: (layer: number) => boolean;
}

function add({ pieces }: Draft, size: number, low = size, high = size): number {
  return pieces.push({ size, low, high }) - 1;
}

/** The folder of a layer. Nothing tells its size where only images that stay have it, or a history made no sense. */
function folderOf({ draft, inventory, stacks, folders }: Known, number: number, bookkeeping: number): number {
  const before = folders[number] as number;
  if (before !== NONE) return before;
  const layer = inventory.layers[stacks.ids[number] as string];
  const { size, low, high } =
    layer === undefined
      ? UNKNOWN
      : inventory.engine.store === 'containerd'
        ? exactly(layer.size)
        : onDisk(layer);
  const least = inventory.partial ? 0 : low + bookkeeping;
  const piece = add(draft, size + bookkeeping, least, high + bookkeeping);
  folders[number] = piece;
  return piece;
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

function hold(map: Map<string, number[]>, holder: string, pieces: readonly number[]): void {
  const all = map.get(holder) ?? [];
  for (const piece of pieces) all.push(piece); // more than a call has arguments
  map.set(holder, all);
}

/** All that the list tells: an image's size, and on some engines what of it other images share. */
function holdUnknown(draft: Draft, { id, size, sharedSize }: Image): void {
  const own = Math.max(0, size - (sharedSize ?? 0));
  hold(draft.held, id, [add(draft, own, 0, size)]);
}

/** An image's layers are folders, and a cache record that an image shares is the very same folder. */
function onGraphDriver(known: Known): void {
  const { draft, inventory, images, stacks, matters } = known;
  const about = BOOKKEEPING.graphDriver;
  const folder = (layer: number, below: number) =>
    folderOf(known, layer, below === 0 ? about.base : about.layer);
  for (const [i, { id }] of images.entries()) {
    const pieces: number[] = [];
    for (const [below, layer] of (stacks.of[i] as readonly number[]).entries())
      if (matters(layer)) pieces.push(folder(layer, below));
    pieces.push(add(draft, about.image));
    draft.held.set(id, pieces);
  }
  for (const record of inventory.cache) {
    const layers = layersOf(record, known);
    if (layers.length === 0) {
      const { size, low, high } = onDisk(record);
      const bounds = { size: size + about.record, low: low + about.record, high: high + about.record };
      hold(draft.held, record.id, [ownPiece(draft, record, bounds)]);
      continue;
    }
    const target = layers.length === 1 ? draft.held : draft.perhaps;
    const folders = layers.map((layer) => folder(layer, record.parents.length));
    hold(target, record.id, folders);
  }
}

/** The layers that a record may be: as its image shows, or as an earlier run saw when that was still there. */
function layersOf({ id, shared, layer }: CacheRecord, { inventory, stacks, matched }: Known): number[] {
  const seen = layer !== undefined && layer in inventory.layers ? [layer] : [];
  const names = shared ? (matched.get(id)?.layers ?? []) : seen;
  return names.map((name) => stacks.numberOf(name) as number);
}

/** Of a base image that has gone the engine does not tell what the cache still holds. */
function ownPiece(draft: Draft, record: CacheRecord, { size, low, high }: Piece): number {
  const open = record.shared || isImported(record);
  return add(draft, size, record.shared ? 0 : low, open ? Number.POSITIVE_INFINITY : high);
}

/** A record that was not built but taken over from a local or pulled image: it has no size, or not its whole size. */
export function isImported({ type, description }: CacheRecord): boolean {
  return type === 'regular' && (description === '' || /^(from|pulled from) /.test(description));
}

/**
 * Every layer is there as a blob, packed, and as a snapshot, unpacked. Build cache has snapshots of its own, and shares
 * the blobs; only what it took over from an image are the image's snapshots.
 */
function onContainerd(known: Known): void {
  const { draft, inventory, images, stacks, matched, matters } = known;
  const { layer: aboutLayer, record: aboutRecord } = BOOKKEEPING.containerd;
  const snapshot = (layer: number) => folderOf(known, layer, aboutLayer);
  const content = contentOf(inventory, images, matched, stacks);
  const first = draft.pieces.length;
  for (const piece of content.pieces) draft.pieces.push(inventory.partial ? { ...piece, low: 0 } : piece);
  for (const [i, { id }] of images.entries()) {
    const pieces: number[] = [];
    for (const layer of stacks.of[i] as readonly number[]) if (matters(layer)) pieces.push(snapshot(layer));
    for (const blob of content.held[i] as readonly number[]) pieces.push(first + blob);
    draft.held.set(id, pieces);
  }
  for (const record of inventory.cache) {
    const layers = layersOf(record, known);
    if (!record.shared || layers.length === 0) {
      const whole = () => [ownPiece(draft, record, exactly(record.size + aboutRecord))];
      hold(draft.held, record.id, remembered(known, record, layers) ?? whole());
      continue;
    }
    const target = layers.length === 1 ? draft.held : draft.perhaps;
    const blobs = layers.flatMap((layer) => content.blobOf(layer, record.size) ?? []);
    hold(
      target,
      record.id,
      blobs.map((blob) => first + blob),
    );
    if (isImported(record)) hold(target, record.id, layers.map(snapshot));
    else hold(draft.held, record.id, [copyPiece(known, record, layers)]);
  }
  const leased = builtFromLately(known).flatMap(({ id }) => draft.held.get(id) ?? []);
  if (leased.length > 0) hold(draft.perhaps, LEASE, [...new Set(leased)]);
  if (failedLately(inventory))
    for (const [i, piece] of draft.pieces.entries()) draft.pieces[i] = { ...piece, low: 0 };
}

/** A record that was taken over from an image which has gone since, and whose layer an earlier run saw: its snapshot, and the blob. */
function remembered(known: Known, record: CacheRecord, layers: readonly number[]): number[] | undefined {
  const [layer] = layers;
  if (layer === undefined || !isImported(record)) return undefined;
  const unpacked = sizeOf(known, layer) ?? 0;
  const least = record.size >= unpacked ? record.size - unpacked : record.size;
  const packed = blobBytes(record, unpacked);
  return [
    folderOf(known, layer, BOOKKEEPING.containerd.layer),
    add(known.draft, packed ?? record.size, least, packed ?? record.size),
  ];
}

function sizeOf({ inventory, stacks }: Known, layer: number): number | undefined {
  return inventory.layers[stacks.ids[layer] as string]?.size;
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
function copyPiece(known: Known, record: CacheRecord, layers: readonly number[]): number {
  const about = BOOKKEEPING.containerd.record;
  const sizes = layers.map((layer) => sizeOf(known, layer));
  const low = sizes.reduce<number>((least, size) => Math.min(least, size ?? 0), record.size);
  const high = sizes.reduce<number>((most, size) => Math.max(most, size ?? record.size), 0);
  const size = sizes[0] ?? record.size;
  return add(known.draft, size + about, low + about, high + about);
}

/** Images that a build of the last minutes may have begun from: a record that was used just now lies on their top. Pruning it ends that. */
function builtFromLately({ inventory: { takenAt, cache }, images, matched }: Known): Image[] {
  const since = Date.parse(takenAt) - HELD_AFTER_BUILD;
  const used = cache.filter(({ lastUsed, created }) => Date.parse(lastUsed ?? created ?? '') >= since);
  const below = new Set(
    used.flatMap(({ parents }) => parents.flatMap((id) => matched.get(id)?.layers ?? [])),
  );
  return below.size === 0 ? [] : images.filter(({ layers }) => below.has(layers?.at(-1) ?? ''));
}
