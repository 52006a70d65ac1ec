// What came free: what was measured, held against what the plan promised.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome, Result } from '../../src/core/outcome.ts';
import type { Action, Plan, Space } from '../../src/core/plan.ts';
import { total } from '../../src/core/price.ts';
import type { Measure } from '../../src/core/reclaimed.ts';
import { reclaimedBy } from '../../src/core/reclaimed.ts';
import { inventory } from '../support/builders.ts';

const MB = 1_000_000;
const about = (frees: number, low: number, high: number): Space => ({
  frees,
  about: true,
  between: [low, high],
});

function action(kind: 'delete-image' | 'delete-container', space: Space | number): Action {
  const frees = typeof space === 'number' ? { frees: space } : space;
  const common = { target: 'x', id: 'x', group: 'x', because: { rule: '', text: '' }, after: [], ...frees };
  return kind === 'delete-image'
    ? { kind, ...common, size: 0, expects: { names: [] }, comeback: 'local-only' }
    : { kind, ...common, expects: { state: 'exited' }, leaves: [] };
}

const image = (space: Space | number) => action('delete-image', space);
const container = (space: Space | number) => action('delete-container', space);

/** What came of a plan of these actions, of which the last ones that `results` names did not go as planned. */
function reclaimed(
  actions: readonly Action[],
  [before, after]: readonly [Measure, Measure],
  { results = [], store = 'overlay2' }: { results?: Result[]; store?: string } = {},
) {
  const { engine, takenAt } = inventory([]);
  const plan: Plan = {
    schemaVersion: 1,
    ...{ engine: { ...engine, store }, takenAt, command: [], actions, kept: [], notes: [] },
    ...total(actions),
  };
  const outcomes = actions.map(
    (each, i): Outcome => ({ action: each, result: results[i - actions.length + results.length] ?? 'done' }),
  );
  return reclaimedBy(plan, outcomes, before, after);
}

const layers = (before: number, after: number): readonly [Measure, Measure] => [
  { layers: before },
  { layers: after },
];
const free = (before: number, after: number): readonly [Measure, Measure] => [
  { free: before },
  { free: after },
];
const NOT_MEASURED: readonly [Measure, Measure] = [{}, {}];

describe('when all was done', () => {
  test('and as much came free as was promised, it is what was promised', () => {
    expect(reclaimed([image(100 * MB)], layers(500 * MB, 400 * MB))).toEqual({ frees: 100 * MB });
  });

  test('what the engine’s figure leaves out, a percent or the store’s own files, is no difference', () => {
    expect(reclaimed([image(100 * MB)], layers(500 * MB, 401 * MB))).toEqual({ frees: 100 * MB });
    expect(reclaimed([image(100_000)], layers(500 * MB, 500 * MB))).toEqual({ frees: 100_000 });
  });

  test('graph drivers’ figure, of bytes of files, bears a promise of the disk’s blocks out from three fifths', () => {
    const plan = [image(100 * MB)];
    expect(reclaimed(plan, layers(500 * MB, 440 * MB))).toEqual({ frees: 100 * MB });
    expect(reclaimed(plan, layers(500 * MB, 442 * MB))).toEqual({ frees: 58 * MB, promised: 100 * MB });
    expect(reclaimed(plan, layers(500 * MB, 600 * MB))).toEqual({ frees: 0, promised: 100 * MB });
  });

  test('on the containerd store, whose figure counts blocks, a shortfall of more than a percent is told', () => {
    const on = { store: 'containerd' };
    const short = { frees: 98 * MB, promised: 100 * MB };
    expect(reclaimed([image(100 * MB)], layers(500 * MB, 401 * MB), on)).toEqual({ frees: 100 * MB });
    expect(reclaimed([image(100 * MB)], layers(500 * MB, 402 * MB), on)).toEqual(short);
  });

  test('more than was promised is what others removed meanwhile', () => {
    for (const store of ['overlay2', 'containerd']) {
      const all = layers(500 * MB, 100 * MB);
      expect(reclaimed([image(100 * MB)], all, { store })).toEqual({ frees: 100 * MB });
      const estimate = about(50 * MB, 0, 80 * MB);
      expect(reclaimed([image(estimate)], all, { store })).toEqual(estimate);
    }
  });

  test('an estimate stands while what was measured is no less than its low bound', () => {
    const estimate = about(50 * MB, 40 * MB, 80 * MB);
    const told = (after: number, store: string) =>
      reclaimed([image(estimate)], layers(500 * MB, after), { store });
    expect(told(440 * MB, 'overlay2')).toEqual(estimate);
    expect(told(475 * MB, 'overlay2')).toEqual(estimate);
    expect(told(480 * MB, 'overlay2')).toEqual({ frees: 20 * MB, promised: 50 * MB });
    expect(told(460 * MB, 'containerd')).toEqual(estimate);
    expect(told(475 * MB, 'containerd')).toEqual({ frees: 25 * MB, promised: 50 * MB });
  });

  test('what came free on the disk bears it out, whatever the engine’s figure says', () => {
    const both = (layersGone: number, freed: number): readonly [Measure, Measure] => [
      { layers: 500 * MB, free: 0 },
      { layers: 500 * MB - layersGone, free: freed },
    ];
    const told = (freed: number) => reclaimed([image(100 * MB)], both(30 * MB, freed));
    expect(told(100 * MB)).toEqual({ frees: 100 * MB });
    expect(told(99 * MB)).toEqual({ frees: 100 * MB });
    expect(told(101 * MB)).toEqual({ frees: 100 * MB });
    for (const freed of [98 * MB, 102 * MB, -100 * MB])
      expect(told(freed)).toEqual({ frees: 30 * MB, promised: 100 * MB });
    expect(reclaimed([image(100 * MB)], both(70 * MB, -100 * MB))).toEqual({ frees: 100 * MB });
  });

  test('what came free on the disk narrows an estimate, within its bounds', () => {
    const estimate = about(50 * MB, 0, 80 * MB);
    const told = (freed: number) => reclaimed([image(estimate)], free(0, freed));
    expect(told(60 * MB)).toEqual(about(60 * MB, 60 * MB - 600_000, 60 * MB + 600_000));
    expect(told(0)).toEqual(about(0, 0, 524_288));
    expect(told(80_400_000)).toEqual(about(80 * MB, 80 * MB - 804_000, 80 * MB));
    expect(told(90 * MB)).toEqual({ ...estimate, disk: 90 * MB });
  });

  test('half a MiB an action is no difference on the disk', () => {
    const [one, four] = [[image(0)], [image(0), image(0), image(0), image(0)]];
    expect(reclaimed(one, free(0, 600_000))).toEqual({ frees: 0, disk: 600_000 });
    expect(reclaimed(four, free(0, 600_000))).toEqual({ frees: 0 });
  });

  test('containers free what the plan says besides', () => {
    const plan = [container(7 * MB), image(100 * MB)];
    expect(reclaimed(plan, layers(500 * MB, 400 * MB))).toEqual({ frees: 107 * MB });
    expect(reclaimed(plan, layers(500 * MB, 450 * MB))).toEqual({ frees: 57 * MB, promised: 107 * MB });
    expect(reclaimed([container(7 * MB), image(0)], free(0, 7 * MB))).toEqual({ frees: 7 * MB });
  });

  test('where only the disk was measured, it is told beside the promise if it differs', () => {
    expect(reclaimed([image(100 * MB)], free(0, 100 * MB))).toEqual({ frees: 100 * MB });
    expect(reclaimed([image(100 * MB)], free(0, 30 * MB))).toEqual({ frees: 100 * MB, disk: 30 * MB });
    expect(reclaimed([image(100 * MB)], free(50 * MB, 0))).toEqual({ frees: 100 * MB, disk: -50 * MB });
  });

  test('and nothing was measured, or only once, it is what the plan says', () => {
    for (const measured of [NOT_MEASURED, [{ layers: 1 }, {}], [{ free: 1 }, {}]] as const)
      expect(reclaimed([image(100 * MB)], measured)).toEqual({ frees: 100 * MB });
  });

  test('and no layers were held, nothing is measured', () => {
    expect(reclaimed([container(7 * MB)], layers(500 * MB, 100 * MB))).toEqual({ frees: 7 * MB });
    expect(reclaimed([], layers(500 * MB, 100 * MB))).toEqual({ frees: 0 });
  });
});

describe('when not all was done', () => {
  const results: Result[] = ['failed'];

  test('what stays may hold the layers: between nothing and what was planned of the rest', () => {
    expect(reclaimed([image(60 * MB), image(40 * MB)], NOT_MEASURED, { results })).toEqual(
      about(60 * MB, 0, 60 * MB),
    );
  });

  test('whatever was measured breaks no promise', () => {
    const some = [image(60 * MB), image(40 * MB)];
    for (const store of ['overlay2', 'containerd'])
      for (const after of [100 * MB, 480 * MB, 500 * MB, 600 * MB])
        expect(reclaimed(some, layers(500 * MB, after), { results, store })).toEqual(
          about(60 * MB, 0, 60 * MB),
        );
  });

  test('what containers free is known, whatever else stays', () => {
    expect(reclaimed([container(7 * MB), container(3 * MB)], NOT_MEASURED, { results })).toEqual({
      frees: 7 * MB,
    });
    expect(reclaimed([container(7 * MB), image(5 * MB), image(3 * MB)], NOT_MEASURED, { results })).toEqual(
      about(12 * MB, 7 * MB, 12 * MB),
    );
  });

  test.each<Result>(['gone', 'changed', 'conflict', 'failed', 'cancelled'])(
    'what came of nothing is nothing: %s',
    (result) => {
      expect(reclaimed([image(60 * MB)], layers(500 * MB, 400 * MB), { results: [result] })).toEqual({
        frees: 0,
      });
    },
  );
});

test('what is said lies between nothing and what was planned of what was done', () => {
  const space = fc.oneof(
    fc.nat(100 * MB),
    fc
      .tuple(fc.nat(50 * MB), fc.nat(50 * MB), fc.nat(50 * MB))
      .map(([a, b, c]) => about(a + b, a, a + b + c)),
  );
  const row = fc.record({ space, isImage: fc.boolean(), done: fc.boolean() });
  const bytes = fc.option(fc.nat(500 * MB), { nil: undefined });
  const measure = fc.record({ layers: bytes, free: bytes }).map(({ layers: of, free: left }) => ({
    ...(of !== undefined && { layers: of }),
    ...(left !== undefined && { free: left }),
  }));
  const some = fc.record({ rows: fc.array(row, { maxLength: 5 }), before: measure, after: measure });
  fc.assert(
    fc.property(some, fc.constantFrom('overlay2', 'containerd'), ({ rows, before, after }, store) => {
      // In the order of the plan, those that were not done last.
      const sorted = rows.toSorted((a, b) => Number(b.done) - Number(a.done));
      const actions = sorted.map((each) => (each.isImage ? image(each.space) : container(each.space)));
      const results = sorted.filter(({ done }) => !done).map(() => 'failed' as const);
      const said = reclaimed(actions, [before, after], { results, store });
      const done = total(actions.slice(0, actions.length - results.length));
      const most = done.between?.[1] ?? done.frees;
      expect(said.frees).toBeGreaterThanOrEqual(0);
      expect(said.frees).toBeLessThanOrEqual(most);
      if (said.between) {
        expect(said.between[0]).toBeLessThanOrEqual(said.frees);
        expect(said.between[1]).toBeGreaterThanOrEqual(said.frees);
        expect(said.between[1]).toBeLessThanOrEqual(most);
      }
    }),
    { numRuns: 2000 },
  );
});
