// Content by its SHA-256, each once, packed with zstd: `HEX.zst` in one folder, there under its name only when it is whole.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';

/** Content that is stored: the hex digits of its SHA-256, and its bytes before packing. */
export interface Blob {
  readonly sha256: string;
  readonly size: number;
}

/** What is stored is not there, or not what its name says. */
export class DamagedBlob extends Error {
  override readonly name = 'DamagedBlob';
}

/**
 * Stores content until it is on the disk, also in the place of what stands there, which may be damaged. `packed`: bytes
 * that it adds to the folder. Throws what `content` throws, and what the system says.
 */
export async function writeBlob(
  folder: string,
  content: AsyncIterable<Buffer>,
): Promise<{ readonly blob: Blob; readonly packed: number }> {
  const part = join(folder, `${randomUUID()}.part`);
  const hash = createHash('sha256');
  let size = 0;
  const counted = async function* () {
    for await (const piece of content) {
      hash.update(piece);
      size += piece.length;
      yield piece;
    }
  };
  try {
    const file = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
    await piped(counted(), createZstdCompress(), file);
    const blob = { sha256: hash.digest('hex'), size };
    const before = await sizeOf(fileOf(folder, blob.sha256));
    await rename(part, fileOf(folder, blob.sha256));
    return { blob, packed: before === undefined ? file.bytesWritten : 0 };
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/** The content, read to its end only when it is what its name says. Throws DamagedBlob, at the latest after the last piece. */
export async function* readBlob(folder: string, { sha256, size }: Blob): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let read = 0;
  const unpacked = createZstdDecompress();
  pipeline(createReadStream(fileOf(folder, sha256)), unpacked, () => {}); // the loop throws what it fails with
  try {
    for await (const piece of unpacked as AsyncIterable<Buffer>) {
      hash.update(piece);
      read += piece.length;
      if (read > size) break;
      yield piece;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DamagedBlob(code === 'ENOENT' ? 'is missing' : `cannot be read (${message})`, { cause: error });
  }
  if (read !== size || hash.digest('hex') !== sha256) throw new DamagedBlob('is not what was written');
}

/** Bytes of all that is in the folder. */
export async function storedBytes(folder: string): Promise<number> {
  const sizes = await Promise.all((await namesIn(folder)).map((name) => sizeOf(join(folder, name))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

/** Removes blobs for which `wanted` is false, and what writes that were cut off left. Only while nobody writes. */
export async function sweepBlobs(folder: string, wanted: (sha256: string) => boolean): Promise<void> {
  for (const name of await namesIn(folder)) {
    const sha256 = /^([0-9a-f]{64})\.zst$/.exec(name)?.[1];
    if (sha256 === undefined ? name.endsWith('.part') : !wanted(sha256))
      await rm(join(folder, name), { force: true });
  }
}

export async function removeBlob(folder: string, sha256: string): Promise<void> {
  await rm(fileOf(folder, sha256), { force: true });
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

async function sizeOf(file: string): Promise<number | undefined> {
  return await stat(file).then(
    ({ size }) => size,
    () => undefined,
  );
}

/** Nothing but a digest may become a path. */
function fileOf(folder: string, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new DamagedBlob('has no name that is a SHA-256');
  return join(folder, `${sha256}.zst`);
}
