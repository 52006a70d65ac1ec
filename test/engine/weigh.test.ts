// What is asked of an engine for the prices of a plan: as little as they need, and what takes too long is left open.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import type { Engine, Inventory } from '../../src/core/inventory.ts';
import type { Client } from '../../src/engine/client.ts';
import { chainIds } from '../../src/engine/observe-layers.ts';
import { weigh } from '../../src/engine/weigh.ts';
import { id, image, inventory, record } from '../support/builders.ts';
import { folder } from '../support/servers.ts';

const NAMES = ['app:1', 'app:2', 'app:3'];
const IMAGES = NAMES.map((name) => image(name));
const digestOf = (name: string) => `sha256:${createHash('sha256').update(name).digest('hex')}`;
const stackOf = (name: string) => [digestOf('base'), digestOf(name)];

/** An engine that has these three images, of two layers each, and notes what it was asked. */
function engine(
  more: Record<string, unknown> = {},
  apiVersion = '1.51',
  instead: Record<string, unknown> = {},
) {
  const asked: string[] = [];
  const timeouts: unknown[] = [];
  const answers: Record<string, unknown> = {
    '/system/df': { BuildCache: [{ ID: 'r', Size: 7, Shared: true }] },
    '/images/json': NAMES.map((name) => ({ Id: id(name), RepoTags: [name], Created: 0, Size: 8 })),
    ...more,
  };
  for (const name of NAMES) {
    answers[`/images/${id(name)}/json`] = { RootFS: { Layers: stackOf(name) } };
    answers[`/images/${id(name)}/history`] = [
      { CreatedBy: 'RUN make', Size: 3 },
      { CreatedBy: 'COPY a /', Size: 5 },
    ];
  }
  Object.assign(answers, instead);
  const call = async (
    method: string,
    path: string,
    query: Record<string, string> = {},
    options: { timeout?: number } = {},
  ) => {
    const named = NAMES.reduce((text, name) => text.replace(id(name), name), path);
    asked.push(`${method} ${named} ${new URLSearchParams(query)}`.trim());
    if (path === '/system/df') timeouts.push(options.timeout);
    const answer = answers[path];
    if (answer instanceof Error) throw answer;
    if (answer === undefined) throw new EngineError('No such image', { status: 404 });
    return answer;
  };
  return { asked, timeouts, client: { apiVersion, podman: false, call } as unknown as Client };
}

function on(about: Partial<Engine>, more: Partial<Inventory> = {}, images = IMAGES): Inventory {
  const host = inventory(images, [], [], more);
  return { ...host, engine: { ...host.engine, host: 'tcp://engine:2376', ...about } };
}

const LARGE = { store: 'containerd', images: 5000 };
const SMALL = { store: 'containerd', images: 3 };
const CACHE = { cache: [record('r')] };
const paths = (asked: readonly string[], end: string) => asked.filter((call) => call.endsWith(end)).sort();

describe('on overlay2', () => {
  test('the layers of all images and their sizes are asked for, and the build cache', async () => {
    const { asked, client } = engine();
    const weighed = await weigh(client, on({}), new Set([id('app:1')]), folder());
    expect(weighed.images.map(({ layers }) => layers)).toEqual(NAMES.map((name) => chainIds(stackOf(name))));
    expect(Object.values(weighed.layers).map(({ size }) => size)).toEqual([5, 3, 3, 3]);
    expect(weighed.cache).toMatchObject([{ id: 'r', size: 7, shared: true }]);
    expect(weighed.partial).toBeUndefined();
    expect(paths(asked, '/history')).toHaveLength(3);
    expect(asked).toContain('GET /system/df type=build-cache');
  });

  test('nothing is asked about images that an earlier run learnt of, nor for a cache that is known', async () => {
    const at = folder();
    const first = engine();
    const known = await weigh(first.client, on({}, CACHE), 'all', at);
    const { asked, client } = engine();
    expect(await weigh(client, on({}, CACHE), 'all', at)).toEqual(known);
    expect(asked).toEqual([]);
    await weigh(client, on({ id: 'ANOTHER' }, CACHE), 'all', at);
    expect(asked).toHaveLength(6);
  });

  test('and only about a new one', async () => {
    const at = folder();
    await weigh(engine().client, on({}, CACHE, IMAGES.slice(0, 2)), 'all', at);
    const { asked, client } = engine();
    await weigh(client, on({}, CACHE), 'all', at);
    expect(asked).toEqual(['GET /images/app:3/json', 'GET /images/app:3/history']);
  });

  test('images that were not asked for stay apart: what a plan decides by is what was observed', async () => {
    const { asked, client } = engine();
    const weighed = await weigh(client, on({}, { ...CACHE, partial: true }, []), 'all', folder());
    expect(asked).toContain('GET /images/json all=1&shared-size=1');
    expect(weighed.images).toEqual([]);
    expect(weighed.others?.map(({ tags }) => tags)).toEqual(NAMES.map((name) => [name]));
    expect(weighed.partial).toBeUndefined();
  });
});

describe('on a large containerd store', () => {
  test('the history is asked only of the images that go', async () => {
    const { asked, client } = engine();
    const weighed = await weigh(client, on(LARGE, CACHE), new Set([id('app:2')]), folder());
    expect(paths(asked, '/history')).toEqual(['GET /images/app:2/history']);
    expect(paths(asked, '/json')).toHaveLength(3);
    expect(weighed.partial).toBeUndefined();
    expect(Object.keys(weighed.layers)).toEqual(chainIds(stackOf('app:2')));
  });

  test('where dangling images are enough no others are listed, and prices are within bounds', async () => {
    const { asked, client } = engine();
    const only = on(LARGE, { ...CACHE, partial: true }, IMAGES.slice(0, 1));
    const weighed = await weigh(client, only, new Set([id('app:1')]), folder());
    expect(asked).toEqual(['GET /images/app:1/json', 'GET /images/app:1/history']);
    expect(weighed.partial).toBe(true);
    expect(weighed.images).toHaveLength(1);
  });

  test('then the build cache, which takes it long to tell of, is not asked for; where all are listed it is', async () => {
    const waits = async (partial: boolean) => {
      const { timeouts, client } = engine();
      const some = on(LARGE, partial ? { partial: true } : {}, IMAGES.slice(0, 1));
      await weigh(client, some, new Set([id('app:1')]), folder());
      return timeouts;
    };
    expect(await waits(true)).toEqual([]);
    expect(await waits(false)).toEqual([10_000]);
  });

  test('what is known of the others is kept for runs that need it', async () => {
    const at = folder();
    await weigh(engine().client, on(LARGE, CACHE), 'all', at);
    const only = on(LARGE, { ...CACHE, partial: true }, [image('new:1')]);
    const more = { [`/images/${id('new:1')}/json`]: { RootFS: { Layers: [digestOf('new')] } } };
    await weigh(engine(more).client, only, new Set([id('new:1')]), at);
    const { asked, client } = engine();
    await weigh(client, on(LARGE, CACHE), 'all', at);
    expect(asked).toEqual([]);
  });

  test('all are listed and asked for where records that images share go', async () => {
    const { asked, client } = engine();
    const only = on(LARGE, { ...CACHE, partial: true }, IMAGES.slice(0, 1));
    const weighed = await weigh(client, only, 'all', folder());
    expect(asked).toContain('GET /images/json all=1&shared-size=1');
    expect(paths(asked, '/history')).toHaveLength(3);
    expect(weighed.partial).toBeUndefined();
  });
});

test('on a small containerd store all are listed and asked for', async () => {
  const { asked, client } = engine();
  const only = on(SMALL, { ...CACHE, partial: true }, IMAGES.slice(0, 1));
  const weighed = await weigh(client, only, new Set([id('app:1')]), folder());
  expect(asked).toContain('GET /images/json all=1&shared-size=1');
  expect(paths(asked, '/history')).toHaveLength(3);
  expect(weighed.images.map(({ tags }) => tags)).toEqual([['app:1']]);
  expect(weighed.others).toHaveLength(2);
  expect(weighed.partial).toBeUndefined();
});

test('where the store can be read here the engine is not asked for layers, and blobs are known', async () => {
  const root = folder();
  const at = join(root, 'containerd/daemon/io.containerd.content.v1.content/blobs/sha256');
  mkdirSync(at, { recursive: true });
  const put = (content: unknown) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(at, digestOf(text).slice(7)), text);
    return digestOf(text);
  };
  const layer = put('layer');
  const config = put({ rootfs: { diff_ids: [digestOf('base')] } });
  const manifest = put({ config: { digest: config }, layers: [{ digest: layer }] });
  const local = { ...SMALL, host: 'unix:///run/docker.sock', folder: root };
  const { asked, client } = engine({ [`/images/${manifest}/history`]: [{ CreatedBy: 'COPY a /', Size: 5 }] });
  const weighed = await weigh(client, on(local, CACHE, [image('app:9', { id: manifest })]), 'all', folder());
  expect(asked).toEqual([`GET /images/${manifest}/history`]);
  expect(weighed.images[0]).toMatchObject({
    layers: [digestOf('base')],
    blobs: { layers: [layer], others: [manifest, config] },
  });
  expect(weighed.blobs[layer]).toBe('layer'.length);
});

test('podman is asked nothing', async () => {
  const { asked, client } = engine();
  const there = on({ store: 'podman' });
  expect(await weigh(client, there, 'all', folder())).toBe(there);
  expect(asked).toEqual([]);
});

describe('an engine that does not tell of its build cache in time', () => {
  const late = { '/system/df': new EngineError('no answer within 10 seconds') };

  test('before API 1.42, where that sizes all volumes, is not waited for', async () => {
    const { asked, timeouts, client } = engine(late, '1.41');
    const weighed = await weigh(client, on({}), 'all', folder());
    expect(asked).toContain('GET /system/df');
    expect(timeouts).toEqual([10_000]);
    expect([weighed.partial, weighed.cache]).toEqual([true, []]);
    expect(weighed.images.every(({ layers }) => layers)).toBe(true);
  });

  test('is asked again in the next run', async () => {
    const at = folder();
    await weigh(engine(late, '1.41').client, on({}), 'all', at);
    const { asked, client } = engine({}, '1.41');
    const weighed = await weigh(client, on({}), 'all', at);
    expect(asked).toEqual(['GET /system/df']);
    expect(weighed.partial).toBeUndefined();
  });
});

test('an image that goes meanwhile is known by its list entry alone', async () => {
  const { client } = engine();
  const weighed = await weigh(client, on({}, CACHE, [...IMAGES, image('gone:1')]), 'all', folder());
  expect(weighed.images[3]).toEqual(image('gone:1'));
});

test('where nothing can be kept the prices are the same', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const kept = await weigh(engine().client, on({}), 'all', folder());
  expect(await weigh(engine().client, on({}), 'all', file)).toEqual(kept);
});

describe('what is read here', () => {
  const sources = record('abc', 10, { type: 'source.local', description: '', size: 9 });

  /** The engine's folder, with one of overlay2 for each of these names. */
  function rootOf(...names: string[]): string {
    const root = folder();
    for (const name of names) {
      mkdirSync(join(root, 'overlay2', name, 'diff'), { recursive: true });
      writeFileSync(join(root, 'overlay2', name, 'diff', 'file'), 'content');
    }
    return root;
  }
  const here = (root: string, cache = [sources]) =>
    on({ host: 'unix:///run/docker.sock', folder: root }, { cache }, IMAGES.slice(0, 1));
  const one = new Set([id('app:1'), 'abc']);
  const disks = ({ cache }: Inventory) => cache.map(({ disk }) => disk);

  test('of what a build took over from a client is a folder of the record’s own name', async () => {
    const weighed = await weigh(engine().client, here(rootOf('abc')), one, folder());
    expect(disks(weighed)[0]).toBeGreaterThan(0);
  });

  test('is nothing of records that stay, of steps, of names that are no folder’s, nor elsewhere', async () => {
    const root = rootOf('abc', 'step');
    const step = record('step', 10, { size: 9 });
    const odd = { ...sources, id: '../overlay2/abc' };
    expect(disks(await weigh(engine().client, here(root, [step, odd]), 'all', folder()))).toEqual([
      undefined,
      undefined,
    ]);
    expect(disks(await weigh(engine().client, here(root), new Set([id('app:1')]), folder()))).toEqual([
      undefined,
    ]);
    const far = on({ folder: root }, { cache: [sources] });
    expect(disks(await weigh(engine().client, far, 'all', folder()))).toEqual([undefined]);
    const containerd = on({ ...SMALL, host: 'unix:///s', folder: root }, { cache: [sources] });
    expect(disks(await weigh(engine().client, containerd, 'all', folder()))).toEqual([undefined]);
  });

  test('are the folders of the layers of an image that goes, once', async () => {
    const root = rootOf('base', 'top');
    const [base, top] = ['base', 'top'].map((name) => join(root, 'overlay2', name, 'diff'));
    const path = `/images/${id('app:1')}/json`;
    const folders = { GraphDriver: { Name: 'overlay2', Data: { LowerDir: base, UpperDir: top } } };
    const there = () => engine({}, '1.51', { [path]: { RootFS: { Layers: stackOf('app:1') }, ...folders } });
    const at = folder();
    const weighed = await weigh(there().client, here(root), one, at);
    expect(Object.values(weighed.layers).map(({ size }) => size)).toEqual([7, 7]);
    for (const { disk } of Object.values(weighed.layers)) expect(disk).toBeGreaterThan(0);
    const { asked, client } = there();
    expect(await weigh(client, here(root), one, at)).toEqual(weighed);
    expect(asked).toEqual([]);
  });
});

test('the layer of a record that an image shares is remembered when the image has gone', async () => {
  const at = folder();
  const cache = [record('r', 10, { shared: true, size: 5 })];
  const [base] = chainIds(stackOf('app:1'));
  await weigh(engine().client, on({}, { cache }), 'all', at);
  const gone = on({}, { cache: cache.map((each) => ({ ...each, shared: false })) }, []);
  const weighed = await weigh(engine().client, gone, 'all', at);
  expect(weighed.cache).toMatchObject([{ id: 'r', layer: base }]);
  expect(weighed.layers[base as string]).toMatchObject({ size: 5 });
});
