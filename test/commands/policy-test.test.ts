// `docker tidy policy test` on the example: the plan of a policy there, and cases of what it must and must not do.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { policyTest } from '../../src/commands/policy-test.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';

const EXAMPLE = resolve('examples/inventory.json');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-test-'));
  const files = {
    'compose.yaml': 'services:\n  db:\n    image: postgres:15\n',
    'tidy.yaml': `version: 1
protect:
  roots: { compose: compose.yaml }
images:
  - name: builds
    match: { references: [myapp] }
    keep: { last: 3 }
  - name: others
    match: { dangling: false }
    remove: { olderThan: 90d }
containers: false
networks: false
cache: { olderThan: 7d }
`,
    'unused.yaml': 'version: 1\nimages:\n  - name: unused\n    keep: none\n    remove: { unusedFor: 7d }\n',
    'good.yaml': `cases:
  - name: old builds
    inventory: ${EXAMPLE}
    remove: [myapp:1.4, myapp:1.3, myapp:1.1]
    keep: [myapp:1.7, myapp:latest]
    only: true
  - name: what the next start needs
    inventory: ${EXAMPLE}
    keep: [postgres, 'registry.example.com/**']
    keepContainers: ['*']
`,
    'bad.yaml': `cases:
  - name: all of it
    inventory: ${EXAMPLE}
    remove: [myapp]
  - name: databases
    inventory: ${EXAMPLE}
    keep: [postgres:15]
  - inventory: ${EXAMPLE}
    keep: [nginx]
    only: true
`,
    'wrong.yaml': 'cases:\n  - inventory: host.json\n    remov: [app]\n',
    'lost.yaml': 'cases:\n  - inventory: none.json\n    remove: [app]\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is printed, with file names as they are in the folder. */
async function said(...line: string[]): Promise<{ status: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (more: string) => {
      texts[name] += more.replaceAll(`${folder}/`, '');
    },
  });
  const words = [
    'policy',
    'test',
    ...line.map((word) => (/^[^/].*\.yaml$/.test(word) ? join(folder, word) : word)),
  ];
  const invocation = {
    ...parseArguments(words),
    words,
    globals: {},
    env: { DOCKER_CONFIG: '/nowhere' },
    stdout: stream('out'),
    stderr: stream('err'),
  } as unknown as Invocation;
  const jobOf = async (given: Invocation, asked: readonly string[]) =>
    wholeJob({ ...given, ...parseArguments(asked), words: asked });
  return { status: await policyTest(invocation, jobOf), ...texts };
}

test.each(readdirSync('examples/policies'))(
  'the shipped %s does on a recorded host what it says',
  async (name) => {
    const at = (...path: string[]) => resolve('examples', ...path);
    const { status, out } = await said(at('policies', name), '--expect', at('policy-tests', name));
    expect([status, out]).toEqual([0, expect.stringContaining('1 case, all as expected.')]);
  },
);

test('the plan under a policy is printed as docker tidy plan prints it', async () => {
  const { status, out } = await said('tidy.yaml', '--from', EXAMPLE);
  expect(status).toBe(0);
  await expect(out).toMatchFileSnapshot('../golden/policy-test-plan.txt');
});

test('or as JSON', async () => {
  const { out } = await said('tidy.yaml', '--from', EXAMPLE, '--format', 'json');
  expect(JSON.parse(out).actions.map(({ target }: { target: string }) => target)).toContain('myapp:1.4');
});

test('what the roots of the policy need stays', async () => {
  const { out } = await said('tidy.yaml', '--from', EXAMPLE);
  expect(out).toMatch(/keep +postgres:15 .*a root of the policy needs it \(compose\.yaml:3\)/);
});

const TRACE = resolve('examples/trace.json');

test('a recorded trace is played back: what would have gone, what of it was used again, and what that costs', async () => {
  const { status, out, err } = await said('unused.yaml', '--replay', TRACE);
  expect([status, err]).toEqual([0, '']);
  await expect(out).toMatchFileSnapshot('../golden/policy-test-replay.txt');
});

test('or as JSON, with all that was needed again', async () => {
  const { out } = await said('unused.yaml', '--replay', TRACE, '--format', 'json');
  const { policy, lru, runs } = JSON.parse(out);
  expect(policy.missed).toHaveLength(policy.again.pulls + policy.again.rebuilds);
  expect(policy.missed[0]).toMatchObject({ name: 'tool/migrate:2', by: 'rebuild', bytes: 9_437_184 });
  expect(lru.disk.mean).toBeGreaterThan(0);
  expect(runs).toBe(41);
});

test.each([
  ['an inventory', EXAMPLE, /neither a ledger of docker tidy nor a trace/],
  ['no JSON', resolve('README.md'), /is no JSON/],
  ['nothing', resolve('none.json'), /cannot read the ledger/],
])('%s is no trace', async (_, file, why) => {
  await expect(said('unused.yaml', '--replay', file)).rejects.toThrow(why);
});

test('or by a template, a row for each, what costs most to get back first', async () => {
  const format = 'table {{.Name}}\\t{{.Removed}}\\t{{.Needed}}\\t{{.Size}}\\t{{.By}}';
  const { out } = await said('unused.yaml', '--replay', TRACE, '--format', format);
  const [header, first, ...others] = out.trimEnd().split('\n');
  expect(header).toMatch(/^NAME +REMOVED +NEEDED +SIZE +BY$/);
  expect(first).toMatch(/^old\/report:1 +2026-08-09T\S+ +2026-09-03T\S+ +26\.23MB +rebuild$/);
  expect(others).toHaveLength(6);
});

test('cases that are met are a line each', async () => {
  const { status, out } = await said('tidy.yaml', '--expect', 'good.yaml');
  expect(out).toBe('ok    old builds\nok    what the next start needs\n2 cases, all as expected.\n');
  expect(status).toBe(0);
});

test('of the others it is said what differs, and by which rule and line', async () => {
  const { status, out } = await said('tidy.yaml', '--expect', 'bad.yaml');
  expect(status).toBe(1);
  await expect(out).toMatchFileSnapshot('../golden/policy-test-cases.txt');
});

test('the same as JSON', async () => {
  const { status, out } = await said('tidy.yaml', '--expect', 'bad.yaml', '--format', 'json');
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject([
    { name: 'all of it', source: 'bad.yaml:2', ok: false },
    { name: 'databases', ok: true, differences: [] },
    { name: 'case 3', ok: false },
  ]);
});

test('or by a template, a row for each case', async () => {
  const format = '{{.Source}} {{.Result}}{{range .Differences}}: {{.}}{{break}}{{end}}';
  const { status, out } = await said('tidy.yaml', '--expect', 'bad.yaml', '--format', format);
  expect(status).toBe(1);
  expect(out.split('\n').slice(0, 2)).toEqual([
    expect.stringMatching(/^bad\.yaml:2 failed: remove myapp \(bad\.yaml:4\): /),
    'bad.yaml:5 ok',
  ]);
});

test.each<[string[], RegExp]>([
  [[], /takes one policy: docker tidy policy test tidy\.yaml --from host\.json$/],
  [['tidy.yaml', 'good.yaml', '--from', 'x'], /takes one policy/],
  [['tidy.yaml'], /Add --from host\.json, an inventory, .* or --replay ledger\.json/],
  [['tidy.yaml', '--from', 'x', '--expect', 'y'], /^--from, --expect and --replay are ways/],
])('%j is a usage error that says what to write', async (line, message) => {
  await expect(said(...line)).rejects.toThrow(message);
  await expect(said(...line)).rejects.toBeInstanceOf(UsageError);
});

test.each<[string[], RegExp]>([
  [
    ['tidy.yaml', '--expect', 'wrong.yaml'],
    /has 1 error:\n.*wrong\.yaml:3:5: unknown key remov: did you mean remove\?$/,
  ],
  [['tidy.yaml', '--expect', 'lost.yaml'], /cannot read the inventory .*none\.json: no such file/],
  [['good.yaml', '--from', EXAMPLE], /nothing of the policy .*good\.yaml is used, since it has \d errors?:/],
])('%j is refused', async (line, message) => {
  await expect(said(...line)).rejects.toThrow(message);
  await expect(said(...line)).rejects.toBeInstanceOf(Refusal);
});
