// An image out of the engine into an archive, and back: what `docker save` and `docker load` do.
import { Readable } from 'node:stream';
import { EngineError, Refusal } from '../core/errors.ts';
import { shortId } from '../core/reference.ts';
import { DamagedBlob } from '../state/blobs.ts';
import type { ArchivedImage, ArchiveLimits, ToArchive } from '../state/image-archive.ts';
import {
  archivedTar,
  archiveFolder,
  checkArchived,
  indexFile,
  readIndex,
  saveArchive,
  writeIndex,
} from '../state/image-archive.ts';
import { BrokenTar } from '../state/tar.ts';
import { orMissing } from './answer.ts';
import type { Client } from './client.ts';
import type { Answer } from './reading.ts';

/** Engines write an image down somewhere before they hand it out, or take it in. */
const WAIT = 30 * 60 * 1000;

/** Where archives are: the state folder, and the engine's ID. */
export interface ArchivePlace {
  readonly folder: string;
  readonly engine: string;
}

/**
 * Archives an image by its ID, without its names, and reads it back; an archive that is there already and is whole is
 * enough. When this resolves the image can be removed. `tell`: how many bytes the engine has handed out.
 *
 * @throws Refusal where it cannot be kept; EngineError where the engine does not hand out all of it; Cancelled.
 */
export async function archiveImage(
  client: Client,
  image: ToArchive,
  { folder, engine }: ArchivePlace,
  limits: ArchiveLimits,
  signal: AbortSignal,
  tell: (bytes: number) => void = () => {},
): Promise<ArchivedImage> {
  const archive = archiveFolder(folder, engine);
  const there = await wholeArchive(archive, image);
  if (there) return there;
  const save = ({ body }: Answer) => saveArchive(archive, image, counted(body, tell), limits, new Date());
  try {
    return await client.read('GET', `/images/${image.id}/get`, {}, { timeout: WAIT, signal }, save);
  } catch (error) {
    if (!(error instanceof BrokenTar)) throw error;
    throw new EngineError(
      `the engine did not hand out all of image ${shortId(image.id)} (${error.message}): look at its log; the image stays, and no archive was kept`,
      { status: 500, cause: error },
    );
  }
}

/** The same bytes; `tell`: how many there were as yet. */
async function* counted(body: AsyncIterable<Buffer>, tell: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of body) {
    yield piece;
    bytes += piece.length;
    tell(bytes);
  }
}

/** An earlier archive of it, dated anew; `undefined` where there is none that is whole. */
async function wholeArchive(archive: string, { id, names }: ToArchive): Promise<ArchivedImage | undefined> {
  let there: ArchivedImage | undefined;
  try {
    there = await readIndex(archive, indexFile(archive, id));
    if (!there) return undefined;
    await checkArchived(there, 'it is made anew');
  } catch (error) {
    if (error instanceof Refusal || error instanceof BrokenTar) return undefined;
    throw error;
  }
  const dated = { ...there, names, savedAt: new Date().toISOString() };
  await writeIndex(archive, dated);
  return dated;
}

/**
 * Loads an archived image, nameless. It is the very same one, with the same ID, when this resolves; where the engine
 * has it already, nothing is done. `tell`: how many bytes of its tar the engine has taken.
 *
 * @throws Refusal where the archive is damaged: then nothing was loaded; or where the engine made another image of it;
 * EngineError; Cancelled.
 */
export async function loadArchived(
  client: Client,
  archived: ArchivedImage,
  signal?: AbortSignal,
  tell: (bytes: number) => void = () => {},
): Promise<void> {
  if (await isThere(client, archived)) return;
  await checkArchived(archived, 'nothing was loaded').catch((error: unknown) => {
    throw error instanceof BrokenTar ? damaged(archived, error) : error;
  });
  const body = Readable.from(counted(archivedTar(archived), tell), { objectMode: false });
  const options = { timeout: 0, body, ...(signal && { signal }) };
  try {
    await client.read('POST', '/images/load', { quiet: '1' }, options, refuseFailure);
  } catch (error) {
    throw causedBy(error, DamagedBlob) ? damaged(archived, error as Error) : error;
  } finally {
    body.destroy();
  }
  if (await isThere(client, archived)) return;
  throw new Refusal(
    `the engine loaded the archive of image ${archived.id}, and does not have that image: it may use another image store than when it was archived`,
  );
}

async function isThere(client: Client, { id }: ArchivedImage): Promise<boolean> {
  const found = await orMissing(client.call<{ Id: string }>('GET', `/images/${id}/json`));
  return found !== undefined && [id, id.replace('sha256:', '')].includes(found.Id);
}

function damaged({ id, folder }: ArchivedImage, cause: Error): Refusal {
  return new Refusal(
    `the archive of image ${id} in ${folder} is damaged (${cause.message}), so nothing was loaded`,
    { cause },
  );
}

function causedBy(error: unknown, kind: typeof DamagedBlob): boolean {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof kind) return true;
  return false;
}

/** What it says while it loads: a JSON object a line. A failure is among them, after a status that is good. */
async function refuseFailure({ body }: Answer): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  for (const line of Buffer.concat(pieces).toString().split('\n')) {
    const failure = errorIn(line);
    if (failure !== undefined)
      throw new EngineError(`the engine could not load the archived image: ${failure}`, { status: 500 });
  }
}

function errorIn(line: string): string | undefined {
  try {
    const { error } = JSON.parse(line) as { error?: unknown };
    return typeof error === 'string' ? error : undefined;
  } catch {
    return undefined;
  }
}
