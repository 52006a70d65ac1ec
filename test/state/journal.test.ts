// The journal of a run: what is written is on the disk, in order, and what is cut off is left out.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Refusal } from '../../src/core/errors.ts';
import { planOf } from '../../src/core/plan.ts';
import { planImages } from '../../src/core/plan-images.ts';
import type { Run } from '../../src/core/run.ts';
import { openJournal, runsFolder } from '../../src/state/journal.ts';
import {
  closeInterrupted,
  interruptedRun,
  markFilling,
  markUndone,
  readRun,
  rotate,
  runIds,
} from '../../src/state/runs.ts';
import { conditions, image, imagesAsked, inventory } from '../support/builders.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'docker-tidy-journal-'));
const NOW = new Date('2026-11-21T02:41:09.123Z');
const WHO = { command: ['images', '-a'], user: 'ann', pid: 7, version: '1.2.3' };
const ON = inventory([image('a:1'), image('b:1')]);
const PLAN = planOf(ON, [], [planImages(ON, [imagesAsked({ all: true })])]);
const [A, B] = PLAN.actions as [(typeof PLAN.actions)[0], (typeof PLAN.actions)[0]];

test('what is written is read back, step by step, and only this user may read it', async () => {
  const at = folder();
  const journal = await openJournal(at, PLAN, WHO, NOW);
  await journal.begin(A, { image: { tags: ['a:1'] } });
  await journal.end({ action: A, result: 'done' });
  await journal.begin(B, {});
  const midway = (await readRun(at, 'ENGINE', journal.id)) as Run;
  expect(midway.steps.map(({ begun, ended }) => [begun?.facts, ended?.result])).toEqual([
    [{ image: { tags: ['a:1'] } }, 'done'],
    [{}, undefined],
  ]);
  await journal.end({ action: B, result: 'conflict', why: 'in use' });
  await journal.close({ frees: 12 });
  const whole = (await readRun(at, 'ENGINE', journal.id)) as Run;
  expect(whole).toMatchObject({
    id: journal.id,
    ...WHO,
    at: NOW.toISOString(),
    closed: { reclaimed: { frees: 12 } },
  });
  expect(whole.steps[1]?.ended).toMatchObject({ result: 'conflict', why: 'in use' });
  const [file = ''] = readdirSync(runsFolder(at, 'ENGINE'));
  expect(file).toMatch(/^20261121T024109123Z-[0-9a-f]{4}\.jsonl$/);
  expect(statSync(join(runsFolder(at, 'ENGINE'), file)).mode & 0o777).toBe(0o600);
});

test('lines that come at once are all there, whole and in one piece', async () => {
  const at = folder();
  const journal = await openJournal(at, PLAN, WHO, NOW);
  await Promise.all(Array.from({ length: 200 }, (_, i) => journal.begin(i % 2 ? A : B, { i })));
  const [file = ''] = readdirSync(runsFolder(at, 'ENGINE'));
  const lines = readFileSync(join(runsFolder(at, 'ENGINE'), file), 'utf8')
    .trim()
    .split('\n');
  expect(lines.slice(1).map((line) => JSON.parse(line).facts.i)).toEqual(
    Array.from({ length: 200 }, (_, i) => i),
  );
  await journal.close({ frees: 0 });
});

test.each(['', '{"type":"ended","act', '{}\n"text"\n'])(
  'after %j, cut off, the rest is read',
  async (rest) => {
    const at = folder();
    const journal = await openJournal(at, PLAN, WHO, NOW);
    await journal.begin(A, {});
    const file = join(runsFolder(at, 'ENGINE'), `${journal.id}.jsonl`);
    const written = readFileSync(file, 'utf8');
    await journal.close({ frees: 0 });
    writeFileSync(file, written + rest); // as if it had been killed before
    const run = (await interruptedRun(at, 'ENGINE')) as Run;
    expect(run.steps.map(({ begun }) => begun !== undefined)).toEqual([true, false]);
    await closeInterrupted(at, run, NOW);
    expect(await interruptedRun(at, 'ENGINE')).toBeUndefined();
    await markUndone(at, run, NOW);
    expect(await readRun(at, 'ENGINE', journal.id)).toMatchObject({
      closed: { interrupted: true },
      undone: { at: NOW.toISOString() },
    });
  },
);

test('a volume that is being filled again is half filled until that is over', async () => {
  const at = folder();
  const journal = await openJournal(at, PLAN, WHO, NOW);
  await journal.close({ frees: 0 });
  const halfFilled = async () => ((await readRun(at, 'ENGINE', journal.id)) as Run).halfFilled;
  const run = (await readRun(at, 'ENGINE', journal.id)) as Run;
  await markFilling(at, run, 'data', false);
  expect(await halfFilled()).toEqual(['data']);
  await markFilling(at, run, 'data', true);
  expect(await halfFilled()).toEqual([]);
});

test('one of a newer version, and one that is damaged at its beginning, are not read, but named', async () => {
  const at = folder();
  mkdirSync(runsFolder(at, 'ENGINE'), { recursive: true });
  writeFileSync(
    join(runsFolder(at, 'ENGINE'), '1.jsonl'),
    '{"type":"run","schemaVersion":99,"version":"9.9"}\n',
  );
  writeFileSync(join(runsFolder(at, 'ENGINE'), '2.jsonl'), 'garbage');
  expect(await readRun(at, 'ENGINE', '1')).toEqual({
    id: '1',
    why: 'it was written by a newer docker tidy (9.9)',
  });
  expect(await readRun(at, 'ENGINE', '2')).toEqual({
    id: '2',
    why: 'its journal is damaged at the beginning',
  });
  expect(await readRun(at, 'ENGINE', '3')).toMatchObject({
    id: '3',
    why: expect.stringContaining('no such file'),
  });
});

test('where it cannot be begun that is a refusal, which says what to do', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const opening = openJournal(file, PLAN, WHO, NOW);
  await expect(opening).rejects.toThrow(Refusal);
  await expect(opening).rejects.toThrow(/^nothing was removed: .* --no-journal/);
});

test('a run that quarantines is not told to go without a journal, which has the names', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const actions = PLAN.actions.slice(0, 1).map((action) => ({ ...action, kind: 'quarantine' }));
  const opening = openJournal(file, { ...PLAN, actions } as unknown as typeof PLAN, WHO, NOW);
  await expect(opening).rejects.toThrow(
    /^nothing was removed: .* Make it writable or set DOCKER_TIDY_STATE to a folder elsewhere$/,
  );
});

test('the oldest go when there are too many, and the newest never', async () => {
  const at = folder();
  const runs = runsFolder(at, 'ENGINE');
  mkdirSync(runs, { recursive: true });
  for (let i = 0; i < 510; i++) writeFileSync(join(runs, `${String(i).padStart(4, '0')}.jsonl`), '');
  await rotate(at, 'ENGINE', new Date());
  const left = await runIds(at, 'ENGINE');
  expect([left.length, left[0], left.at(-1)]).toEqual([500, '0509', '0010']);
  writeFileSync(join(runs, '9999.jsonl'), Buffer.alloc(65 * 2 ** 20));
  await rotate(at, 'ENGINE', new Date());
  expect(await runIds(at, 'ENGINE')).toEqual(['9999']);
});

test('a folder that cannot be read is told, and is not taken for one without runs', async () => {
  const at = join(folder(), 'state');
  expect(await runIds(at, 'ENGINE')).toEqual([]);
  writeFileSync(at, 'no folder');
  await expect(runIds(at, 'ENGINE')).rejects.toThrow(
    /^cannot read what past runs wrote to .*make it readable/,
  );
});

test('a journal that knows the names of an image in quarantine is kept until that may go', async () => {
  const at = folder();
  const held = conditions([], { quarantine: { span: 86_400_000, from: '--quarantine 1d' } });
  const plan = planOf(ON, [], [planImages(ON, [imagesAsked({ all: true, conditions: held })])]);
  const old = await openJournal(at, plan, WHO, NOW);
  await old.close({ frees: 0 });
  for (let i = 1; i <= 501; i++) writeFileSync(join(runsFolder(at, 'ENGINE'), `9${1000 + i}.jsonl`), '');
  await rotate(at, 'ENGINE', NOW);
  expect(await runIds(at, 'ENGINE')).toHaveLength(501);
  expect(await runIds(at, 'ENGINE')).toContain(old.id);
  await rotate(at, 'ENGINE', new Date('2026-11-23T00:00:00Z'));
  expect(await runIds(at, 'ENGINE')).not.toContain(old.id);
});
