// A redacted inventory: the same plan, and no name that anybody gave.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInventory } from '../../src/config/inventory-file.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import { order } from '../../src/core/order.ts';
import { planCache } from '../../src/core/plan-cache.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planNetworks } from '../../src/core/plan-networks.ts';
import { redacted } from '../../src/core/redact.ts';
import { tagHider } from '../../src/core/redact-tags.ts';
import { anInventory } from '../support/arbitrary.ts';
import type { Asked } from '../support/builders.ts';
import {
  conditions,
  container,
  image,
  inventory,
  network,
  planFor,
  record,
  service,
  volume,
} from '../support/builders.ts';

/** Every text in a value: of objects also their keys. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...texts(each)]);
}

const words = (value: unknown) => new Set(texts(value).flatMap((text) => text.split(/[^A-Za-z0-9]+/)));

const OPTIONS: Asked[] = [
  {},
  { all: true },
  { keep: 1 },
  { keep: 2, groupBy: { kind: 'none' } },
  { all: true, keep: 2 },
  { keep: 1, sort: 'version' },
  { keep: 2, sort: 'pulled' },
];

/** What goes and what stays, by ID and how often: names are not compared. */
const fates = (on: Inventory, asked: Asked) => {
  const { actions, kept } = planFor(on, asked);
  return [actions, kept].map((all) => all.map(({ id }) => id).sort());
};

/** Tags as people and pipelines write them. */
const aTag = fc
  .array(
    fc.oneof(
      fc.constantFrom('v1', '1', '2', '10', '1.2', 'rc', 'rc1', 'latest', 'alpha', 'beta', '20240101'),
      fc.constantFrom('acme', 'Acme', 'ACME', 'globex', 'dev', 'prod', 'zebra', 'a', 'apple', 'latestish'),
      fc.constantFrom('3fa9c1e', 'abcdef1', 'g3fa9c1e', 'defaced', '12abcdef0'),
      fc.stringMatching(/^[a-z]{1,3}[0-9]{0,2}$/),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .chain((parts) => fc.constantFrom('-', '.', '_').map((by) => parts.join(by)));

const withTags = (on: Inventory, tags: readonly string[]): Inventory => {
  const taken = new Set<string>();
  const images = on.images.map((each, i) => {
    const own = each.tags
      .map((name, at) => `${name.split(/:(?=[^:/]*$)/)[0]}:${tags[(i + at) % tags.length]}`)
      .filter((name) => !taken.has(name) && taken.add(name));
    return { ...each, tags: own };
  });
  return { ...on, images };
};

test('the plan on a redacted inventory removes and keeps the same images', () => {
  fc.assert(
    fc.property(
      anInventory,
      fc.option(
        fc.array(fc.constantFrom('1', '2.0-acme', '2.0-beta', 'dev-3', 'stable', 'Acme', 'acme'), {
          minLength: 1,
        }),
      ),
      fc.constantFrom(...OPTIONS),
      (random, tags, asked) => {
        const on = tags ? withTags(random, tags) : random;
        expect(fates(redacted(on), asked)).toEqual(fates(on, asked));
      },
    ),
    { numRuns: 2000 },
  );
});

test('no name of a repository, a registry or a container is left, nor a word of a tag', () => {
  fc.assert(
    fc.property(anInventory, (on) => {
      const left = words(redacted(on));
      for (const name of ['app', 'other', 'localhost', '5000', 'pinned', 'dev', 'abcdef1'])
        expect(left).not.toContain(name);
      for (const { name } of on.containers) expect(left).not.toContain(name);
    }),
    { numRuns: 500 },
  );
});

test('the order of tags stays as it was, by nature and by version', () => {
  const natural = new Intl.Collator('en', { numeric: true });
  const HASHES = /(^|[._-])g?(?=\d*[a-f])[0-9a-f]{7,}([._-]|$)/; // stand only among themselves
  fc.assert(
    fc.property(fc.uniqueArray(aTag, { minLength: 2, maxLength: 8 }), (tags) => {
      const hidden = tagHider(tags, new Set());
      const inOrder = (all: readonly string[], sort: 'created' | 'version') => {
        const members = all.map((tag, i) => ({ image: image(`app:${i}`), references: [`app:${tag}`] }));
        const { newestFirst, unknown } = order(members, sort);
        return [newestFirst, [...unknown.keys()]].map((each) =>
          each.map(({ image: { id } }) => members.findIndex((member) => member.image.id === id)),
        );
      };
      const plain = tags.filter((tag) => !HASHES.test(tag));
      expect(inOrder(plain.map(hidden), 'created')).toEqual(inOrder(plain, 'created'));
      expect(inOrder(plain.map(hidden), 'version')).toEqual(inOrder(plain, 'version'));
      expect(new Set(tags.map(hidden)).size).toBe(tags.length);
      const hashes = tags.filter((tag) => /^[0-9a-f]{7,}$/.test(tag)).sort(natural.compare);
      expect(hashes.map(hidden).sort(natural.compare)).toEqual(hashes.map(hidden));
    }),
    { numRuns: 3000 },
  );
});

test.each([['latest'], ['1.7'], ['v1.10.0-rc.1'], ['2024-11-20'], ['20241120T0405Z'], ['1.0b2']])(
  'the tag %s stays',
  (tag) => {
    expect(tagHider([tag, 'other'], new Set())(tag)).toBe(tag);
  },
);

test.each([
  ['acme', /^[a-z]+$/],
  ['1.0-acme', /^1\.0-[a-z]+$/],
  ['Acme-2024', /^[A-Z][a-z]+-2024$/],
  ['3fa9c1e', /^3f\d{5}$/],
  ['1.2-3-g3fa9c1e', /^1\.2-3-g3f\d{5}$/],
])('of the tag %s what is no version is hidden', (tag, shape) => {
  const hidden = tagHider([tag], new Set())(tag);
  expect(hidden).toMatch(shape);
  expect(hidden).not.toBe(tag);
});

const ANONYMOUS = 'd2c4f1b7a9e05836c1d0fe92ab47365819dc0e4b7f8a62135c9e0d1f2a3b4c5d';

const shop = inventory(
  [
    image('registry.acme.example:5000/shop/api:1.0 shop/api:1.0', {
      labels: { 'com.acme.team': 'payments', 'tidy.keep-last': '3' },
    }),
    image('docker.io/library/postgres:16'),
    image(`pinned/tool@sha256:${'7'.repeat(64)}`),
  ],
  [
    container('shop-api-1', 'shop/api:1.0', {
      imageMounts: ['postgres:16'],
      labels: {
        'com.docker.compose.project': 'shop',
        'com.docker.compose.project.config_files': '/srv/shop/compose.yaml',
        'com.acme.owner': 'alice',
      },
      volumes: ['shop_data', ANONYMOUS],
      folders: ['/srv/shop/conf', '/var/lib/docker/volumes/shop_data/_data'],
      networks: ['shop_default', 'bridge', '1a2b3c4d5e6f'],
    }),
    container('old', 'gone/thing:2', { state: 'exited', finished: '2026-11-01T00:00:00Z' }),
  ],
  [service('orders', { images: ['shop/api:1.0'], networks: ['shop_default'], volumes: ['shop_data'] })],
  {
    networks: [
      network('shop_default', { labels: { 'com.docker.compose.project': 'shop' }, attached: ['shop-api-1'] }),
      network('lab', { id: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809' }),
      network('unused', { driver: 'weave' }),
    ],
    volumes: [
      volume('shop_data', { options: { device: ':/exports/shop', type: 'nfs' } }),
      volume(ANONYMOUS),
      volume('other', { driver: 'vendor/plugin' }),
    ],
    cache: [
      record('r1', 1, { description: 'mount /src from exec /bin/sh -c make secretly', shared: true }),
      record('r2', 2, { description: 'pulled from docker.io/acme/base:1' }),
    ],
    layers: { 'sha256:1': { size: 1, command: 'RUN /bin/sh -c make secretly # buildkit' } },
    engine: {
      ...inventory([]).engine,
      id: 'ABCD',
      name: 'payroll-host',
      host: 'unix:///home/alice/docker.sock',
      folder: '/srv/docker-of-alice',
    },
  },
);

test('whoever gave a name, it is hidden wherever it stands', () => {
  const left = words(redacted(shop));
  for (const name of [
    ...'acme shop api payments team owner alice srv conf yaml orders lab unused weave device'.split(' '),
    ...'exports nfs vendor plugin make secretly src base payroll gone thing old pinned tool'.split(' '),
    'ABCD',
    'postgres',
  ])
    expect([...left]).not.toContain(name);
});

test('the same name is the same word wherever it stands', () => {
  const { images, containers, services, networks, volumes } = redacted(shop);
  const [api, postgres] = images.map(({ tags }) => tags);
  const [web] = containers;
  expect(web?.image).toBe(api?.[1]);
  expect(services[0]?.images).toEqual([api?.[1]]);
  expect(`docker.io/library/${web?.imageMounts}`).toBe(postgres?.[0]);
  expect(web?.networks).toEqual([networks[0]?.name, 'bridge', '1a2b3c4d5e6f']);
  expect(services[0]?.networks).toEqual([networks[0]?.name]);
  expect(networks[0]?.attached).toEqual([web?.name]);
  expect(networks[0]?.labels).toEqual({
    'com.docker.compose.project': web?.labels['com.docker.compose.project'],
  });
  expect(web?.volumes).toEqual([volumes[0]?.name, ANONYMOUS]);
  expect(services[0]?.volumes).toEqual([volumes[0]?.name]);
  expect(web?.folders[1]).toBe(volumes[0]?.mountpoint);
  expect(api?.[0]?.split('/').slice(1).join('/')).toBe(api?.[1]);
});

test('labels that docker tidy reads stay, and of compose’s the keys', () => {
  const { images, containers } = redacted(shop);
  expect(images[0]?.labels).toMatchObject({ 'tidy.keep-last': '3' });
  expect(Object.keys(containers[0]?.labels ?? {})).toEqual([
    'com.docker.compose.project',
    'com.docker.compose.project.config_files',
    expect.stringMatching(/^label\d+$/),
  ]);
});

test('containers, networks and cache go as before', () => {
  const fate = (on: Inventory) =>
    [
      planContainers(on, conditions()),
      planNetworks(on, conditions()),
      planCache(on, { all: true, conditions: conditions() }),
    ].map(({ actions, kept }) => [actions, kept].map((all) => all.map(({ id }) => id).sort()));
  expect(fate(redacted(shop))).toEqual(fate(shop));
});

test('a step of the build cache is still seen to be the one that made a layer', () => {
  const { cache, layers } = redacted(shop);
  const step = cache[0]?.description.replace('mount / from exec ', '');
  expect(layers['sha256:1']?.command).toContain(step);
});

test('it is still an inventory, of an engine on this machine or not', () => {
  const read = parseInventory(JSON.stringify(redacted(shop)), 'redacted.json');
  expect(read).toEqual(redacted(shop));
  expect(read.engine.host).toMatch(/^unix:/);
});
