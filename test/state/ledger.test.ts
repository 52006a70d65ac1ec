// The ledger's file: whole at all times, added to by all, and told where it cannot be.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newLedger } from '../../src/core/last-use.ts';
import { withUses } from '../../src/core/last-use-uses.ts';
import { changeLedger, ledgerFile, readLedger, recordUse } from '../../src/state/ledger.ts';
import { id } from '../support/builders.ts';

const NOW = '2026-11-21T02:41:09.000Z';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-tidy-ledger-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => ledgerFile(folder, 'ENGINE');
const use = (name: string) => ({ image: id(name), at: NOW, by: `container ${name}` });
/** A container of that name starts, of the image by that name. */
const starts = (name: string) => ({
  type: 'container',
  action: 'start',
  id: `c-${name}`,
  at: NOW,
  name,
  image: id(name),
});
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
  const all = await Promise.all(names.map((name) => recordUse(folder, 'ENGINE', [starts(name)])));
  expect(all).toEqual(names.map(() => ({})));
  const { ledger } = await readLedger(folder, 'ENGINE', NOW);
  for (const name of names) expect(ledger?.images[id(name)]?.used?.by).toBe(`container ${name}`);
  expect(readdirSync(dirname(file()))).toEqual(['ledger.json']);
});

test('what listens tells up to where it heard all, and the next look goes on from there', async () => {
  const later = '2026-11-21T02:50:00.000Z';
  await changeLedger(folder, 'ENGINE', NOW, () => begun('a'));
  await recordUse(folder, 'ENGINE', [starts('a')]);
  expect((await readLedger(folder, 'ENGINE', NOW)).ledger?.seen).toBeUndefined();
  expect(await recordUse(folder, 'ENGINE', [starts('a')], NOW)).toEqual({});
  expect(await recordUse(folder, 'ENGINE', [], later)).toEqual({});
  const { ledger } = await readLedger(folder, 'ENGINE', NOW);
  expect(ledger?.seen).toEqual({ until: later, last: NOW });
  expect(ledger?.images[id('a')]?.used).toEqual({ at: NOW, by: 'container a' });
});

test('a lock that was left by a run that was killed is taken away', async () => {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(`${file()}.lock`, '');
  const long = new Date(Date.now() - 60_000);
  utimesSync(`${file()}.lock`, long, long);
  expect(await changeLedger(folder, 'ENGINE', NOW, () => begun('a'))).toMatchObject({ written: true });
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
  mkdirSync(`${file()}.lock`); // root may write everywhere: what cannot be had is the lock
  const soon = new Date(Date.now() + 60_000);
  utimesSync(`${file()}.lock`, soon, soon);
  const changed = await changeLedger(folder, 'ENGINE', NOW, (now) => withUses(now, [use('a')]));
  expect(changed.written).toBe(false);
  expect(changed.ledger?.images[id('a')]?.used?.by).toBe('container a');
});
