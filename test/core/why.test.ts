// What `docker tidy why` says: the holders all the way up, what would remove it, and how a name is resolved.
import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/core/inventory.ts';
import { resolve } from '../../src/core/resolve.ts';
import { explain } from '../../src/core/why.ts';
import { container, id, image, inventory, network, planFor, stopped, volume } from '../support/builders.ts';

const DOCKER = { localhost: false };
const why = (on: Inventory, word: string) => {
  const { found } = resolve(on, word, DOCKER);
  return found.map((each) => explain(on, each));
};

describe('a name', () => {
  const on = inventory(
    [
      image('app:1', { id: id('aa1') }),
      image('app:2', { id: id('aa2') }),
      image(`pinned@sha256:${'1'.repeat(64)}`),
    ],
    [container('web', 'app:1')],
    [],
    { networks: [network('web')], volumes: [volume('data')] },
  );
  const kinds = (word: string) => resolve(on, word, DOCKER).found.map((each) => each.kind);

  test.each([
    ['app:1', ['image']],
    ['docker.io/library/app:1', ['image']],
    [`sha256:${'1'.repeat(64)}`, ['image']],
    [id('aa1'), ['image']],
    [id('aa1').slice(7), ['image']],
    ['web', ['container', 'network']],
    ['data', ['volume']],
    ['dat', []],
    ['nothing', []],
  ])('%s names %j', (word, expected) => {
    expect(kinds(word)).toEqual(expected);
  });

  test('that several IDs begin with is ambiguous, and says with which', () => {
    const { found, ambiguous } = resolve(on, '6161', DOCKER);
    expect(found).toEqual([]);
    expect(ambiguous).toEqual([`app:1 (${id('aa1')})`, `app:2 (${id('aa2')})`]);
  });

  test('on podman, a short one means localhost', () => {
    const podman = inventory([image('localhost/app:1')]);
    expect(resolve(podman, 'app:1', { localhost: true }).found).toHaveLength(1);
  });
});

describe('an image', () => {
  const base = image('base:1');
  const middle = image('middle:1', { parent: base.id });
  const top = image('top:1', { parent: middle.id });

  test('is held by what was built on it, and by what holds that, all the way up', () => {
    const [said] = why(inventory([base, middle, top], [container('web', top)]), 'base:1');
    expect(said?.holds).toEqual([
      {
        text: 'middle:1 was built on it',
        by: [{ text: 'top:1 was built on it', by: [{ text: 'used by running container web', by: [] }] }],
      },
    ]);
  });

  test('is known by its layers to have others built on it, where no parent is recorded', () => {
    const under = image('base:1', { layers: ['a', 'b'] });
    const over = image('app:1', { layers: ['a', 'b', 'c'] });
    const far = image('far:1', { layers: ['a', 'b', 'c', 'd'] });
    const [said] = why(inventory([under, over, far]), 'base:1');
    expect(said?.holds).toEqual([
      {
        text: 'app:1 was built on it, and keeps its layers, but not the image',
        by: [{ text: 'far:1 was built on it, and keeps its layers, but not the image', by: [] }],
      },
    ]);
  });

  test.each<[string, Inventory, string[]]>([
    ['that nothing uses goes by -a', inventory([base]), ['docker tidy images -a base:1']],
    ['without a name goes by default', inventory([image('', { id: id('base:1') })]), ['docker tidy images']],
    [
      'that a stopped container holds goes with it',
      inventory([base], [stopped('old', 10, { imageId: base.id, image: 'base:1' })]),
      ['docker tidy images -a --with-containers base:1'],
    ],
    ['that a running container holds goes by nothing', inventory([base], [container('web', base)]), []],
  ])('%s', (_, on, commands) => {
    expect(why(on, id('base:1'))[0]?.removedBy).toEqual(commands);
  });

  test('frees what the nameless ones free that it alone was built on, since they go with it', () => {
    const layer = (bytes: number) => ({ size: bytes, disk: bytes });
    const bottom = image('', { id: id('bottom'), layers: ['a'] });
    const between = image('', { id: id('between'), parent: bottom.id, layers: ['a', 'b'] });
    const app = (name: string) => image(name, { parent: between.id, layers: ['a', 'b'] });
    const layers = { a: layer(10_000_000), b: layer(3_000_000) };
    const other = image('other:1', { parent: bottom.id, layers: ['a'] });
    const alone = inventory([bottom, between, app('app:1'), other], [], [], { layers });
    expect(why(alone, 'app:1')[0]?.frees?.frees).toBe(
      planFor(alone, { all: true, patterns: ['app:1'] }).frees,
    );
    expect(why(alone, 'app:1')[0]?.frees?.frees).toBeGreaterThan(3_000_000);
    const shared = inventory([bottom, between, app('app:1'), app('app:2'), other], [], [], { layers });
    expect(why(shared, 'app:1')[0]?.frees?.frees).toBeLessThan(3_000_000);
  });

  test('that only running containers hold says what would let it go', () => {
    const [said] = why(inventory([base], [container('web', base), container('job', base)]), 'base:1');
    expect(said?.freedBy).toBe('docker stop job web, then docker tidy images -a --with-containers base:1');
  });

  test.each<[string, Inventory['containers'], string | undefined]>([
    ['nothing', [], undefined],
    [
      'a stopped one',
      [stopped('old', 10, { imageId: base.id })],
      'docker rm old, then docker tidy images -a base:1',
    ],
    [
      'one never started and a dead one',
      [container('new', base, { state: 'created' }), container('dead', base, { state: 'dead' })],
      'docker rm dead new, then docker tidy images -a base:1',
    ],
    [
      'a running and a stopped one',
      [container('web', base), stopped('old', 10, { imageId: base.id })],
      'docker stop web, then docker tidy images -a --with-containers base:1',
    ],
    [
      'a paused one, and one that --with-containers does not take',
      [
        container('asleep', base, { state: 'paused' }),
        stopped('old', 10, { imageId: base.id, labels: { 'tidy.keep': 'true' } }),
      ],
      'docker stop asleep, then docker rm asleep old, then docker tidy images -a base:1',
    ],
    ['one that is just going', [container('going', base, { state: 'removing' })], undefined],
  ])('that %s holds is freed by hand so: %j', (_, containers, freedBy) => {
    expect(why(inventory([base], containers), 'base:1')[0]?.freedBy).toBe(freedBy);
  });

  test('that is labelled to be kept says nothing of the kind', () => {
    const kept = image('base:1', { labels: { 'tidy.keep': 'true' } });
    const [said] = why(inventory([kept], [container('web', kept)]), 'base:1');
    expect([said?.freedBy, said?.removedBy]).toEqual([undefined, []]);
    expect(said?.kept.map(({ text }) => text)).toContain('labelled tidy.keep=true');
  });
});

test('containers, networks and volumes say what keeps them, and what would remove them', () => {
  const containers = [
    container('web', 'app:1', { networks: ['net'], volumes: ['data'] }),
    stopped('old', 10, { networks: ['aside'] }),
  ];
  const networks = [network('net'), network('aside'), network('free'), network('bridge', { builtIn: true })];
  const on = inventory([], containers, [], { networks, volumes: [volume('data'), volume('spare')] });
  const said = (word: string) => why(on, word)[0];
  expect(said('web')).toMatchObject({
    removedBy: [],
    freedBy: 'docker stop web, then docker rm web',
  });
  expect(said('old')).toMatchObject({ removedBy: ['docker tidy containers'], frees: { frees: 1_135_168 } });
  expect(said('net')).toMatchObject({ removedBy: [], kept: [{ text: 'used by running container web' }] });
  expect(said('aside')).toMatchObject({ removedBy: ['docker tidy'] });
  expect(said('free')).toMatchObject({ removedBy: ['docker tidy networks'] });
  expect(said('bridge')).toMatchObject({ removedBy: [], holds: [{ text: "the engine's own network" }] });
  expect(said('data')).toMatchObject({ removedBy: [], kept: [{ text: 'mounted by running container web' }] });
  expect(said('spare')).toMatchObject({ removedBy: ['docker tidy volumes spare'] });
});
