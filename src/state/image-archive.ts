// Archives of images: for each what `docker save` gave, taken apart, with its content among blobs that all of them share.
import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Refusal } from '../core/errors.ts';
import { humanSize } from '../core/units.ts';
import type { Blob } from './blobs.ts';
import { DamagedBlob, readBlob, removeBlob, storedBytes, writeBlob } from './blobs.ts';
import { explained, refuseWithout, settle } from './draft.ts';
import { makeFolder } from './folder.ts';
import { runsFolder } from './journal.ts';
import { checkSaved } from './saved-image.ts';
import { BrokenTar } from './tar.ts';
import { putTogether, takeApart } from './tar-parts.ts';

/** The version of an index; a reader refuses a newer one. */
const INDEX_VERSION = 1;

/** One entry of the tar. */
export interface ArchivedEntry {
  readonly name: string;
  /** The blocks before its content, in base64. */
  readonly header: string;
  readonly size: number;
  /** The hex digits of its content's SHA-256; absent for what has none. */
  readonly sha256?: string;
}

/** `archive/images/HEX.json`. */
interface ImageIndex {
  readonly schemaVersion: typeof INDEX_VERSION;
  readonly id: string;
  /** The names that it had; the tar has none of them. */
  readonly names: readonly string[];
  /** RFC 3339. */
  readonly savedAt: string;
  /** The whole tar, before it was taken apart. */
  readonly tar: Blob;
  readonly entries: readonly ArchivedEntry[];
  /** The zeros that it ends with. */
  readonly zeros: number;
}

/** An archive that is there. Whether it is whole, `checkArchived` tells. */
export interface ArchivedImage extends ImageIndex {
  /** `archive`, with the blobs. */
  readonly folder: string;
}

/** The image that is archived. `size`: about the bytes of its tar. */
export interface ToArchive {
  readonly id: string;
  readonly names: readonly string[];
  readonly size: number;
}

export interface ArchiveLimits {
  /** The most bytes that all archives of the engine may take. */
  readonly maxSize?: number;
  /** Who says so: `archive.maxSize (tidy.yaml:5)`. */
  readonly from?: string;
}

/** The folder of an engine's archives, beside that of its runs. */
export function archiveFolder(folder: string, engine: string): string {
  return join(dirname(runsFolder(folder, engine)), 'archive');
}

/** The bytes that an engine's archives take; 0 where they cannot be read. */
export async function archivesSize(folder: string, engine: string): Promise<number> {
  const archive = archiveFolder(folder, engine);
  return await storedBytes(blobsOf(archive)).catch(() => 0);
}

/** The file of an image's index. */
export function indexFile(archive: string, id: string): string {
  const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(id)?.[1];
  if (hex === undefined) throw new Refusal(`${id} is no ID of an image`);
  return join(archive, 'images', `${hex}.json`);
}

function blobsOf(archive: string): string {
  return join(archive, 'blobs');
}

/**
 * The archive of an image; `undefined` where there is none. Throws Refusal for one that is damaged or of a newer version.
 * `folder` is the state folder.
 */
export async function archivedImage(
  folder: string,
  engine: string,
  id: string,
): Promise<ArchivedImage | undefined> {
  const archive = archiveFolder(folder, engine);
  return await readIndex(archive, indexFile(archive, id));
}

/** The archive of an index file; `undefined` where that is not there. Throws Refusal. */
export async function readIndex(archive: string, file: string): Promise<ArchivedImage | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Refusal(`cannot read the archive ${file} (${error.message}): make it readable`, {
      cause: error,
    });
  });
  if (text === undefined) return undefined;
  const index = parseIndex(text);
  if (index && index.schemaVersion > INDEX_VERSION)
    throw new Refusal(`${file} was written by a newer docker tidy: update this one`);
  if (!index || indexFile(archive, index.id) !== file)
    throw new Refusal(`the archive ${file} is damaged, and of no use: remove it`);
  return { ...index, folder: archive };
}

function parseIndex(text: string): ImageIndex | undefined {
  try {
    const found = JSON.parse(text) as ImageIndex;
    const whole =
      typeof found.schemaVersion === 'number' &&
      /^sha256:[0-9a-f]{64}$/.test(found.id) &&
      !Number.isNaN(Date.parse(found.savedAt)) &&
      Array.isArray(found.names) &&
      Array.isArray(found.entries) &&
      found.entries.every(isEntry) &&
      isSize(found.tar.size) &&
      isSize(found.zeros);
    return whole ? found : undefined;
  } catch {
    return undefined;
  }
}

function isEntry({ name, header, size, sha256 }: ArchivedEntry): boolean {
  const known = size === 0 || /^[0-9a-f]{64}$/.test(sha256 ?? '');
  return typeof name === 'string' && typeof header === 'string' && isSize(size) && known;
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Archives an image from its tar, `body`, and reads all of it back: then it is on the disk, whole. Else nothing new is left.
 * One archive at a time in a folder.
 *
 * @throws Refusal where the disk or a limit is full, the folder cannot be written, or what was read back differs; BrokenTar
 * where `body` is not all of the image; what `body` throws.
 */
export async function saveArchive(
  archive: string,
  image: ToArchive,
  body: AsyncIterable<Buffer>,
  limits: ArchiveLimits,
  now: Date,
): Promise<ArchivedImage> {
  const added: string[] = [];
  try {
    await prepare(archive, image, limits);
    const store = new Store(
      archive,
      limits,
      await explained(archive, () => storedBytes(blobsOf(archive))),
      added,
    );
    const taken = await takeIn(store, body);
    const index: ImageIndex = {
      schemaVersion: INDEX_VERSION,
      id: image.id,
      names: image.names,
      savedAt: now.toISOString(),
      ...taken,
    };
    const archived = { ...index, folder: archive };
    await checkArchived(archived, 'it cannot be removed safely');
    await writeIndex(archive, index);
    return archived;
  } catch (error) {
    for (const sha256 of added) await removeBlob(blobsOf(archive), sha256).catch(() => {});
    throw error;
  }
}

/** Makes the folders, and looks whether there is room. */
async function prepare(archive: string, { size }: ToArchive, limits: ArchiveLimits): Promise<void> {
  await explained(archive, async () => {
    await makeFolder(blobsOf(archive));
    await makeFolder(join(archive, 'images'));
  });
  const stored = await explained(archive, () => storedBytes(blobsOf(archive)));
  if (stored >= mostOf(limits)) throw full(archive, stored, limits);
  await refuseWithout(archive, size * 1.01 + 2 ** 20);
}

function mostOf({ maxSize = Number.POSITIVE_INFINITY }: ArchiveLimits): number {
  return maxSize;
}

function full(archive: string, bytes: number, limits: ArchiveLimits): Refusal {
  const { from = '--archive-max-size' } = limits;
  return new Refusal(
    `its archive would not fit: ${archive} would have ${humanSize(bytes)}, and ${from} allows ${humanSize(mostOf(limits))}; allow more, or remove older ones by --archive-keep`,
  );
}

/** Takes blobs while there is room for them. */
class Store {
  readonly blobs: string;
  readonly #archive: string;
  readonly #limits: ArchiveLimits;
  #stored: number;
  readonly #added: string[];

  constructor(archive: string, limits: ArchiveLimits, stored: number, added: string[]) {
    this.blobs = blobsOf(archive);
    this.#archive = archive;
    this.#limits = limits;
    this.#stored = stored;
    this.#added = added;
  }

  async take(content: AsyncIterable<Buffer>): Promise<Blob> {
    const { blob, packed } = await explained(this.#archive, () => writeBlob(this.blobs, content));
    if (packed > 0) this.#added.push(blob.sha256);
    this.#stored += packed;
    if (this.#stored > mostOf(this.#limits)) throw full(this.#archive, this.#stored, this.#limits);
    return blob;
  }
}

/** Takes a tar apart into blobs. */
async function takeIn(
  store: Store,
  body: AsyncIterable<Buffer>,
): Promise<Pick<ImageIndex, 'tar' | 'entries' | 'zeros'>> {
  const hash = createHash('sha256');
  let size = 0;
  const counted = async function* () {
    for await (const piece of body) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  };
  const entries: ArchivedEntry[] = [];
  const zeros = await takeApart(counted(), async (part, content) => {
    const blob = part.size > 0 ? await store.take(content) : undefined;
    const { name, size: bytes } = part;
    const header = part.header.toString('base64');
    entries.push({ name, header, size: bytes, ...(blob && { sha256: blob.sha256 }) });
  });
  return { tar: { sha256: hash.digest('hex'), size }, entries, zeros };
}

/** The tar as the engine gave it. Throws DamagedBlob. */
export async function* archivedTar({ folder, entries, zeros }: ArchivedImage): AsyncGenerator<Buffer> {
  const parts = entries.map(({ header, ...rest }) => ({ ...rest, header: Buffer.from(header, 'base64') }));
  yield* putTogether(parts, zeros, (i) => contentOf(folder, entries[i] as ArchivedEntry));
}

async function* contentOf(
  archive: string,
  { name, size, sha256 = '' }: ArchivedEntry,
): AsyncGenerator<Buffer> {
  try {
    yield* readBlob(blobsOf(archive), { size, sha256 });
  } catch (error) {
    if (error instanceof DamagedBlob) throw new DamagedBlob(`${name} ${error.message}`, { cause: error });
    throw error;
  }
}

/**
 * Reads all of it, and compares it with what the engine gave. `so`: what follows from damage, as a part of a sentence.
 *
 * @throws Refusal for one that is damaged; BrokenTar for one that never was all of the image.
 */
export async function checkArchived(archived: ArchivedImage, so: string): Promise<void> {
  const { folder, id, tar } = archived;
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const piece of archivedTar(archived)) {
      hash.update(piece);
      size += piece.length;
    }
    if (size !== tar.size || hash.digest('hex') !== tar.sha256)
      throw new DamagedBlob('its index was changed');
  } catch (error) {
    if (!(error instanceof DamagedBlob)) throw error;
    throw new Refusal(`the archive of image ${id} in ${folder} is damaged (${error.message}), so ${so}`, {
      cause: error,
    });
  }
  await checkSaved(id, archived.entries, (entry) => textOf(folder, entry));
}

/** More than any part has that describes an image. */
const LONGEST_TEXT = 64 * 2 ** 20;

async function textOf(archive: string, entry: ArchivedEntry): Promise<string> {
  if (entry.size > LONGEST_TEXT) throw new BrokenTar(`${entry.name} is too large`);
  const pieces: Buffer[] = [];
  if (entry.size > 0) for await (const piece of contentOf(archive, entry)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Writes the index in the place of an older one; blobs first. */
export async function writeIndex(archive: string, index: ImageIndex): Promise<void> {
  const file = indexFile(archive, index.id);
  const part = `${file}.${randomUUID()}.part`;
  const { schemaVersion, id, names, savedAt, tar, entries, zeros } = index;
  const text = JSON.stringify({ schemaVersion, id, names, savedAt, tar, entries, zeros });
  await explained(archive, async () => {
    await settle(blobsOf(archive));
    try {
      await writeFile(part, text, { mode: 0o600, flush: true });
      await rename(part, file);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      throw error;
    }
    await settle(dirname(file));
  });
}
