// docker tidy never removes what docker's prune would keep: random populations on real engines, under the one and the other.
// PARITY_SEED and PARITY_CASES (a number, per engine) make a run again or longer; PARITY_CASE is one case alone.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { emptyEngine } from '../support/population-survivors.ts';
import { benchOf } from './bench.ts';
import { caseOf, tryCase } from './case.ts';
import { DIFFERENCES } from './differences.ts';
import { differencesSeen, faults, report } from './verdict.ts';

const ENGINES = Object.entries(inject('engines') ?? {}).filter(([name]) => !name.startsWith('podman'));
const SEED = Number(process.env['PARITY_SEED'] ?? Math.floor(Date.now() / 1000) % 10_000_000);
const CASES = Number(process.env['PARITY_CASES'] ?? 70);
const ONLY = process.env['PARITY_CASE'];
const NUMBERS = ONLY === undefined ? Array.from({ length: CASES }, (_, i) => i + 1) : [Number(ONLY)];
/** A run that finds this many faults has found enough. */
const ENOUGH = 5;

const done: number[] = [];
const shown = new Set<string>();

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.concurrent.each(ENGINES)('on Docker %s', (name, at) => {
  test('nothing goes that prune keeps, and what stays beyond that is a documented difference', async () => {
    const on = benchOf(name, at);
    const found: string[] = [];
    let tried = 0;
    for (const number of NUMBERS) {
      const outcome = await tryCase(on, caseOf(on, SEED, number));
      tried++;
      const wrong = faults(outcome, name);
      if (wrong.length > 0) found.push(report(outcome, name, wrong));
      for (const id of differencesSeen(outcome, name)) shown.add(id);
      if (found.length >= ENOUGH) break;
    }
    await emptyEngine(on.api);
    done.push(tried);
    console.log(`parity on ${name}: ${tried} cases, seed ${SEED}`);
    if (found.length > 0) throw new Error(found.join('\n\n'));
  });
});

afterAll(() => {
  if (done.length === 0) return;
  const total = done.reduce((sum, cases) => sum + cases, 0);
  console.log(
    `parity: ${total} cases on ${done.length} engines, seed ${SEED}; seen: ${[...shown].sort().join(', ')}`,
  );
});

test('docs/differences.md has a section for every difference that is allowed, and for no other', () => {
  const sections = [...readFileSync('docs/differences.md', 'utf8').matchAll(/^## (\S+)$/gm)].map(
    ([, id]) => id,
  );
  expect(sections.sort()).toEqual(DIFFERENCES.map(({ id }) => id).sort());
});
