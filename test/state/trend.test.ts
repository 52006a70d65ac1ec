// The trend on disk: runs at the same time lose nothing, it stays small, and what is damaged is left out.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daysOf } from '../../src/core/trend.ts';
import { appendSample, readTrend, trendFolder } from '../../src/state/trend.ts';
import { image, inventory, record } from '../support/builders.ts';

const ENGINE = inventory([]).engine.id;
const folder = () => mkdtempSync(join(tmpdir(), 'docker-tidy-trend-'));
const ASKED = { images: 'all', volumes: 'none', cache: true } as const;
/** A look at an engine with so much build cache. */
const look = (size: number) => inventory([image('a:1')], [], [], { cache: [record('r', 1, { size })] });
const at = (day: number, minute = 0) => new Date(Date.UTC(2026, 10, day, 12, minute));
const cacheOf = async (state: string) => (await readTrend(state, ENGINE)).map(({ space }) => space.cache);

test('what is appended is read back, and only this user may read it', async () => {
  const state = folder();
  await appendSample(state, look(5), ASKED, at(1));
  const [sample] = await readTrend(state, ENGINE);
  expect(sample).toMatchObject({ at: at(1).toISOString(), space: { cache: 5 }, images: { total: 1 } });
  const file = join(trendFolder(state, ENGINE), '2026-11-01.jsonl');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('runs at the same time lose nothing', async () => {
  const state = folder();
  const sizes = Array.from({ length: 40 }, (_, i) => i);
  await Promise.all(sizes.map((size) => appendSample(state, look(size), ASKED, at(1, size * 11))));
  expect((await cacheOf(state)).sort((a = 0, b = 0) => a - b)).toEqual(sizes);
});

test('soon after another only what tells more is added', async () => {
  const state = folder();
  await appendSample(state, look(1), { ...ASKED, cache: true, images: 'none' }, at(1));
  await appendSample(state, look(2), { ...ASKED, images: 'none' }, at(1, 5));
  expect(await cacheOf(state)).toEqual([1]);
  await appendSample(state, look(3), ASKED, at(1, 6));
  await appendSample(state, look(4), ASKED, at(1, 16));
  expect(await cacheOf(state)).toEqual([1, 3, 4]);
});

test('days that are over become one line each, and the oldest go', async () => {
  const state = folder();
  for (const day of [1, 1, 2, 2]) await appendSample(state, look(day), ASKED, at(day));
  for (const minute of [15, 30, 45]) await appendSample(state, look(minute), ASKED, at(2, minute));
  const before = daysOf(await readTrend(state, ENGINE));
  const lines = (day: string) =>
    readFileSync(join(trendFolder(state, ENGINE), `${day}.jsonl`), 'utf8')
      .split('\n')
      .filter(Boolean).length;
  await appendSample(state, look(3), ASKED, at(3));
  expect(lines('2026-11-02')).toBe(4);
  await appendSample(state, look(4), ASKED, at(4));
  expect(lines('2026-11-02')).toBe(1);
  expect(daysOf(await readTrend(state, ENGINE)).slice(0, 2)).toEqual(before);
  for (let day = 5; day < 420; day++)
    writeFileSync(join(trendFolder(state, ENGINE), `${at(day).toISOString().slice(0, 10)}.jsonl`), '');
  await appendSample(state, look(5), ASKED, at(420));
  const files = readdirSync(trendFolder(state, ENGINE)).sort();
  expect(files).toHaveLength(400);
  expect(files.at(-1)).toBe(`${at(420).toISOString().slice(0, 10)}.jsonl`);
});

test('a line that was cut off, or is of a newer version, spoils no other', async () => {
  const state = folder();
  await appendSample(state, look(1), ASKED, at(1));
  const file = join(trendFolder(state, ENGINE), '2026-11-01.jsonl');
  appendFileSync(
    file,
    '{"schemaVersion":2,"at":"2026-11-01T13:00:00Z","space":{}}\nnull\n{"schemaVersion":1,"at":"20',
  );
  await appendSample(state, look(2), ASKED, at(1, 30));
  expect(await cacheOf(state)).toEqual([1, 2]);
});

test('where it cannot be written, nothing is said', async () => {
  const state = folder();
  mkdirSync(join(state, ENGINE.replaceAll(/[^\w.-]/g, '-')), { recursive: true });
  writeFileSync(trendFolder(state, ENGINE), 'a file');
  await appendSample(state, look(1), ASKED, at(1));
  expect(await readTrend(state, ENGINE)).toEqual([]);
});
