// Containers, networks and the build cache: the plan as a test states it, `delete a`, `keep b: why`.
import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Part } from '../../src/core/plan.ts';
import { planCache } from '../../src/core/plan-cache.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planImages } from '../../src/core/plan-images.ts';
import { planNetworks } from '../../src/core/plan-networks.ts';
import { NO_RETENTION } from '../../src/core/retention.ts';
import {
  conditions,
  container,
  image,
  inventory,
  network,
  record,
  service,
  stopped,
  volume,
} from '../support/builders.ts';

const DAY = 86_400_000;
const said = ({ actions, kept }: Part) => [
  ...actions.map(({ target }) => `delete ${target}`),
  ...kept.map(({ target, reasons }) => `keep ${target}: ${reasons.map(({ text }) => text).join('; ')}`),
];
const host = (more: Partial<Inventory>) => inventory([], more.containers ?? [], more.services ?? [], more);

describe('containers', () => {
  const plan = (containers: Inventory['containers'], held = conditions()) =>
    said(planContainers(host({ containers }), held));

  test('stopped, dead and never started ones go; what runs is not shown, and what is in between stays', () => {
    expect(
      plan([
        stopped('old'),
        stopped('broken', 9, { state: 'dead' }),
        container('new', 'app:1', { state: 'created' }),
        container('web', 'app:1'),
        container('asleep', 'app:1', { state: 'paused' }),
        container('looping', 'app:1', { state: 'restarting' }),
        container('leaving', 'app:1', { state: 'removing' }),
        container('odd', 'app:1', { state: 'stopping' }),
      ]),
    ).toEqual([
      'delete broken',
      'delete new',
      'delete old',
      'keep asleep: it is paused',
      'keep leaving: it is being removed',
      'keep looping: it is restarting',
      'keep odd: it is stopping',
    ]);
  });

  test('each says since when it is stopped', () => {
    const { actions } = planContainers(
      host({ containers: [stopped('a', 20), container('b', 'app:1', { state: 'created' })] }),
      conditions(),
    );
    expect(actions.map(({ because }) => because.text)).toEqual([
      'stopped 27 hours ago',
      'created 2 weeks ago, never started',
    ]);
  });

  test('the age counts since it stopped, not since it was made', () => {
    const lately = stopped('late', 20, { created: '2025-01-01T00:00:00Z' });
    for (const held of [
      conditions(['until=48h']),
      conditions([], { olderThan: { span: 2 * DAY, from: '--older-than 2d' } }),
    ])
      expect(plan([lately, stopped('old', 10)], held).map((line) => line.split(':')[0])).toEqual([
        'delete old',
        'keep late',
      ]);
  });

  test('one that never started goes only past the grace age; of one whose age is not known, that is said', () => {
    const made = (name: string, day: number) =>
      container(name, 'app:1', {
        state: 'created',
        created: new Date(Date.UTC(2026, 10, day)).toISOString(),
      });
    const grace = conditions([], { grace: { span: 3 * DAY, from: '--grace 3d' } });
    const unknown = stopped('unknown', 10, { finished: '0001-01-01T00:00:00Z' });
    expect(plan([made('a', 10), made('b', 20), unknown], grace)).toEqual([
      'delete a',
      'keep b: created 27 hours ago, within --grace 3d',
      'keep unknown: when it stopped is not known (0001-01-01), and --grace 3d asks for its age',
    ]);
  });

  test('labels select, tidy.keep keeps, and size is a condition', () => {
    const labelled = (name: string, labels: Record<string, string>) => stopped(name, 10, { labels });
    const all = [
      labelled('a', { env: 'dev' }),
      labelled('b', {}),
      labelled('c', { env: 'dev', 'tidy.keep': 'true' }),
    ];
    expect(plan(all, conditions(['label=env=dev']))).toEqual(['delete a', 'keep c: labelled tidy.keep=true']);
    expect(
      plan(
        [stopped('small'), stopped('big', 10, { size: 5e9 })],
        conditions([], { largerThan: { bytes: 1e9, from: '--larger-than 1GB' } }),
      ),
    ).toEqual(['delete big', 'keep small: 1MB, not above --larger-than 1GB']);
  });

  test('volumes that nothing uses without them are named, and those in use by others are not', () => {
    const containers = [
      stopped('a', 10, { volumes: ['mine', 'ours', 'swarm'] }),
      stopped('b', 10, { volumes: ['shared'] }),
      container('web', 'app:1', { volumes: ['shared'], folders: ['/var/lib/docker/volumes/ours/_data'] }),
    ];
    const services = [service('api', { volumes: ['swarm'] })];
    const volumes = ['mine', 'ours', 'swarm', 'shared'].map((name) => volume(name));
    const { actions } = planContainers(host({ containers, services, volumes }), conditions());
    expect(actions.map((action) => action.kind === 'delete-container' && action.leaves)).toEqual([
      ['mine'],
      [],
    ]);
  });
});

describe('networks', () => {
  const plan = (more: Partial<Inventory>, held = conditions(), leaving?: ReadonlySet<string>) =>
    said(planNetworks(host(more), held, leaving));

  test('what nothing is on goes; the engine’s own are not shown', () => {
    const networks = [network('free'), network('bridge', { builtIn: true })];
    expect(plan({ networks })).toEqual(['delete free']);
  });

  test('a container in any state keeps its networks: by name, by ID, by the beginning of one', () => {
    const networks = ['a', 'b', 'c', 'd'].map((name) => network(name));
    const id = networks[2]?.id as string;
    const containers = [
      container('web', 'app:1', { networks: ['a'] }),
      stopped('old', 10, { networks: ['b'] }),
      container('new', 'app:1', { state: 'created', networks: [id.slice(0, 20)] }),
    ];
    expect(plan({ networks, containers })).toEqual([
      'delete d',
      'keep a: used by running container web',
      'keep b: stopped container old is on it, and could not start without it',
      'keep c: created container new is on it, and could not start without it',
    ]);
  });

  test('with the stopped container that is on it a network goes too, and after it', () => {
    const networks = [network('net')];
    const containers = [stopped('old', 10, { networks: ['net'] })];
    const leaving = new Set(containers.map(({ id }) => id));
    expect(plan({ networks, containers }, conditions(), leaving)).toEqual(['delete net']);
    expect(planNetworks(host({ networks, containers }), conditions(), leaving).actions[0]?.after).toEqual([
      ...leaving,
    ]);
  });

  test('a compose project that still has containers keeps its networks, also those that none is on', () => {
    const labels = { 'com.docker.compose.project': 'shop' };
    const networks = [network('shop_default', { labels })];
    expect(plan({ networks, containers: [stopped('shop-web-1', 10, { labels })] })).toEqual([
      'keep shop_default: compose project shop still has 1 container',
    ]);
    expect(plan({ networks })).toEqual(['delete shop_default']);
  });

  test('a swarm’s networks stay: those of services, and all where this is no manager', () => {
    const networks = [
      network('mesh', { scope: 'swarm', driver: 'overlay' }),
      network('used', { scope: 'swarm' }),
    ];
    const services = [service('api', { networks: [networks[1]?.id as string] })];
    expect(plan({ networks, services }).length).toBe(2);
    const manager = { ...host({}).engine, swarm: true };
    expect(plan({ networks, services, engine: manager })).toEqual([
      'delete mesh',
      'keep used: used by swarm service api',
    ]);
    expect(plan({ networks })[0]).toContain('only a manager of the swarm can tell');
  });

  test('what is connected to it without being a container of the list keeps it', () => {
    expect(plan({ networks: [network('gw', { attached: ['gateway_ingress-sbox'] })] })).toEqual([
      'keep gw: gateway_ingress-sbox is connected to it',
    ]);
  });

  test('labels, tidy.keep and age', () => {
    const networks = [
      network('a', { labels: { env: 'dev' } }),
      network('b', { labels: { env: 'dev', 'tidy.keep': '1' } }),
      network('c', { labels: { env: 'dev' }, created: '2026-11-20T22:00:00Z' }),
      network('d'),
    ];
    expect(plan({ networks }, conditions(['label=env', 'until=24h']))).toEqual([
      'delete a',
      'keep b: labelled tidy.keep=1',
      'keep c: created 5 hours ago, within --filter until=24h',
    ]);
  });
});

describe('the build cache', () => {
  const plan = (cache: Inventory['cache'], asked: Partial<Parameters<typeof planCache>[1]> = {}) =>
    said(planCache(host({ cache }), { all: false, conditions: conditions(), ...asked }));

  test('by default what is in use, what images share and what builders need stays', () => {
    const cache = [
      record('free'),
      record('used', 10, { inUse: true }),
      record('shared', 10, { shared: true }),
      record('frontend', 10, { type: 'frontend' }),
      record('internal', 10, { type: 'internal' }),
    ];
    expect(plan(cache).map((line) => line.split(':')[0])).toEqual([
      'delete free',
      'keep frontend',
      'keep internal',
      'keep shared',
      'keep used',
    ]);
    expect(plan(cache, { all: true })).toEqual([
      'delete free',
      'delete frontend',
      'delete internal',
      'delete shared',
      'keep used: in use by a build or a builder',
    ]);
  });

  test('the least recently used goes first, but what was built on a record before it', () => {
    const cache = [
      record('base', 1),
      record('middle', 2, { parents: ['base'] }),
      record('top', 9, { parents: ['middle'] }),
      record('alone', 5),
    ];
    expect(plan(cache)).toEqual(['delete top', 'delete middle', 'delete base', 'delete alone']);
  });

  test('what a record that stays was built on stays, down to the last', () => {
    const cache = [
      record('base', 1),
      record('middle', 2, { parents: ['base'] }),
      record('top', 20, { parents: ['middle'], inUse: true }),
    ];
    expect(plan(cache).slice(0, 2)).toEqual([
      'keep base: record top, which stays, was built on it',
      'keep middle: record top, which stays, was built on it',
    ]);
    expect(
      plan([cache[0] as never, record('other', 1, { parents: ['base'], type: 'x' })], {
        conditions: conditions(['type=regular']),
      }),
    ).toEqual(['keep base: record other, which stays, was built on it']);
  });

  test('the age counts since the last use; of what was never used since it was made', () => {
    const cache = [
      record('old', 1),
      record('late', 20),
      record('never', 1, { lastUsed: undefined as never }),
    ];
    expect(plan(cache, { conditions: conditions(['until=72h']) }).map((line) => line.split(':')[0])).toEqual([
      'delete never',
      'delete old',
      'keep late',
    ]);
  });

  test('its own filters', () => {
    const cache = [
      record('a', 1, { type: 'source.local' }),
      record('b', 1),
      record('c', 1, { shared: true }),
    ];
    const by = (filter: string) => plan(cache, { all: true, conditions: conditions([filter]) });
    expect(by('type=source.local')).toEqual(['delete a']);
    expect(by('id=b')).toEqual(['delete b']);
    expect(by('shared=true')).toEqual(['delete c']);
    expect(by('private=true')).toEqual(['delete a', 'delete b']);
    expect(by('inuse=true')).toEqual([]);
  });

  test('a label asked for leaves all of it, and says so; a label not wanted is on none of it', () => {
    const part = planCache(host({ cache: [record('a')] }), {
      all: true,
      conditions: conditions(['label=x']),
    });
    expect([part.actions, part.notes]).toEqual([
      [],
      ['The build cache stays: it has no labels, and --filter label=x asks for one.'],
    ]);
    expect(plan([record('a')], { conditions: conditions(['label!=x']) })).toEqual(['delete a']);
  });

  test('a bound of nothing takes what has no size, too', () => {
    const cache = [record('a', 1, { size: 5 }), record('b', 2, { size: 0 })];
    expect(plan(cache, { budget: { reserved: 0, from: 'x' } })).toEqual(['delete a', 'delete b']);
  });

  describe('within bounds', () => {
    const cache = [1, 2, 3, 4].map((n) => record(`r${n}`, n, { size: n * 1000 }));
    const shared = record('image', 1, { size: 1_000_000, shared: true });
    const gone = (budget: object) =>
      planCache(host({ cache: [...cache, shared] }), {
        all: false,
        conditions: conditions(),
        budget: { from: 'the option', ...budget },
      }).actions.map(({ target }) => target);
    test.each<[object, string[]]>([
      [{ maxUsed: 10_000 }, []],
      [{ maxUsed: 9_999 }, ['r1']],
      [{ maxUsed: 7_000 }, ['r1', 'r2']],
      [{ maxUsed: 0 }, ['r1', 'r2', 'r3', 'r4']],
      [{ reserved: 7_000 }, ['r1', 'r2']],
      [{ maxUsed: 0, reserved: 9_000 }, ['r1']],
      [{ shortage: 0 }, []],
      [{ shortage: 1 }, ['r1']],
      [{ shortage: 3_001 }, ['r1', 'r2', 'r3']],
      [{ shortage: 1, maxUsed: 4_000 }, ['r1', 'r2', 'r3']],
      [{ shortage: 1e9, reserved: 5_000 }, ['r1', 'r2', 'r3']],
    ])('%j takes %j', (budget, expected) => {
      expect(gone(budget)).toEqual(expected);
    });
  });
});

describe('images under conditions', () => {
  const asked = (held = conditions(), all = true) => ({
    selection: {
      all,
      keeps: false,
      patterns: [],
      references: [],
      groupBy: { kind: 'repository' as const },
      fits: () => true,
    },
    retention: NO_RETENTION,
    conditions: held,
  });
  const plan = (images: Inventory['images'], held = conditions()) =>
    said(planImages(inventory(images), [asked(held)]));

  test('until counts from the build or the arrival, whichever was later', () => {
    const images = [
      image('old:1', { day: 1 }),
      image('pulled:1', { day: 1, arrived: '2026-11-21T00:00:00Z' }),
      image('epoch:1', { created: '1970-01-01T00:00:00Z' }),
      image('epoch:2', { created: '1970-01-01T00:00:00Z', arrived: '2026-11-01T00:00:00Z' }),
    ];
    expect(plan(images, conditions(['until=24h'])).map((line) => line.split(': ')[0])).toEqual([
      'delete epoch:2',
      'delete old:1',
      'keep epoch:1',
      'keep pulled:1',
    ]);
  });

  test('--older-than counts from the build, or with --by pulled from the arrival', () => {
    const images = [
      image('a:1', { day: 1, arrived: '2026-11-21T00:00:00Z' }),
      image('b:1', { day: 1, arrived: '2026-01-01T00:00:00Z' }),
      image('c:1', { day: 1 }),
    ];
    const olderThan = { span: DAY, from: '--older-than 1d' };
    expect(plan(images, conditions([], { olderThan }))).toEqual(['delete a:1', 'delete b:1', 'delete c:1']);
    expect(plan(images, conditions([], { olderThan, by: 'pulled' }))).toEqual([
      'delete b:1',
      'keep a:1: came here 3 hours ago, within --older-than 1d',
      'keep c:1: when it came here is not known, and --older-than 1d asks for its age',
    ]);
  });

  test('images that only stopped containers hold go with them, and after them', () => {
    const images = [image('app:1')];
    const holder = stopped('old');
    const on = inventory(images, [{ ...holder, imageId: images[0]?.id as string }]);
    expect(said(planImages(on, [asked()]))).toEqual(['keep app:1: used by stopped container old']);
    const { actions } = planImages(on, [asked()], new Set([holder.id]));
    expect(actions.map(({ target, after }) => [target, after])).toEqual([['app:1', [holder.id]]]);
  });
});
