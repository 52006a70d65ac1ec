// A tar taken apart so that it can be put together again byte for byte: each entry's header as it is, and its content.
// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
import { BrokenTar } from './tar.ts';

/** One entry. */
export interface TarPart {
  readonly name: string;
  /** All blocks before its content: extended headers that belong to it, then its own. */
  readonly header: Buffer;
  /** Bytes of its content, which zeros fill up to a whole block. */
  readonly size: number;
}

const BLOCK = 512;
/** More than any extended header needs that names a file. */
const LONGEST_HEADER = 2 ** 20;

/**
 * Tells `see` each entry in turn, with its content, which must be read to its end. Resolves to the number of zeros that the
 * tar ends with.
 *
 * @throws what `source` and `see` throw; BrokenTar for what is no tar, not all of one, or of a kind that cannot be taken apart.
 */
export async function takeApart(
  source: AsyncIterable<Buffer>,
  see: (part: TarPart, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<number> {
  const bytes = new Bytes(source);
  try {
    for (;;) {
      const part = await nextPart(bytes);
      if (!part) return await countZeros(bytes);
      await see(part, bytes.pass(part.size));
      const padding = await bytes.take(paddingOf(part.size));
      if (padding.some((byte) => byte !== 0)) throw new BrokenTar('what fills up a block is not zeros');
    }
  } finally {
    await bytes.close();
  }
}

/** The same tar again. `content` gives an entry's, all `size` bytes of it. */
export async function* putTogether(
  parts: Iterable<TarPart>,
  zeros: number,
  content: (index: number) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  let index = 0;
  for (const { header, size } of parts) {
    yield header;
    if (size > 0) yield* content(index);
    if (paddingOf(size) > 0) yield Buffer.alloc(paddingOf(size));
    index++;
  }
  for (let left = zeros; left > 0; left -= LONGEST_HEADER) yield Buffer.alloc(Math.min(left, LONGEST_HEADER));
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** What extended headers say of the entry that follows. */
interface Said {
  readonly size?: number;
  readonly name?: string;
}

/** `undefined` at the end, whose first block has been read then. */
async function nextPart(bytes: Bytes): Promise<TarPart | undefined> {
  const blocks: Buffer[] = [];
  let said: Said = {};
  for (;;) {
    const block = await bytes.take(BLOCK);
    if (blocks.length === 0 && block.every((byte) => byte === 0)) return undefined;
    const { type, size, name } = readHeader(block);
    blocks.push(block);
    if ('xgLK'.includes(type)) {
      if (size > LONGEST_HEADER) throw new BrokenTar(`a header has ${size} bytes`);
      const text = await bytes.take(size);
      blocks.push(text, await bytes.take(paddingOf(size)));
      said = { ...said, ...saidBy(type, text) };
      continue;
    }
    const header = Buffer.concat(blocks);
    return { name: said.name ?? name, header, size: hasContent(type) ? (said.size ?? size) : 0 };
  }
}

/** Links, devices, folders and pipes have none, whatever size they tell. */
function hasContent(type: string): boolean {
  if ('123456'.includes(type)) return false;
  if ('07\0'.includes(type)) return true;
  throw new BrokenTar(`an entry is of the unknown kind ${JSON.stringify(type)}`);
}

function readHeader(block: Buffer): { type: string; size: number; name: string } {
  const sum = block.reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== octal(block.subarray(148, 156)))
    throw new BrokenTar('a header does not have the sum that it tells');
  const prefix =
    block.toString('latin1', 257, 262) === 'ustar' && block[263] === 0x30 ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  const type = String.fromCharCode(block[156] as number);
  return { type, size: number(block.subarray(124, 136)), name: prefix === '' ? name : `${prefix}/${name}` };
}

function text(block: Buffer, start: number, length: number): string {
  return (block.toString('utf8', start, start + length).split('\0')[0] as string).trimEnd();
}

function octal(field: Buffer): number {
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  if (digits === undefined) throw new BrokenTar('a number in a header cannot be read');
  return Number.parseInt(digits || '0', 8);
}

/** Octal digits, or where they do not suffice the bytes of the number itself, marked by the highest bit. */
function number(field: Buffer): number {
  if (((field[0] as number) & 0x80) === 0) return octal(field);
  const value = field.reduce((all, byte, at) => all * 256 + (at === 0 ? byte & 0x7f : byte), 0);
  if (!Number.isSafeInteger(value)) throw new BrokenTar('a number in a header is too large');
  return value;
}

/** Of pax records, `LENGTH KEY=VALUE\n` each, those that matter here; GNU's `L` is a long name. */
function saidBy(type: string, content: Buffer): Said {
  if (type === 'L') return { name: text(content, 0, content.length) };
  const said: { size?: number; name?: string } = {};
  for (let at = 0; type === 'x' && at < content.length; ) {
    const length = Number(/^(\d{1,9}) /.exec(content.toString('latin1', at, at + 10))?.[1]);
    if (!(length > 0) || at + length > content.length)
      throw new BrokenTar('an extended header cannot be read');
    const [, key, value] = /^\d+ ([^=]+)=([\s\S]*)\n$/.exec(content.toString('utf8', at, at + length)) ?? [];
    if (key === 'path' && value !== undefined) said.name = value;
    if (key === 'size') said.size = wholeNumber(value);
    at += length;
  }
  return said;
}

function wholeNumber(value = ''): number {
  const size = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(size)) throw new BrokenTar('a size cannot be read');
  return size;
}

async function countZeros(bytes: Bytes): Promise<number> {
  let zeros = BLOCK;
  for await (const piece of bytes.rest()) {
    if (piece.some((byte) => byte !== 0)) throw new BrokenTar('something follows its end');
    zeros += piece.length;
  }
  if (zeros < 2 * BLOCK) throw new BrokenTar('it ends too early');
  return zeros;
}

/** A source read by numbers of bytes. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pass(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async *pass(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (!(await this.#more())) throw new BrokenTar('it ends in the middle');
      const piece = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async *rest(): AsyncGenerator<Buffer> {
    while (await this.#more()) {
      const piece = this.#held;
      this.#held = Buffer.alloc(0);
      yield piece;
    }
  }

  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#held.length === 0) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#held = next.value;
    }
    return true;
  }
}
