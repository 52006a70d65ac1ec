// The rows of `docker tidy df`, the largest of each kind first.
import type { CacheAge, ImageUsage, RepositoryUsage, VolumeUsage } from './df.ts';
import type { Disk } from './df-disk.ts';
import type { CacheRecord, Image, Inventory } from './inventory.ts';
import { danglingImages } from './inventory.ts';
import { composeProject } from './label.ts';
import { realTime } from './order.ts';
import { isInQuarantine } from './quarantine-name.ts';
import { familiarRepository, repositoryOf, shortId } from './reference.ts';
import { NAMELESS, namesOf } from './selection.ts';
import { containersUsing } from './usage.ts';
import { volumesInUse } from './volume-usage.ts';

const CACHE = 'the build cache';

const HOUR = 3_600_000;
/** Milliseconds, and what they are called. */
export const AGES = [
  ['day', 24 * HOUR],
  ['week', 7 * 24 * HOUR],
  ['month', 30 * 24 * HOUR],
  ['older', Number.POSITIVE_INFINITY],
] as const;

/** The images that docker lists: without nameless ones that others were built on. */
export function listed(images: readonly Image[]): Image[] {
  const dangling = new Set(danglingImages(images));
  return images.filter((image) => namesOf(image).length > 0 || image.tags.length > 0 || dangling.has(image));
}

export function imagesUsage(inventory: Inventory, disk: Disk): ImageUsage[] {
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
  const named = image.tags[0] ?? image.digests[0] ?? shortId(image.id);
  return isInQuarantine(image) && image.was ? (image.was.names[0] ?? shortId(image.id)) : named;
}

export function repositoriesUsage({ images }: Inventory, disk: Disk): RepositoryUsage[] {
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

export function volumesUsage(inventory: Inventory): VolumeUsage[] {
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
export function cacheAges({ cache, images, takenAt }: Inventory, disk: Disk): CacheAge[] {
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

export function largestFirst<T extends { readonly name: string }>(bytes: (each: T) => number) {
  return (a: T, b: T) => bytes(b) - bytes(a) || (a.name < b.name ? -1 : 1);
}
