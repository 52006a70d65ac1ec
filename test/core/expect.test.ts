// What cases expect of a policy, held against its plan.
import { expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { parseCases } from '../../src/config/cases-file.ts';
import { parsePolicy } from '../../src/config/policy-file.ts';
import { differences } from '../../src/core/expect.ts';
import type { Policy } from '../../src/core/policy.ts';
import { protectionOf } from '../../src/core/protection.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { container, id, image, inventory, network, record, stopped } from '../support/builders.ts';

const POLICY = `version: 1
images:
  - name: builds
    match: { references: [app] }
    keep: { last: 1 }
  - match: { references: ['ghcr.io/**'] }
    remove: { olderThan: 90d }
  - match: { dangling: true }
    remove: { dangling: true }
containers: { olderThan: 24h }
`;

const HOST = inventory(
  [
    image('app:1', { day: 1 }),
    image('app:2', { day: 2 }),
    image('ghcr.io/acme/tool:1', { created: '2026-11-01T00:00:00Z' }),
    image('other:1'),
    image('', { id: id('nameless') }),
  ],
  [stopped('old', 1, { imageId: id('gone'), image: 'gone:1' }), container('web', 'app:2')],
  [],
  { networks: [network('lab')], cache: [record('r1'), record('r2', 10, { inUse: true })] },
);

/** What differs for one case, its lines of YAML; the policy's cases begin in line 2. */
function differing(lines: string, policyText = POLICY): string[] {
  const body = lines.split('\n').map((line) => `    ${line}`);
  const text = ['cases:', '  - inventory: host.json', ...body].join('\n');
  const { cases, findings } = parseCases(text, 'cases.yaml');
  expect(findings).toEqual([]);
  const policy = parsePolicy(policyText, 'tidy.yaml').policy as Policy;
  const invocation = {
    ...parseArguments([]),
    words: [],
    globals: {},
    env: { DOCKER_CONFIG: '/nowhere' },
    policy: { policy, protection: protectionOf(policy.protect, []), warnings: [] },
  } as unknown as Invocation;
  const [only] = cases;
  return differences(HOST, wholeJob(invocation).plan(HOST), policy, only as (typeof cases)[number]);
}

test.each([
  ['remove: app:1'],
  ["remove: ['app:1']\nkeep: ['app:2', 'ghcr.io/**', other]"],
  [`remove: ['${id('nameless').slice(7, 19)}']`],
  ['removeContainers: old\nkeepContainers: web'],
  ['removeContainers: o*'],
  ['removeNetworks: [lab]'],
  ['removeCache: r1\nkeepCache: r2'],
  [`only: true\nremove: ['app:1', '${id('nameless')}']`],
])('as expected: %j', (lines) => {
  expect(differing(lines)).toEqual([]);
});

test.each<[string, string[]]>([
  [
    'keep: [app:1]',
    [
      'keep app:1 (cases.yaml:3): app:1 goes: 2nd newest of app, beyond keep.last 1 (tidy.yaml:5); its rule: builds (tidy.yaml:3)',
    ],
  ],
  [
    'remove: [app]',
    [
      'remove app (cases.yaml:3): app:2 stays: used by running container web; newest of 2 (tidy.yaml:5); its rule: builds (tidy.yaml:3)',
    ],
  ],
  [
    'remove:\n  - app:1\n  - ghcr.io/acme/*',
    [
      'remove ghcr.io/acme/* (cases.yaml:5): ghcr.io/acme/tool:1 stays: built 2 weeks ago, within olderThan 90d (tidy.yaml:7); its rule: rule 2 (tidy.yaml:6)',
    ],
  ],
  ['remove: [other]', ['remove other (cases.yaml:3): other:1 stays: nothing in tidy.yaml takes it']],
  ['keep: [nginx]', ['keep nginx (cases.yaml:3): no image there is called that']],
  ['keepCache: [r9]', ['keepCache r9 (cases.yaml:3): no cache record there is called that']],
  [
    'only: true\nremove: [app:1]',
    [
      `${id('nameless').slice(7, 19)} goes, too: dangling: no name, and no container uses it, by rule 3 (tidy.yaml:8)`,
    ],
  ],
  [
    'only: true\nremove: [app:1]\nkeepContainers: [web]',
    [expect.stringMatching(/^6e616d/), 'old goes, too: stopped 2 weeks ago'],
  ],
  ['keepNetworks: [lab]', ['keepNetworks lab (cases.yaml:3): lab goes: no container is on it']],
])('not as expected: %j', (lines, expected) => {
  expect(differing(lines)).toEqual(expected);
});

test('a plan that is refused does nothing of what is expected', () => {
  expect(differing('remove: [app:1]', `${POLICY}limits: { maxRemove: 1 }\n`)).toEqual([
    'nothing goes, since the plan is refused: it would remove 4 objects, more than maxRemove 1 (tidy.yaml:11) allows',
  ]);
});
