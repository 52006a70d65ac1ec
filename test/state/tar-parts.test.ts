// A tar that is taken apart must come back byte for byte, and what is no whole tar must be found.
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import type { Header } from 'tar-stream';
import { pack } from 'tar-stream';
import { expect, test } from 'vitest';
import type { TarPart } from '../../src/state/tar-parts.ts';
import { putTogether, takeApart } from '../../src/state/tar-parts.ts';

type Headers = Partial<Header> & Pick<Header, 'name'>;

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function apart(tar: Buffer, length = 1000) {
  const parts: TarPart[] = [];
  const contents: Buffer[] = [];
  const zeros = await takeApart(inPieces(tar, length), async (part, content) => {
    parts.push(part);
    contents.push(await buffer(content));
  });
  return { parts, contents, zeros };
}

async function tarOf(entries: readonly (readonly [Headers, string])[]): Promise<Buffer> {
  const packing = pack();
  for (const [header, content] of entries) packing.entry(header, content);
  packing.finalize();
  return await buffer(packing);
}

const aName = fc.oneof(
  fc.constantFrom('manifest.json', 'blobs/sha256/x', 'ünïcode/layer.tar'),
  fc
    .string({ minLength: 1, maxLength: 300, unit: fc.constantFrom(...'abc/é0'.split('')) })
    .map((n) => `f${n}`),
);
const anEntry = fc.record({
  name: aName,
  type: fc.constantFrom('file' as const, 'file' as const, 'directory' as const, 'symlink' as const),
  mtime: fc.constant(new Date(0)),
  content: fc.string({ maxLength: 3000 }),
});

test('any tar comes back byte for byte, whatever pieces it came in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anEntry, { maxLength: 8 }),
      fc.integer({ min: 1, max: 2000 }),
      async (all, length) => {
        const entries = all.map(({ content, ...header }): [Headers, string] => [
          { ...header, ...(header.type === 'symlink' && { linkname: 'manifest.json' }) },
          header.type === 'file' ? content : '',
        ]);
        const tar = await tarOf(entries);
        const { parts, contents, zeros } = await apart(tar, length);
        expect(contents.map(String)).toEqual(entries.map(([, content]) => content));
        const again = await buffer(putTogether(parts, zeros, (i) => inPieces(contents[i] as Buffer, length)));
        expect(again.equals(tar)).toBe(true);
      },
    ),
    { numRuns: 200 },
  );
});

test('names that do not fit into a header are read from the one before', async () => {
  const long = `${'folder/'.repeat(50)}é`;
  const { parts } = await apart(await tarOf([[{ name: long }, 'x']]));
  expect(parts.map(({ name }) => name)).toEqual([long]);
});

test('wherever a tar is cut off, that is found', async () => {
  const tar = await tarOf([
    [{ name: 'a' }, 'x'.repeat(700)],
    [{ name: 'b' }, 'y'],
  ]);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: tar.length - 513 }), async (length) => {
      await expect(apart(tar.subarray(0, length))).rejects.toThrow(/ends in the middle|ends too early/);
    }),
    { numRuns: 200 },
  );
});

test.each<[string, (tar: Buffer) => Buffer | undefined, RegExp]>([
  ['no tar at all', () => Buffer.from('{"error":"no space left"}'.padEnd(1024)), /sum|cannot be read/],
  [
    'an error in the middle',
    (tar) => Buffer.concat([tar.subarray(0, 1024), Buffer.alloc(512, 'e')]),
    /sum|cannot be read/,
  ],
  ['something after its end', (tar) => Buffer.concat([tar, Buffer.from('x')]), /something follows its end/],
  ['padding that is none', (tar) => void tar.write('x', 1000), /not zeros/],
])('%s is refused', async (_, change, why) => {
  const tar = await tarOf([[{ name: 'a' }, 'x'.repeat(300)]]);
  await expect(apart(change(tar) ?? tar)).rejects.toThrow(why);
});

const HUGE = 9 * 2 ** 30;
test.each<[string, Headers]>([
  ['in the header itself', { name: 'large', size: HUGE }],
  ['in an extended header', { name: 'large', size: 1, pax: { size: String(HUGE) } }],
])('a size beyond what octal digits can tell is read %s', async (_, entry) => {
  const packing = pack();
  const pieces: Buffer[] = [];
  packing.on('data', (piece) => void pieces.push(piece as Buffer));
  packing.entry(entry, () => {});
  await new Promise(setImmediate);
  packing.destroy();
  const header = Buffer.concat(pieces);
  const seen: number[] = [];
  const reading = takeApart(inPieces(header, 512), async (part) => {
    seen.push(part.size);
    throw new Error('enough');
  });
  await expect(reading).rejects.toThrow('enough');
  expect(seen).toEqual([HUGE]);
});
