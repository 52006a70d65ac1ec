// A file that is being made in the state folder: nobody sees it under its name before it is whole and checked, and
// nothing is left of one that fails. It never takes the place of another.
import { createHash } from 'node:crypto';
import { type FileHandle, open, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Cancelled, EngineError, Refusal } from '../core/errors.ts';
import { humanSize } from '../core/units.ts';
import { makeFolder } from './folder.ts';

/** Bytes that were written, and their sum. */
export interface Written {
  readonly bytes: number;
  readonly sha256: string;
}

/** What is written at once: every write is a way to another thread and back. */
const PIECE = 2 ** 20;

/** The same bytes in fewer and larger pieces. */
export async function* larger(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    held.push(chunk);
    bytes += chunk.length;
    if (bytes < PIECE) continue;
    yield Buffer.concat(held);
    [held, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(held);
}

export class Draft {
  /** What it is called once it is kept. */
  readonly file: string;
  readonly #part: string;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.file = file;
    this.#part = partOf(file);
    this.#handle = handle;
  }

  /**
   * Opens `STEM.EXT` in a folder, or `STEM-2.EXT` … where that exists; for this user only.
   *
   * @throws Refusal, where the folder cannot be written to.
   */
  static async open(folder: string, stem: string, extension: string): Promise<Draft> {
    return await explained(folder, async () => {
      await makeFolder(folder);
      for (let n = 1; ; n++) {
        const file = join(folder, `${stem}${n > 1 ? `-${n}` : ''}.${extension}`);
        const handle = await open(partOf(file), 'wx+', 0o600).catch(unless('EEXIST'));
        if (!handle) continue;
        // Who has the part has the name: it is looked for only now.
        const taken = await stat(file).catch(unless('ENOENT'));
        if (!taken) return new Draft(file, handle);
        await new Draft(file, handle).discard();
      }
    });
  }

  /** @throws Refusal where the disk has less than that many bytes for us. */
  async needs(bytes: number): Promise<void> {
    await refuseWithout(this.#folder, bytes);
  }

  /** Writes it all, until it is on the disk. Throws what `source` throws; Refusal where the disk fails. */
  async write(source: AsyncIterable<Buffer>): Promise<Written> {
    const hash = createHash('sha256');
    let bytes = 0;
    const counted = async function* () {
      for await (const chunk of larger(source)) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    await explained(this.#folder, async () => {
      await this.#handle.writeFile(counted());
      await this.#handle.sync();
    });
    return { bytes, sha256: hash.digest('hex') };
  }

  /** What stands in the file from `start` on, up to `length` bytes; fewer at its end. */
  async read(start: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const rest = { offset: filled, length: length - filled, position: start + filled };
      const { bytesRead } = await explained(this.#folder, () => this.#handle.read({ buffer, ...rest }));
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** Gives it its name, with a file of facts beside it, which is there first. */
  async keep(facts: object): Promise<void> {
    const beside = `${this.file.replace(/\.\w+$/, '')}.json`;
    await explained(this.#folder, async () => {
      await this.#handle.close();
      await writeFile(beside, `${JSON.stringify(facts, undefined, 2)}\n`, { mode: 0o600, flush: true });
      await rename(this.#part, this.file).catch(async (error: unknown) => {
        await rm(beside, { force: true });
        throw error;
      });
      await settle(this.#folder);
    });
  }

  /** Nothing is left of it. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#part, { force: true });
  }

  get #folder(): string {
    return dirname(this.file);
  }
}

/** Throws Refusal where the folder's disk has less than that many bytes for us. */
export async function refuseWithout(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await explained(folder, () => statfs(folder));
  if (bavail * bsize >= bytes) return;
  const [need, free] = [humanSize(bytes), humanSize(bavail * bsize)];
  throw new Refusal(
    `about ${need} are needed, and ${free} are free in ${folder}: free some, or set DOCKER_TIDY_STATE to a folder on another disk`,
  );
}

function partOf(file: string): string {
  return `${file}.part`;
}

/** A name is on the disk when its folder is. Windows cannot be asked for that. */
export async function settle(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(unless('EISDIR', 'EPERM', 'EACCES'));
  await handle?.sync().catch(unless('EINVAL', 'EPERM'));
  await handle?.close();
}

function unless(...codes: readonly string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** What a disk refuses, as a sentence with what to do. */
export async function explained<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof EngineError || error instanceof Refusal || error instanceof Cancelled) throw error;
    const { code = '', syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    const elsewhere = 'set DOCKER_TIDY_STATE to a folder elsewhere';
    const why = FULL.includes(code)
      ? `no space is left in ${folder}: free some, or ${elsewhere}`
      : `cannot write to ${folder} (${message}): make it writable, or ${elsewhere}`;
    throw new Refusal(why, { cause: error });
  }
}
