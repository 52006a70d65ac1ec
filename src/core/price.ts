// What a plan's actions free, each at its turn: a piece of the disk comes free when the last thing that holds it goes.
import type { Holdings, Piece } from './holdings.ts';
import { aboutContainer, allImages, holdingsOf, LEASE } from './holdings.ts';
import type { Image, Inventory } from './inventory.ts';
import type { Action, Space } from './plan.ts';
import { nameKnown } from './quarantine-name.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { humanSize } from './units.ts';

/** Bytes between bounds. */
interface Span {
  bytes: number;
  least: number;
  most: number;
}

/** What each of some holders frees when they go one after the other, and what all of them free together. */
export interface Freed {
  readonly each: readonly Space[];
  readonly together: Space;
  /** Whether a piece, by its number, is held by something still, or may be. */
  readonly isHeld: (piece: number) => boolean;
}

/** Prices images and cache records that go in this order, by ID. */
export function freedBy(holdings: Holdings, going: readonly string[]): Freed {
  const { pieces, held, perhaps } = holdings;
  const holders = counts(held, pieces.length);
  const doubtful = counts(perhaps, pieces.length);
  const free = (span: Span, { size, low, high }: Piece) => {
    span.bytes += size;
    span.least += low;
    span.most += high;
  };
  const all: Span = { bytes: 0, least: 0, most: 0 };
  const open = new Map<number, Piece>(); // held by nothing for sure any more, but perhaps by something
  const each = going.map((id) => {
    const span: Span = { bytes: 0, least: 0, most: 0 };
    for (const number of held.get(id) ?? []) {
      const piece = pieces[number] as Piece;
      if (drop(holders, number) > 0) continue;
      if ((doubtful[number] as number) > 0) {
        open.set(number, piece);
        span.most += piece.high;
      } else {
        free(span, piece);
        free(all, piece);
      }
    }
    for (const number of perhaps.get(id) ?? []) {
      const others = drop(doubtful, number);
      if ((holders[number] as number) > 0) continue;
      const { high } = pieces[number] as Piece;
      const left = open.get(number) ?? { size: 0, low: 0, high }; // nothing was seen to hold it
      open.set(number, left);
      span.most += high; // the others may not hold it
      if (others > 0) continue;
      open.delete(number);
      span.bytes += left.size;
      free(all, left);
    }
    return within(span);
  });
  for (const { high } of open.values()) all.most += high;
  const isHeld = (piece: number) => (holders[piece] as number) > 0 || (doubtful[piece] as number) > 0;
  return { each, together: within(all), isHeld };
}

/** How many hold each piece. */
function counts(map: Holdings['held'], pieces: number): Int32Array {
  const found = new Int32Array(pieces);
  for (const held of map.values()) for (const piece of held) found[piece] = (found[piece] as number) + 1;
  return found;
}

function drop(count: Int32Array, piece: number): number {
  const left = (count[piece] as number) - 1;
  count[piece] = left;
  return left;
}

function within({ bytes, least, most }: Span): Space {
  return least === most ? { frees: bytes } : { frees: bytes, about: true, between: [least, most] };
}

/** A plan's actions with what each frees at its turn, and what all free together. */
export interface Priced {
  readonly actions: readonly Action[];
  readonly space: Space;
  /** What does not come free by them, and what would free it. */
  readonly notes: readonly string[];
}

/** Priced actions may be priced again, among others. */
export function priced(inventory: Inventory, planned: readonly Action[]): Priced {
  const actions = planned.map((action) => containerFrees(action, inventory.engine.store));
  const layered = actions.filter(sharesLayers);
  if (layered.length === 0) return { actions, space: total(actions), notes: [] };
  const going = new Set(layered.map(({ id }) => id));
  const holdings = holdingsOf(inventory, going);
  const { spaces, together, isHeld } = spacesOf(layered, holdings);
  const leaves = layered.map(({ kind, id }) =>
    kind === 'delete-image' ? (holdings.held.get(id) ?? []).filter(isHeld) : [],
  );
  const stays = whatStays(inventory, holdings, going, leaves);
  let last: Int32Array | undefined;
  const partsOf = ({ kind, id, size = 0 }: Action, turn: number): Parts => {
    const left = leaves[turn] as readonly number[];
    const { frees } = spaces[turn] as Space;
    // Pieces take more of the disk than an image's size says, and never twice as much: with more than that all is said.
    if (kind !== 'delete-image' || frees > 2 * size * NEXT_TO_NOTHING) return { left, later: [] };
    last ??= lastTurns(layered, holdings);
    const turns = last;
    const held = holdings.held.get(id) ?? [];
    return { left, later: held.filter((piece) => (turns[piece] as number) > turn && !isHeld(piece)) };
  };
  let next = 0;
  const told = (action: Action): Action => {
    if (!sharesLayers(action)) return action;
    const space = spaces[next] as Space;
    const why = reason.beforePrice(action.because);
    const because = saying(why, space, partsOf(action, next), stays, holdings);
    next += 1;
    const { about: _, between: __, ...bare } = action;
    return { ...bare, ...space, because } as Action;
  };
  return {
    actions: actions.map(told),
    space: total([...actions.filter((action) => !sharesLayers(action)), together]),
    notes: inCache(stays, holdings),
  };
}

/** The last turn of each piece, among those that hold it. */
function lastTurns(layered: readonly Action[], { pieces, held }: Holdings): Int32Array {
  const last = new Int32Array(pieces.length);
  layered.forEach(({ id }, turn) => {
    for (const piece of held.get(id) ?? []) last[piece] = turn;
  });
  return last;
}

/**
 * Prices any of a plan's actions, in their order, as if they were all of it: what each frees, and what all of them do.
 * What holds what is found out once, so that each price is quick.
 */
export function pricer(
  inventory: Inventory,
  planned: readonly Action[],
): (some: readonly Action[]) => Pick<Freed, 'each' | 'together'> {
  const layered = planned.filter(sharesLayers);
  const holdings =
    layered.length > 0 ? holdingsOf(inventory, new Set(layered.map(({ id }) => id))) : undefined;
  return (some) => {
    const shared = some.filter(sharesLayers);
    if (!holdings || shared.length === 0) return { each: some.map(spaceOf), together: total(some) };
    const { spaces, together } = spacesOf(shared, holdings);
    const bySharer = new Map(shared.map((action, i) => [action, spaces[i] as Space]));
    return {
      each: some.map((action) => bySharer.get(action) ?? spaceOf(action)),
      together: total([...some.filter((action) => !sharesLayers(action)), together]),
    };
  };
}

/** What these free one after the other. The first that prunes the cache ends the lease of a build, too. */
function spacesOf(
  layered: readonly Action[],
  holdings: Holdings,
): Omit<Freed, 'each'> & { readonly spaces: readonly Space[] } {
  const pruning = layered.findIndex(({ kind }) => kind === 'prune-cache');
  const ids = layered.map(({ id }) => id);
  if (pruning >= 0) ids.splice(pruning + 1, 0, LEASE);
  const { each, ...freed } = freedBy(holdings, ids);
  const spaces = [...each];
  if (pruning >= 0) spaces.splice(pruning, 2, total(each.slice(pruning, pruning + 2)));
  return { spaces, ...freed };
}

/** A container frees what the engine keeps about it besides its writable layer. */
function containerFrees(action: Action, store: string): Action {
  if (action.kind !== 'delete-container') return action;
  const { size = 0, expects } = action;
  return { ...action, frees: size + aboutContainer(store, expects.finished !== undefined) };
}

/** What has each piece that is left: an image, by its name, or the build cache. Of several images the first by name. */
function whatStays(
  inventory: Inventory,
  { pieces, held, perhaps }: Holdings,
  going: ReadonlySet<string>,
  leaves: readonly (readonly number[])[],
): Stays {
  const stays = new Map<number, string | typeof CACHE>();
  const left = new Uint8Array(pieces.length);
  for (const those of leaves) for (const piece of those) left[piece] = 1;
  if (!left.includes(1)) return stays;
  const tell = (map: Holdings['held'], holder: string, use: (piece: number) => void) => {
    if (going.has(holder)) return;
    for (const piece of map.get(holder) ?? []) if (left[piece] === 1) use(piece);
  };
  for (const { id } of inventory.cache)
    for (const map of [perhaps, held]) tell(map, id, (piece) => stays.set(piece, CACHE));
  const named = new Map<number, Image>();
  for (const image of allImages(inventory)) {
    tell(held, image.id, (piece) => {
      const other = named.get(piece);
      if (!other || isBefore(image, other)) named.set(piece, image);
    });
  }
  for (const [piece, image] of named) stays.set(piece, nameKnown(image));
  return stays;
}

/** By name, those without one last. */
function isBefore(image: Image, other: Image): boolean {
  const named = Number(image.tags.length > 0) - Number(other.tags.length > 0);
  return named === 0 ? nameKnown(image) < nameKnown(other) : named > 0;
}

const CACHE = Symbol('the build cache');

/** Who has a piece. */
type Stays = ReadonlyMap<number, string | typeof CACHE>;

/** The pieces of an image that it does not free: those that stay after the plan, and those that something else frees later. */
interface Parts {
  readonly left: readonly number[];
  readonly later: readonly number[];
}

/** The reason of an image that frees next to nothing says what has the rest of it. */
function saying(
  because: Reason,
  { frees }: Space,
  { left, later }: Parts,
  stays: Stays,
  holdings: Holdings,
): Reason {
  const sizeOf = (piece: number) => holdings.pieces[piece]?.size ?? 0;
  const sum = (pieces: readonly number[]) => pieces.reduce((bytes, piece) => bytes + sizeOf(piece), 0);
  const size = sum(left);
  if (frees < sum(later) * NEXT_TO_NOTHING) return reason.freesLater(because);
  if (frees > size * NEXT_TO_NOTHING || left.length === 0) return because;
  const largest = left.reduce((most, piece) => (sizeOf(piece) >= sizeOf(most) ? piece : most));
  const holder = stays.get(largest);
  if (holder === undefined) return because; // a build of a moment ago
  const shares = left
    .filter((piece) => sizeOf(piece) > size * NEXT_TO_NOTHING)
    .map((piece) => stays.get(piece));
  const images = [...new Set([holder, ...shares].filter((each) => typeof each === 'string'))];
  return reason.freesNothing(
    because,
    images,
    shares.some((each) => typeof each !== 'string'),
  );
}

/** Less than this part of what stays of an image is nothing: what the engine keeps about it. */
const NEXT_TO_NOTHING = 0.01;

function inCache(stays: Stays, { pieces }: Holdings): string[] {
  const size = [...stays].reduce(
    (sum, [piece, holder]) => (holder === CACHE ? sum + (pieces[piece]?.size ?? 0) : sum),
    0,
  );
  if (size === 0) return [];
  return [
    `The build cache holds ${humanSize(size)} of these images: docker tidy cache -a frees that afterwards.`,
  ];
}

/** Images and cache records hold layers; what others free they know themselves. */
export function sharesLayers({ kind }: Action): boolean {
  return kind === 'delete-image' || kind === 'prune-cache';
}

/** The space of several actions that share nothing; about, as soon as one is. */
export function total(actions: readonly Space[]): Space {
  const sum = (of: (action: Space) => number) => actions.reduce((bytes, action) => bytes + of(action), 0);
  const frees = sum((action) => action.frees);
  if (!actions.some(({ about }) => about)) return { frees };
  return {
    frees,
    about: true,
    between: [sum((a) => a.between?.[0] ?? a.frees), sum((a) => a.between?.[1] ?? a.frees)],
  };
}

/** The space alone of what has more. */
export function spaceOf({ frees, about, between }: Space): Space {
  return { frees, ...(about && { about }), ...(between && { between }) };
}

/** Of some of a plan's actions: what stays of the others may hold some of the layers, and of nothing else. */
export function atMost(actions: readonly Action[]): Space {
  const layered = actions.filter(sharesLayers);
  const { frees, between } = total(layered);
  const open: Space = { frees, about: true, between: [0, between?.[1] ?? frees] };
  return total([...actions.filter((action) => !sharesLayers(action)), ...(layered.length > 0 ? [open] : [])]);
}
