import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { cacheJob } from '../../src/commands/cache.ts';
import { containersJob } from '../../src/commands/containers.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { Job } from '../../src/commands/job.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { readInventory } from '../../src/config/inventory-file.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { exitStatus } from '../../src/core/outcome.ts';
import { printable } from '../../src/core/printable.ts';
import { quarantineName } from '../../src/core/quarantine-name.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { closing, isProblem, outcomeLine } from '../../src/view/outcome-text.ts';
import { planText, spaceText } from '../../src/view/plan-text.ts';
import { wantsColour } from '../../src/view/screen.ts';
import type { Asked } from '../support/builders.ts';
import { id, image, inventory, planFor } from '../support/builders.ts';

const EXAMPLE = await readInventory('examples/inventory.json');
const JOBS: Record<string, (invocation: Invocation) => Job> = {
  all: wholeJob,
  cache: cacheJob,
  containers: containersJob,
};
const PLAIN = { colour: false, noTrunc: false };

describe('the plan as text', () => {
  test.each<[string, Asked]>([
    ['dangling', {}],
    ['keep-3', { keep: 3 }],
    ['keep-2-myapp', { keep: 2, patterns: ['myapp'] }],
    ['all', { all: true }],
    ['all-version', { keep: 1, sort: 'version' }],
    ['nothing', { keep: -1 }],
  ])('on the example, %s', async (name, asked) => {
    await expect(await planText(planFor(EXAMPLE, asked), PLAIN)).toMatchFileSnapshot(
      `../golden/plan-${name}.txt`,
    );
  });

  test.each<[string, string[]]>([
    ['whole', []],
    ['whole-all-older', ['all', '-a', '--older-than', '7d']],
    ['containers', ['containers']],
    ['cache-all', ['cache', '-a', '--max-used-space', '100MB']],
  ])('on the example, everything: %s', async (name, words) => {
    const { job, ...parsed } = parseArguments(['plan', ...words]);
    const invocation = { ...parsed, globals: {}, env: { DOCKER_CONFIG: '/nowhere' }, words };
    const plan = (JOBS[job] as (i: Invocation) => Job)(invocation as unknown as Invocation).plan(EXAMPLE);
    await expect(await planText(plan, PLAIN)).toMatchFileSnapshot(`../golden/plan-${name}.txt`);
  });

  test('with colour, and with whole IDs', async () => {
    const text = await planText(planFor(EXAMPLE, { keep: 2, patterns: ['myapp'] }), {
      colour: true,
      noTrunc: true,
    });
    await expect(text).toMatchFileSnapshot('../golden/plan-colour-no-trunc.txt');
  });

  test.each([
    ['80 columns the reasons stand under their rows', 80],
    ['160 columns they stand beside them', 160],
  ])('in %s, and no line is longer', async (_, columns) => {
    const text = await planText(planFor(EXAMPLE, { keep: 2, patterns: ['myapp'] }), { ...PLAIN, columns });
    await expect(text).toMatchFileSnapshot(`../golden/plan-${columns}-columns.txt`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
  });

  test('a name that leaves no room for the rest stands on a line of its own, whole', async () => {
    const name = 'registry.example.com/team/a-service-with-a-really-long-name:feature-branch-1';
    const plan = planFor(inventory([image(name), image('app:1')]), { all: true });
    const text = await planText(plan, { ...PLAIN, columns: 80 });
    expect(text).toContain(`${name}\n           ${id(name).slice(7, 19)}   `);
    await expect(text).toMatchFileSnapshot('../golden/plan-long-name-80-columns.txt');
  });

  test('colour changes no character of the text', async () => {
    const plan = planFor(EXAMPLE, { keep: 2 });
    const coloured = await planText(plan, { ...PLAIN, colour: true });
    expect(coloured).not.toBe(await planText(plan, PLAIN));
    expect(coloured.replaceAll(/\u001b\[\d+m/g, '')).toBe(await planText(plan, PLAIN));
  });

  test('control characters from an engine never reach the terminal', async () => {
    const evil = image('app:1', { id: id('evil'), labels: { app: '\u001b[2Jx' } });
    const text = await planText(
      planFor(inventory([evil]), { keep: 0, all: true, groupBy: { kind: 'label', key: 'app' } }),
      PLAIN,
    );
    expect(text).not.toContain('\u001b');
    expect(printable('a\u202eb\u009bc')).toBe('a\ufffdb\ufffdc');
  });

  test('wide characters count for two columns', async () => {
    const images = [image('app:1', { labels: { チーム: '東京' } }), image('app:2', { day: 2 })];
    const text = await planText(
      planFor(inventory(images), { keep: 1, groupBy: { kind: 'label', key: 'チーム' } }),
      PLAIN,
    );
    expect(text).toContain('チーム=東京: 1 image, 0 to go');
  });
});

test('space reads as a figure, as about a figure with its bounds, or as at most one', () => {
  expect(spaceText({ frees: 1_049_000 })).toBe('1.049MB');
  expect(spaceText({ frees: 5e6, about: true, between: [0, 2e7] })).toBe('about 5MB (between 0B and 20MB)');
  expect(spaceText({ frees: 5e6, about: true, between: [0, 5e6] })).toBe('at most 5MB');
});

describe('what came of it', () => {
  const [action] = planFor(inventory([image('app:1')]), { all: true }).actions;
  const outcome = (result: Outcome['result'], why?: string) =>
    ({ action, result, ...(why && { why }) }) as Outcome;
  test.each<[Outcome, string | undefined]>([
    [outcome('done'), `Deleted: app:1 (${id('app:1')})`],
    [outcome('gone', 'it was removed meanwhile'), 'Gone: app:1: it was removed meanwhile'],
    [outcome('changed', 'container web came to use it'), 'Skipped: app:1: container web came to use it'],
    [outcome('conflict', 'the engine says no'), 'Conflict: app:1: the engine says no'],
    [outcome('failed', 'no answer'), 'Failed: app:1: no answer'],
    [outcome('cancelled'), undefined],
  ])('%o is a line', (given, line) => {
    expect(outcomeLine(given)).toBe(line);
  });

  test('one that was in quarantine is told by what it was called', () => {
    const was = { run: 'RUN', names: ['app:1', 'app:2'], digests: [] };
    const gone = {
      ...image('', { id: id('app:1') }),
      tags: [quarantineName(id('app:1'), 0)],
      was,
    };
    const { actions } = planFor(inventory([gone]));
    expect(actions.map((each) => outcomeLine({ action: each, result: 'done' }))).toEqual([
      `Deleted: app:1, app:2 (${id('app:1')})`,
    ]);
  });

  test('volumes that nothing uses any more are named at the end, but for those whose container stays', () => {
    const of = (target: string, leaves: string[], result: Outcome['result']) =>
      ({
        action: { kind: 'delete-container', target, id: target, leaves, frees: 0 },
        result,
      }) as unknown as Outcome;
    const text = closing(
      [of('a', ['x', 'z'], 'done'), of('b', ['y'], 'conflict'), of('c', ['z'], 'changed')],
      { frees: 0 },
    );
    expect(text).toContain(
      '1 volume not in use any more, and left alone: x. docker tidy plan volumes shows what it holds.',
    );
  });

  test('the closing lines count what was not done, and the status tells it', () => {
    const all = [outcome('done'), outcome('changed', 'x'), outcome('conflict', 'x'), outcome('cancelled')];
    expect(closing(all, { frees: 5e6 })).toBe(
      '1 action done, 1 skipped, 1 in conflict, 1 not started.\nTotal reclaimed space: 5MB\n',
    );
    expect(closing([outcome('done')], { frees: 5e6, about: true, between: [0, 6e6] })).toBe(
      'Total reclaimed space: about 5MB (between 0B and 6MB)\n',
    );
    expect(all.map((one) => exitStatus([one], true))).toEqual([0, 0, 1, 130]);
    expect(all.filter(isProblem)).toHaveLength(1);
  });
});

test('colour only on a terminal, and not with NO_COLOR or a dumb one', () => {
  const tty = { isTTY: true };
  expect([
    wantsColour(tty, {}),
    wantsColour({}, {}),
    wantsColour(tty, { NO_COLOR: '1' }),
    wantsColour(tty, { NO_COLOR: '' }),
    wantsColour(tty, { TERM: 'dumb' }),
  ]).toEqual([true, false, false, true, false]);
});

test('the example is what its file says', async () => {
  expect(JSON.parse(await readFile('examples/inventory.json', 'utf8'))).toEqual(EXAMPLE);
});
