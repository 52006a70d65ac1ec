// A volume's whole content as a tar file, which tar alone can read, checked against the volume before it has its name.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { EngineError, Refusal } from '../core/errors.ts';
import { Draft, larger, type Written } from '../state/draft.ts';
import { BrokenTar, readTar, type TarEntry } from '../state/tar.ts';
import type { Client } from './client.ts';
import type { Answer } from './reading.ts';
import { type Peek, withEmptyImage, withPeek } from './volume-peek.ts';
import { type Source, sourceOf } from './volume-source.ts';
import { changed } from './volume-tar.ts';

/** A backup that was made and checked. */
export interface Backup {
  /** The tar; beside it, with `.json`, what the volume was. */
  readonly file: string;
  readonly bytes: number;
  /** Files, folders and all else in it, with the volume's root. */
  readonly entries: number;
  readonly sha256: string;
  readonly source: Source['by'];
  /** What of the volume is not in it. */
  readonly notKept: readonly string[];
}

/** The version of the facts' JSON. */
const FACTS_VERSION = 1;
const END_OF_TAR = Buffer.alloc(1024);

/**
 * Makes `volumes/NAME-TIME.tar` in the state folder, never in the place of another, with mode 0600; its facts, to make
 * the volume anew, in a `.json` beside it. Restore with `tar -xpf FILE --numeric-owner --xattrs --xattrs-include='*'`.
 *
 * The volume is read twice. The file has its name only after it was read back whole: it parses to its end, and is byte
 * for byte what the second reading gave, so that a volume which changes meanwhile is found. Else nothing is left.
 *
 * @param takenAt RFC 3339, the time in the name. @param sizeHint the volume's bytes, where they are known. @param tell how many bytes were read: in the end twice what it holds.
 * @throws Refusal where there is no space, or the volume changed; EngineError; Cancelled.
 */
export async function backUp(
  client: Client,
  name: string,
  folder: string,
  takenAt: string,
  signal: AbortSignal,
  sizeHint?: number,
  tell: (bytes: number) => void = () => {},
): Promise<Backup> {
  if (client.podman) {
    throw new Refusal(
      `podman does not tell whose the files of a volume are, so a backup would lose that: use \`podman volume export ${name} -o FILE\``,
    );
  }
  const draft = await Draft.open(join(folder, 'volumes'), stemOf(name, takenAt), 'tar');
  try {
    // A tar's own part grows with the number of files, which nobody tells.
    if (sizeHint !== undefined) await draft.needs(sizeHint * 1.02 + 2 ** 20);
    return await withEmptyImage(client, signal, (image) =>
      withPeek(client, image, name, signal, (peek) => make(client, peek, draft, takenAt, signal, tell)),
    );
  } catch (error) {
    await draft.discard();
    throw error;
  }
}

async function make(
  client: Client,
  peek: Peek,
  draft: Draft,
  takenAt: string,
  signal: AbortSignal,
  tell: (bytes: number) => void,
): Promise<Backup> {
  const { Name: name } = peek.volume;
  const source = await sourceOf(client, peek.container, peek.volume, signal);
  const written = await source.read((body) => draft.write(counted(body, 0, tell)));
  const entries = await source.read((body) =>
    check(name, draft, written, counted(body, written.bytes, tell)),
  );
  const { by, notKept } = source;
  const backup = { file: draft.file, ...written, entries, source: by, notKept: notKept() };
  await draft.keep(await factsOf(client, peek, backup, takenAt, signal));
  return backup;
}

/** The same bytes; `tell`: how many were read as yet, with those of an earlier reading. */
async function* counted(
  body: AsyncIterable<Buffer>,
  before: number,
  tell: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = before;
  for await (const piece of body) {
    yield piece;
    bytes += piece.length;
    tell(bytes);
  }
}

/** Reads the file back while the volume is read again, compares them, and counts the entries. */
async function check(name: string, draft: Draft, written: Written, body: Answer['body']): Promise<number> {
  const hash = createHash('sha256');
  let entries = 0;
  let latest: TarEntry[] = [];
  let at = 0;
  const see = (entry: TarEntry) => {
    entries++;
    latest = [...latest.filter(({ end }) => end > at), entry];
    return true;
  };
  const ours = async function* () {
    for await (const theirs of larger(body)) {
      const read = await draft.read(at, theirs.length);
      hash.update(read);
      yield read;
      if (!read.equals(theirs)) {
        // For what is in this piece to be told.
        await new Promise(setImmediate);
        throw changed(name, pathAt(latest, at + firstDifference(read, theirs)));
      }
      at += theirs.length;
    }
    if (at !== written.bytes) throw changed(name, pathAt(latest, at));
  };
  await readTar(ours(), see).catch((error: unknown) => {
    throw error instanceof BrokenTar ? incomplete(name, error) : error;
  });
  if (hash.digest('hex') !== written.sha256) {
    throw new Refusal(
      `the backup of volume ${name} could not be read back as it was written: the disk of ${draft.file} may fail; the volume stays, and no backup was kept`,
    );
  }
  const end = await draft.read(Math.max(0, written.bytes - END_OF_TAR.length), END_OF_TAR.length);
  if (!end.equals(END_OF_TAR)) throw incomplete(name);
  return entries;
}

function firstDifference(a: Buffer, b: Buffer): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length : at;
}

function pathAt(latest: readonly TarEntry[], at: number): string | undefined {
  return latest.find(({ end }) => end > at)?.name.replace(/^\.\//, '');
}

function incomplete(name: string, cause?: unknown): EngineError {
  return new EngineError(
    `the engine did not hand out all of volume ${name}: it may not be able to read it; look at the engine's log; the volume stays, and no backup was kept`,
    { cause },
  );
}

/** What it takes to make the volume anew, and what to expect of the backup. */
async function factsOf(
  client: Client,
  { volume }: Peek,
  { file: _, ...archive }: Backup,
  takenAt: string,
  signal: AbortSignal,
): Promise<object> {
  const { ID, Name, ServerVersion } = await client.call<Record<string, unknown>>(
    'GET',
    '/info',
    {},
    { signal },
  );
  return {
    schemaVersion: FACTS_VERSION,
    takenAt,
    engine: { id: ID, name: Name, version: ServerVersion },
    volume: {
      name: volume.Name,
      driver: volume.Driver ?? 'local',
      options: volume.Options ?? {},
      labels: volume.Labels ?? {},
      createdAt: volume.CreatedAt,
    },
    archive,
  };
}

/** A file's name takes 255 bytes at the most, and a volume's may be as long. Drivers have names that docker would not take. */
function stemOf(name: string, takenAt: string): string {
  const safe = name.replaceAll(/[^\w.-]|^[^A-Za-z0-9]/g, (each) => `%${Buffer.from(each).toString('hex')}`);
  const time = new Date(takenAt).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${safe.length > 200 ? `${safe.slice(0, 200)}~` : safe}-${time}`;
}
