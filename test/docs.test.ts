// What the docs show is what the program does.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cacheJob } from '../src/commands/cache.ts';
import { containersJob } from '../src/commands/containers.ts';
import { imagesJob } from '../src/commands/images.ts';
import type { Invocation } from '../src/commands/invocation.ts';
import type { Job } from '../src/commands/job.ts';
import { networksJob } from '../src/commands/networks.ts';
import { volumesJob } from '../src/commands/volumes.ts';
import { wholeJob } from '../src/commands/whole.ts';
import { readInventory } from '../src/config/inventory-file.ts';
import { parseArguments } from '../src/plugin/arguments.ts';
import { helpText } from '../src/plugin/help.ts';
import { COMMANDS, ROOT, SUBCOMMANDS } from '../src/plugin/options.ts';
import { planText } from '../src/view/plan-text.ts';
import { planFor } from './support/builders.ts';

const README = readFileSync('README.md', 'utf8');

/** A line of a shell as words; quotes are taken off. */
const words = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));

test('the README’s transcript is what the program prints', async () => {
  const shown =
    /```console\n\$ docker tidy plan --from examples\/inventory\.json --keep 3 myapp\n([\s\S]*?)```/.exec(
      README,
    )?.[1];
  const plan = planFor(await readInventory('examples/inventory.json'), { keep: 3, patterns: ['myapp'] });
  expect(shown).toBe(await planText(plan, { colour: false, noTrunc: false }));
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
  'rescue',
  'watch',
  ...Object.values(SUBCOMMANDS)
    .flat()
    .map(({ name }) => name),
];

const shown = [...README.matchAll(/`(docker tidy [^`\n]*)`|^(docker tidy .*?)(?: +#.*)?$/gm)].map(
  (match) => (match[1] ?? match[2]) as string,
);
const rows = [ROOT, ...COMMANDS, ...Object.values(SUBCOMMANDS).flat()];
const examples = rows.flatMap((command) => command.examples.map(([line]) => line));

test.each([...new Set([...shown, ...examples])])('%s is a command line that is accepted', (line) => {
  if (/COMMAND|GLOB/.test(line)) return;
  const parsed = parseArguments(words(line.replaceAll('…', '')).slice(2));
  const invocation = { ...parsed, planOnly: parsed.plan, globals: {}, env: { DOCKER_CONFIG: '/nowhere' } };
  const job = JOBS[parsed.job];
  if (job) expect(job(invocation as unknown as Invocation)).toBeDefined();
  else expect(OTHERS).toContain(parsed.job);
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
