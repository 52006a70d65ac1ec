// What templates are given: the same texts as the screens, for every kind of thing that is listed.
import { expect, test } from 'vitest';
import { readInventory } from '../../src/config/inventory-file.ts';
import type { JournalLine, Run } from '../../src/core/run.ts';
import { runOf } from '../../src/core/run.ts';
import {
  DF_FIELDS,
  FINDING_FIELDS,
  HISTORY_FIELDS,
  PLAN_FIELDS,
  TREND_FIELDS,
} from '../../src/view/fields.ts';
import { formatOf, formatted } from '../../src/view/format.ts';
import {
  actionRow,
  dfRows,
  findingRow,
  historyRow,
  restoringRow,
  runRows,
  trendRow,
  whyRow,
} from '../../src/view/rows.ts';
import { image, inventory, planFor } from '../support/builders.ts';

const AT = '2026-11-21T02:41:09Z';
const telling = { now: AT, noTrunc: false };

test('a plan as a table of a template is as it was', async () => {
  const plan = planFor(await readInventory('examples/inventory.json'), { all: true });
  const source =
    'table {{.Action}}\\t{{.Repository}}\\t{{.Tag}}\\t{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}\\t{{.Frees}}\\t{{.Reason}}';
  const rows = plan.actions.map((action) => actionRow(action, { now: plan.takenAt, noTrunc: false }));
  await expect(await formatted(formatOf(source, PLAN_FIELDS), rows)).toMatchFileSnapshot(
    '../golden/format-plan-table.txt',
  );
});

const ON = inventory([image('registry.example.com:5000/shop/api:1.0'), image('app:2'), image('')]);
const { actions } = planFor(ON, { all: true });

test('names are taken apart as docker takes them apart', () => {
  const names = actions
    .map((action) => actionRow(action, telling))
    .map(({ Repository, Tag }) => [Repository, Tag]);
  expect(names).toContainEqual(['registry.example.com:5000/shop/api', '1.0']);
  expect(names).toContainEqual(['app', '2']);
});

test('IDs are short, or whole where that is asked for', () => {
  const [action] = actions;
  if (!action) throw new Error('nothing goes');
  expect(actionRow(action, telling).ID).toHaveLength(12);
  expect(actionRow(action, { ...telling, noTrunc: true }).ID).toBe(action.id);
});

test('of a volume the ID is its name, which is never cut short', () => {
  const volume = { kind: 'volume', id: 'shop_database_data', name: 'shop_database_data' } as const;
  const none = { holds: [], kept: [], removedBy: [] };
  expect(whyRow({ ...volume, ...none }, telling).ID).toBe('shop_database_data');
});

function ran(): Run {
  const lines: JournalLine[] = [
    {
      type: 'run',
      schemaVersion: 1,
      id: '20261121T024109123Z-1f3a',
      at: AT,
      engine: { id: 'E', name: 'host', host: 'unix:///x', version: '', store: 'overlay2' },
      command: ['images', '-a'],
      user: 'ann',
      pid: 1,
      version: '0',
      actions,
    },
    { type: 'begun', action: 0, at: AT, facts: {} },
    { type: 'ended', action: 0, at: AT, result: 'conflict', why: 'a container uses it' },
  ];
  return runOf(lines) as Run;
}

test('a run tells what came of each action, and what was never begun', async () => {
  const rows = runRows(ran(), false);
  expect(rows.map(({ Result, Problem }) => [Result, Problem])).toEqual([
    ['conflict', 'a container uses it'],
    ...actions.slice(1).map(() => ['cancelled', '']),
  ]);
  const list = await formatted(formatOf('{{.ID}} {{.User}}: {{.Command}}', HISTORY_FIELDS), [
    historyRow(ran()),
    historyRow({ id: 'broken', why: 'it is empty' }),
  ]);
  expect(list).toBe('20261121T024109123Z-1f3a ann: docker tidy images -a\nbroken : \n');
});

test('space that is about says so', async () => {
  const kinds = [
    {
      kind: 'image',
      total: 3,
      active: 1,
      size: { bytes: 1e6 },
      dangling: { bytes: 0 },
      unused: { bytes: 5e5, about: true },
    },
    { kind: 'volume', total: 2, active: 0 },
  ] as const;
  const format = formatOf('table {{.Type}}\\t{{.Size}}\\t{{.Dangling}}\\t{{.Reclaimable}}', DF_FIELDS);
  expect(await formatted(format, dfRows({ kinds }))).toBe(
    [
      'TYPE      SIZE   DANGLING   RECLAIMABLE',
      'Images    1MB    0B         ~500kB',
      'Volumes   N/A    -          -',
      '',
    ].join('\n'),
  );
});

test('a step of an undo tells what it brings back, from where, and what came of it', async () => {
  const id = `sha256:${'a'.repeat(64)}`;
  const digests = ['shop/api@sha256:1', 'shop/api@sha256:2'];
  const steps = [
    [{ do: 'create-volume', run: ran(), target: 'pgdata', facts: {}, backup: '/state/pgdata.tar' }],
    [{ do: 'load-image', target: 'app:1', id }, 'its archive is not there any more'],
    [{ do: 'pull-image', target: 'shop/api:1', id, digests, sure: true }],
    [{ do: 'leave-quarantine', target: 'tidy.quarantine/x:1', id, nameless: true }],
  ] as const;
  const rows = steps.map(([step, failed]) => restoringRow(step, false, { failed }));
  expect(rows.map((row) => Object.values(row))).toEqual([
    ['', 'volume', 'pgdata', 'create', '/state/pgdata.tar', 'done', ''],
    ['a'.repeat(12), 'image', 'app:1', 'load', 'archive', 'failed', 'its archive is not there any more'],
    ['a'.repeat(12), 'image', 'shop/api:1', 'pull', digests.join(', '), 'done', ''],
    ['a'.repeat(12), 'image', 'a'.repeat(12), 'release', '', 'done', ''],
  ]);
  expect(restoringRow(steps[1][0], true)).toMatchObject({ ID: id, Result: '', Problem: '' });
});

test('a day and a finding are rows, too', async () => {
  const day = trendRow({ day: '2026-11-21', space: { image: 1e9 }, disk: { total: 1e10, free: 4e9 } });
  const trend = formatOf('{{.Day}} {{.Images}} {{.DiskUsed}}/{{.DiskSize}}{{.Cache}}', TREND_FIELDS);
  expect(await formatted(trend, [day])).toBe('2026-11-21 1GB 6GB/10GB\n');
  const finding = { file: 'tidy.yaml', line: 3, column: 7, severity: 'error', message: 'no such key' };
  const format = formatOf('{{.File}}:{{.Line}}:{{.Column}} {{.Severity}} {{.Message}}', FINDING_FIELDS);
  expect(await formatted(format, [findingRow(finding)])).toBe('tidy.yaml:3:7 error no such key\n');
});
