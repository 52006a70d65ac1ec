// What volumes hold, seen without running anything: a short listing, and known paths asked for one by one where that
// does not tell. How it is recognised: core/telltale.ts.
import pLimit from 'p-limit';
import { EngineError } from '../core/errors.ts';
import { type Entry, type Glimpse, type Look, lookOf, PROBES } from '../core/telltale.ts';
import { BrokenTar, readTar, type TarEntry } from '../state/tar.ts';
import type { Answer, Client } from './client.ts';
import { PEEK_FOLDER, type Peek, withEmptyImage, withPeek } from './volume-peek.ts';

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
  return await probe(client, peek, listed, signal);
}

/** The beginning of a folder's archive: the engine goes by name, and each folder's content follows it. */
async function list(client: Client, peek: Peek, path: string, signal: AbortSignal): Promise<Glimpse> {
  return await client.read('GET', ...archive(peek, path, signal), async ({ body }) => {
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

/** Asks for known paths until they tell. What is below a folder that is not there, or before what was listed, is not asked for. */
async function probe(client: Client, peek: Peek, listed: Glimpse, signal: AbortSignal): Promise<Look> {
  const entries = new Map(listed.entries);
  const last = [...entries.keys()].at(-1) ?? '';
  const passed = (path: string) => !entries.has(path) && isBefore(path, last);
  const absent = new Set(ancestries(PROBES).filter(passed));
  const ask = async (path: string): Promise<void> => {
    if (entries.has(path) || absent.has(path)) return;
    const found = await stat(client, peek, path, signal);
    if (found) entries.set(path, found);
    else absent.add(path);
  };
  for (const path of PROBES) {
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const at = parts.slice(0, depth).join('/');
      await ask(at);
      if (absent.has(at)) break;
    }
    if (entries.has(path) && !listed.entries.has(path)) {
      const seen = lookOf({ entries, complete: false });
      if (seen.data) return seen;
    }
  }
  return lookOf({ entries: listed.entries, complete: false });
}

/** The paths, and the folders that they are in. */
function ancestries(paths: readonly string[]): string[] {
  return paths.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/')));
}

/** In the order of the engine's archive (Go's path/filepath.Walk): by the bytes of one name after the other. */
function isBefore(path: string, last: string): boolean {
  // What is no UTF-8 is not read as it was written.
  if (last.includes('\ufffd')) return false;
  const [a, b] = [path.split('/'), last.split('/')];
  const at = a.findIndex((part, i) => part !== b[i]);
  if (at < 0) return true;
  return b[at] !== undefined && Buffer.compare(Buffer.from(a[at] as string), Buffer.from(b[at])) < 0;
}

/** Bits of Go's io/fs.FileMode, in which the engine tells: a folder's, and those of all that is no plain file. */
const FOLDER = 2 ** 31;
const OTHER = 0x0f28_0000;
/** An empty object: an engine, or a proxy, that does not tell. */
const NOTHING = 'e30=';

/** What the engine says is at a path, `undefined` for nothing. */
async function stat(
  client: Client,
  peek: Peek,
  path: string,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  try {
    const told = await client.read('HEAD', ...archive(peek, path, signal), async ({ headers }) =>
      String(headers['x-docker-container-path-stat'] ?? NOTHING),
    );
    const { mode, size } = JSON.parse(Buffer.from(told, 'base64').toString()) as {
      mode?: number;
      size: number;
    };
    if (mode === undefined) return undefined;
    if (mode >= FOLDER) return { type: 'folder' };
    if ((mode & OTHER) !== 0) return { type: 'other' };
    return { type: 'file', ...(size <= SMALL && (await headOf(client, peek, path, signal))) };
  } catch (error) {
    // Not there; or, with another status, behind a symlink that leads nowhere.
    if (error instanceof EngineError && error.status !== undefined) return undefined;
    throw error;
  }
}

/** Of a file this small (PG_VERSION), what it says is read, too. */
const SMALL = 1024;

async function headOf(
  client: Client,
  peek: Peek,
  path: string,
  signal: AbortSignal,
): Promise<{ head?: string }> {
  const [entry] = (await list(client, peek, path, signal)).entries.values();
  return entry?.head === undefined ? {} : { head: entry.head };
}

function archive({ container }: Peek, path: string, signal: AbortSignal) {
  const query = { path: `${PEEK_FOLDER}/${path}` };
  return [`/containers/${container}/archive`, query, { signal, timeout: TIMEOUT }] as const;
}
