// What removing some images while all else stays would free, and who has the rest: the disk's pieces, each once.
import type { Amount } from './df.ts';
import type { Holdings } from './holdings.ts';
import { holdingsOf } from './holdings.ts';
import type { Inventory } from './inventory.ts';
import { namesOf } from './selection.ts';
import { usersOf } from './usage.ts';

/** Who holds which pieces of the disk. Holders are images and cache records, by ID. */
export interface Disk {
  /** What these hold, each piece once, without some pieces. */
  readonly sizeOf: (holders: readonly string[], but?: ReadonlySet<number>) => Amount;
  readonly piecesOf: (holders: Iterable<string>) => Set<number>;
  /** What comes free when these images go and all else stays, but for nameless ones that only they were built on: docker deletes those along. */
  readonly freedBy: (images: readonly string[]) => Amount;
  /** What others hold of an image, and who has most of it. `nameOf` says who a holder is. */
  readonly sharing: (
    image: string,
    nameOf: (holder: string) => string,
  ) => { readonly shared: number; readonly sharedWith?: string };
}

export function diskOf(inventory: Inventory): Disk {
  const { pieces, held, perhaps } = holdingsOf(inventory);
  const holders = holdersOf(held, pieces.length);
  const doubtful = new Set([...perhaps.values()].flat());
  const withAncestors = ancestry(inventory);
  const piecesOf = (ids: Iterable<string>) => {
    const found = new Set<number>();
    for (const id of ids) for (const piece of held.get(id) ?? []) found.add(piece);
    return found;
  };
  const bytesOf = (some: readonly number[]) =>
    some.reduce((bytes, piece) => bytes + (pieces[piece]?.size ?? 0), 0);
  const on: On = { pieces, holders, piecesOf, bytesOf };
  return {
    piecesOf,
    sizeOf: (ids, but) =>
      amountOf(
        on,
        [...piecesOf(ids)].filter((piece) => !but?.has(piece)),
        () => true,
      ),
    freedBy: (images) => {
      const going = withAncestors(images);
      const free = [...piecesOf(going)].filter((piece) => holders[piece]?.every((id) => going.has(id)));
      return amountOf(on, free, (piece) => !doubtful.has(piece));
    },
    sharing: (image, nameOf) => {
      const mine = withAncestors([image]);
      const left = [...piecesOf([image])].filter((piece) => holders[piece]?.some((id) => !mine.has(id)));
      const sharedWith = mostWith(on, left, mine, nameOf);
      return { shared: bytesOf(left), ...(sharedWith !== undefined && { sharedWith }) };
    },
  };
}

/** What is known of the pieces, by their numbers. */
interface On {
  readonly pieces: Holdings['pieces'];
  readonly holders: readonly (readonly string[])[];
  readonly piecesOf: Disk['piecesOf'];
  readonly bytesOf: (pieces: readonly number[]) => number;
}

function holdersOf(held: Holdings['held'], pieces: number): string[][] {
  const holders = Array.from({ length: pieces }, (): string[] => []);
  for (const [holder, those] of held) for (const piece of new Set(those)) holders[piece]?.push(holder);
  return holders;
}

/** Of pieces that are not sure only the bounds count. */
function amountOf({ pieces }: On, some: Iterable<number>, isSure: (piece: number) => boolean): Amount {
  const span = { bytes: 0, low: 0, high: 0 };
  for (const number of some) {
    const piece = pieces[number];
    if (!piece) continue;
    span.high += piece.high;
    if (!isSure(number)) continue;
    span.bytes += piece.size;
    span.low += piece.low;
  }
  const { bytes, low, high } = span;
  return low === high ? { bytes } : { bytes, about: true, between: [low, high] };
}

/** These images and the nameless ones that only they were built on. */
export function ancestry(inventory: Inventory): (going: readonly string[]) => Set<string> {
  const { images } = inventory;
  const inUse = usersOf(inventory);
  const parents = new Map(images.map(({ id, parent }) => [id, parent]));
  const nameless = new Set(
    images.filter((image) => namesOf(image).length === 0 && !inUse.has(image.id)).map(({ id }) => id),
  );
  const children = Map.groupBy(images, ({ parent }) => parent ?? '');
  return (some) => {
    const going = new Set(some);
    for (const id of going) {
      const parent = parents.get(id);
      if (parent === undefined || !nameless.has(parent)) continue;
      if (children.get(parent)?.every((child) => going.has(child.id))) going.add(parent);
    }
    return going;
  };
}

/** Who has most of these pieces, but for some holders: of several the smallest, which is the base itself, not another image on it. */
function mostWith(
  on: On,
  left: readonly number[],
  but: ReadonlySet<string>,
  nameOf: (holder: string) => string,
): string | undefined {
  const candidates = new Set(tellingPieces(on, left).flatMap((piece) => someHolders(on, piece, but)));
  const all = new Set(left);
  const sized = [...Map.groupBy(candidates, nameOf)].map(([name, holders]) => {
    const theirs = [...on.piecesOf(holders)];
    const bytes = on.bytesOf(theirs.filter((piece) => all.has(piece)));
    return { name, bytes, whole: on.bytesOf(theirs) };
  });
  const [most] = sized.sort((a, b) => b.bytes - a.bytes || a.whole - b.whole || (a.name < b.name ? -1 : 1));
  return most?.name;
}

/** The largest piece, and the one that fewest hold: who has these has most, since layers are stacked. */
function tellingPieces({ holders, bytesOf }: On, pieces: readonly number[]): number[] {
  const [first] = pieces;
  if (first === undefined) return [];
  const count = (piece: number) => holders[piece]?.length ?? 0;
  const largest = pieces.reduce((a, b) => (bytesOf([b]) > bytesOf([a]) ? b : a), first);
  const rarest = pieces.reduce((a, b) => (count(b) < count(a) ? b : a), first);
  return [largest, rarest];
}

/** Of a base that a thousand images have, any few tell as much. */
function someHolders({ holders }: On, piece: number, but: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const id of holders[piece] ?? []) {
    if (found.length === MOST_HOLDERS) break;
    if (!but.has(id)) found.push(id);
  }
  return found;
}

const MOST_HOLDERS = 16;
