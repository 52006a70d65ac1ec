// Who holds what on the containerd store, where every layer is there packed and unpacked, and builds hold images for a while.
import { blobTwins } from './cache-blobs.ts';
import type { Content } from './content.ts';
import { blobBytes, contentOf } from './content.ts';
import { BOOKKEEPING, exactly, sizesOf, snapshotsOf } from './folders.ts';
import type { Known, Stock } from './holders.ts';
import { add, hold, holdImages, layersOf, ownPiece, pieceOf, stockOf } from './holders.ts';
import type { Piece } from './holdings.ts';
import { isImported, LEASE } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';

/**
 * How long BuildKit holds an image that a build began `FROM`: the engine deletes it, and its bytes stay. Source:
 * BuildKit, source/containerimage/pull.go.
 */
const HELD_AFTER_BUILD = 5 * 60_000;

const ABOUT = BOOKKEEPING.containerd;

/** What is known of a host's layers, unpacked and packed. */
interface Stored extends Known {
  /** Bytes unpacked, by the layers' numbers; NaN where nobody told. */
  readonly sizes: Float64Array;
  readonly snapshots: Stock;
  readonly content: Content;
  readonly blobs: Stock;
}

/**
 * Every layer is there as a blob, packed, and as a snapshot, unpacked. Build cache has snapshots of its own, and shares
 * the blobs; only what it took over from an image are the image's snapshots.
 */
export function onContainerd(known: Known): void {
  const { draft, inventory, images, stacks, matched, alone, runs } = known;
  const sizes = sizesOf(inventory.layers, stacks);
  const content = contentOf(inventory, images, matched, stacks, sizes, alone);
  const snapshots = stockOf(snapshotsOf(sizes, runs), runs.own);
  const blobs = stockOf(content.blobs, content.own);
  if (inventory.partial) for (const { amounts } of [snapshots, blobs]) amounts.low.fill(0);
  holdImages(known, 0, snapshots, { blobs, held: content.held });
  const stored = { ...known, sizes, snapshots, content, blobs };
  const twins = blobTwins(inventory, images);
  for (const record of inventory.cache) {
    const layers = layersOf(record, known);
    const twin = stacks.numberOf(twins.get(record.id) ?? '');
    if (record.shared && layers.length > 0) holdLayers(stored, record, layers);
    else if (twin !== undefined) holdTwin(stored, record, twin);
    else hold(draft.held, record.id, apart(stored, record, layers[0]));
  }
  const leased = builtFromLately(known).flatMap(({ id }) => draft.held.get(id) ?? []);
  if (leased.length > 0) hold(draft.perhaps, LEASE, [...new Set(leased)]);
  if (failedLately(inventory))
    for (const [i, piece] of draft.pieces.entries()) draft.pieces[i] = { ...piece, low: 0 };
}

/** What a record holds that images share, and is one of these layers. */
function holdLayers(stored: Stored, record: CacheRecord, layers: readonly number[]): void {
  const { draft, content, blobs } = stored;
  const target = layers.length === 1 ? draft.held : draft.perhaps;
  const packed = layers.flatMap((layer) => content.blobOf(layer, record.size) ?? []);
  const pieces = packed.map((blob) => pieceOf(draft, blobs, blob));
  hold(target, record.id, pieces);
  if (!isImported(record)) hold(draft.held, record.id, [add(draft, copyOf(stored, record, layers))]);
  else
    hold(
      target,
      record.id,
      layers.map((layer) => snapshotOf(stored, layer)),
    );
}

/** A record's own snapshot, and perhaps the blob of this layer, or else one like it. */
function holdTwin({ draft, sizes, content, blobs }: Stored, record: CacheRecord, layer: number): void {
  const copy = exactly((sizes[layer] as number) + ABOUT.record);
  hold(draft.held, record.id, [add(draft, { ...copy, high: record.size + ABOUT.record })]);
  const blob = content.blobOf(layer, record.size);
  if (blob !== undefined) hold(draft.perhaps, record.id, [pieceOf(draft, blobs, blob)]);
}

/** What a record holds that no image shares. One that was taken over from an image, whose layer an earlier run saw, has its snapshot, and the blob. */
function apart(stored: Stored, record: CacheRecord, layer: number | undefined): number[] {
  const { draft } = stored;
  if (layer === undefined || !isImported(record))
    return [ownPiece(draft, record, exactly(record.size + ABOUT.record))];
  const unpacked = sizeOf(stored, layer) ?? 0;
  const least = record.size >= unpacked ? record.size - unpacked : record.size;
  const packed = blobBytes(record, unpacked) ?? record.size;
  return [snapshotOf(stored, layer), add(draft, { size: packed, low: least, high: packed })];
}

function snapshotOf({ draft, snapshots, runs }: Stored, layer: number): number {
  return pieceOf(draft, snapshots, runs.of[layer] as number);
}

function sizeOf({ sizes }: Stored, layer: number): number | undefined {
  const size = sizes[layer] as number;
  return Number.isNaN(size) ? undefined : size;
}

/** A record's own snapshot takes what its layer takes, whichever that is; and never more than the record. */
function copyOf(stored: Stored, record: CacheRecord, layers: readonly number[]): Piece {
  const sizes = layers.map((layer) => sizeOf(stored, layer));
  const low = sizes.reduce<number>((least, size) => Math.min(least, size ?? 0), record.size);
  const high = sizes.reduce<number>((most, size) => Math.max(most, size ?? record.size), 0);
  const size = sizes[0] ?? record.size;
  return { size: size + ABOUT.record, low: low + ABOUT.record, high: high + ABOUT.record };
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

/** Images that a build of the last minutes may have begun from: a record that was used just now lies on their top. Pruning it ends that. */
function builtFromLately({ inventory: { takenAt, cache }, images, matched }: Known): Image[] {
  const since = Date.parse(takenAt) - HELD_AFTER_BUILD;
  const used = cache.filter(({ lastUsed, created }) => Date.parse(lastUsed ?? created ?? '') >= since);
  const below = new Set(
    used.flatMap(({ parents }) => parents.flatMap((id) => matched.get(id)?.layers ?? [])),
  );
  return below.size === 0 ? [] : images.filter(({ layers }) => below.has(layers?.at(-1) ?? ''));
}
