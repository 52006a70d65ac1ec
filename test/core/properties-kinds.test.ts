// What must hold for every host: random containers, networks, volumes and cache, under random conditions.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Conditions } from '../../src/core/condition.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Part } from '../../src/core/plan.ts';
import { planCache } from '../../src/core/plan-cache.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planNetworks } from '../../src/core/plan-networks.ts';
import { planVolumes } from '../../src/core/plan-volumes.ts';
import { volumesInUse } from '../../src/core/volume-usage.ts';
import { conditions, container, inventory, network, record, service, volume } from '../support/builders.ts';

const RUNS = { numRuns: 1000 };
const STATES = ['running', 'paused', 'restarting', 'removing', 'exited', 'created', 'dead'];
const NAMES = ['one', 'two', 'three', 'four'];
const ANONYMOUS = ['a', 'b'].map((digit) => digit.repeat(64));

const labels = fc.constantFrom<Record<string, string>>(
  {},
  { env: 'dev' },
  { env: 'prod' },
  { 'tidy.keep': 'true' },
  { 'com.docker.compose.project': 'shop' },
);
const day = fc.integer({ min: 1, max: 21 });
const some = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: 2 });

const host: fc.Arbitrary<Inventory> = fc
  .record({
    containers: fc.array(
      fc.record({
        state: fc.constantFrom(...STATES),
        labels,
        day,
        networks: some(NAMES),
        volumes: some([...NAMES, ...ANONYMOUS]),
        size: fc.nat(1000),
      }),
      { maxLength: 6 },
    ),
    networks: fc.array(
      fc.record({ labels, day, scope: fc.constantFrom('local', 'swarm'), attached: fc.boolean() }),
      { maxLength: 4 },
    ),
    volumes: fc.array(fc.record({ labels, day, driver: fc.constantFrom('local', 'local', 'rexray') }), {
      maxLength: 6,
    }),
    cache: fc.array(
      fc.record({
        day,
        parents: fc.array(fc.nat(5), { maxLength: 2 }),
        inUse: fc.boolean(),
        shared: fc.boolean(),
        type: fc.constantFrom('regular', 'source.local', 'frontend'),
        size: fc.nat(1000),
      }),
      { maxLength: 8 },
    ),
    service: fc.option(fc.record({ networks: some(NAMES), volumes: some(NAMES) }), { nil: undefined }),
  })
  .map((rows) =>
    inventory(
      [],
      rows.containers.map(({ day: stopped, ...row }, i) =>
        container(`c${i}`, 'app:1', {
          ...row,
          ...(row.state !== 'created' && { finished: new Date(Date.UTC(2026, 10, stopped)).toISOString() }),
        }),
      ),
      rows.service ? [service('api', rows.service)] : [],
      {
        networks: rows.networks.map((row, i) =>
          network(NAMES[i] as string, {
            labels: row.labels,
            scope: row.scope,
            attached: row.attached ? ['x'] : [],
            created: new Date(Date.UTC(2026, 10, row.day)).toISOString(),
          }),
        ),
        volumes: rows.volumes.map((row, i) =>
          volume([...NAMES, ...ANONYMOUS][i] as string, {
            labels: row.labels,
            driver: row.driver,
            created: new Date(Date.UTC(2026, 10, row.day)).toISOString(),
          }),
        ),
        cache: rows.cache.map(({ parents, ...row }, i) =>
          record(`r${i}`, row.day, {
            ...row,
            parents: [...new Set(parents.filter((parent) => parent < i))].map((parent) => `r${parent}`),
          }),
        ),
      },
    ),
  );

const FILTERS = [
  'label=env',
  'label=env=dev',
  'label!=env',
  'label!=env=prod',
  'until=24h',
  'until=2026-11-10',
  'until=240h',
];
const held: fc.Arbitrary<Conditions> = fc
  .record({
    filters: fc.subarray(FILTERS, { maxLength: 2 }),
    span: fc.option(fc.constantFrom(0, 86_400_000 * 5), { nil: undefined }),
  })
  .map(({ filters, span }) =>
    conditions(filters, span === undefined ? {} : { olderThan: { span, from: '--older-than 5d' } }),
  );

const PLANS: Record<string, (on: Inventory, given: Conditions) => Part> = {
  containers: planContainers,
  networks: planNetworks,
  cache: (on, given) => planCache(on, { all: true, conditions: given }),
  volumes: (on, given) =>
    planVolumes(on, { names: [], conditions: given, looks: seen(on), mounters: new Map() }),
  'volumes by name': (on, given) =>
    planVolumes(on, {
      names: on.volumes.map(({ name }) => name),
      conditions: given,
      looks: seen(on),
      mounters: new Map(),
    }),
};

/** Every other name holds data. */
function seen({ volumes }: Inventory) {
  const data = { kind: 'Redis', data: true };
  const empty = { kind: 'empty', data: false };
  return new Map(
    volumes.map(({ name }) => [name, name.length % 2 === 0 && !name.startsWith('b') ? empty : data]),
  );
}

const ids = ({ actions }: Part) => new Set(actions.map(({ id }) => id));

test.each(Object.keys(PLANS))('%s: one more condition never removes more', (name) => {
  const plan = PLANS[name] as (on: Inventory, given: Conditions) => Part;
  fc.assert(
    fc.property(host, held, fc.constantFrom(...FILTERS), (on, given, filter) => {
      const more = { ...given, filters: [...given.filters, ...conditions([filter]).filters] };
      const before = ids(plan(on, given));
      for (const id of ids(plan(on, more))) expect(before).toContain(id);
    }),
    RUNS,
  );
});

test.each(Object.keys(PLANS))(
  '%s: the order of the input is irrelevant, and nothing is both removed and kept',
  (name) => {
    const plan = PLANS[name] as (on: Inventory, given: Conditions) => Part;
    fc.assert(
      fc.property(host, held, (on, given) => {
        const part = plan(on, given);
        const { containers, networks, volumes, cache } = on;
        const reversed = {
          ...on,
          containers: [...containers].reverse(),
          networks: [...networks].reverse(),
          volumes: [...volumes].reverse(),
          cache: [...cache].reverse(),
        };
        expect(ids(plan(reversed, given))).toEqual(ids(part));
        for (const kept of part.kept) expect(ids(part)).not.toContain(kept.id);
      }),
      RUNS,
    );
  },
);

test('a container that may run, or is being removed, is never planned', () => {
  fc.assert(
    fc.property(host, held, (on, given) => {
      const planned = ids(planContainers(on, given));
      for (const { id, state, labels: its } of on.containers)
        if (!['exited', 'created', 'dead'].includes(state) || its['tidy.keep'])
          expect(planned).not.toContain(id);
    }),
    RUNS,
  );
});

test('a network that a container is on goes only after every one of them', () => {
  fc.assert(
    fc.property(host, held, (on, given) => {
      const leaving = ids(planContainers(on, given));
      for (const { target, after } of planNetworks(on, given, leaving).actions) {
        const users = on.containers.filter(({ networks }) => networks.includes(target)).map(({ id }) => id);
        expect(users.every((id) => leaving.has(id))).toBe(true);
        expect([...after].sort()).toEqual(users.sort());
        expect(on.services.some(({ networks }) => networks.includes(target))).toBe(false);
      }
    }),
    RUNS,
  );
});

test('a cache record goes after all that was built on it, and never while one of these stays', () => {
  fc.assert(
    fc.property(
      host,
      held,
      fc.boolean(),
      fc.option(fc.nat(3000), { nil: undefined }),
      (on, given, all, maxUsed) => {
        const budget = maxUsed === undefined ? {} : { budget: { maxUsed, from: 'x' } };
        const order = planCache(on, { all, conditions: given, ...budget }).actions.map(({ id }) => id);
        for (const { id, inUse } of on.cache) if (inUse) expect(order).not.toContain(id);
        for (const child of on.cache)
          for (const parent of child.parents)
            if (order.includes(parent)) {
              expect(order).toContain(child.id);
              expect(order.indexOf(child.id)).toBeLessThan(order.indexOf(parent));
            }
      },
    ),
    RUNS,
  );
});

test('a volume in use is never planned; without its name no guarded one is; and no other kind plans any', () => {
  fc.assert(
    fc.property(host, held, (on, given) => {
      const used = volumesInUse(on);
      for (const [name, plan] of Object.entries(PLANS)) {
        const { actions } = plan(on, given);
        if (!name.startsWith('volumes'))
          expect(actions.filter(({ kind }) => kind === 'delete-volume')).toEqual([]);
        if (name === 'volumes')
          expect(actions.filter((action) => action.kind !== 'delete-volume' || action.guarded)).toEqual([]);
        if (name.startsWith('volumes')) for (const { id } of actions) expect(used.has(id)).toBe(false);
      }
    }),
    RUNS,
  );
});
