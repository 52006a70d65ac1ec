// Each section of docs/differences.md on its own: what prune removes, and docker tidy keeps.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { type Bench, benchOf } from '../parity/bench.ts';
import { tryCase } from '../parity/case.ts';
import { EVERY, EXAMPLES } from '../parity/examples.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

test('every section of docs/differences.md has a test of its own', () => {
  const text = readFileSync('docs/differences.md', 'utf8');
  const sections = [...text.matchAll(/^## (\S+)$/gm)].map(([, id]) => id);
  expect([...new Set(EXAMPLES.map(({ id }) => id))].sort()).toEqual(sections.sort());
});

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let bench: Bench;

  beforeAll(() => {
    bench = benchOf(name, at);
  });

  const here = EXAMPLES.filter(({ on = EVERY }) => on.includes(name));

  test.for(here)('$id: $holds', async ({ steps, command, stays, goesOn }, { skip }) => {
    const pins = steps.some((step) => step.do === 'pin');
    if (pins && !bench.place.registry) return skip('the registry is started beside engines of our own only');
    const { prune, tidy, pruned, tidied } = await tryCase(bench, {
      seed: 0,
      number: 0,
      population: { steps },
      command: { all: false, labels: [], configured: [], ...command },
    });
    const left = (things: ReadonlySet<string>) =>
      [...things].filter((thing) => thing.startsWith(stays)).length;
    expect([prune.status, tidy.status]).toEqual([0, 0]);
    expect(left(tidied)).toBeGreaterThan(0);
    expect(left(pruned) < left(tidied)).toBe(goesOn.includes(name));
  });
});
