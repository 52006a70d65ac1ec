// Where the space is: what each kind takes, each piece of the disk once, and what removing it would free.

import type { Holdings } from './holdings.ts';
import { aboutContainer, holdingsOf } from './holdings.ts';
import type { CacheRecord, Engine, Image, Inventory } from './inventory.ts';
import { danglingImages } from './inventory.ts';
import type { Kind } from './kind.ts';
import { composeProject } from './label.ts';
import { realTime } from './order.ts';
import type { Plan, Space } from './plan.ts';
import { kindOf } from './plan.ts';
import { spaceOf, total } from './price.ts';
import { familiarRepository, repositoryOf, shortId } from './reference.ts';
import { NAMELESS, namesOf } from './selection.ts';
import { containersUsing, usersOf } from './usage.ts';
import { volumesInUse } from './volume-usage.ts';

/** The version of its JSON. */
export const DF_VERSION = 1;

/** Bytes on the disk; `about` and `between` as in a plan's Space. */
export interface Amount {
  readonly bytes: number;
  readonly about?: true;
  readonly between?: readonly [low: number, high: number];
}

/** One kind of object. */
export interface KindUsage {
  readonly kind: Exclude<Kind, 'network'>;
  readonly total: number;
  /** Images that something uses, containers that run, volumes that something mounts, cache records in use. */
  readonly active: number;
  /** Absent where nobody asked. */
  readonly size?: Amount;
  /** What `docker tidy` frees of it, and `docker tidy all -a`; absent for volumes, which neither removes. */
  readonly dangling?: Amount;
  readonly unused?: Amount;
}

/** `alone`: what removing it frees while all else stays. The rest of it is shared. */
export interface ImageUsage {
  readonly name: string;
  readonly id: string;
  readonly size: number;
  readonly alone: Amount;
  readonly shared: number;
  /** The image, or the build cache, that has most of what is shared. */
  readonly sharedWith?: string;
  readonly containers: number;
}

/** `together`: what removing all its images frees; those with names in other repositories stay. */
export interface RepositoryUsage {
  readonly name: string;
  readonly images: number;
  readonly size: Amount;
  readonly together: Amount;
}

export interface ContainerUsage {
  readonly name: string;
  readonly id: string;
  readonly state: string;
  readonly image: string;
  /** Its writable layer. */
  readonly size?: number;
}

export interface VolumeUsage {
  readonly name: string;
  readonly size?: number;
  readonly project?: string;
  readonly users: readonly string[];
}

/** Build cache that was last used within this span, and not within a shorter one. */
export interface CacheAge {
  readonly used: (typeof AGES)[number][0];
  readonly records: number;
  /** What no image holds. */
  readonly size: Amount;
  /** Records that images hold, too. */
  readonly shared: number;
}

export interface Df {
  readonly schemaVersion: typeof DF_VERSION;
  readonly engine: Engine;
  readonly takenAt: string;
  readonly kinds: readonly KindUsage[];
  readonly total: Required<Pick<KindUsage, 'size' | 'dangling' | 'unused'>>;
  readonly images: readonly ImageUsage[];
  readonly repositories: readonly RepositoryUsage[];
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly VolumeUsage[];
  readonly cache: readonly CacheAge[];
  /** What the engine's data folder takes, and what of it nothing above accounts for; absent where nobody read it. */
  readonly dataRoot?: number;
  readonly unaccounted?: Amount;
}

/** The plans of `docker tidy` and of `docker tidy all -a`. */
export interface Levels {
  readonly dangling: Plan;
  readonly unused: Plan;
}

const HOUR = 3_600_000;
const AGES = [
  ['day', 24 * HOUR],
  ['week', 7 * 24 * HOUR],
  ['month', 30 * 24 * HOUR],
  ['older', Number.POSITIVE_INFINITY],
] as const;

const CACHE = 'the build cache';

/** `dataRoot`: the bytes of the engine's data folder. */
export function dfOf(inventory: Inventory, levels: Levels, dataRoot?: number): Df {
  const disk = new Disk(inventory);
  const ages = cacheAges(inventory, disk);
  const kinds = kindsOf(inventory, levels, disk, ages);
  const size = sum(kinds.flatMap((kind) => kind.size ?? []));
  return {
    schemaVersion: DF_VERSION,
    engine: inventory.engine,
    takenAt: inventory.takenAt,
    kinds,
    total: { size, dangling: amount(levels.dangling), unused: amount(levels.unused) },
    images: imagesUsage(inventory, disk),
    repositories: repositoriesUsage(inventory, disk),
    containers: inventory.containers
      .map(({ id, name, state, image, size }) => ({
        id,
        name,
        state,
        image,
        ...(size !== undefined && { size }),
      }))
      .sort(largestFirst(({ size = 0 }) => size)),
    volumes: volumesUsage(inventory),
    cache: ages,
    ...(dataRoot !== undefined && { dataRoot, unaccounted: without(dataRoot, size) }),
  };
}

/** Who holds which pieces of the disk. */
class Disk {
  readonly #holdings: Holdings;
  readonly #holders = new Map<number, string[]>();
  readonly #perhaps = new Set<number>();
  readonly #parents: ReadonlyMap<string, string | undefined>;
  readonly #nameless: ReadonlySet<string>;
  readonly #children: ReadonlyMap<string, readonly string[]>;

  constructor(inventory: Inventory) {
    this.#holdings = holdingsOf(inventory);
    for (const [holder, pieces] of this.#holdings.held)
      for (const piece of new Set(pieces)) {
        const holders = this.#holders.get(piece);
        if (holders) holders.push(holder);
        else this.#holders.set(piece, [holder]);
      }
    for (const pieces of this.#holdings.perhaps.values())
      for (const piece of pieces) this.#perhaps.add(piece);
    const inUse = usersOf(inventory);
    this.#parents = new Map(inventory.images.map(({ id, parent }) => [id, parent]));
    this.#nameless = new Set(
      inventory.images
        .filter((image) => namesOf(image).length === 0 && !inUse.has(image.id))
        .map(({ id }) => id),
    );
    const byParent = Map.groupBy(inventory.images, ({ parent }) => parent ?? '');
    this.#children = new Map([...byParent].map(([id, images]) => [id, images.map((image) => image.id)]));
  }

  /** What these hold, each piece once. */
  sizeOf(holders: Iterable<string>, but: ReadonlySet<number> = new Set()): Amount {
    const pieces = new Set<number>();
    for (const holder of holders)
      for (const piece of this.#holdings.held.get(holder) ?? []) if (!but.has(piece)) pieces.add(piece);
    return this.#sum([...pieces].map((piece) => [piece, true]));
  }

  piecesOf(holders: Iterable<string>): Set<number> {
    return new Set([...holders].flatMap((holder) => this.#holdings.held.get(holder) ?? []));
  }

  /** What comes free when these images go and all else stays, but for nameless ones that only they were built on: docker deletes those along. */
  freedBy(images: readonly string[]): Amount {
    const going = this.#withAncestors(images);
    const free = [...this.piecesOf(going)].filter((piece) =>
      this.#holders.get(piece)?.every((id) => going.has(id)),
    );
    return this.#sum(free.map((piece) => [piece, !this.#perhaps.has(piece)]));
  }

  /** What others hold of an image, and who has most of it. `nameOf` says who a holder is. */
  sharing(image: string, nameOf: (holder: string) => string): { shared: number; sharedWith?: string } {
    const mine = this.#withAncestors([image]);
    const left = [...this.piecesOf([image])].filter((piece) =>
      this.#holders.get(piece)?.some((id) => !mine.has(id)),
    );
    const shared = this.#bytes(left);
    const candidates = new Set(this.#tellingPieces(left).flatMap((piece) => this.#someHolders(piece, mine)));
    const all = new Set(left);
    const common = Map.groupBy(candidates, nameOf);
    const sized = [...common].map(([name, holders]) => {
      const theirs = [...this.piecesOf(holders)];
      return {
        name,
        bytes: this.#bytes(theirs.filter((piece) => all.has(piece))),
        whole: this.#bytes(theirs),
      };
    });
    const [most] = sized.sort(
      (a, b) => b.bytes - a.bytes || a.whole - b.whole || (a.name < b.name ? -1 : 1), // the base itself, not another image on it
    );
    return { shared, ...(most && { sharedWith: most.name }) };
  }

  /** The largest piece, and the one that fewest hold: who has these has most, since layers are stacked. */
  #tellingPieces(pieces: readonly number[]): number[] {
    const [first] = pieces;
    if (first === undefined) return [];
    const count = (piece: number) => this.#holders.get(piece)?.length ?? 0;
    const largest = pieces.reduce((a, b) => (this.#size(b) > this.#size(a) ? b : a), first);
    const rarest = pieces.reduce((a, b) => (count(b) < count(a) ? b : a), first);
    return [largest, rarest];
  }

  /** Of a base that a thousand images have, any few tell as much. */
  #someHolders(piece: number, but: ReadonlySet<string>): string[] {
    return (this.#holders.get(piece) ?? []).filter((id) => !but.has(id)).slice(0, 16);
  }

  #bytes(pieces: readonly number[]): number {
    return pieces.reduce((bytes, piece) => bytes + this.#size(piece), 0);
  }

  #size(piece: number): number {
    return this.#holdings.pieces[piece]?.size ?? 0;
  }

  #withAncestors(images: readonly string[]): Set<string> {
    const going = new Set(images);
    for (const id of going) {
      const parent = this.#parents.get(id);
      if (parent === undefined || !this.#nameless.has(parent)) continue;
      if (this.#children.get(parent)?.every((child) => going.has(child))) going.add(parent);
    }
    return going;
  }

  /** Of pieces that are not sure only the bounds count. */
  #sum(pieces: readonly (readonly [piece: number, sure: boolean])[]): Amount {
    const span = { bytes: 0, low: 0, high: 0 };
    for (const [name, sure] of pieces) {
      const piece = this.#holdings.pieces[name];
      if (!piece) continue;
      span.high += piece.high;
      if (!sure) continue;
      span.bytes += piece.size;
      span.low += piece.low;
    }
    const { bytes, low, high } = span;
    return low === high ? { bytes } : { bytes, about: true, between: [low, high] };
  }
}

function kindsOf(inventory: Inventory, levels: Levels, disk: Disk, ages: readonly CacheAge[]): KindUsage[] {
  const { images, containers, volumes, cache, engine } = inventory;
  const freed = (kind: Kind) => ({
    dangling: freedOf(levels.dangling, kind),
    unused: freedOf(levels.unused, kind),
  });
  const used = usersOf(inventory);
  const mounted = volumesInUse(inventory);
  const written = containers.map(
    ({ size = 0, state, finished }): Amount => ({
      bytes: size + aboutContainer(engine.store, state !== 'created' || finished !== undefined),
    }),
  );
  const sized = volumes.flatMap(({ size }) => size ?? []);
  return [
    {
      kind: 'image',
      total: listed(images).length,
      active: listed(images).filter(({ id }) => used.has(id)).length,
      size: disk.sizeOf(images.map(({ id }) => id)),
      ...freed('image'),
    },
    {
      kind: 'container',
      total: containers.length,
      active: containers.filter(({ state }) => RUNNING.includes(state)).length,
      size: sum(written),
      ...freed('container'),
    },
    {
      kind: 'volume',
      total: volumes.length,
      active: volumes.filter(({ name }) => mounted.has(name)).length,
      ...((sized.length > 0 || volumes.length === 0) && { size: sum(sized.map((bytes) => ({ bytes }))) }),
    },
    {
      kind: 'cache',
      total: cache.length,
      active: cache.filter(({ inUse }) => inUse).length,
      size: sum(ages.map(({ size }) => size)),
      ...freed('cache'),
    },
  ];
}

/** As docker counts them. Source: docker/cli, cli/command/formatter/disk_usage.go. */
const RUNNING: readonly string[] = ['running', 'paused', 'restarting'];

/** The images that docker lists: without nameless ones that others were built on. */
function listed(images: readonly Image[]): Image[] {
  const dangling = new Set(danglingImages(images));
  return images.filter((image) => namesOf(image).length > 0 || image.tags.length > 0 || dangling.has(image));
}

function freedOf({ actions }: Plan, kind: Kind): Amount {
  return amount(total(actions.filter((action) => kindOf(action) === kind).map(spaceOf)));
}

function amount({ frees, about, between }: Space): Amount {
  return { bytes: frees, ...(about && { about }), ...(between && { between }) };
}

/** Of amounts that share nothing. */
function sum(amounts: readonly Amount[]): Amount {
  return amount(total(amounts.map(({ bytes, ...rest }) => ({ frees: bytes, ...rest }))));
}

/** What is left of the bytes without an amount, which may have been taken for more than there is. */
function without(bytes: number, { bytes: less, about, between }: Amount): Amount {
  const rest = (size: number) => Math.max(0, bytes - size);
  return {
    bytes: rest(less),
    ...(about && { about }),
    ...(between && { between: [rest(between[1]), rest(between[0])] as const }),
  };
}

function imagesUsage(inventory: Inventory, disk: Disk): ImageUsage[] {
  const names = new Map(inventory.images.map((image) => [image.id, nameOf(image)]));
  const holder = (id: string) => names.get(id) ?? CACHE;
  const containers = containersUsing(inventory);
  return listed(inventory.images)
    .map((image) => ({
      name: nameOf(image),
      id: image.id,
      size: image.size,
      alone: disk.freedBy([image.id]),
      ...disk.sharing(image.id, holder),
      containers: containers.get(image.id)?.length ?? 0,
    }))
    .sort(largestFirst(({ alone }) => alone.bytes));
}

function nameOf(image: Image): string {
  return image.tags[0] ?? image.digests[0] ?? shortId(image.id);
}

function repositoriesUsage({ images }: Inventory, disk: Disk): RepositoryUsage[] {
  const groups = new Map<string, { all: string[]; whole: string[] }>();
  for (const image of listed(images)) {
    const names = namesOf(image);
    const inThese = new Set(names.map((name) => familiarRepository(repositoryOf(name))));
    for (const name of inThese.size > 0 ? inThese : [NAMELESS]) {
      const group = groups.get(name) ?? { all: [], whole: [] };
      groups.set(name, group);
      group.all.push(image.id);
      if (inThese.size <= 1) group.whole.push(image.id);
    }
  }
  return [...groups]
    .map(([name, { all, whole }]) => ({
      name,
      images: all.length,
      size: disk.sizeOf(all),
      together: disk.freedBy(whole),
    }))
    .sort(largestFirst(({ together }) => together.bytes));
}

function volumesUsage(inventory: Inventory): VolumeUsage[] {
  const users = volumesInUse(inventory);
  return inventory.volumes
    .map(({ name, size, labels }) => {
      const project = composeProject(labels);
      return {
        name,
        ...(size !== undefined && { size }),
        ...(project !== undefined && { project }),
        users: (users.get(name) ?? []).map(({ text }) => text),
      };
    })
    .sort(largestFirst(({ size = 0 }) => size));
}

/** A piece that several records hold counts for the one that was used last. */
function cacheAges({ cache, images, takenAt }: Inventory, disk: Disk): CacheAge[] {
  const counted = disk.piecesOf(images.map(({ id }) => id));
  const byAge = Map.groupBy(cache, (record) => ageOf(record, Date.parse(takenAt)));
  return AGES.map(([used]) => {
    const records = byAge.get(used) ?? [];
    const ids = records.map(({ id }) => id);
    const size = disk.sizeOf(ids, counted);
    for (const piece of disk.piecesOf(ids)) counted.add(piece);
    return { used, records: records.length, size, shared: records.filter(({ shared }) => shared).length };
  });
}

function ageOf({ lastUsed, created }: CacheRecord, now: number): CacheAge['used'] {
  const at = realTime(lastUsed ?? created);
  const found = AGES.find(([, span]) => at !== undefined && now - at < span);
  return found?.[0] ?? 'older';
}

function largestFirst<T extends { readonly name: string }>(bytes: (each: T) => number) {
  return (a: T, b: T) => bytes(b) - bytes(a) || (a.name < b.name ? -1 : 1);
}
