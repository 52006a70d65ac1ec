// The ledger: when each image of an engine was first seen and last used. Ledgers of two runs add up, in whatever order.
import type { Image, LastUse } from './inventory.ts';
import { canonicalReference } from './reference.ts';

/** The version of the ledger's JSON; a reader refuses a newer one. Every moment in it is RFC 3339 in UTC with milliseconds. */
export const LEDGER_VERSION = 1;

/** What is known of one image. Sizes are bytes; lists of moments have the last of each day, in order. */
export interface LedgerImage {
  readonly size: number;
  readonly created?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly parent?: string;
  /** By the first 12 hex digits of their chain IDs, lowest first. */
  readonly layers?: readonly string[];
  /** When it was first seen, each time anew. */
  readonly came: readonly string[];
  readonly went: readonly string[];
  /** All names that it had, by the moment when they were first seen. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly uses: readonly string[];
  readonly used?: LastUse;
}

/** A container that was there at the last looks: what it uses is known by ID, though names move. */
export interface LedgerContainer {
  readonly name: string;
  readonly image: string;
  /** The images that it mounts, by name or ID. */
  readonly mounts?: readonly string[];
  /** When it was last seen. */
  readonly at: string;
  readonly finished?: string;
}

/** Up to when the engine's events are known, and the moment of the last of them. */
export interface Seen {
  readonly until: string;
  readonly last?: string;
}

export interface Ledger {
  readonly schemaVersion: typeof LEDGER_VERSION;
  /** The engine's ID. */
  readonly engine: string;
  readonly since: string;
  readonly seen?: Seen;
  /** The end of the last time of which events were missed. */
  readonly gap?: string;
  readonly images: Readonly<Record<string, LedgerImage>>;
  /** Uses by a name, in its one full spelling. */
  readonly names: Readonly<Record<string, LastUse>>;
  readonly containers: Readonly<Record<string, LedgerContainer>>;
  /** Bytes of layers, by the same digits. */
  readonly layers: Readonly<Record<string, number>>;
}

/** A ledger that knows nothing yet. */
export function newLedger(engine: string, since: string): Ledger {
  return { schemaVersion: LEDGER_VERSION, engine, since, images: {}, names: {}, containers: {}, layers: {} };
}

/** An image of which nothing is known. */
export const NEVER_SEEN: LedgerImage = { size: 0, came: [], went: [], names: {}, uses: [] };

/** How much of one image's history is kept. */
const MOST = { days: 400, names: 32 } as const;

/** All that either ledger knows. Independent of which comes first, and of how often. */
export function united(a: Ledger, b: Ledger): Ledger {
  const seen = a.seen && b.seen ? greater(a.seen, b.seen, ({ until }) => until) : (a.seen ?? b.seen);
  const gap = latest(a.gap, b.gap);
  return {
    schemaVersion: LEDGER_VERSION,
    engine: a.engine,
    since: a.since < b.since ? a.since : b.since,
    ...(seen && { seen }),
    ...(gap !== undefined && { gap }),
    images: both(a.images, b.images, unitedImage),
    names: both(a.names, b.names, laterUse),
    containers: both(a.containers, b.containers, unitedContainer),
    layers: both(a.layers, b.layers, Math.max),
  };
}

function unitedImage(a: LedgerImage, b: LedgerImage): LedgerImage {
  const [first, second] = JSON.stringify(a) <= JSON.stringify(b) ? [a, b] : [b, a]; // what never differs, of either
  const used = a.used && b.used ? laterUse(a.used, b.used) : (a.used ?? b.used);
  const { created = second.created, labels = second.labels, parent = second.parent } = first;
  const layers = first.layers ?? second.layers;
  return {
    size: Math.max(a.size, b.size),
    ...(created !== undefined && { created }),
    ...(labels && { labels }),
    ...(parent !== undefined && { parent }),
    ...(layers && { layers }),
    came: days([...a.came, ...b.came]),
    went: days([...a.went, ...b.went]),
    names: lastNames(both(a.names, b.names, (one, other) => greater(one, other, () => ''))),
    uses: days([...a.uses, ...b.uses]),
    ...(used && { used }),
  };
}

function unitedContainer(a: LedgerContainer, b: LedgerContainer): LedgerContainer {
  const finished = latest(a.finished, b.finished);
  return { ...greater(a, b, ({ at }) => at), ...(finished !== undefined && { finished }) };
}

/** The later one; of one moment the one that says by what. */
export function laterUse(a: LastUse, b: LastUse): LastUse {
  return greater(a, b, ({ at, by }) => `${at} ${by === undefined ? 0 : 1}`);
}

/** Moments in order, the last of each day, and so many days at most. */
export function days(moments: readonly string[]): string[] {
  const last = new Map<string, string>();
  for (const moment of [...moments].sort()) last.set(moment.slice(0, 10), moment);
  return [...last.values()].slice(-MOST.days);
}

function lastNames(names: LedgerImage['names']): LedgerImage['names'] {
  const kept = days(Object.keys(names)).slice(-MOST.names);
  return Object.fromEntries(kept.map((at) => [at, names[at] as readonly string[]]));
}

/** The one with the greater key; of equal ones, one that does not depend on their order. */
function greater<T>(a: T, b: T, key: (value: T) => string): T {
  const [left, right] = [key(a), key(b)];
  if (left !== right) return left > right ? a : b;
  return JSON.stringify(a) >= JSON.stringify(b) ? a : b;
}

function latest(a: string | undefined, b: string | undefined): string | undefined {
  return (a ?? '') >= (b ?? '') ? a : b;
}

function both<T>(
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  unite: (a: T, b: T) => T,
): Record<string, T> {
  const all: Record<string, T> = { ...a };
  for (const [key, value] of Object.entries(b))
    all[key] = Object.hasOwn(a, key) ? unite(a[key] as T, value) : value;
  return all;
}

/** Whether the image was there when it was last looked for. */
export function isThere({ came, went }: Pick<LedgerImage, 'came' | 'went'>): boolean {
  return (came.at(-1) ?? '') > (went.at(-1) ?? '');
}

/** All names that it has, as far as is known. */
export function namesNow({ names }: Pick<LedgerImage, 'names'>): readonly string[] {
  const last = Object.keys(names).sort().at(-1);
  return last === undefined ? [] : (names[last] as readonly string[]);
}

/**
 * The last use of an image, by its ID and its names; where a later one may be unknown, the moment from which on it would be
 * known. `undefined` for an image that the ledger has never seen.
 */
export function lastUseOf(ledger: Ledger, { id, tags, digests }: Image): LastUse | undefined {
  const known = Object.hasOwn(ledger.images, id) ? ledger.images[id] : undefined;
  const first = known?.came.at(-1);
  if (!known || first === undefined) return undefined;
  const uses = [...tags, ...digests].flatMap((name) => {
    const spelt = canonicalReference(name) ?? name;
    return Object.hasOwn(ledger.names, spelt) ? [ledger.names[spelt] as LastUse] : [];
  });
  const used = [...(known.used ? [known.used] : []), ...uses].reduce<LastUse>(laterUse, { at: '' });
  const dark: LastUse =
    ledger.gap !== undefined && ledger.gap > first ? { at: ledger.gap, gap: true } : { at: first };
  return used.at >= dark.at ? used : dark;
}

/**
 * When an image came here at the latest, or was used: it was not there at an earlier look, or its pull, load or use was heard.
 * `undefined` for one that was there when the ledger began, and is not known to be used.
 */
export function cameAt(ledger: Ledger, { id }: Pick<Image, 'id'>): string | undefined {
  const known = Object.hasOwn(ledger.images, id) ? ledger.images[id] : undefined;
  const first = known?.came.at(-1);
  return first !== undefined && first > ledger.since ? first : known?.used?.at;
}

/** The images with their last uses. Where nothing is known of one, none is said. */
export function withLastUse(images: readonly Image[], ledger: Ledger): Image[] {
  return images.map(({ used: _, seen: __, came: ___, ...image }) => {
    const used = lastUseOf(ledger, image);
    const seen = ledger.images[image.id]?.came.at(-1);
    const came = cameAt(ledger, image);
    return {
      ...image,
      ...(used && { used }),
      ...(used && seen !== undefined && { seen }),
      ...(came !== undefined && { came }),
    };
  });
}
