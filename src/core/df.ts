// Where the space is: what each kind takes, each piece of the disk once, and what removing it would free.
import type { Disk } from './df-disk.ts';
import { diskOf } from './df-disk.ts';
import type { AGES } from './df-rows.ts';
import { cacheAges, imagesUsage, largestFirst, listed, repositoriesUsage, volumesUsage } from './df-rows.ts';
import { aboutContainer } from './holdings.ts';
import type { Engine, Inventory } from './inventory.ts';
import type { Kind } from './kind.ts';
import type { Plan, Space } from './plan.ts';
import { kindOf } from './plan.ts';
import { spaceOf, total } from './price.ts';
import { quarantined } from './quarantine.ts';
import { moment } from './reason.ts';
import { usersOf } from './usage.ts';
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
  /** What `docker tidy` frees by the policy; absent without one. */
  readonly policy?: Amount;
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
  readonly total: Required<Pick<KindUsage, 'size' | 'dangling' | 'unused'>> & Pick<KindUsage, 'policy'>;
  readonly images: readonly ImageUsage[];
  readonly repositories: readonly RepositoryUsage[];
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly VolumeUsage[];
  readonly cache: readonly CacheAge[];
  /** Images in quarantine: what removing them frees, and when the first may go (RFC 3339); absent where there are none. */
  readonly quarantine?: { readonly images: number; readonly together: Amount; readonly from: string };
  /** What the engine's data folder takes, and what of it nothing above accounts for; absent where nobody read it. */
  readonly dataRoot?: number;
  readonly unaccounted?: Amount;
}

/** The plans of `docker tidy` and of `docker tidy all -a`, both without a policy, and of `docker tidy` by the policy. */
export interface Levels {
  readonly dangling: Plan;
  readonly unused: Plan;
  readonly policy?: Plan;
}

/** `dataRoot`: the bytes of the engine's data folder. What takes long, images and repositories, is worked out when it is looked at. */
export function dfOf(inventory: Inventory, levels: Levels, dataRoot?: number): Df {
  const disk = diskOf(inventory);
  const ages = cacheAges(inventory, disk);
  const kinds = kindsOf(inventory, levels, disk, ages);
  const size = sum(kinds.flatMap((kind) => kind.size ?? []));
  const images = once(() => imagesUsage(inventory, disk));
  const repositories = once(() => repositoriesUsage(inventory, disk));
  return {
    schemaVersion: DF_VERSION,
    engine: inventory.engine,
    takenAt: inventory.takenAt,
    kinds,
    total: {
      size,
      dangling: amount(levels.dangling),
      unused: amount(levels.unused),
      ...(levels.policy && { policy: amount(levels.policy) }),
    },
    get images() {
      return images();
    },
    get repositories() {
      return repositories();
    },
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
    ...quarantineUsage(inventory, disk),
    ...(dataRoot !== undefined && { dataRoot, unaccounted: without(dataRoot, size) }),
  };
}

function quarantineUsage(inventory: Inventory, disk: Disk): Pick<Df, 'quarantine'> {
  const waiting = quarantined(inventory.images).filter(({ other }) => other === undefined);
  const ends = waiting.flatMap(({ until }) => until ?? []);
  const from = ends.length > 0 ? moment(Math.min(...ends)) : undefined;
  if (from === undefined) return {};
  const together = disk.freedBy(waiting.map(({ image }) => image.id));
  return { quarantine: { images: waiting.length, together, from } };
}

function once<T>(work: () => T): () => T {
  let done: { readonly result: T } | undefined;
  return () => {
    done ??= { result: work() };
    return done.result;
  };
}

function kindsOf(inventory: Inventory, levels: Levels, disk: Disk, ages: readonly CacheAge[]): KindUsage[] {
  const { images, containers, volumes, cache, engine } = inventory;
  const freed = (kind: Kind) => ({
    dangling: freedOf(levels.dangling, kind),
    unused: freedOf(levels.unused, kind),
    ...(levels.policy && { policy: freedOf(levels.policy, kind) }),
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
