// A volume made again from its backup: the same driver, options and labels, and the content as the tar has it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Header } from 'tar-stream';
import { Refusal } from '../core/errors.ts';
import type { Restoring } from '../core/undo.ts';
import { readTar } from '../state/tar.ts';
import { orMissing } from './answer.ts';
import type { Client } from './client.ts';
import { PEEK_FOLDER, readArchive } from './volume-archive.ts';
import type { Peek } from './volume-peek.ts';
import { withEmptyImage, withPeek } from './volume-peek.ts';

type Step = Extract<Restoring, { do: 'create-volume' }>;

interface VolumeFacts {
  readonly Driver?: string;
  readonly Options?: Readonly<Record<string, string>> | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/**
 * Makes the volume and fills it. The backup is read whole and held against its sum first: a damaged one makes no volume.
 * What fails in the middle leaves no volume behind.
 *
 * @throws Refusal where a volume of that name is there, or the backup is not what was written; EngineError; Cancelled.
 */
export async function restoreVolume(client: Client, step: Step, signal: AbortSignal): Promise<void> {
  const { target, facts, backup } = step;
  if (backup === undefined) throw new Refusal('no backup was made of what it held');
  await checkSum(backup);
  if (await orMissing(client.call('GET', `/volumes/${encodeURIComponent(target)}`)))
    throw new Refusal('a volume of that name is there, and is left alone');
  const { Driver, Options, Labels } = facts as VolumeFacts;
  const body = { Name: target, Driver, DriverOpts: Options ?? {}, Labels: Labels ?? {} };
  await client.call('POST', '/volumes/create', {}, { body });
  let ours = false;
  const work = async ({ container }: Peek) => {
    ours = await isEmpty(client, container, signal);
    if (!ours) throw new Refusal('a volume of that name has come up just now, and is left alone');
    await fill(client, container, backup, signal);
  };
  try {
    await withEmptyImage(client, signal, (image) => withPeek(client, image, target, signal, work, true));
  } catch (error) {
    if (ours) await client.call('DELETE', `/volumes/${encodeURIComponent(target)}`).catch(() => {});
    throw error;
  }
}

/** To make a volume that is there already is no error to an engine: what holds anything is not ours. */
async function isEmpty(client: Client, container: string, signal: AbortSignal): Promise<boolean> {
  let entries = 0;
  const see = () => ++entries < 2;
  await readArchive(client, container, '.', { timeout: 60_000, signal }, (body) =>
    readTar(body, see, () => entries > 1),
  );
  return entries < 2;
}

/** Held against the SHA-256 in the JSON beside the backup. */
async function checkSum(backup: string): Promise<void> {
  const damaged = `its backup ${backup} is not what was written`;
  const text = await readFile(backup.replace(/\.tar$/, '.json'), 'utf8').catch((error: Error) => {
    throw new Refusal(`its backup cannot be read: ${error.message}`, { cause: error });
  });
  const { archive } = parsed(text, damaged) as { archive?: { sha256?: string } };
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(backup)) hash.update(piece as Buffer);
  } catch (error) {
    throw new Refusal(`its backup cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (hash.digest('hex') !== archive?.sha256) throw new Refusal(damaged);
}

function parsed(text: string, damaged: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(damaged, { cause: error });
  }
}

/**
 * Sends the tar as it is into the volume. Engines leave the folder that they extract into as it was, but a volume's own
 * root has an owner, a mode and a time, too: these follow in a tar of headers, sent to where it lies.
 */
async function fill(client: Client, container: string, backup: string, signal: AbortSignal): Promise<void> {
  const put = async (path: string, body: Readable | Buffer) =>
    await client.call('PUT', `/containers/${container}/archive`, { path }, { signal, timeout: 0, body });
  await put(PEEK_FOLDER, createReadStream(backup));
  const headers = await headersOf(backup);
  if (headers.length > 0) await put('/', await headersTar(headers.map(below)));
}

/** Bits of a mode: setuid and setgid. */
const SET_ID = 0o6000;

/**
 * The headers that are sent once more: hard links to files that are setuid or setgid, the folders that they are in, whose
 * times they change, and the volume's root. Engines give each link its file's owner, which takes these bits off the file,
 * and the mode only where the link says its file by its path from the root of all. Source: moby, pkg/archive, handleLChmod.
 */
async function headersOf(backup: string): Promise<Header[]> {
  const { extract } = await import('tar-stream');
  const parser = extract();
  const file = createReadStream(backup);
  file.on('error', (error) => parser.destroy(error)).pipe(parser);
  const folders = new Map<string, Header>();
  const links: Header[] = [];
  for await (const entry of parser) {
    const { header } = entry;
    if (header.type === 'directory') folders.set(plain(header.name), header);
    if (header.type === 'link' && ((header.mode ?? 0) & SET_ID) !== 0) links.push(header);
    entry.resume();
  }
  const parents = new Set(['', ...links.map(({ name }) => posix.dirname(plain(name)).replace(/^\.$/, ''))]);
  return [...links, ...[...parents].sort().flatMap((name) => folders.get(name) ?? [])];
}

/** `./a/` as `a`; the root as nothing. */
function plain(name: string): string {
  return name.replace(/^\.?(\/+|$)/, '').replace(/\/+$/, '');
}

/** As it is called from the root of all. */
function below(header: Header): Header {
  const { name, linkname, type } = header;
  const path = (each: string) => posix.join(basename(PEEK_FOLDER), plain(each));
  const end = type === 'directory' ? '/' : '';
  return { ...header, name: `${path(name)}${end}`, linkname: linkname && path(linkname) };
}

async function headersTar(headers: readonly Header[]): Promise<Buffer> {
  const { pack } = await import('tar-stream');
  const tar = pack();
  for (const { name, type, linkname, mode, uid, gid, mtime } of headers)
    tar.entry({
      name,
      ...(type && { type }),
      ...(linkname && { linkname }),
      ...(mode !== undefined && { mode }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
      ...(mtime && { mtime }),
    });
  tar.finalize();
  return await buffer(tar);
}
