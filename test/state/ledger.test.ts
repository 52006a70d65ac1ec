// The ledger's file: whole at all times, added to by all, and told where it cannot be.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newLedger } from '../../src/core/last-use.ts';
import { withUses } from '../../src/core/last-use-look.ts';
import { changeLedger, ledgerFile, readLedger, recordUse } from '../../src/state/ledger.ts';
import { id } from '../support/builders.ts';

const NOW = '2026-11-21T02:41:09.000Z';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-tidy-ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => ledgerFile(folder, 'ENGINE');
const use = (name: string, at = NOW) => ({ image: id(name), at, by: `container ${name}` });
/** Images that are there: others are not remembered. */
const there = (names: readonly string[]) =>
  names.map((name) => [
    id(name),
    { size: 1, came: ['2026-01-01T00:00:00.000Z'], went: [], names: {}, uses: [] },
  ]);
const begun = (...names: string[]) => ({
  ...newLedger('ENGINE', NOW),
  images: Object.fromEntries(there(names)),
});

test('all that write at once are in it', async () => {
  const names = Array.from({ length: 12 }, (_, i) => `image-${i}`);
  await changeLedger(folder, 'ENGINE', NOW, () => begun(...names));
  const all = await Promise.all(names.map((name) => recordUse(folder, 'ENGINE', [use(name)])));
  expect(all).toEqual(names.map(() => ({})));
  const { ledger } = await readLedger(folder, 'ENGINE', NOW);
  for (const name of names) expect(ledger?.images[id(name)]?.used?.by).toBe(`container ${name}`);
  expect(readdirSync(dirname(file()))).toEqual(['ledger.json']);
});

test('what listens tells up to where it heard, and the next look goes on from there', async () => {
  await changeLedger(folder, 'ENGINE', NOW, () => begun('a'));
  const event = { at: 1, type: 'container', action: 'start', id: 'c1' };
  await recordUse(folder, 'ENGINE', [use('a')], { until: NOW, event });
  expect((await readLedger(folder, 'ENGINE', NOW)).ledger?.seen).toEqual({ until: NOW, event });
});

test('a damaged one is put aside, and a new one begun', async () => {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), '{"schemaVersion": 1, "engine"');
  const changed = await changeLedger(folder, 'ENGINE', NOW, (now) => withUses(now, [use('a')]));
  expect(changed).toMatchObject({ damaged: true, written: true, problem: `${file()} was damaged` });
  expect(readFileSync(`${file()}.damaged`, 'utf8')).toContain('"engine"');
  expect(await readLedger(folder, 'ENGINE', NOW)).toMatchObject({ ledger: { engine: 'ENGINE' } });
});

test('one of a newer version stays as it is, and nothing is known', async () => {
  mkdirSync(dirname(file()), { recursive: true });
  const text = JSON.stringify({ ...newLedger('ENGINE', NOW), schemaVersion: 2 });
  writeFileSync(file(), text);
  const changed = await changeLedger(folder, 'ENGINE', NOW, (now) => now);
  expect(changed.ledger).toBeUndefined();
  expect(changed.problem).toContain('newer docker tidy');
  expect(readFileSync(file(), 'utf8')).toBe(text);
});

test('where none can be written, nothing is known, and it is said', async () => {
  writeFileSync(join(folder, 'ENGINE'), 'a file where the folder should be');
  const changed = await changeLedger(folder, 'ENGINE', NOW, () => begun('a'));
  expect(changed).toMatchObject({ written: false, problem: expect.stringContaining('cannot be written') });
  expect(changed.ledger).toBeUndefined();
});

test('one that can be read and not written still tells what it knows', async () => {
  await changeLedger(folder, 'ENGINE', NOW, () => begun('a'));
  writeFileSync(`${file()}.lock`, 'in the way of the lock');
  chmodSync(dirname(file()), 0o500);
  const changed = await changeLedger(folder, 'ENGINE', NOW, (now) => withUses(now, [use('a')]));
  chmodSync(dirname(file()), 0o700);
  expect(changed.written).toBe(false);
  expect(changed.ledger?.images[id('a')]?.used?.by).toBe('container a');
});
