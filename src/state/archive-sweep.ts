// What archives of images are kept for how long, and the blobs that none of them needs any more.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepBlobs } from './blobs.ts';
import { archiveFolder, readIndex } from './image-archive.ts';

/**
 * Removes archives that were made before `until`, in milliseconds (absent: none), then blobs that no archive names, and
 * what was left of writes that were cut off. While an archive cannot be read, all blobs stay. Only for who holds the
 * engine's lock. Resolves to how many archives went. Throws what the system says.
 */
export async function sweepArchives(folder: string, engine: string, until?: number): Promise<number> {
  const archive = archiveFolder(folder, engine);
  const images = join(archive, 'images');
  const wanted = new Set<string>();
  let unread = false;
  let removed = 0;
  for (const name of await readdir(images).catch(() => [])) {
    const file = join(images, name);
    if (name.endsWith('.part')) await rm(file, { force: true });
    if (!name.endsWith('.json')) continue;
    const archived = await readIndex(archive, file).catch(() => undefined);
    if (archived && until !== undefined && Date.parse(archived.savedAt) < until) {
      await rm(file, { force: true });
      removed++;
    } else {
      unread ||= !archived;
      for (const { sha256 } of archived?.entries ?? []) if (sha256) wanted.add(sha256);
    }
  }
  await sweepBlobs(join(archive, 'blobs'), (sha256) => unread || wanted.has(sha256));
  return removed;
}

/** IDs of the images that an engine has archives of; of one that cannot be read the name tells it, too. */
export async function archivedIds(folder: string, engine: string): Promise<string[]> {
  const names = await readdir(join(archiveFolder(folder, engine), 'images')).catch(() => []);
  return names.flatMap((name) => {
    const hex = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    return hex === undefined ? [] : [`sha256:${hex}`];
  });
}
