// Names of an engine's images, kept for TAB: some engines take seconds to list them. Losing it costs an offer only.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Image } from '../core/inventory.ts';
import { makeFolder } from './folder.ts';

/** The version of the file; one of another version counts for nothing. */
const VERSION = 1;

/** Of an image, what TAB may offer. */
export type NamedImage = Pick<Image, 'tags' | 'labels'>;

interface Kept {
  readonly version: typeof VERSION;
  readonly host: string;
  readonly images: readonly NamedImage[];
}

/** By the engine's address, since TAB has no time to ask who is there. */
function fileOf(folder: string, host: string): string {
  return join(folder, 'names', `${encodeURIComponent(host).slice(-200)}.json`);
}

/** What a run saw last at that address; nothing where there was none, or the file is damaged. */
export async function recallNames(folder: string, host: string): Promise<readonly NamedImage[]> {
  try {
    const kept = JSON.parse(await readFile(fileOf(folder, host), 'utf8')) as Kept;
    return kept.version === VERSION && kept.host === host ? kept.images : [];
  } catch {
    return [];
  }
}

/** Keeps the names of all images at an address. Where the folder cannot be written, TAB offers less. */
export async function rememberNames(folder: string, host: string, images: readonly Image[]): Promise<void> {
  const named = images.filter(({ tags }) => tags.length > 0).map(({ tags, labels }) => ({ tags, labels }));
  const kept: Kept = { version: VERSION, host, images: named };
  const file = fileOf(folder, host);
  const part = `${file}.${process.pid}.part`;
  try {
    await makeFolder(dirname(file));
    await writeFile(part, JSON.stringify(kept), { mode: 0o600 });
    await rename(part, file);
  } catch {
    await rm(part, { force: true }).catch(() => {});
  }
}
