// Who holds what, as it is found: what is shared becomes a piece of its own, and all that an image holds alone one piece.
import type { Amounts } from './amounts.ts';
import type { RecordLayers } from './cache-layers.ts';
import type { Content } from './content.ts';
import type { Holdings, Piece } from './holdings.ts';
import { isImported } from './holdings.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';
import type { Runs, Stacks } from './stacks.ts';
import { NONE, runsUnder } from './stacks.ts';

/** What is found. */
export interface Draft extends Holdings {
  readonly pieces: Piece[];
  readonly held: Map<string, readonly number[]>;
  readonly perhaps: Map<string, readonly number[]>;
}

/** What is known of a host, and what is found of it. */
export interface Known {
  readonly draft: Draft;
  readonly inventory: Inventory;
  /** Those whose layers are known, and their layers. */
  readonly images: readonly Image[];
  readonly stacks: Stacks;
  readonly matched: ReadonlyMap<string, RecordLayers>;
  /** 1 for layers that records of the build cache are, or may be. */
  readonly alone: Uint8Array;
  readonly runs: Runs;
  /** 1 for runs of which it makes a difference who holds them. */
  readonly matters: Uint8Array;
  /** Whether an image goes, by its number. */
  readonly isGoing: readonly boolean[];
}

/** Folders or blobs by number: those that only one image holds are part of its own piece, the others become pieces when a holder is found. */
export interface Stock {
  readonly amounts: Amounts;
  readonly own: readonly boolean[];
  /** Or NONE. */
  readonly pieces: Int32Array;
}

export function stockOf(amounts: Amounts, own: readonly boolean[]): Stock {
  return { amounts, own, pieces: new Int32Array(own.length).fill(NONE) };
}

export function add({ pieces }: Draft, { size, low, high }: Piece): number {
  return pieces.push({ size, low, high }) - 1;
}

export function pieceOf(draft: Draft, { amounts, pieces }: Stock, number: number): number {
  const { size, low, high } = amounts;
  const before = pieces[number] as number;
  if (before !== NONE) return before;
  const piece = { size: size[number] as number, low: low[number] as number, high: high[number] as number };
  pieces[number] = draft.pieces.push(piece) - 1;
  return draft.pieces.length - 1;
}

export function hold(map: Draft['held'], holder: string, pieces: readonly number[]): void {
  map.set(holder, [...(map.get(holder) ?? []), ...pieces]);
}

/** All that the list tells: an image's size, and on some engines what of it other images share. */
export function holdUnknown(draft: Draft, { id, size, sharedSize }: Image): void {
  const own = Math.max(0, size - (sharedSize ?? 0));
  hold(draft.held, id, [add(draft, { size: own, low: 0, high: size })]);
}

/** What each image holds: the folders of its layers, lowest first, the blobs that it is packed in, and `about` bytes for itself. */
export function holdImages(
  { draft, images, stacks, runs, matters, isGoing }: Known,
  about: number,
  folders: Stock,
  packed?: { readonly blobs: Stock; readonly held: Content['held'] },
): void {
  images.forEach(({ id }, i) => {
    const pieces: number[] = [];
    const own = { size: about, low: about, high: about };
    const take = (stock: Stock, number: number) => {
      if (stock.own[number]) addTo(own, stock.amounts, number);
      else pieces.push(pieceOf(draft, stock, number));
    };
    for (const run of runsUnder(runs, stacks.tops[i] as number)) if (matters[run]) take(folders, run);
    if (packed) for (const blob of packed.held(i)) take(packed.blobs, blob);
    draft.held.set(id, isGoing[i] ? [...pieces, add(draft, own)] : [...pieces]); // as long as it has to be
  });
}

function addTo(
  own: { size: number; low: number; high: number },
  { size, low, high }: Amounts,
  number: number,
): void {
  own.size += size[number] as number;
  own.low += low[number] as number;
  own.high += high[number] as number;
}

/** The layers that a record may be: as its image shows, or as an earlier run saw when that was still there. */
export function layersOf(
  { id, shared, layer }: CacheRecord,
  { inventory, stacks, matched }: Known,
): number[] {
  const seen = layer !== undefined && layer in inventory.layers ? [layer] : [];
  const names = shared ? (matched.get(id)?.layers ?? []) : seen;
  return names.map((name) => stacks.numberOf(name) as number);
}

/** Of a base image that has gone the engine does not tell what the cache still holds. */
export function ownPiece(draft: Draft, record: CacheRecord, { size, low, high }: Piece): number {
  const open = record.shared || isImported(record);
  return add(draft, { size, low: record.shared ? 0 : low, high: open ? Number.POSITIVE_INFINITY : high });
}
