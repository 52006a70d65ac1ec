// What the docs show is what the program does.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { cacheJob } from '../src/commands/cache.ts';
import { containersJob } from '../src/commands/containers.ts';
import { imagesJob } from '../src/commands/images.ts';
import type { Invocation } from '../src/commands/invocation.ts';
import type { Job } from '../src/commands/job.ts';
import { networksJob } from '../src/commands/networks.ts';
import { volumesJob } from '../src/commands/volumes.ts';
import { wholeJob } from '../src/commands/whole.ts';
import { readInventory } from '../src/config/inventory-file.ts';
import { readFindings } from '../src/config/policy-read.ts';
import { KEYS } from '../src/core/pick-keys.ts';
import { parseArguments } from '../src/plugin/arguments.ts';
import { helpText } from '../src/plugin/help.ts';
import { COMMANDS, RESERVED, ROOT, SUBCOMMANDS } from '../src/plugin/options.ts';
import { planText } from '../src/view/plan-text.ts';
import { planFor } from './support/builders.ts';
import { shellWords } from './support/documents.ts';

const README = readFileSync('README.md', 'utf8');

test('the README’s transcript is what the program prints', async () => {
  const shown =
    /```console\n\$ docker tidy plan --from examples\/inventory\.json --keep 3 myapp\n([\s\S]*?)```/.exec(
      README,
    )?.[1];
  const plan = planFor(await readInventory('examples/inventory.json'), { keep: 3, patterns: ['myapp'] });
  expect(shown).toBe(await planText(plan, { colour: false, noTrunc: false }));
});

test('docs/interactive.md has the keys and the screen as they are', () => {
  const text = readFileSync('docs/interactive.md', 'utf8');
  const rows = [...text.matchAll(/^\| (.+) \| (.+) \|$/gm)].map(([, shown, does]) => ({ shown, does }));
  expect(rows.slice(1)).toEqual(KEYS.map(({ shown, does }) => ({ shown, does })));
  expect(text).toContain(`\n${readFileSync('test/golden/pick-80-columns-why.txt', 'utf8')}\`\`\``);
});

const JOBS: Record<string, (invocation: Invocation) => Job> = {
  images: imagesJob,
  containers: containersJob,
  networks: networksJob,
  cache: cacheJob,
  volumes: volumesJob,
  all: wholeJob,
};

const OTHERS = [
  'undo',
  'restore',
  'history',
  'inventory',
  'apply',
  'why',
  'df',
  'report',
  'rescue',
  'watch',
  'schedule',
  ...Object.values(SUBCOMMANDS)
    .flat()
    .map(({ name }) => name),
];

/** In Markdown, shell and YAML alike: in backticks, or the end of a line. */
const linesIn = (text: string) =>
  [
    ...text.matchAll(/`(docker tidy [^`\n]*)`|^(?: *(?:- |run: ))?(docker tidy .*?)(?: +(?:#|\|\|).*)?$/gm),
  ].map((match) => (match[1] ?? match[2]) as string);

const CI = readdirSync('examples/ci').map((name) => `examples/ci/${name}`);
const SHOWING = [
  'README.md',
  ...['schedule', 'report', 'interactive', 'recipes', 'tour', 'safety', 'comparison'].map(
    (name) => `docs/${name}.md`,
  ),
];
const shown = [...SHOWING, ...CI].flatMap((file) => {
  const lines = linesIn(readFileSync(file, 'utf8'));
  return lines.length > 0 ? lines : [`docker tidy: none in ${file}`];
});
const rows = [ROOT, ...COMMANDS, ...Object.values(SUBCOMMANDS).flat()];
const examples = rows.flatMap((command) => command.examples.map(([line]) => line));

test.each([...new Set([...shown, ...examples])])('%s is a command line that is accepted', (line) => {
  if (/COMMAND|GLOB/.test(line)) return;
  const typed = shellWords(line.replaceAll('…', '')).slice(2);
  if (RESERVED.includes(typed[0] as string)) return;
  accept(typed);
});

/** With what stands behind `--`, which is a command line of its own. */
function accept(typed: readonly string[]): void {
  const parsed = parseArguments(typed);
  if (parsed.job === 'schedule') accept(parsed.after);
  const invocation = { ...parsed, planOnly: parsed.plan, globals: {}, env: { DOCKER_CONFIG: '/nowhere' } };
  const job = JOBS[parsed.job];
  if (job) expect(job(invocation as unknown as Invocation)).toBeDefined();
  else expect(OTHERS).toContain(parsed.job);
}

test.each(['github-actions.yaml', 'gitlab-ci.yaml'])('examples/ci/%s is YAML without a doubt', (name) => {
  const document = parseDocument(readFileSync(join('examples/ci', name), 'utf8'));
  expect([...document.errors, ...document.warnings]).toEqual([]);
});

test('the policy of examples/watch has nothing wrong or doubtful in it', async () => {
  expect(await readFindings('examples/watch/tidy.yaml')).toEqual([]);
});

test.each(rows)('the help of "$name" is laid out as docker lays out its own', async (command) => {
  await expect(helpText(command)).toMatchFileSnapshot(
    `./golden/help-${command.name.replace(' ', '-') || 'tidy'}.txt`,
  );
  for (const line of helpText(command).split('\n')) expect(line.length).toBeLessThanOrEqual(100);
});

test('make help lists every target that the README and CONTRIBUTING name', () => {
  const makefile = readFileSync('Makefile', 'utf8');
  const named = [
    ...`${README}${readFileSync('CONTRIBUTING.md', 'utf8')}`.matchAll(/(?:^|`)make (\w+)/gm),
  ].map((match) => match[1] as string);
  for (const target of new Set(named)) expect(makefile).toMatch(new RegExp(`^${target}:.*## `, 'm'));
});

test('no table is torn: each begins with its heading and a line of dashes', () => {
  const files = [
    'README.md',
    ...readdirSync('docs')
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ];
  for (const file of files) {
    const tables = readFileSync(file, 'utf8').match(/(?<=^|\n)(?:\|.*\n)+/g) ?? [];
    for (const table of tables)
      expect(table.split('\n')[1], `${file}: ${table.slice(0, 60)}`).toMatch(/^\|[-: |]+\|$/);
  }
});
