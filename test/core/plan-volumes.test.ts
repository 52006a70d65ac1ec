// The guard, as far as it is a decision: what can go, and what only by its name.
import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Seen, VolumesAsked } from '../../src/core/plan-volumes.ts';
import { planVolumes, unusedVolumes } from '../../src/core/plan-volumes.ts';
import { conditions, container, inventory, service, stopped, volume } from '../support/builders.ts';

const HEX = (digit: string) => digit.repeat(64);
const EMPTY = { kind: 'empty', data: false };
const POSTGRES = { kind: 'PostgreSQL', evidence: 'PG_VERSION says 15', data: true };

const plan = (more: Partial<Inventory>, asked: Partial<VolumesAsked> = {}) => {
  const on = inventory([], more.containers ?? [], more.services ?? [], more);
  const looks = new Map(on.volumes.map(({ name }) => [name, EMPTY] as const));
  return planVolumes(on, { names: [], conditions: conditions(), looks, mounters: new Map(), ...asked });
};
const said = (...args: Parameters<typeof plan>) => {
  const { actions, kept } = plan(...args);
  return [
    ...actions.map(
      (action) =>
        `${action.kind === 'delete-volume' && action.guarded ? 'guarded' : 'delete'} ${action.target.slice(0, 8)}`,
    ),
    ...kept.map(
      ({ target, reasons }) => `keep ${target.slice(0, 8)}: ${reasons.map(({ text }) => text).join('; ')}`,
    ),
  ];
};

const anonymous = volume(HEX('a'));
const named = volume('pgdata');
const labels = { 'com.docker.compose.project': 'shop' };
const compose = volume('shop_db', { labels });
const nfs = volume(HEX('b'), { options: { type: 'nfs', device: ':/export' } });
const plugin = volume('remote', { driver: 'rexray' });

describe('with no name given', () => {
  test('only anonymous ones that hold no data go; all others say how', () => {
    expect(said({ volumes: [anonymous, named, compose, nfs, plugin] })).toEqual([
      'delete aaaaaaaa',
      'keep bbbbbbbb: driver local may hold its data elsewhere: give its name to remove it',
      'keep pgdata: somebody named it: give its name to remove it',
      'keep remote: driver rexray may hold its data elsewhere: give its name to remove it',
      'keep shop_db: it belongs to compose project shop: give its name to remove it',
    ]);
  });

  test('an anonymous one that looks like data, or into which nobody could look, is treated as named', () => {
    const volumes = [anonymous, volume(HEX('c')), volume(HEX('d'))];
    const looks = new Map<string, Seen>([
      [HEX('a'), POSTGRES],
      [HEX('c'), { unknown: 'no such device' }],
    ]);
    expect(said({ volumes }, { looks })).toEqual([
      'keep aaaaaaaa: looks like PostgreSQL (PG_VERSION says 15): give its name to remove it',
      'keep cccccccc: what it holds is not known (no such device): give its name to remove it',
      'keep dddddddd: what it holds is not known (nobody looked): give its name to remove it',
    ]);
  });
});

describe('with names given', () => {
  test('only these, and all but harmless anonymous ones behind the guard', () => {
    const volumes = [anonymous, named, compose, nfs, plugin, volume('other')];
    const names = [anonymous, named, compose, nfs, plugin].map(({ name }) => name);
    expect(said({ volumes }, { names })).toEqual([
      'delete aaaaaaaa',
      'guarded bbbbbbbb',
      'guarded pgdata',
      'guarded remote',
      'guarded shop_db',
    ]);
    const looks = new Map([[HEX('a'), POSTGRES]]);
    expect(said({ volumes: [anonymous] }, { names: [HEX('a')], looks })).toEqual(['guarded aaaaaaaa']);
  });

  test.each<[string, Partial<Inventory>, string]>([
    [
      'a running container',
      { containers: [container('db', 'x', { volumes: ['pgdata'] })] },
      'mounted by running container db',
    ],
    [
      'a stopped container',
      { containers: [stopped('db', 10, { volumes: ['pgdata'] })] },
      'mounted by stopped container db',
    ],
    [
      'a container that never started',
      { containers: [container('db', 'x', { state: 'created', volumes: ['pgdata'] })] },
      'mounted by created container db',
    ],
    [
      'a container that mounts its folder',
      { containers: [container('db', 'x', { folders: ['/var/lib/docker/volumes/pgdata/_data/base'] })] },
      'mounted by running container db',
    ],
    [
      'a container that mounts the folder around it',
      { containers: [container('db', 'x', { folders: ['/var/lib/docker/volumes/pgdata'] })] },
      'mounted by running container db',
    ],
    [
      'a swarm service between tasks',
      { services: [service('db', { volumes: ['pgdata'] })] },
      'used by swarm service db',
    ],
  ])('what %s uses stays', (_, more, why) => {
    expect(said({ volumes: [named], ...more }, { names: ['pgdata'] })).toEqual([`keep pgdata: ${why}`]);
  });

  test('what belongs to a compose project that still has containers stays', () => {
    const containers = [stopped('shop-web-1', 10, { labels })];
    expect(said({ volumes: [compose], containers }, { names: ['shop_db'] })).toEqual([
      'keep shop_db: compose project shop still has 1 container',
    ]);
  });

  test('tidy.keep keeps it', () => {
    const kept = volume('pgdata', { labels: { 'tidy.keep': 'true' } });
    expect(said({ volumes: [kept] }, { names: ['pgdata'] })).toEqual([
      'keep pgdata: labelled tidy.keep=true',
    ]);
  });
});

test('a folder that holds all volumes says nothing of one of them', () => {
  const containers = [
    container('agent', 'x', { folders: ['/', '/var/lib/docker', '/var/lib/docker/volumes'] }),
  ];
  expect(said({ volumes: [anonymous], containers })).toEqual(['delete aaaaaaaa']);
});

test('only what nothing uses is looked into', () => {
  const on = inventory([], [stopped('db', 10, { volumes: ['pgdata'] })], [], {
    volumes: [anonymous, named, plugin],
  });
  expect(unusedVolumes(on).map(({ name }) => name)).toEqual([HEX('a'), 'remote']);
});

test('each is told with its kind, its project, what it looks like, who mounted it last, and its labels', () => {
  const shown = plan(
    {
      volumes: [
        volume('shop_db', { labels: { ...labels, 'com.docker.compose.volume': 'db', team: 'a' }, size: 5 }),
      ],
    },
    {
      names: ['shop_db'],
      looks: new Map([['shop_db', POSTGRES]]),
      mounters: new Map([['shop_db', 'shop-db-1']]),
    },
  );
  expect(shown.actions[0]).toMatchObject({
    detail: 'named, compose project shop, PostgreSQL (PG_VERSION says 15), last mounted by shop-db-1, team=a',
    volume: { type: 'compose', project: 'shop', looksLike: 'PostgreSQL', lastMountedBy: 'shop-db-1' },
    frees: 5,
  });
});

test('what a driver frees is not promised', () => {
  expect(
    plan({ volumes: [volume('remote', { driver: 'rexray', size: 5 })] }, { names: ['remote'] }).actions[0],
  ).toMatchObject({
    frees: 0,
    about: true,
    between: [0, 5],
  });
});
