// Which run a word means: nobody is left to guess, nor drowned in IDs.
import { expect, test } from 'vitest';
import { whichRun } from '../../src/commands/which-run.ts';

const IDS = Array.from({ length: 13 }, (_, i) => `20261121T0241${String(30 - i)}123Z-1f3a`);

test('an ID, or a beginning that one alone has, means that run', () => {
  expect(whichRun(IDS[3] as string, IDS)).toBe(IDS[3]);
  expect(whichRun('20261121T024130', IDS)).toBe(IDS[0]);
  expect(whichRun('2026', ['2026', '20261'])).toBe('2026');
});

test('of several each is told on its own line, ten at the most', () => {
  const told = () => whichRun('2026', IDS);
  expect(told).toThrow(
    ['2026 is not one run: it may be', ...IDS.slice(0, 10).map((id) => `  ${id}`), '  and 3 more'].join('\n'),
  );
  expect(() => whichRun('2026', IDS.slice(0, 2))).toThrow(/123Z-1f3a\n {2}\S+$/);
  expect(() => whichRun('', IDS)).toThrow('no run "" is known');
  expect(() => whichRun('x', IDS)).toThrow('no run x is known on this engine');
});
