// What a watch tells: its log, and its metrics.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../src/core/outcome.ts';
import { quarantineName } from '../../src/core/quarantine-name.ts';
import type { Line } from '../../src/core/watch-look.ts';
import { EMPTY_TALLY, ranOf, withRun, withTrouble } from '../../src/core/watch-tally.ts';
import { logLine, runLine } from '../../src/view/watch-log.ts';
import { METRICS, metricsText } from '../../src/view/watch-metrics.ts';
import { image, inventory, planFor } from '../support/builders.ts';
import { samples } from '../support/watch.ts';

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
