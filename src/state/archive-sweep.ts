// What archives of images are kept for how long, and the blobs that none of them needs any more.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepBlobs } from './blobs.ts';
import type { ArchivedImage } from './image-archive.ts';
import { archiveFolder, readIndex } from './image-archive.ts';

/**
 * Removes archives that were made before `until`, in milliseconds (absent: none), but none of `needed`; then blobs that no archive names, and
 * what was left of writes that were cut off. While an archive cannot be read, all blobs stay. Only for who holds the
 * engine's lock. Resolves to how many archives went. Throws what the system says.
 */
export async function sweepArchives(
  folder: string,
  engine: string,
  until?: number,
  needed: ReadonlySet<string> = new Set(),
): Promise<number> {
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
    const old = archived && until !== undefined && Date.parse(archived.savedAt) < until;
    if (old && !needed.has(archived.id)) {
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

/** The images that an engine has archives of, as far as these can be read and none of their blobs is missing. */
export async function archivesOf(
  folder: string,
  engine: string,
): Promise<Pick<ArchivedImage, 'id' | 'savedAt'>[]> {
  const archive = archiveFolder(folder, engine);
  const [names, blobs] = await Promise.all(
    ['images', 'blobs'].map((name) => readdir(join(archive, name)).catch(() => [])),
  );
  const there = new Set(blobs);
  const read = (names ?? []).map((name) =>
    readIndex(archive, join(archive, 'images', name)).catch(() => undefined),
  );
  return (await Promise.all(read)).flatMap((archived) =>
    archived?.entries.every(({ sha256 }) => sha256 === undefined || there.has(`${sha256}.zst`))
      ? archived
      : [],
  );
}
