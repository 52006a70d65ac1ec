// What a policy protects, whatever is asked.
import { describe, expect, test } from 'vitest';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planNetworks } from '../../src/core/plan-networks.ts';
import { planVolumes } from '../../src/core/plan-volumes.ts';
import type { RootReference } from '../../src/core/protection.ts';
import { protectionOf } from '../../src/core/protection.ts';
import {
  conditions,
  id,
  image,
  inventory,
  lines,
  network,
  planFor,
  stopped,
  volume,
} from '../support/builders.ts';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const ID = id('app:1'); // sha256:6170703a31000…
const said = (...texts: string[]) => texts.map((text, i) => ({ text, source: `tidy.yaml:${i + 3}` }));
const holding = (references: string[], needed: RootReference[] = []) =>
  conditions([], { protection: protectionOf({ references: said(...references), labels: [] }, needed) });

const IMAGES = [
  image('app:1'),
  image('app:2'),
  image('ghcr.io/acme/base:1'),
  image('ghcr.io/acme/team/base-x:1'),
  image(`pinned@${DIGEST}`),
  image('localhost/mine:1'),
  image('', { id: `sha256:${'b'.repeat(64)}` }),
];

/** What stays of `IMAGES` by `-a`. */
function stays(held: ReturnType<typeof conditions>): string[] {
  return planFor(inventory(IMAGES), { all: true, conditions: held })
    .kept.map(({ target }) => target)
    .sort();
}

describe.each(['a reference', 'a root'])('by %s', (how) => {
  test.each<[string, string[]]>([
    ['app:1', ['app:1']],
    ['app', ['app:1', 'app:2']],
    ['docker.io/library/app:1', ['app:1']],
    ['library/app', ['app:1', 'app:2']],
    ['app:3', []],
    ['application', []],
    ['ghcr.io/acme/*', ['ghcr.io/acme/base:1']],
    ['ghcr.io/acme/**', ['ghcr.io/acme/base:1', 'ghcr.io/acme/team/base-x:1']],
    ['**:1', ['app:1', 'ghcr.io/acme/base:1', 'ghcr.io/acme/team/base-x:1', 'localhost/mine:1']],
    ['app:[2-9]', ['app:2']],
    [`pinned@${DIGEST}`, [`pinned@${DIGEST}`]],
    [`pinned:7@${DIGEST}`, [`pinned@${DIGEST}`]],
    ['pinned', [`pinned@${DIGEST}`]],
    [`other@${DIGEST}`, []],
    ['mine:1', ['localhost/mine:1']],
    // IDs, whole and as docker prints them
    [ID, ['app:1']],
    [ID.slice(7), ['app:1']],
    [ID.slice(7, 19), ['app:1']],
    [`sha256:${'b'.repeat(12)}`, ['b'.repeat(12)]],
    ['sha256:6170703a32', ['app:2']],
    ['6170703a32', []], // too short for anything but a repository
    [id('app:3'), []],
  ])('%s', (text, expected) => {
    const held = how === 'a root' ? holding([], [{ text, file: 'x' }]) : holding([text]);
    expect(stays(held)).toEqual(expected);
  });
});

test.each(['', ' ', 'App:1', 'app:1:2'])('a reference that can be none is refused: %j', (text) => {
  expect(() => holding([text])).toThrow(expect.objectContaining({ name: 'UsageError' }));
});

test('every protection says where it was written, a root its file and line', () => {
  const needed = [
    { text: 'app:1', file: 'compose.yaml', line: 7 },
    { text: 'app:*', file: 'images.txt' },
  ];
  const held = holding(['app', 'app:1'], needed);
  const { kept } = planFor(inventory(IMAGES), { all: true, conditions: held });
  expect(kept.find(({ target }) => target === 'app:1')?.reasons).toEqual([
    { rule: 'protected', text: 'protected as app (tidy.yaml:3)', source: 'tidy.yaml:3' },
    { rule: 'protected', text: 'protected as app:1 (tidy.yaml:4)', source: 'tidy.yaml:4' },
    { rule: 'protected', text: 'a root of the policy needs it (compose.yaml:7)', source: 'compose.yaml:7' },
    { rule: 'protected', text: 'a root of the policy needs it (images.txt)', source: 'images.txt' },
  ]);
});

test('a protected name protects its image with all its names, and what that was built on', () => {
  const base = image('base:1');
  const images = [base, image('a:1 b:1', { parent: base.id })];
  const plan = planFor(inventory(images), { all: true, conditions: holding(['b:1']) });
  expect(lines(plan)).toEqual(['keep a:1', 'keep b:1', 'keep base:1']);
});

describe('by a label', () => {
  const labels = [
    { key: 'precious', source: 'tidy.yaml:9' },
    { key: 'stage', value: 'prod', source: 'tidy.yaml:10' },
  ];
  const held = conditions([], { protection: protectionOf({ references: [], labels }, []) });
  const each = <T>(make: (name: string, labels: Record<string, string>) => T): T[] => [
    make('a', { precious: '' }),
    make('b', { stage: 'prod' }),
    make('c', { stage: 'dev' }),
    make('d', { Precious: 'x' }),
  ];
  const on = inventory(
    each((name, labels) => image(`${name}:1`, { labels })),
    each((name, labels) => stopped(name, 10, { labels })),
    [],
    {
      networks: each((name, labels) => network(name, { labels })),
      volumes: each((name, labels) => volume(name, { labels })),
    },
  );
  const volumes = {
    names: ['a', 'b', 'c', 'd'],
    conditions: held,
    looks: new Map(),
    mounters: new Map(),
  };
  test.each([
    ['images', planFor({ ...on, containers: [] }, { all: true, conditions: held })],
    ['containers', planContainers(on, held)],
    ['networks', planNetworks(on, held)],
    ['volumes', planVolumes(on, volumes)],
  ])('%s', (_, { actions, kept }) => {
    expect(actions.map(({ target }) => target[0])).toEqual(['c', 'd']);
    expect(kept.map(({ reasons }) => reasons)).toEqual([
      [{ rule: 'protected', text: 'protected as labelled precious (tidy.yaml:9)', source: 'tidy.yaml:9' }],
      [
        {
          rule: 'protected',
          text: 'protected as labelled stage=prod (tidy.yaml:10)',
          source: 'tidy.yaml:10',
        },
      ],
    ]);
  });
});
