// Engines' answers, as recorded on real ones, become the same facts.
import type { ContainerInfo, ImageInfo } from 'dockerode';
import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/engine/client.ts';
import { containerOf, imageOf, observe } from '../../src/engine/observe.ts';

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
  const needs = { danglingOnly: false, inspect: () => [] };
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

  test('only the dangling images are asked for when no others matter', async () => {
    const { client, asked } = engine({});
    await observe(client, 'h', { ...needs, danglingOnly: true }, now);
    expect(asked).toContain('GET /images/json filters=%7B%22dangling%22%3A%5B%22true%22%5D%7D&shared-size=1');
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
      { name: 'api', images: ['app:2', 'app:1'] },
    ]);
  });
});
