// What layers take on the disk: their folders, read where they can be, and nothing believed that does not fit.
import { execFileSync } from 'node:child_process';
import { linkSync, lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import type { Layer } from '../../src/core/inventory.ts';
import type { Client } from '../../src/engine/client.ts';
import { diskUsage, learnDisk } from '../../src/engine/layer-disk.ts';
import type { KnownLayers } from '../../src/state/layer-cache.ts';
import { folder } from '../support/servers.ts';

const soon = () => Date.now() + 60_000;

/** A folder with a file of so many bytes. */
function layerOf(bytes: number, at = folder()): string {
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'file'), Buffer.alloc(bytes, 'x'));
  return at;
}

const blocksOf = (...paths: string[]) => paths.reduce((sum, path) => sum + lstatSync(path).blocks * 512, 0);

describe('a folder takes', () => {
  test('the bytes of its files, and the blocks of them and of the folders in it', async () => {
    const at = layerOf(5000);
    const [deep, other] = [join(at, 'a/b/c'), join(at, 'a/other')];
    mkdirSync(deep, { recursive: true });
    for (const file of [join(deep, 'one'), other]) writeFileSync(file, 'x');
    symlinkSync('/etc/passwd', join(at, 'link'));
    const all = ['file', 'a', 'a/b', 'a/b/c', 'a/b/c/one', 'a/other', 'link'].map((name) => join(at, name));
    expect(await diskUsage(at, soon())).toEqual({
      size: 5000 + 1 + 1 + '/etc/passwd'.length,
      disk: blocksOf(...all),
    });
  });

  test('what `du` says of it, but for the folder itself', async () => {
    const at = layerOf(100_000);
    for (let i = 0; i < 50; i++) layerOf(i * 100, join(at, `d${i % 7}`, `e${i}`));
    const du = Number(execFileSync('du', ['-s', '-B1', at], { encoding: 'utf8' }).split('\t')[0]);
    expect((await diskUsage(at, soon()))?.disk).toBe(du - blocksOf(at));
  });

  test('a file with several names once', async () => {
    const at = layerOf(10_000);
    mkdirSync(join(at, 'a'));
    linkSync(join(at, 'file'), join(at, 'second'));
    linkSync(join(at, 'file'), join(at, 'a/third'));
    expect(await diskUsage(at, soon())).toEqual({
      size: 10_000,
      disk: blocksOf(join(at, 'file'), join(at, 'a')),
    });
  });

  test('of a file with holes the blocks that there are', async () => {
    const at = layerOf(1);
    truncateSync(join(at, 'file'), 50_000_000);
    const found = await diskUsage(at, soon());
    expect(found?.size).toBe(50_000_000);
    expect(found?.disk).toBe(blocksOf(join(at, 'file')));
  });

  test('nothing where it is empty', async () => {
    expect(await diskUsage(folder(), soon())).toEqual({ size: 0, disk: 0 });
  });

  test('no more than it has where a link leads out of it', async () => {
    const [at, other] = [folder(), layerOf(10_000)];
    symlinkSync(other, join(at, 'other'));
    expect((await diskUsage(at, soon()))?.size).toBe(other.length);
  });
});

describe('nothing is known of a folder', () => {
  test('that is not there, or is a file', async () => {
    const at = layerOf(5);
    expect(await diskUsage(join(at, 'gone'), soon())).toBeUndefined();
    expect(await diskUsage(join(at, 'file'), soon())).toBeUndefined();
  });

  test('of many files whose time is up', async () => {
    const at = folder();
    for (let i = 0; i < 2001; i++) writeFileSync(join(at, `${i}`), '');
    expect(await diskUsage(at, Date.now() - 1)).toBeUndefined();
    expect(await diskUsage(at, soon())).toEqual({ size: 0, disk: 0 });
  });
});

describe('learning', () => {
  /** An engine whose images have these folders, lowest first, and which notes what it was asked. */
  function engine(folders: Record<string, readonly string[]>, driver = 'overlay2') {
    const asked: string[] = [];
    const call = async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
      const own = folders[/^\/images\/(.*)\/json$/.exec(path)?.[1] ?? ''];
      if (!own) throw new EngineError('No such image', { status: 404 });
      const [top, ...below] = own.toReversed();
      const data = { UpperDir: top, ...(below.length > 0 && { LowerDir: below.join(':') }) };
      return { GraphDriver: { Name: driver, Data: own.length > 0 ? data : null } };
    };
    return { asked, client: { apiVersion: '1.51', podman: false, call } as unknown as Client };
  }

  function stacks(
    images: Record<string, readonly string[]>,
    layers: Record<string, Layer> = {},
  ): KnownLayers {
    const stacked = Object.entries(images).map(([id, stack]) => [id, { layers: stack }]);
    return { images: Object.fromEntries(stacked), layers, blobs: {}, records: {} };
  }

  test('gives each layer of an image its own folder', async () => {
    const [a, b, c] = [layerOf(1), layerOf(5000), layerOf(9000)];
    const { client } = engine({ app: [a, b, c] });
    const known = stacks({ app: ['l1', 'l2', 'l3'] });
    expect(await learnDisk(client, ['app'], known, soon())).toBe(true);
    expect(known.layers).toEqual({
      l1: { size: 1, disk: blocksOf(join(a, 'file')) },
      l2: { size: 5000, disk: blocksOf(join(b, 'file')) },
      l3: { size: 9000, disk: blocksOf(join(c, 'file')) },
    });
  });

  test('reads an image of one layer, too', async () => {
    const { client } = engine({ app: [layerOf(7)] });
    const known = stacks({ app: ['l1'] });
    expect(await learnDisk(client, ['app'], known, soon())).toBe(true);
    expect(known.layers['l1']?.size).toBe(7);
  });

  test('adds to what a history told, and leaves the rest of it', async () => {
    const { client } = engine({ app: [layerOf(5000)] });
    const known = stacks({ app: ['l1'] }, { l1: { size: 5000, created: 7, command: 'COPY a /' } });
    await learnDisk(client, ['app'], known, soon());
    expect(known.layers['l1']).toMatchObject({ size: 5000, created: 7, command: 'COPY a /' });
    expect(known.layers['l1']?.disk).toBeGreaterThanOrEqual(5000);
  });

  test('reads nothing that is known, and asks nothing where all is', async () => {
    const [a, b] = [layerOf(1), layerOf(2)];
    const images = { app: [a, b], other: [a] };
    const known = stacks({ app: ['l1', 'l2'], other: ['l1'] }, { l1: { size: 900, disk: 800 } });
    const { asked, client } = engine(images);
    expect(await learnDisk(client, ['app', 'other'], known, soon())).toBe(true);
    expect(known.layers['l1']).toEqual({ size: 900, disk: 800 });
    expect(known.layers['l2']?.size).toBe(2);
    expect(asked).toEqual(['GET /images/app/json']);
    rmSync(b, { recursive: true });
    expect(await learnDisk(client, ['app', 'other'], known, soon())).toBe(false);
    expect(asked).toHaveLength(1);
  });

  test('asks nothing of layers of no bytes, nor of images whose layers nobody knows', async () => {
    const { asked, client } = engine({});
    const known = stacks({ empty: ['l1'], none: [] }, { l1: { size: 0 } });
    expect(await learnDisk(client, ['empty', 'none', 'unknown'], known, soon())).toBe(false);
    expect(asked).toEqual([]);
  });

  test('reads a layer that several images have once', async () => {
    const base = folder();
    for (let i = 0; i < 2100; i++) writeFileSync(join(base, `${i}`), '');
    const ids = ['a', 'b', 'c'];
    const { client } = engine(Object.fromEntries(ids.map((id) => [id, [base, layerOf(1)]])));
    const known = stacks(Object.fromEntries(ids.map((id) => [id, ['base', `of ${id}`]])));
    const read: string[] = [];
    const layers = new Proxy(known.layers, {
      set: (target, layer: string, found) => {
        read.push(layer);
        return Reflect.set(target, layer, found);
      },
    });
    expect(await learnDisk(client, ids, { ...known, layers }, soon())).toBe(true);
    expect(read.toSorted()).toEqual(['base', 'of a', 'of b', 'of c']);
  });

  test('tells nothing of another driver, of another number of folders than layers, or of an image that has gone', async () => {
    const [a, b] = [layerOf(1), layerOf(2)];
    const known = () => stacks({ app: ['l1', 'l2'] });
    for (const { client } of [
      engine({ app: [a, b] }, 'btrfs'),
      engine({ app: [a] }),
      engine({ app: [a, b, a] }),
      engine({ app: [] }),
      engine({}),
    ]) {
      const left = known();
      expect(await learnDisk(client, ['app'], left, soon())).toBe(false);
      expect(left).toEqual(known());
    }
  });

  test.each([[{}], [{ GraphDriver: null }], [{ GraphDriver: { Name: 'overlay2', Data: null } }]])(
    'tells nothing of an answer without folders: %j',
    async (answer) => {
      const known = stacks({ app: ['l1'] });
      const client = { call: async () => answer } as unknown as Client;
      expect(await learnDisk(client, ['app'], known, soon())).toBe(false);
      expect(known.layers).toEqual({});
    },
  );

  test('keeps what was read before a folder that cannot be, and leaves those above it', async () => {
    const [a, c] = [layerOf(1), layerOf(3)];
    const { client } = engine({ app: [a, join(a, 'gone'), c] });
    const known = stacks({ app: ['l1', 'l2', 'l3'] });
    expect(await learnDisk(client, ['app'], known, soon())).toBe(true);
    expect(Object.keys(known.layers)).toEqual(['l1']);
    expect(await learnDisk(client, ['app'], known, soon())).toBe(false);
  });

  test('asks nothing once the time is up', async () => {
    const { asked, client } = engine({ app: [layerOf(1)] });
    const known = stacks({ app: ['l1'] });
    expect(await learnDisk(client, ['app'], known, Date.now() - 1)).toBe(false);
    expect(asked).toEqual([]);
    expect(known.layers).toEqual({});
  });
});
