// What core is given of a policy file, and how a file on the disk is read.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/config/policy-file.ts';
import { readFindings, readPolicy } from '../../src/config/policy-read.ts';
import { Refusal } from '../../src/core/errors.ts';
import type { Policy, PolicyRule } from '../../src/core/policy.ts';

const DAY = 86_400_000;

function policyOf(text: string, file = '/etc/docker-tidy/tidy.yaml'): Policy {
  const { policy, findings } = parsePolicy(text, file);
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policy as Policy;
}

const rulesOf = (text: string) => policyOf(`version: 1\nimages:\n${text}`).images as readonly PolicyRule[];

/** The one rule of a file, which begins in line 3 and has this from line 4 on. */
const ruleOf = (text: string) =>
  rulesOf(`  - name: a\n    ${text.replaceAll('\n', '\n    ')}\n`)[0] as PolicyRule;

test('what is done with images that go is read with its lines', () => {
  const text = 'version: 1\nquarantine: 7d\nkeepLocalOnly: true\narchive: { maxSize: 20GB, keepFor: 30d }\n';
  expect(policyOf(text)).toMatchObject({
    quarantine: { span: 604_800_000, from: 'quarantine 7d (tidy.yaml:2)' },
    localOnly: { from: 'keepLocalOnly (tidy.yaml:3)' },
    archive: { maxSize: { bytes: 2e10, from: 'archive.maxSize (tidy.yaml:4)' }, keep: 2_592_000_000 },
  });
  expect(policyOf('version: 1\narchive: true\n').archive).toEqual({});
  const none = policyOf('version: 1\narchive: false\nkeepLocalOnly: false\n');
  expect([none.archive, none.localOnly, none.quarantine]).toEqual([undefined, undefined, undefined]);
});

test('a policy that says nothing says nothing of any kind', () => {
  expect(policyOf('version: 1\n')).toEqual({
    file: '/etc/docker-tidy/tidy.yaml',
    protect: {
      references: [],
      labels: [],
      roots: { compose: [], dockerfiles: [], kubernetes: [], lists: [] },
    },
    limits: {},
  });
});

test('what is protected is known with its line', () => {
  const { protect } = policyOf(
    [
      'version: 1',
      'protect:',
      '  references: [postgres:16, "ghcr.io/acme/base**"]',
      '  labels:',
      '    - com.acme.precious',
      '    - stage=a=b',
      '  roots:',
      '    compose: /srv/*/compose.yaml',
      '    dockerfiles: [a/Dockerfile,',
      '      b/Dockerfile]',
      '    lists: []',
    ].join('\n'),
  );
  expect(protect).toEqual({
    references: [
      { text: 'postgres:16', source: 'tidy.yaml:3' },
      { text: 'ghcr.io/acme/base**', source: 'tidy.yaml:3' },
    ],
    labels: [
      { key: 'com.acme.precious', source: 'tidy.yaml:5' },
      { key: 'stage', value: 'a=b', source: 'tidy.yaml:6' },
    ],
    roots: {
      compose: [{ text: '/srv/*/compose.yaml', source: 'tidy.yaml:8' }],
      dockerfiles: [
        { text: 'a/Dockerfile', source: 'tidy.yaml:9' },
        { text: 'b/Dockerfile', source: 'tidy.yaml:10' },
      ],
      kubernetes: [],
      lists: [],
    },
  });
});

test('a match is what it says, in bytes and milliseconds', () => {
  const { match } = ruleOf(
    'match:\n  references: a\n  registry: ghcr.io\n  labels: [x=1]\n  withoutLabels: y\n  largerThan: 1kB\n  smallerThan: 1KiB\n  olderThan: 1d\n  youngerThan: 1w\n  dangling: false\nkeep: { last: 1 }',
  );
  expect(match).toEqual({
    references: [{ text: 'a', source: 'tidy.yaml:5' }],
    registries: ['ghcr.io'],
    labels: [{ key: 'x', value: '1' }],
    withoutLabels: [{ key: 'y' }],
    largerThan: 1000,
    smallerThan: 1024,
    olderThan: DAY,
    youngerThan: 7 * DAY,
    dangling: false,
  });
});

test('keep rules come in one order, each with its words and its line', () => {
  const { keeps, sort, groupBy } = ruleOf(
    'keep:\n  sort: version\n  groupBy: label:app\n  daily: 7\n  last: -1\n  within: 1y6mo\n  withinWeekly: 2w\n  tags: [latest,\n    release-*]\n  labels: pinned=true\n  bases: true',
  );
  expect(keeps).toMatchObject([
    { rule: 'last', count: -1, from: 'keep.last -1', source: 'tidy.yaml:8' },
    { rule: 'daily', count: 7, from: 'keep.daily 7', source: 'tidy.yaml:7' },
    { rule: 'within', text: '1y6mo', from: 'keep.within 1y6mo', source: 'tidy.yaml:9' },
    { rule: 'within', period: 'weekly', from: 'keep.withinWeekly 2w', source: 'tidy.yaml:10' },
    { rule: 'tag', text: 'latest', from: 'keep.tags latest', source: 'tidy.yaml:11' },
    { rule: 'tag', text: 'release-*', from: 'keep.tags release-*', source: 'tidy.yaml:12' },
    { rule: 'label', key: 'pinned', value: 'true', from: 'keep.labels pinned=true', source: 'tidy.yaml:13' },
    { rule: 'bases', from: 'keep.bases', source: 'tidy.yaml:14' },
  ]);
  expect({ sort, groupBy }).toEqual({ sort: 'version', groupBy: { kind: 'label', key: 'app' } });
});

test.each(['hourly', 'daily', 'weekly', 'monthly', 'yearly'])(
  '%s counts such periods, and bounds them',
  (word) => {
    const inside = `within${word.charAt(0).toUpperCase()}${word.slice(1)}`;
    expect(ruleOf(`keep: { ${word}: 2, ${inside}: 3d }`).keeps).toMatchObject([
      { rule: word, count: 2 },
      { rule: 'within', period: word, text: '3d' },
    ]);
  },
);

describe('what a rule removes', () => {
  test.each([
    ['keep: { last: 3 }', 'beyond'],
    ['keep: { last: 3 }\nremove: {}', 'beyond'],
    ['keep: { last: 0, daily: 1 }', 'beyond'],
    ['keep: { last: 3 }\nremove: false', 'nothing'],
    ['remove: false', 'nothing'],
    ['match: {}', 'nothing'],
    ['remove: {}', 'nothing'],
    ['remove: { by: pulled }', 'nothing'],
    ['remove: { dangling: true }', 'dangling'],
    ['remove: { dangling: true, olderThan: 3d }', 'dangling'],
    ['remove: { olderThan: 3d }', 'all'],
    ['remove: { largerThan: 1GB }', 'all'],
    ['keep: { last: 3 }\nremove: { olderThan: 3d }', 'all'],
    ['keep: { last: 3 }\nremove: { all: true }', 'all'],
    ['keep: none\nremove: { all: true }', 'all'],
    ['keep: none\nremove: { olderThan: 3d }', 'all'],
    ['keep: none\nremove: { dangling: true, olderThan: 3d }', undefined],
  ])('%s: %s', (text, removes) => {
    const { policy } = parsePolicy(`version: 1\nimages:\n  - ${text.replaceAll('\n', '\n    ')}\n`, 'x.yaml');
    expect((policy?.images as readonly PolicyRule[] | undefined)?.[0]?.removes).toBe(removes);
  });
});

test('conditions of a rule say what asked for them, and where', () => {
  const { conditions } = ruleOf('remove:\n  olderThan: 90d\n  by: pulled\n  largerThan: 100MB');
  expect(conditions).toEqual({
    filters: [],
    by: 'pulled',
    olderThan: { span: 90 * DAY, from: 'olderThan 90d (tidy.yaml:5)' },
    largerThan: { bytes: 100_000_000, from: 'largerThan 100MB (tidy.yaml:7)' },
  });
});

test('rules without a name are called by their number', () => {
  const rules = rulesOf('  - match: { references: a }\n  - name: b\n  - match: { references: c }\n');
  expect(rules.map(({ name, source }) => [name, source])).toEqual([
    ['rule 1', 'tidy.yaml:3'],
    ['b', 'tidy.yaml:4'],
    ['rule 3', 'tidy.yaml:5'],
  ]);
});

test('the other kinds have their conditions', () => {
  const { containers, networks, cache, limits } = policyOf(
    'version: 1\ncontainers: { olderThan: 1d, largerThan: 1GB, filters: ["label!=keep"] }\nnetworks:\n  filters: until=24h\ncache: { all: true, maxUsedSpace: 20GB, reservedSpace: 5%, minFreeSpace: 15%, filters: [type=regular] }\nlimits: { maxRemove: 40%, grace: 1h }\n',
  );
  expect(containers).toEqual({
    filters: [{ key: 'label!', value: 'keep', from: 'filters label!=keep (tidy.yaml:2)' }],
    by: 'created',
    olderThan: { span: DAY, from: 'olderThan 1d (tidy.yaml:2)' },
    largerThan: { bytes: 1e9, from: 'largerThan 1GB (tidy.yaml:2)' },
  });
  expect(networks).toEqual({
    filters: [{ key: 'until', value: '24h', from: 'filters until=24h (tidy.yaml:4)' }],
    by: 'created',
  });
  expect(cache).toEqual({
    all: true,
    conditions: {
      filters: [{ key: 'type', value: 'regular', from: 'filters type=regular (tidy.yaml:5)' }],
      by: 'created',
    },
    maxUsedSpace: { text: '20GB', source: 'tidy.yaml:5' },
    reservedSpace: { text: '5%', source: 'tidy.yaml:5' },
    minFreeSpace: { text: '15%', source: 'tidy.yaml:5' },
  });
  expect(limits).toEqual({
    maxRemove: { text: '40%', source: 'tidy.yaml:6' },
    grace: { span: DAY / 24, from: 'grace 1h (tidy.yaml:6)' },
  });
  expect(policyOf('version: 1\nlimits: { maxRemove: 50 }').limits.maxRemove?.text).toBe('50');
});

test('false: all of a kind stays', () => {
  const kinds = policyOf('version: 1\nimages: false\ncontainers: false\nnetworks: false\ncache: false\n');
  expect(kinds).toMatchObject({ images: 'stays', containers: 'stays', networks: 'stays', cache: 'stays' });
});

test.each([
  ['a byte order mark', (text: string) => `\uFEFF${text}`],
  ['the ends of lines of Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['both', (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`],
  ['a begin and an end of the document', (text: string) => `---\n${text}...\n`],
])('%s changes nothing but lines', (_, change) => {
  const text = 'version: 1\nimages:\n  - keep: { tags: [latest] }\nlimits: { grace: 1h }\n';
  const lineless = (policy: Policy) => JSON.stringify(policy).replaceAll(/yaml:\d+/g, 'yaml');
  expect(lineless(policyOf(change(text)))).toBe(lineless(policyOf(text)));
});

test('places count from 1 behind a byte order mark and with the ends of lines of Windows', () => {
  const { findings } = parsePolicy('\uFEFFversion: 2\r\n', 'tidy.yaml');
  expect(findings).toMatchObject([{ line: 1, column: 10 }]);
  expect(parsePolicy('version: 1\r\nlimits:\r\n  grace: 7\r\n', 'a').findings).toMatchObject([
    { line: 3, column: 10 },
  ]);
});

test('an alias stands for what its anchor has, and its lines are the anchor’s', () => {
  const [, second] = rulesOf(
    '  - match: { references: a }\n    keep: &k { last: 3 }\n  - match: { references: b }\n    keep: *k\n',
  );
  expect(second?.keeps).toMatchObject([{ rule: 'last', count: 3, source: 'tidy.yaml:4' }]);
});

test('a file of Windows has its own name in sources', () => {
  const { images } = policyOf('version: 1\nimages:\n  - name: a\n', 'C:\\Users\\me\\tidy.yaml');
  expect(images).toMatchObject([{ source: 'tidy.yaml:3' }]);
});

describe('on the disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidy-policy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (content: string | Buffer) => {
    const path = join(folder, 'tidy.yaml');
    writeFileSync(path, content);
    return path;
  };

  test('a policy is read, and doubts come beside it', async () => {
    const path = file('version: 1\nimages:\n  - name: a\n  - name: b\n');
    expect(await readPolicy(path)).toMatchObject({
      policy: { file: path },
      warnings: [{ line: 4, column: 5, message: expect.stringMatching(/^b never applies: a /) }],
    });
  });

  test('of a policy with errors nothing is used, and each error has its line', async () => {
    const path = file('version: 1\nimages:\n  - name: a\n    kep: {}\n  - name: a\ncaches: false\n');
    await expect(readPolicy(path)).rejects.toEqual(
      new Refusal(
        `nothing of the policy ${path} is used, since it has 2 errors:\n` +
          `${path}:4:5: unknown key kep: did you mean keep?\n` +
          `${path}:6:1: unknown key caches: did you mean cache?`,
      ),
    );
    expect(await readFindings(path)).toMatchObject([{ line: 4 }, { line: 6 }]);
  });

  test.each([
    ['is missing', () => join(folder, 'none.yaml'), 'cannot read the policy FILE: no such file or directory'],
    ['is a folder', () => folder, 'cannot read the policy FILE: illegal operation on a directory'],
    [
      'is no UTF-8',
      () => file(Buffer.from('\uFEFFversion: 1', 'utf16le')),
      'the policy FILE is no UTF-8 text: save it as UTF-8',
    ],
    ['is too large', () => file('#'.repeat(2 ** 20 + 1)), 'FILE is larger than 1 MiB, so it is no policy'],
  ])('one that %s is refused', async (_, make, told) => {
    const path = make();
    const refused = new Refusal(told.replace('FILE', path));
    await expect(readPolicy(path)).rejects.toEqual(refused);
    await expect(readFindings(path)).rejects.toEqual(refused);
  });

  test('one of exactly the largest size is read', async () => {
    const text = 'version: 1\n';
    expect(await readFindings(file(`${text}#${'x'.repeat(2 ** 20 - text.length - 1)}`))).toEqual([]);
  });

  test('a device without end is refused', async () => {
    await expect(readPolicy('/dev/zero')).rejects.toThrow('larger than 1 MiB');
  });
});

test.each(readdirSync('examples/policies'))(
  'examples/policies/%s has nothing wrong or doubtful in it',
  async (name) => {
    expect(await readFindings(join('examples/policies', name))).toEqual([]);
  },
);
