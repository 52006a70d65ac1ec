// Past runs on the screen: no line is wider than the terminal, and bounds are told as the closing line told them.
import { expect, test } from 'vitest';
import type { Reclaimed } from '../../src/core/reclaimed.ts';
import type { JournalLine, Run } from '../../src/core/run.ts';
import { runOf } from '../../src/core/run.ts';
import { historyText, runText } from '../../src/view/history-text.ts';
import { closing } from '../../src/view/outcome-text.ts';
import { image, inventory, planFor } from '../support/builders.ts';

const ON = inventory([image('registry.example.com/a/long/name/of/an/app:1'), image('app:2 app:3')]);
const { actions } = planFor(ON, { all: true });

function ran(reclaimed: Reclaimed): Run {
  const at = '2026-11-21T02:41:09Z';
  const lines: JournalLine[] = [
    {
      type: 'run',
      schemaVersion: 1,
      id: '20261121T024109123Z-1f3a',
      at,
      engine: { id: 'E', name: 'host', host: 'unix:///x', version: '', store: 'overlay2' },
      command: ['images', '-a', '-f', 'a-repository', 'another-one', 'and-one-more-that-is-long'],
      user: 'ann',
      pid: 1,
      version: '0',
      actions,
    },
    ...actions.flatMap((_, action): JournalLine[] => [
      { type: 'begun', action, at, facts: {} },
      { type: 'ended', action, at, result: 'done' },
    ]),
    { type: 'closed', at, reclaimed: JSON.parse(JSON.stringify(reclaimed)) as Reclaimed },
  ];
  return runOf(lines) as Run;
}

test.each([40, 80])('in %i columns no line is wider, but for a word that is', async (columns) => {
  const run = ran({ frees: 1e6 });
  const all = [runText(run, columns), ...(columns >= 80 ? [await historyText([run], columns)] : [])].join('');
  for (const line of all.split('\n')) if (line.length > columns) expect(line.trim()).not.toContain(' ');
});

test('without a terminal nothing is broken', async () => {
  const run = ran({ frees: 1e6 });
  expect((await historyText([run])).trimEnd().split('\n')).toHaveLength(2);
  expect(runText(run).trimEnd().split('\n')).toHaveLength(4 + actions.length);
});

test.each<Reclaimed>([
  { frees: 5e6 },
  { frees: 5e6, about: true, between: [0, 5e6] },
  { frees: 5e6, about: true, between: [1e6, 9e6] },
  { frees: 5e6, about: true, between: [1e6, Number.POSITIVE_INFINITY] },
])('what came free is told in the words of the closing line: %j', async (reclaimed) => {
  const told = /Total reclaimed space: (.*)\n/.exec(closing([], reclaimed))?.[1] as string;
  expect(runText(ran(reclaimed))).toContain(`; freed ${told}\n`);
  expect(await historyText([ran(reclaimed)])).toContain(
    `   ${told}${' '.repeat(Math.max(3, 8 - told.length))}docker tidy images`,
  );
});

test('a run that was cancelled says how much of it was not begun', async () => {
  const run = ran({ frees: 1e6 });
  const [begun, ...others] = run.steps;
  const steps = [...(begun ? [begun] : []), ...others.map(({ action }) => ({ action }))];
  const told = await historyText([{ ...run, steps }]);
  expect(told).toMatch(new RegExp(`   1 (deleted|untagged), ${others.length} not begun   `));
});
