// What is kept of images from run to run: it may be lost, and must never be wrong.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { KnownLayers } from '../../src/state/layer-cache.ts';
import { openLayerCache } from '../../src/state/layer-cache.ts';
import { folder } from '../support/servers.ts';

const EMPTY: KnownLayers = { images: {}, layers: {}, blobs: {}, records: {} };
const APP: KnownLayers = {
  images: { app: { layers: ['l1', 'l2'], blobs: { layers: ['b1', 'b2'], others: ['m1'] } } },
  layers: { l1: { size: 5, disk: 4096, created: 7, command: 'COPY a /' }, l2: { size: 3 } },
  blobs: { b1: 4, b2: 2, m1: 1 },
  records: {},
};
const OTHER: KnownLayers = {
  images: { other: { layers: ['l1', 'l9'] } },
  layers: { l9: { size: 9 } },
  blobs: { b9: 9 },
  records: {},
};
const both: KnownLayers = {
  images: { ...APP.images, ...OTHER.images },
  layers: { ...APP.layers, ...OTHER.layers },
  blobs: { ...APP.blobs, ...OTHER.blobs },
  records: {},
};
const named = (...ids: string[]) => ids.map((id) => ({ id }));

async function keep(at: string, known: KnownLayers, ...ids: string[]): Promise<string> {
  const cache = await openLayerCache(at, 'ENGINE');
  for (const part of ['images', 'layers', 'blobs', 'records'] as const)
    Object.assign(cache.known[part], known[part]);
  await cache.keep(named(...ids), named(...ids));
  return join(at, 'layers', readdirSync(join(at, 'layers'))[0] ?? '');
}

const known = async (at: string, engine = 'ENGINE') => (await openLayerCache(at, engine)).known;

describe('what is kept', () => {
  test('is there in the next run, for its owner alone, and not for another engine', async () => {
    const at = join(folder(), 'deep', 'down');
    expect(await known(at)).toEqual(EMPTY);
    const file = await keep(at, APP, 'app');
    expect(await known(at)).toEqual(APP);
    expect(await known(at, 'OTHER')).toEqual(EMPTY);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(at, 'layers'))).toHaveLength(1);
  });

  test('is of images that are still there, with their layers and blobs alone', async () => {
    const at = folder();
    await keep(at, both, 'app', 'other');
    await keep(at, EMPTY, 'app', 'never');
    expect(await known(at)).toEqual(APP);
    await keep(at, EMPTY);
    expect(await known(at)).toEqual(EMPTY);
  });

  test('shares a layer with an image that has gone', async () => {
    const at = folder();
    await keep(at, both, 'other');
    const { layers } = await known(at);
    expect(Object.keys(layers).sort()).toEqual(['l1', 'l9']);
  });

  test('knows no size of a layer that nobody asked about', async () => {
    const at = folder();
    const unsized: KnownLayers = { ...EMPTY, images: { app: { layers: ['l1', 'l2'] } } };
    await keep(at, unsized, 'app');
    expect(await known(at)).toEqual(unsized);
  });

  test('is of records that are still there, with their layers, whose images may have gone', async () => {
    const at = folder();
    const recorded = { ...both, records: { r1: 'l1', r9: 'l9', r5: 'l5' } };
    await keep(at, recorded, 'app', 'r9', 'r5');
    expect(await known(at)).toEqual({
      ...APP,
      layers: { ...APP.layers, ...OTHER.layers },
      records: { r9: 'l9', r5: 'l5' },
    });
    await keep(at, EMPTY, 'r9');
    expect(await known(at)).toEqual({ ...EMPTY, layers: OTHER.layers, records: { r9: 'l9' } });
  });
});

describe('what was damaged is as if it never was', () => {
  const damages: [string, (text: string) => string][] = [
    ['empty', () => ''],
    ['cut off in its first line', (text) => text.slice(0, 20)],
    ['cut off in its second line', (text) => text.slice(0, -5)],
    ['without its first line', (text) => text.slice(text.indexOf('\n') + 1)],
    ['of another version', (text) => text.replace(/layers \d+/, 'layers 999')],
    ['changed by a byte', (text) => text.replace('"size":5', '"size":6')],
    ['longer', (text) => `${text}x`],
    ['no text', () => '\0\xff\n\0'],
  ];

  test.each(damages)('a file that is %s', async (_, damage) => {
    const at = folder();
    const file = await keep(at, APP, 'app');
    const text = readFileSync(file, 'utf8');
    expect(damage(text)).not.toBe(text);
    writeFileSync(file, damage(text));
    expect(await known(at)).toEqual(EMPTY);
    await keep(at, APP, 'app');
    expect(await known(at)).toEqual(APP);
  });

  test('a folder in the place of the file, which stays', async () => {
    const at = folder();
    const file = await keep(at, EMPTY);
    const other = folder();
    mkdirSync(join(other, 'layers', file.split('/').at(-1) as string), { recursive: true });
    await keep(other, APP, 'app');
    expect(await known(other)).toEqual(EMPTY);
    expect(readdirSync(join(other, 'layers'))).toHaveLength(1);
  });
});

test('where the folder cannot be written nothing is kept, and nothing fails', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const cache = await openLayerCache(file, 'ENGINE');
  expect(cache.known).toEqual(EMPTY);
  await cache.keep(named('app'), []);
  expect(readFileSync(file, 'utf8')).toBe('');
});
