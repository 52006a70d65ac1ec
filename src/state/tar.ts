// A tar's entries as they come, with tar-stream, which is loaded when the first is read.
import { once } from 'node:events';
import type { Extract, ExtractEvents } from 'tar-stream';

type Source = ExtractEvents['entry'][1];

/** What a reader is told of an entry. */
export interface TarEntry {
  /** As it is written: `./`, `./data/PG_VERSION`, `folder/`. */
  readonly name: string;
  /** tar-stream's words: `file`, `link`, `symlink`, `directory`, `fifo`, `character-device`, `block-device`. */
  readonly type: string;
  /** Of a file, how its content begins, a character a byte: 64 at the most. */
  readonly head: string;
  /** Where it ends in the tar. */
  readonly end: number;
}

/** What was read is no tar, or not all of one. */
export class BrokenTar extends Error {
  override readonly name = 'BrokenTar';
}

const HEAD = 64;
const BLOCK = 512;

/**
 * Reads a tar and tells `see` each entry, once its head is read; what comes after is skipped over. Reading
 * stops early when `see` says false, or `source` ends before the tar's content does and `cut` allows that.
 *
 * @returns whether it was read to its end. @throws what `source` throws; BrokenTar.
 */
export async function readTar(
  source: AsyncIterable<Buffer>,
  see: (entry: TarEntry) => boolean,
  cut: () => boolean = () => false,
): Promise<boolean> {
  const { extract } = await import('tar-stream');
  const parser = extract();
  let stopped = false;
  parser.on('entry', (header, content, next) => {
    tellOnce(header, content, (entry) => {
      stopped ||= !see(entry);
    });
    content.on('end', () => next());
  });
  // From now on: an error that nobody listens for would be lost, and waited for.
  const done = once(parser, 'finish').catch((error: Error) => {
    throw new BrokenTar(error.message, { cause: error });
  });
  done.catch(() => {});
  try {
    for await (const chunk of source) {
      if (!parser.write(chunk)) await Promise.race([drained(parser), done]);
      if (stopped) return false;
    }
    if (cut()) return false;
    parser.end(undefined);
    await done;
    return true;
  } finally {
    parser.destroy(null);
  }
}

async function drained(parser: Extract): Promise<void> {
  await once(parser, 'drain').catch(() => {});
}

/** tar-stream's types leave out where the content begins. */
interface Header {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly byteOffset: number;
}

/** Tells the entry as soon as its head is there, and lets the rest of its content pass. */
function tellOnce(header: object, content: Source, tell: (entry: TarEntry) => void): void {
  const { name, type, size, byteOffset } = header as Header;
  const end = byteOffset + (type === 'directory' ? 0 : Math.ceil(size / BLOCK) * BLOCK);
  let head: Buffer | undefined = Buffer.alloc(0);
  const told = () => {
    if (head) tell({ name, type, head: head.subarray(0, HEAD).toString('latin1'), end });
    head = undefined;
  };
  content.on('data', (chunk) => {
    if (head) head = Buffer.concat([head, (chunk as Buffer).subarray(0, HEAD)]);
    if (head && head.length >= HEAD) told();
  });
  content.on('end', told);
  // The parser tells of it, too.
  content.on('error', () => {});
}
