// Archives of images: what was kept must come back byte for byte, and what was not kept whole must be said so.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { archivesOf, sweepArchives } from '../../src/state/archive-sweep.ts';
import {
  archivedImage,
  archivedTar,
  archiveFolder,
  checkArchived,
  saveArchive,
} from '../../src/state/image-archive.ts';
import type { Layer } from '../support/image-archive.ts';
import { imageArchive } from '../support/image-archive.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
let state: string;
let archive: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'docker-tidy-archive-'));
  folders.push(state);
  archive = archiveFolder(state, 'ENGINE');
});

async function* once(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}

const sum = (text: string) => createHash('sha256').update(text).digest();

/** An image of these layers as `docker save` gives it; its ID is that of its configuration. */
function saved(...layers: Layer[]) {
  const tar = imageArchive([{ created: '2026-01-01T00:00:00Z', layers }]);
  const config = /"Config":"([0-9a-f]{64})\.json"/.exec(tar.toString('latin1'))?.[1];
  return { tar, image: { id: `sha256:${config}`, names: ['app:1'], size: tar.length } };
}

const save = ({ tar, image }: ReturnType<typeof saved>, limits = {}, now = new Date()) =>
  saveArchive(archive, image, once(tar), limits, now);
const blobs = () => (existsSync(join(archive, 'blobs')) ? readdirSync(join(archive, 'blobs')) : []);
const indexes = () => (existsSync(join(archive, 'images')) ? readdirSync(join(archive, 'images')) : []);

test('any images with shared layers come back byte for byte, and what they share is stored once', async () => {
  const aLayer = fc.constantFrom(...['a', 'b', 'c', 'd'].map((name) => ({ [name]: name.repeat(3000) })));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(aLayer, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
      async (all) => {
        rmSync(archive, { recursive: true, force: true });
        const images = all.map((layers) => saved(...layers));
        for (const each of images) await save(each);
        for (const { tar, image } of images) {
          const found = await archivedImage(state, 'ENGINE', image.id);
          expect(found).toMatchObject({ names: ['app:1'], tar: { size: tar.length } });
          expect((await buffer(archivedTar(found as NonNullable<typeof found>))).equals(tar)).toBe(true);
        }
        const distinct = new Set(all.flat().map((layer) => Object.keys(layer)[0]));
        const own = new Set(images.map(({ image }) => image.id)).size * 2; // configuration and manifest
        expect(blobs()).toHaveLength(distinct.size + own);
      },
    ),
    { numRuns: 15 },
  );
});

test('blobs and indexes are for this user alone, and named by what they hold', async () => {
  const { image } = await save(saved({ f: 'x' })).then(() => saved({ f: 'x' }));
  for (const name of blobs()) {
    expect(name).toMatch(/^[0-9a-f]{64}\.zst$/);
    expect(statSync(join(archive, 'blobs', name)).mode & 0o777).toBe(0o600);
  }
  expect(indexes()).toEqual([`${image.id.slice(7)}.json`]);
  expect(statSync(join(archive, 'images', indexes()[0] as string)).mode & 0o777).toBe(0o600);
});

test('what is not archived is not there', async () => {
  expect(await archivedImage(state, 'ENGINE', saved().image.id)).toBeUndefined();
  expect(await archivesOf(state, 'ENGINE')).toEqual([]);
});

const tools = ['jq', 'zstd', 'bash'].every((name) => spawnSync(name, ['--version']).status === 0);

test.skipIf(!tools)('the recipe of the docs puts the same tar together', async () => {
  const { tar, image } = saved({ f: 'x'.repeat(700) }, { 'folder/': '', 'folder/g': 'y' });
  await save({ tar, image });
  const docs = readFileSync('docs/archive.md', 'utf8');
  const [, shown = ''] = /```sh\n([\s\S]*?)```/.exec(docs) ?? [];
  const recipe = shown.replaceAll('HEX.json', `${image.id.slice(7)}.json`).replace('docker load', 'cat');
  const { stdout } = spawnSync('bash', ['-c', recipe], { cwd: join(archive, 'images') });
  expect(stdout.equals(tar)).toBe(true);
});

describe('of what cannot be archived whole nothing is left', () => {
  const layer = { f: 'x'.repeat(100_000) };
  const { tar, image } = saved(layer);
  const swapped = (from: string, to: string) =>
    Buffer.from(tar.toString('latin1').replaceAll(from, to), 'latin1');

  test.each<[string, Buffer, RegExp]>([
    ['a tar that ends in the middle', tar.subarray(0, 60_000), /ends in the middle/],
    ['a tar that ends before its end', tar.subarray(0, tar.length - 1024), /ends in the middle/],
    [
      'an error in the place of a tar',
      Buffer.from('{"message":"no space left on device"}'),
      /ends in the middle/,
    ],
    ['no image', imageArchive([]), /names no image/],
    ['another image', saved({ f: 'y' }).tar, /another image/],
    ['a layer that is another one', swapped('xxxxx', 'yyyyy'), /is not what .* says/],
    ['a layer that is missing', swapped('/layer.tar"', '/other.tar"'), /other\.tar is missing/],
  ])('%s', async (_, body, why) => {
    await expect(saveArchive(archive, image, once(body), {}, new Date())).rejects.toThrow(why);
    expect([blobs(), indexes()]).toEqual([[], []]);
  });

  test('an engine that breaks off', async () => {
    const broken = async function* () {
      yield tar.subarray(0, 60_000);
      throw new Error('the connection dropped');
    };
    await expect(saveArchive(archive, image, broken(), {}, new Date())).rejects.toThrow('connection dropped');
    expect([blobs(), indexes()]).toEqual([[], []]);
  });

  test('more than --archive-max-size; and what others need stays', async () => {
    const other = saved({ g: 'other' });
    await save(other);
    const before = blobs();
    const most = before.reduce((all, name) => all + statSync(join(archive, 'blobs', name)).size, 0) + 10;
    await expect(save({ tar, image }, { maxSize: most })).rejects.toThrow(/--archive-max-size allows/);
    await expect(save({ tar, image }, { maxSize: 10 })).rejects.toThrow(/--archive-max-size allows 10B/);
    expect([blobs(), indexes()]).toEqual([before, [`${other.image.id.slice(7)}.json`]]);
  });

  test('more than the disk has is refused before anything is written', async () => {
    const reading = saveArchive(archive, { ...image, size: 2 ** 60 }, once(tar), {}, new Date());
    await expect(reading).rejects.toThrow(/about 1\.164EB are needed, and .* are free/);
    expect(blobs()).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)('a disk that is full in the middle', async () => {
    const small = join(state, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]);
    try {
      const noise = Buffer.concat(Array.from({ length: 100_000 }, (_, i) => sum(`${i}`)));

      const large = saved({ noise });
      const there = archiveFolder(small, 'ENGINE');
      const reading = saveArchive(there, { ...large.image, size: 1 }, once(large.tar), {}, new Date());
      await expect(reading).rejects.toThrow(/no space is left in .*: free some, or set DOCKER_TIDY_STATE/);
      expect([readdirSync(join(there, 'blobs')), readdirSync(join(there, 'images'))]).toEqual([[], []]);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('a folder that cannot be made', async () => {
    writeFileSync(join(state, 'ENGINE'), 'a file');
    await expect(save({ tar, image })).rejects.toThrow(/cannot write to .*make it writable/);
  });
});

describe('damage is found', () => {
  const large = saved({ f: 'x'.repeat(50_000) }, { g: 'y' });
  const check = async () => {
    const found = await archivedImage(state, 'ENGINE', large.image.id);
    await checkArchived(found as NonNullable<typeof found>, 'nothing was loaded');
  };
  const blob = (n: number) => join(archive, 'blobs', blobs()[n] as string);
  beforeEach(async () => void (await save(large)));

  test('nothing is said of one that is whole', check);

  test.each<[string, () => void, RegExp]>([
    ['a blob is missing', () => rmSync(blob(0)), /damaged \(.* is missing\), so nothing was loaded/],
    [
      'a blob is cut off',
      () => truncateSync(blob(1), 20),
      /damaged \(.*(cannot be read|not what was written)/,
    ],
    ['a blob is empty', () => writeFileSync(blob(2), ''), /damaged/],
    ['a blob is another one', () => writeFileSync(blob(0), readFileSync(blob(1))), /not what was written/],
    ['a blob is no packed file', () => writeFileSync(blob(3), 'x'), /cannot be read/],
    [
      'a header in the index was changed',
      () => {
        const file = join(archive, 'images', indexes()[0] as string);
        const index = JSON.parse(readFileSync(file, 'utf8'));
        index.entries[0].header = Buffer.alloc(512).toString('base64');
        writeFileSync(file, JSON.stringify(index));
      },
      /its index was changed/,
    ],
    [
      'the index is cut off',
      () => truncateSync(join(archive, 'images', indexes()[0] as string), 100),
      /is damaged, and of no use: remove it/,
    ],
    [
      'the index is of a newer version',
      () => {
        const file = join(archive, 'images', indexes()[0] as string);
        writeFileSync(file, readFileSync(file, 'utf8').replace('"schemaVersion":1', '"schemaVersion":2'));
      },
      /newer docker tidy/,
    ],
  ])('where %s', async (_, damage, why) => {
    damage();
    await expect(check()).rejects.toThrow(why);
  });

  test('and archiving the image again mends it', async () => {
    for (const name of blobs()) truncateSync(join(archive, 'blobs', name), 5);
    await save(large);
    await check();
  });
});

describe('what is swept', () => {
  const [old, young] = [saved({ base: 'b' }, { f: 'old' }), saved({ base: 'b' }, { f: 'young' })];
  beforeEach(async () => {
    await save(old, {}, new Date('2026-01-01T00:00:00Z'));
    await save(young, {}, new Date('2026-02-01T00:00:00Z'));
  });
  const until = Date.parse('2026-01-15T00:00:00Z');

  test('are archives before a date, with what only they need', async () => {
    const all = blobs().length;
    expect(await sweepArchives(state, 'ENGINE', until)).toBe(1);
    expect(await archivesOf(state, 'ENGINE')).toMatchObject([{ id: young.image.id }]);
    expect(blobs()).toHaveLength(all - 3);
    const left = await archivedImage(state, 'ENGINE', young.image.id);
    await checkArchived(left as NonNullable<typeof left>, 'x');
  });

  test('are no archives without a date, and what was left of writes that were cut off', async () => {
    const all = blobs();
    writeFileSync(join(archive, 'blobs', 'x.part'), 'x');
    writeFileSync(join(archive, 'blobs', `${'0'.repeat(64)}.zst`), 'x');
    expect(await sweepArchives(state, 'ENGINE')).toBe(0);
    expect(blobs()).toEqual(all);
  });

  test('is no blob while an index cannot be read', async () => {
    const file = join(archive, 'images', `${old.image.id.slice(7)}.json`);
    writeFileSync(file, 'x');
    const all = blobs();
    await sweepArchives(state, 'ENGINE', until);
    expect(blobs()).toEqual(all);
    expect(existsSync(file)).toBe(true);
  });

  test('is nothing of another engine, and nothing where there is no archive', async () => {
    expect(await sweepArchives(state, 'OTHER', until)).toBe(0);
    expect(await archivesOf(state, 'ENGINE')).toHaveLength(2);
  });
});
