// What volumes hold, seen without running anything: a short listing, and known paths asked for one by one where that
// does not tell. How it is recognised: core/telltale.ts.
import pLimit from 'p-limit';
import { EngineError } from '../core/errors.ts';
import { type Entry, type Glimpse, type Look, lookOf } from '../core/telltale.ts';
import { BrokenTar, readTar, type TarEntry } from '../state/tar.ts';
import type { Client } from './client.ts';
import type { Answer } from './reading.ts';
import { readArchive, statPath } from './volume-archive.ts';
import { entryIn, nearFolder } from './volume-near.ts';
import { type Peek, withEmptyImage, withPeek } from './volume-peek.ts';
import { probe } from './volume-probe.ts';

/** Why a volume could not be looked at: the engine's words. */
export interface Unknown {
  readonly unknown: string;
}

/** More at a time gain nothing: the engine makes containers one by one (measured). */
const AT_A_TIME = 4;
/** A driver that waits for another host must not hold up the rest for long. */
const TIMEOUT = 15_000;
/** What is read of a volume at the most: enough for a database's first files, nothing beside hundreds of GB. */
const LISTED = { entries: 2000, bytes: 2 * 2 ** 20, ms: 3000 };

/**
 * Looks into volumes. Nothing is run, and nothing in them changes; what has to be made for it on the engine (an empty
 * image, for each volume a container that is never started) is removed again. One that cannot be looked at is unknown.
 *
 * @throws Cancelled when `signal` aborts, after removing what was made; EngineError where the engine is out of reach.
 */
export async function lookInto(
  client: Client,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Look | Unknown>> {
  if (names.length === 0) return new Map();
  try {
    return await withEmptyImage(client, signal, (image) => lookAll(client, image, names, signal));
  } catch (error) {
    // It refuses to take an image: then no volume can be looked at.
    if (!(error instanceof EngineError) || error.status === undefined) throw error;
    return new Map(names.map((name) => [name, unknown(error)]));
  }
}

async function lookAll(
  client: Client,
  image: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Look | Unknown>> {
  const limit = pLimit(AT_A_TIME);
  const looks = names.map((name) =>
    limit(async () => [name, await look(client, image, name, signal)] as const),
  );
  // All of them, also when one was cancelled: the image goes after the last.
  const settled = await Promise.allSettled(looks);
  const failed = settled.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return new Map(await Promise.all(looks));
}

async function look(
  client: Client,
  image: string,
  name: string,
  signal: AbortSignal,
): Promise<Look | Unknown> {
  try {
    return await withPeek(client, image, name, signal, (peek) => lookWith(client, peek, signal));
  } catch (error) {
    if (error instanceof EngineError) return unknown(error);
    throw error;
  }
}

function unknown({ message }: EngineError): Unknown {
  return { unknown: message.replace(/^Error response from daemon: /, '') };
}

async function lookWith(client: Client, peek: Peek, signal: AbortSignal): Promise<Look> {
  const listed = await list(client, peek, '.', signal);
  const first = lookOf(listed);
  if (listed.complete || first.data) return first;
  const { container, volume } = peek;
  const near = await nearFolder(client, container, volume, { signal, timeout: TIMEOUT });
  return await probe(listed, (path) => stat(client, peek, near, path, signal));
}

/** The beginning of a folder's archive: the engine goes by name, and each folder's content follows it. */
async function list(client: Client, peek: Peek, path: string, signal: AbortSignal): Promise<Glimpse> {
  return await readArchive(client, peek.container, path, { signal, timeout: TIMEOUT }, async (body) => {
    const entries = new Map<string, Entry>();
    let cut = false;
    const see = (entry: TarEntry) => {
      const name = pathOf(entry.name);
      if (name !== '') entries.set(name, entryOf(entry));
      return entries.size < LISTED.entries;
    };
    const bounded = bound(body, () => {
      cut = true;
    });
    const complete = await readTar(bounded, see, () => cut).catch(unreadable);
    return { entries, complete };
  });
}

function unreadable(error: unknown): never {
  if (!(error instanceof BrokenTar)) throw error;
  throw new EngineError(`the engine's archive of it cannot be read: ${error.message}`, { cause: error });
}

async function* bound(body: Answer['body'], cut: () => void): AsyncGenerator<Buffer> {
  const end = Date.now() + LISTED.ms;
  let bytes = 0;
  for await (const chunk of body) {
    yield chunk;
    bytes += chunk.length;
    if (bytes <= LISTED.bytes && Date.now() <= end) continue;
    cut();
    return;
  }
}

/** Docker writes `./a`, podman `a`; a folder ends in a slash. */
function pathOf(name: string): string {
  return name
    .replace(/^\.?\//, '')
    .replace(/\/$/, '')
    .replace(/^\.$/, '');
}

function entryOf({ type, head }: TarEntry): Entry {
  if (type === 'directory') return { type: 'folder' };
  if (type === 'link') return { type: 'file' };
  return type === 'file' ? { type: 'file', head } : { type: 'other' };
}

/** Bits of Go's io/fs.FileMode, in which the engine tells: a folder's, and those of all that is no plain file. */
const FOLDER = 2 ** 31;
const OTHER = 0x0f28_0000;
/** Of a file this small (PG_VERSION), what it says is read, too. */
const SMALL = 1024;

/** By the folder where it is here, which takes no events of the engine; else by the engine. */
async function stat(
  client: Client,
  peek: Peek,
  near: string | undefined,
  path: string,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  if (near !== undefined) return await entryIn(near, path, SMALL);
  const found = await statPath(client, peek.container, path, { signal, timeout: TIMEOUT });
  if (!found) return undefined;
  if (found.mode >= FOLDER) return { type: 'folder' };
  if ((found.mode & OTHER) !== 0) return { type: 'other' };
  if (found.size > SMALL) return { type: 'file' };
  const [entry] = (await list(client, peek, path, signal)).entries.values();
  return { type: 'file', ...(entry?.head !== undefined && { head: entry.head }) };
}
