// The policy that `docker tidy policy init` writes: right, modest, and true to its numbers.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { PolicyInForce } from '../../src/commands/policy-in-force.ts';
import { fittingPolicy, policyInit } from '../../src/commands/policy-init.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { readInventory } from '../../src/config/inventory-file.ts';
import { parsePolicy } from '../../src/config/policy-file.ts';
import { policySchema } from '../../src/config/policy-schema.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Plan } from '../../src/core/plan.ts';
import { protectionOf } from '../../src/core/protection.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { anInventory } from '../support/arbitrary.ts';
import { container, image, inventory, stopped } from '../support/builders.ts';

function invocationOf(words: readonly string[], more: Partial<Invocation> = {}): Invocation {
  const env = { DOCKER_CONFIG: '/nowhere' };
  return { ...parseArguments(words), words, globals: {}, env, ...more } as unknown as Invocation;
}

const job = (words: readonly string[], policy?: PolicyInForce) =>
  wholeJob(invocationOf(words, policy ? { policy } : {}));

const planBy = async (on: Inventory, policy: PolicyInForce) => job(['all'], policy).plan(on);
const fitting = (on: Inventory) => fittingPolicy(on, 'tidy.yaml', (policy) => planBy(on, policy));

/** The plan of `docker tidy` under the text of a policy. */
async function planUnder(text: string, on: Inventory): Promise<Plan> {
  const { policy } = parsePolicy(text, 'tidy.yaml');
  if (!policy) throw new Error('no policy');
  return planBy(on, { policy, protection: protectionOf(policy.protect, []), warnings: [] });
}

const goes = ({ actions }: Plan) => new Set(actions.map(({ id, target }) => `${id} ${target}`));

const example = await readInventory('examples/inventory.json');

test('of the example it is this', async () => {
  await expect(await fitting(example)).toMatchFileSnapshot('../golden/policy-init.yaml');
});

test('of an engine that holds nothing it is this', async () => {
  await expect(await fitting(inventory([]))).toMatchFileSnapshot('../golden/policy-init-empty.yaml');
});

test('whatever an engine holds, the policy is right, and takes nothing that docker tidy all -a would not', async () => {
  await fc.assert(
    fc.asyncProperty(anInventory, async (on) => {
      const text = await fitting(on);
      expect(parsePolicy(text, 'tidy.yaml').findings).toEqual([]);
      const plan = await planUnder(text, on);
      const most = goes(job(['all', '-a']).plan(on));
      for (const each of goes(plan)) expect(most).toContain(each);
      expect(plan.refused).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test('the numbers are those of the plan under it', async () => {
  await fc.assert(
    fc.asyncProperty(anInventory, async (on) => {
      const text = await fitting(on);
      const images = (await planUnder(text, on)).actions.filter(({ kind }) => /untag|image/.test(kind));
      const of = (repository: string) =>
        new Set(images.filter(({ group }) => group === repository).map(({ id }) => id)).size;
      for (const [, name, , said] of text.matchAll(/^ {8}- (\S+) # (\d+) images?, (none|\d+) would go/gm))
        expect([name, said]).toEqual([name, String(of(name as string) || 'none')]);
    }),
    { numRuns: 300 },
  );
});

describe('every key of the format', () => {
  type Schema = { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[] };
  const keysOf = ({ properties = {}, items, anyOf = [] }: Schema): string[] => [
    ...Object.entries(properties).flatMap(([key, inner]) => [key, ...keysOf(inner)]),
    ...[...(items ? [items] : []), ...anyOf].flatMap(keysOf),
  ];

  test.each([...new Set(keysOf(policySchema() as Schema))])('%s stands there', async (key) => {
    for (const on of [example, inventory([])]) expect(await fitting(on)).toMatch(new RegExp(`\\b${key}: ?`));
  });
});

/** The text with one setting back that was taken out: those lines together that begin with a # and no space, one below the other. */
function* takenIn(text: string): Generator<[string, string]> {
  const lines = text.split('\n');
  const isOut = (at: number) => /^ *#\S/.test(lines[at] ?? '');
  const isInside = (at: number) => isOut(at) && /^ *#(?: |- )/.test(lines[at] ?? '');
  for (let at = 0; at < lines.length; at++) {
    if (!isOut(at)) continue;
    let end = at + 1;
    while (/^ *# {2,}\S/.test(lines[end] ?? '') || isInside(end)) end++;
    const changed = lines.map((line, i) => (i >= at && i < end ? line.replace('#', '') : line));
    yield [lines[at] as string, changed.join('\n')];
  }
}

test('each setting that is taken out can be taken in as it stands', async () => {
  const shop = inventory(
    [image('app:1'), image('app:2')],
    [
      container('web', 'app:1', {
        labels: {
          'com.docker.compose.project': 'shop',
          'com.docker.compose.project.config_files': '/srv/shop/compose.yaml,/srv/shop/more.yaml',
        },
      }),
    ],
  );
  const settings = [...takenIn(await fitting(shop))];
  expect(settings.length).toBeGreaterThan(30);
  for (const [line, changed] of settings) {
    const { findings } = parsePolicy(changed, 'tidy.yaml');
    expect([line, findings.filter(({ severity }) => severity === 'error')]).toEqual([line, []]);
  }
});

test('without own builds the rule for them can be taken in whole', async () => {
  const text = await fitting(inventory([]));
  const changed = text.replace(/^ {2}#- name: own builds\n(?: {2}#.*\n)*/m, (block) =>
    block.replaceAll(/^ {2}#/gm, '  '),
  );
  expect(parsePolicy(changed, 'tidy.yaml').policy?.images).toHaveLength(3);
});

test('Compose files of containers are named, and taken out: whoever made a container does not decide', async () => {
  const labels = (files: string) => ({
    'com.docker.compose.project': 'shop',
    'com.docker.compose.project.config_files': files,
  });
  const on = inventory(
    [],
    [
      container('a', 'app:1', { labels: labels('/srv/shop/compose.yaml') }),
      container('b', 'app:1', { labels: labels("/evil'\nprotect:\n") }),
      container('c', 'app:1', { labels: labels('relative.yaml') }),
      container('d', 'app:1', { labels: labels('/srv/**') }),
    ],
  );
  const text = await fitting(on);
  expect(text).toContain("  #    - '/srv/shop/compose.yaml' # of the project shop\n");
  expect(text).not.toMatch(/evil|relative|srv\/\*\*/);
  expect(parsePolicy(text, 'tidy.yaml').policy?.protect.roots.compose).toEqual([]);
});

test.each<[string, string, Inventory]>([
  ['several images without a digest', '- app # 2 images', inventory([image('app:1'), image('app:2')])],
  [
    'names that YAML reads otherwise',
    "- '123' # 2 images",
    inventory([image('123:1'), image('123:2'), image('true:1'), image('true:2')]),
  ],
  [
    'a registry with a port',
    '- localhost:5000/app # 2 images',
    inventory([image('localhost:5000/app:1'), image('localhost:5000/app:2')]),
  ],
])('own builds: %s', async (_, line, on) => {
  const text = await fitting(on);
  expect(text).toContain(line);
  expect(parsePolicy(text, 'tidy.yaml').findings).toEqual([]);
});

test('a repository with an image from a registry is no own build', async () => {
  const digest = `app@sha256:${'7'.repeat(64)}`;
  expect(await fitting(inventory([image(`app:1 ${digest}`), image('app:2')]))).not.toContain('- app #');
});

test('where a small engine would lose nearly all, no share is a limit', async () => {
  const text = await fitting(inventory([image('')], [stopped('old', 1)]));
  expect(text).toContain('  #maxRemove: 50%');
});

describe('what it writes', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'policy-init-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function said(line: readonly string[]) {
    const texts = { out: '', err: '' };
    const stream = (name: 'out' | 'err') => ({
      write: (more: string) => {
        texts[name] += more;
      },
    });
    const streams = { stdout: stream('out'), stderr: stream('err') } as unknown as Partial<Invocation>;
    const words = ['policy', 'init', '--from', 'examples/inventory.json', ...line];
    const jobOf = async (invocation: Invocation, asked: readonly string[]) =>
      wholeJob({ ...invocation, ...parseArguments(asked), words: asked });
    const status = await policyInit(invocationOf(words, streams), jobOf);
    return { status, ...texts };
  }

  test('is a file, and on standard error what to do next', async () => {
    const file = join(folder, 'tidy.yaml');
    const { status, out, err } = await said(['-o', file]);
    expect([status, out]).toEqual([0, '']);
    expect(readFileSync(file, 'utf8')).toContain(`docker tidy plan --policy ${file}`);
    expect(err.replaceAll(file, 'tidy.yaml')).toBe(
      [
        'tidy.yaml is written, and nothing goes by it yet. Next:',
        '  docker tidy plan --policy tidy.yaml    see what it would remove; changes nothing',
        '  docker tidy policy check tidy.yaml     after each change',
        '  docker tidy --policy tidy.yaml         go by it once; always, when it lies at ~/.config/docker-tidy/tidy.yaml',
        '',
      ].join('\n'),
    );
  });

  test('goes to standard output for -', async () => {
    const { status, out, err } = await said(['-o', '-']);
    expect([status, err]).toEqual([0, '']);
    expect(out).toBe(await fitting(example));
  });

  test('is never written over a file', async () => {
    const file = join(folder, 'tidy.yaml');
    writeFileSync(file, 'mine');
    await expect(said(['-o', file])).rejects.toThrow(
      `nothing was written: ${file} is there already. Give another name by -o, or - to see the text`,
    );
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('is refused where it cannot be', async () => {
    await expect(said(['-o', join(folder, 'none', 'tidy.yaml')])).rejects.toThrow(
      /^cannot write .*no such file/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
