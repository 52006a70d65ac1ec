// What a watch tells: its log, and its metrics.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Outcome, Result } from '../../src/core/outcome.ts';
import { quarantineName } from '../../src/core/quarantine-name.ts';
import type { Line } from '../../src/core/watch-look.ts';
import { EMPTY_TALLY, ranOf, stillPlanned, withRun, withTrouble } from '../../src/core/watch-tally.ts';
import { logLine, runLine } from '../../src/view/watch-log.ts';
import { METRICS, metricsText } from '../../src/view/watch-metrics.ts';
import { conditions, image, inventory, planFor } from '../support/builders.ts';
import { samples } from '../support/watch.ts';

const DAY = 86_400_000;
const NOW = new Date('2026-11-21T02:41:09.123Z');
const plan = planFor(inventory([1, 2, 3, 4].map((day) => image(`app:${day}`, { day }))), {
  keep: 1,
  patterns: ['app'],
});
const [first, second, third] = plan.actions as [Outcome['action'], Outcome['action'], Outcome['action']];
const carried = {
  outcomes: [
    { action: first, result: 'done' },
    { action: second, result: 'conflict', why: 'a container \u001b[31muses it' },
    { action: third, result: 'done' },
  ] as Outcome[],
  reclaimed: { frees: 12_300_000 },
};

describe('the log', () => {
  const line = runLine({}, carried) as Line;

  test('says in a line what a run did, and what stays against its plan', () => {
    expect(logLine(line, 'text', NOW)).toBe(
      '2026-11-21T02:41:09Z error: removed 2 images (app:3, app:1); 12.3MB came free; app:2 stays: a container �[31muses it\n',
    );
  });

  test('says it to machines with every outcome', () => {
    const told = JSON.parse(logLine(line, 'json', NOW));
    expect(told).toMatchObject({
      time: NOW.toISOString(),
      level: 'error',
      event: 'removed',
      freed: 12_300_000,
    });
    expect(
      told.outcomes.map(({ target, result }: { target: string; result: string }) => `${target} ${result}`),
    ).toEqual(['app:3 done', 'app:2 conflict', 'app:1 done']);
    expect(logLine(line, 'json', NOW).trimEnd()).not.toContain('\n');
  });

  test('names what was in quarantine as it was called', () => {
    const { id } = image('app:1');
    const was = { run: 'RUN', names: ['app:1'], digests: [] };
    const { actions } = planFor(inventory([{ ...image('app:1'), tags: [quarantineName(id, 0)], was }]));
    const outcomes = actions.map((action): Outcome => ({ action, result: 'done' }));
    const told = runLine({}, { outcomes, reclaimed: { frees: 0 } });
    expect(told?.message).toBe('removed 1 image (app:1); 0B came free');
  });

  test('says of images that were put into quarantine until when they are there, not that they were removed', () => {
    const held = conditions([], { quarantine: { span: DAY, from: '--quarantine 1d' } });
    const on = inventory([1, 2, 3].map((day) => image(`app:${day}`, { day })));
    const { actions } = planFor(on, { keep: 1, patterns: ['app'], conditions: held });
    const outcomes = actions.map((action): Outcome => ({ action, result: 'done' }));
    const told = runLine({}, { outcomes, reclaimed: { frees: 0 } });
    expect(told?.message).toBe('quarantined 2 images until 2026-11-22 02:41Z (app:2, app:1)');
    expect(told?.facts?.['outcomes']).toMatchObject([
      { kind: 'quarantine', until: expect.stringMatching(/^2026-11-22T02:41/) },
      { kind: 'quarantine', until: expect.stringMatching(/^2026-11-22T02:41/) },
    ]);
    const both = [...outcomes, { action: first, result: 'done' } as Outcome];
    expect(runLine({}, { outcomes: both, reclaimed: { frees: 5_000_000 } })?.message).toBe(
      'removed 1 image (app:3); 5MB came free; quarantined 2 images until 2026-11-22 02:41Z (app:2, app:1)',
    );
  });

  test('says nothing of a run with nothing to do, and why a plan was refused', () => {
    expect(runLine({}, { outcomes: [], reclaimed: { frees: 0 } })).toBeUndefined();
    expect(runLine({ refused: 'it would remove 3 objects' }, undefined)).toMatchObject({
      level: 'error',
      message: 'nothing was removed: it would remove 3 objects',
    });
  });
});

describe('metrics', () => {
  const tally = withTrouble(withRun(EMPTY_TALLY, ranOf(plan, carried, { image: 5 }), 2000), 'engine');

  test('count runs, what came of each removal, errors, and what the policy has left', () => {
    const told = samples(metricsText(tally, '1.2.3'));
    const left = plan.actions.find((action) => action === second)?.frees;
    expect(Object.fromEntries(told)).toMatchObject({
      'docker_tidy_build_info{version="1.2.3"}': 1,
      docker_tidy_engine_up: 0,
      'docker_tidy_space_bytes{kind="image"}': 5,
      'docker_tidy_reclaimable_bytes{kind="image"}': left,
      docker_tidy_runs_total: 1,
      'docker_tidy_removals_total{kind="image",result="done"}': 2,
      'docker_tidy_removals_total{kind="image",result="conflict"}': 1,
      'docker_tidy_removals_total{kind="network",result="done"}': 0,
      docker_tidy_freed_bytes_total: 12_300_000,
      'docker_tidy_errors_total{reason="action"}': 1,
      'docker_tidy_errors_total{reason="engine"}': 1,
    });
    expect([...told.keys()].some((name) => name.includes('last_success'))).toBe(false);
  });

  test('say when a run last went right, and add up', () => {
    const right = ranOf(plan, { ...carried, outcomes: carried.outcomes.slice(0, 1) }, {});
    const told = samples(metricsText(withRun(tally, right, 5500), '1'));
    expect(told.get('docker_tidy_last_success_timestamp_seconds')).toBe(5.5);
    expect(told.get('docker_tidy_removals_total{kind="image",result="done"}')).toBe(3);
    expect(told.get('docker_tidy_runs_total')).toBe(2);
  });

  test('leave out of what the policy has left what somebody else removed, or changed', () => {
    const carriedOut = (...results: Result[]) => ({
      outcomes: plan.actions.map((action, i): Outcome => ({ action, result: results[i] ?? 'done' })),
      reclaimed: { frees: 0 },
    });
    expect(ranOf(plan, carriedOut('gone', 'changed', 'done'), {}).reclaimable.image).toBe(0);
    expect(ranOf(plan, carriedOut('gone', 'changed', 'failed'), {}).reclaimable.image).toBe(third.frees);
    expect(ranOf(plan, undefined, {}).reclaimable.image).toBe(plan.frees);
  });

  test('count nothing of what another run removed while it was waited for', () => {
    const outcomes = plan.actions.map(
      (action, i): Outcome => ({ action: { ...action }, result: i === 0 ? 'done' : 'changed' }),
    );
    const anew = { actions: plan.actions.slice(0, 2) };
    const { removals } = ranOf(plan, stillPlanned(anew, { outcomes, reclaimed: { frees: 0 } }), {});
    expect(removals).toEqual({ 'image done': 1, 'image changed': 1 });
  });

  test('are the table of docs/watch.md', () => {
    const rows = [
      ...readFileSync('docs/watch.md', 'utf8').matchAll(
        /^\| `(docker_tidy_\w+)[^`]*` \| (\w+) \| (.*) \|$/gm,
      ),
    ];
    expect(rows.map(([, name, type, help]) => [name, type, help])).toEqual(
      METRICS.map(({ name, type, help }) => [name, type, help]),
    );
  });
});
