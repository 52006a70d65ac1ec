// What a plan promises is what the disk gets back: random images in random populations, measured on the disk itself.
// SPACE_SETS=30 makes more sets an engine, SPACE_SEED=7 others, SPACE_ONLY=3 one; SPACE_TABLE=FILE writes them down as a table.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { clearDisk } from '../support/space-disk.ts';
import { makeSteps } from '../support/space-make.ts';
import type { Measured, SaidSpace } from '../support/space-measure.ts';
import { measure } from '../support/space-measure.ts';
import type { Step } from '../support/space-population.ts';
import { randomSet } from '../support/space-random.ts';
import type { Row } from '../support/space-table.ts';
import { spaceTable, spaceText } from '../support/space-table.ts';

/** The data folders of other engines are out of reach. */
const ENGINES = Object.entries(inject('engines')).filter(
  ([name, { host }]) => !name.startsWith('podman') && host.includes(`/run/${name}/`),
);
const SEED = Number(process.env['SPACE_SEED'] ?? 11);
const SETS = Number(process.env['SPACE_SETS'] ?? 10);
const ONLY = process.env['SPACE_ONLY'];
const NUMBERS = Array.from({ length: SETS }, (_, i) => i + 1).filter((i) => !ONLY || i === Number(ONLY));

/** What the file system and the engine's own databases add or take, whatever goes. */
const NOISE = 200_000;

const rows: Row[] = [];

test.skipIf(ENGINES.length > 0)('needs real engines of its own', ({ skip }) =>
  skip('none can be started here'),
);

/** A build that finds out too late that it has nothing to copy: the containerd store holds what it began from for five minutes. */
const UNFINISHED: readonly Step[] = [
  {
    do: 'load',
    as: 'base:1',
    layers: [1, 2, 3].map((seed) => ({ [`f${seed}`]: { kind: 'random', bytes: 700_000, seed } })),
  },
  {
    do: 'build',
    with: 'buildkit',
    as: 'never:1',
    dockerfile: ['FROM base:1', 'COPY missing /missing'],
    files: {},
    attested: false,
    fails: true,
  },
];

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(() => clearDisk(engine));
  afterAll(() => clearDisk(engine));

  test('after a build that failed a plan promises what the disk gets back, or about that where the store holds it', async () => {
    const built = makeSteps(engine, at.tools, UNFINISHED);
    const found = await measure(engine, ['images', '-a', 'base'], built);
    const { about, between: [low, high] = [] } = found.plan;
    if (!engine.containerd) return expect(wrong(found, { mayBeAbout: false })).toEqual([]);
    expect(about, tell(UNFINISHED, found)).toBe(true);
    expect(found.real).toBeGreaterThan((low ?? 0) - NOISE);
    expect(found.real).toBeLessThan((high ?? Number.POSITIVE_INFINITY) + NOISE);
  });

  describe(`what a plan promises is what the disk gets back (SPACE_SEED=${SEED} SPACE_SETS=${SETS})`, () => {
    test.each(
      NUMBERS.map((number) => {
        const set = randomSet({ seed: SEED, number, engine: name });
        return { number, ...set, words: set.command.join(' ') };
      }),
    )('set $number, $about: docker tidy $words', async ({ number, steps, command, about }) => {
      const built = makeSteps(engine, at.tools, steps);
      const found = await measure(engine, command, built).catch((error) => {
        throw new Error(`${error}${made(steps)}`);
      });
      rows.push({ engine: name, number, command, about, ...found });
      // On overlay2 what BuildKit made for itself has folders that nothing tells: only bounds are known of it.
      const pruned = found.plan.actions.some(({ kind }) => kind === 'prune-cache');
      expect(wrong(found, { mayBeAbout: engine.containerd || pruned }), tell(steps, found)).toEqual([]);
    });
  });
});

afterAll(() => {
  const file = process.env['SPACE_TABLE'];
  if (file) writeFileSync(file, spaceTable(rows));
});

/** What does not hold, as sentences. */
function wrong({ plan, run, real }: Measured, { mayBeAbout }: { mayBeAbout: boolean }): string[] {
  const sum = plan.actions.reduce((bytes, { frees }) => bytes + frees, 0);
  const problems = run.outcomes.filter(({ result }) => result !== 'done');
  const holds: readonly (readonly [boolean, string])[] = [
    [problems.length === 0, `not all was done: ${JSON.stringify(problems)}`],
    [sum === plan.frees, `the actions free ${sum}, the plan ${plan.frees}`],
    [mayBeAbout || !plan.about, 'on overlay2 a plan for images is exact'],
    [promised(plan, real), 'the plan’s promise is not what the disk got back'],
    [run.reclaimed.about || near(run.reclaimed.frees, real, 0.01), 'what the run says was reclaimed was not'],
  ];
  return holds.flatMap(([holds, sentence]) => (holds ? [] : [sentence]));
}

function promised({ frees, about, between }: SaidSpace, real: number): boolean {
  if (!about) return near(frees, real, 0.01);
  const [low, high] = between ?? [frees, frees];
  const slack = Math.max(NOISE, real * 0.01);
  return real >= low - slack && real <= (high ?? Number.POSITIVE_INFINITY) + slack && near(frees, real, 0.1);
}

/** Of the larger of the two, as a share. */
function near(said: number, real: number, share: number): boolean {
  const larger = share < 0.1 ? Math.abs(real) : Math.max(Math.abs(said), Math.abs(real));
  return Math.abs(said - real) <= Math.max(larger * share, NOISE);
}

function tell(steps: readonly Step[], { plan, run, real, docker, had }: Measured): string {
  const actions = plan.actions.map((action) => `\n  ${action.kind} ${action.target}: ${spaceText(action)}`);
  return `planned ${spaceText(plan)}, real ${real}, reclaimed ${spaceText(run.reclaimed)}, docker ${docker}${actions.join('')}\nof\n${had}${made(steps)}`;
}

function made(steps: readonly Step[]): string {
  return `\nof what was made by${steps.map((step) => `\n  ${JSON.stringify(step)}`).join('')}\n`;
}
