// Engines' answers, as recorded on real ones, become the same facts.
import type { ContainerInfo, ImageInfo } from 'dockerode';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/engine/client.ts';
import { EVERYTHING, imageOf, NOTHING, observe } from '../../src/engine/observe.ts';
import { containerOf } from '../../src/engine/observe-containers.ts';

const HEX = 'f1d849c0'.repeat(8);
const DIGEST = `sha256:${'95b9ad41'.repeat(8)}`;

const entry = (fields: Record<string, unknown>) =>
  imageOf({
    Id: `sha256:${HEX}`,
    Created: 1780272000,
    Size: 5,
    SharedSize: -1,
    Labels: null,
    ParentId: '',
    ...fields,
  } as unknown as ImageInfo);

describe('an entry of the image list', () => {
  test.each<[string, Record<string, unknown>, { tags?: string[]; digests?: string[] }]>([
    [
      '20.10: nameless',
      { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
      { tags: [], digests: [] },
    ],
    ['28.5: nameless', { RepoTags: [], RepoDigests: [] }, { tags: [], digests: [] }],
    ['podman: nameless', { RepoTags: null, RepoDigests: [] }, { tags: [], digests: [] }],
    [
      '20.10: by digest only',
      { RepoTags: null, RepoDigests: [`a/dig@${DIGEST}`] },
      { tags: [], digests: [`a/dig@${DIGEST}`] },
    ],
    [
      '23: by digest only',
      { RepoTags: ['<none>:<none>'], RepoDigests: [`a/dig@${DIGEST}`] },
      { tags: [], digests: [`a/dig@${DIGEST}`] },
    ],
    [
      'containerd: by digest only',
      { RepoTags: [`a/dig@${DIGEST}`], RepoDigests: [`a/dig@${DIGEST}`] },
      { tags: [], digests: [`a/dig@${DIGEST}`] },
    ],
    [
      'containerd: a local build has a digest too',
      { RepoTags: ['a:1'], RepoDigests: [`a@${DIGEST}`] },
      { tags: ['a:1'], digests: [`a@${DIGEST}`] },
    ],
  ])('%s', (_, fields, names) => {
    expect(entry(fields)).toMatchObject(names);
  });

  test('sizes that the engine does not tell are absent', () => {
    expect(entry({ SharedSize: -1 })).not.toHaveProperty('sharedSize');
    expect(entry({ SharedSize: 0 })).toHaveProperty('sharedSize', 0);
  });

  test('podman’s IDs and parents get the prefix that others have', () => {
    expect(entry({ Id: HEX, ParentId: HEX })).toMatchObject({ id: `sha256:${HEX}`, parent: `sha256:${HEX}` });
  });

  test.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [-62135596800, '0001-01-01T00:00:00.000Z'],
    [1780272000, '2026-06-01T00:00:00.000Z'],
  ])('a build date of %d seconds is %s', (seconds, date) => {
    expect(entry({ Created: seconds }).created).toBe(date);
  });
});

test('an entry of the container list tells the image mounts, by name', () => {
  const mounts = [
    { Type: 'image', Name: 'hand/old:1', Source: '/var/lib/docker/overlay2/x/merged', Destination: '/x' },
    { Type: 'volume', Name: 'v', Source: '', Destination: '/v' },
  ];
  const container = {
    Id: HEX,
    Names: ['/c'],
    Image: 'fx/base:1',
    ImageID: `sha256:${HEX}`,
    State: 'created',
    Mounts: mounts,
  };
  expect(containerOf(container as unknown as ContainerInfo)).toEqual({
    id: HEX,
    name: 'c',
    state: 'created',
    imageId: `sha256:${HEX}`,
    image: 'fx/base:1',
    imageMounts: ['hand/old:1'],
    labels: {},
    volumes: ['v'],
    folders: [],
    networks: [],
  });
});

describe('observing', () => {
  /** An engine that gives these answers, and notes what it was asked. */
  function engine(answers: Record<string, unknown>, apiVersion = '1.51') {
    const asked: string[] = [];
    const call = async (method: string, path: string, query: Record<string, string> = {}) => {
      asked.push(`${method} ${path} ${new URLSearchParams(query)}`.trim());
      return answers[path] ?? [];
    };
    return { asked, client: { apiVersion, podman: false, call } as unknown as Client };
  }
  const needs = { ...NOTHING, images: 'all' as const };
  const now = new Date('2026-11-21T00:00:00Z');

  test('the containerd store is told from overlay2 by its snapshotter', async () => {
    const info = { Driver: 'overlayfs', DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] };
    expect((await observe(engine({ '/info': info }).client, 'h', needs, now)).engine.store).toBe(
      'containerd',
    );
    expect(
      (await observe(engine({ '/info': { Driver: 'overlay2' } }).client, 'h', needs, now)).engine.store,
    ).toBe('overlay2');
  });

  test('where listing is slow only the dangling images are asked for, when no others matter', async () => {
    const info = { DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']] };
    const slow = engine({ '/info': info });
    await observe(slow.client, 'h', { ...needs, images: 'dangling' }, now);
    expect(slow.asked).toContain(
      'GET /images/json filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D&shared-size=1',
    );
    const fast = engine({ '/info': { Driver: 'overlay2' } });
    await observe(fast.client, 'h', { ...needs, images: 'dangling' }, now);
    expect(fast.asked).toContain('GET /images/json all=1&shared-size=1');
  });

  test('where listing is fast all images are listed, whatever comes of asking for the dangling ones at once', async () => {
    const { client } = engine({ '/info': { Driver: 'overlay2' } });
    const { call } = client;
    const failing = (method: string, path: string, query: Record<string, string> = {}) =>
      'filters' in query ? Promise.reject(new Error('no filters here')) : call(method, path, query);
    const { partial } = await observe(
      { ...client, call: failing as typeof call },
      'h',
      { ...needs, images: 'dangling' },
      now,
    );
    expect(partial).toBeUndefined();
  });

  test('disk usage is asked for once at a time, since older engines refuse a second', async () => {
    const { client } = engine({}, '1.41');
    let [running, most] = [0, 0];
    const call = async (_: string, path: string) => {
      if (path !== '/system/df') return [];
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return {};
    };
    await observe(
      { ...client, call: call as typeof client.call },
      'h',
      { ...NOTHING, volumes: 'sized', cache: true },
      now,
    );
    expect(most).toBe(1);
  });

  test('shared sizes are not asked of an engine that does not know them', async () => {
    const { client, asked } = engine({}, '1.41');
    await observe(client, 'h', needs, now);
    expect(asked).toContain('GET /images/json all=1');
  });

  test('a container that the list shows by ID is asked by which name it was created', async () => {
    const list = [
      {
        Id: 'c1',
        Names: ['/web'],
        Image: `sha256:${HEX}`,
        ImageID: `sha256:${HEX}`,
        State: 'running',
        Mounts: [],
      },
    ];
    const { client } = engine({
      '/containers/json': list,
      '/containers/c1/json': { Config: { Image: 'app:1' } },
    });
    expect((await observe(client, 'h', needs, now)).containers[0]?.image).toBe('app:1');
  });

  test('a swarm manager’s services count with their current and their previous image', async () => {
    const spec = (image: string) => ({ Name: 'api', TaskTemplate: { ContainerSpec: { Image: image } } });
    const { client } = engine({
      '/info': { Swarm: { ControlAvailable: true } },
      '/services': [{ ID: 's', Spec: spec('app:2'), PreviousSpec: spec('app:1') }],
    });
    expect((await observe(client, 'h', needs, now)).services).toEqual([
      { name: 'api', images: ['app:2', 'app:1'], networks: [], volumes: [] },
    ]);
  });
});

describe('what else an engine tells', () => {
  const about = async (answers: Record<string, unknown>, apiVersion = '1.51') => {
    const asked: string[] = [];
    const call = async (_: string, path: string, query: Record<string, string> = {}) => {
      asked.push(`${path} ${new URLSearchParams(query)}`.trim());
      return answers[path] ?? [];
    };
    const client = { apiVersion, podman: false, call } as unknown as Client;
    return { asked, seen: await observe(client, 'h', EVERYTHING, new Date('2026-11-21T00:00:00Z')) };
  };

  test('its own clock and zone are the only ones that count', async () => {
    const { seen } = await about({ '/info': { SystemTime: '2026-11-21T09:00:00.5+02:00' } });
    expect([seen.takenAt, seen.engine.zone]).toEqual(['2026-11-21T07:00:00.500Z', '+02:00']);
    expect((await about({})).seen.takenAt).toBe('2026-11-21T00:00:00.000Z');
  });

  test('a stopped container is inspected for when it stopped and what it takes, a running one is not', async () => {
    const entry = (Id: string, State: string) => ({
      Id,
      Names: [`/${Id}`],
      Image: 'app:1',
      ImageID: HEX,
      State,
    });
    const { seen, asked } = await about({
      '/containers/json': [entry('run', 'running'), entry('old', 'exited')],
      '/containers/old/json': {
        State: { Status: 'exited', FinishedAt: '2026-11-20T00:00:00.5Z' },
        SizeRw: 7,
      },
    });
    expect(seen.containers[1]).toMatchObject({ finished: '2026-11-20T00:00:00.5Z', size: 7 });
    expect(asked.filter((path) => path.startsWith('/containers/run'))).toEqual([]);
  });

  test('a container that never started has no time of stopping, and is on the network that it was created with', async () => {
    const list = [
      {
        Id: 'new',
        Names: ['/new'],
        Image: 'app:1',
        ImageID: HEX,
        State: 'created',
        HostConfig: { NetworkMode: 'shop' },
        NetworkSettings: { Networks: { shop: { NetworkID: '' } } },
      },
    ];
    const inspected = { State: { Status: 'created', FinishedAt: '0001-01-01T00:00:00Z' } };
    const { seen } = await about({ '/containers/json': list, '/containers/new/json': inspected });
    expect(seen.containers[0]).toMatchObject({ size: 0, networks: ['shop'] });
    expect(seen.containers[0]?.finished).toBeUndefined();
  });

  test('the engine’s own networks are told from those that people made', async () => {
    const names = ['bridge', 'host', 'none', 'mine'].map((Name) => ({ Id: Name, Name }));
    const ingress = { Id: 'i', Name: 'my-ingress', Ingress: true };
    const template = { Id: 'c', Name: 'template', ConfigOnly: true };
    const { seen } = await about({
      '/networks': [...names, ingress, template],
      '/networks/mine': { Id: 'mine', Name: 'mine', Containers: { c1: { Name: 'web' } } },
    });
    expect(seen.networks.filter(({ builtIn }) => !builtIn)).toMatchObject([
      { name: 'mine', attached: ['web'] },
    ]);
  });

  test('an anonymous volume is told by its label, or on Docker 20.10 by its name', async () => {
    const volumes = [
      { Name: 'named', Driver: 'local' },
      { Name: HEX, Driver: 'local' },
      { Name: 'x', Driver: 'local', Labels: { 'com.docker.volume.anonymous': '' } },
    ];
    const { seen } = await about({ '/volumes': { Volumes: volumes } });
    expect(seen.volumes.map(({ anonymous }) => anonymous)).toEqual([false, true, true]);
  });

  test('a cache record’s parents are read in all three spellings, and a year 1 is no time', async () => {
    const cache = [
      { ID: 'a', Parents: ['x'], LastUsedAt: '0001-01-01T00:00:00Z' },
      { ID: 'b', ' Parents': ['y'] },
      { ID: 'c', Parent: 'z' },
      { ID: 'd', Parent: '' },
    ];
    const { seen, asked } = await about({ '/system/df': { BuildCache: cache } });
    expect(seen.cache.map(({ parents }) => parents)).toEqual([['x'], ['y'], ['z'], []]);
    expect(seen.cache[0]?.lastUsed).toBeUndefined();
    expect(asked).toContain('/system/df type=build-cache');
  });
});
