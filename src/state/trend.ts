// The trend of an engine on disk: samples as they come, a file a day, and the days before summed up. The format is in docs/trend.md.
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Inventory } from '../core/inventory.ts';
import type { Asked, Sample } from '../core/trend.ts';
import { dayOf, rollUp, sampleOf, TREND_VERSION } from '../core/trend.ts';
import { makeFolder } from './folder.ts';
import { engineFolder } from './journal.ts';
import { openLayerCache } from './layer-cache.ts';

/** So many days are kept. */
const MOST_DAYS = 400;
/** Samples that tell nothing more are taken at most so often, in milliseconds. */
const SELDOM = 10 * 60_000;
/** What one day may take; what comes later that day is left out. */
const MOST_BYTES = 2 ** 20;
const DAY = 86_400_000;

/** Where the trend of an engine is. */
export function trendFolder(folder: string, engine: string): string {
  return join(engineFolder(folder, engine), 'trend');
}

/**
 * Adds what an inventory tells to the trend of its engine; `folder` is the state folder, `asked` what was asked of the
 * engine. It asks nothing more. Lines are only ever added to the file of today, so that runs at the same time lose nothing.
 * Never throws: where the folder cannot be written, the trend has a gap.
 */
export async function appendSample(
  folder: string,
  inventory: Inventory,
  asked: Asked,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  const trend = trendFolder(folder, inventory.engine.id);
  try {
    const last = await lastOf(trend, dayOf(at));
    const isLearnt = inventory.partial || inventory.images.every(({ layers }) => layers);
    const { known } = isLearnt ? {} : await openLayerCache(folder, inventory.engine.id);
    const sample = sampleOf(inventory, asked, at, known);
    if (last && (last.bytes > MOST_BYTES || (last.sample && tellsNoMore(sample, last.sample)))) return;
    await makeFolder(trend);
    await addLine(fileOf(trend, dayOf(at)), `${JSON.stringify(sample)}\n`);
    if (!last) await sumUp(trend, now);
  } catch {
    // No space, no rights: the run itself matters more.
  }
}

function fileOf(trend: string, day: string): string {
  return join(trend, `${day}.jsonl`);
}

/** In one write at the end of the file, which no other comes between; after a line that was cut off, on a line of its own. */
async function addLine(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(`\n${line}`);
  } finally {
    await handle.close();
  }
}

/** The last sample of a day, and what its file takes; `undefined` where there is no file. */
async function lastOf(trend: string, day: string) {
  const found = await stat(fileOf(trend, day)).catch(() => undefined);
  if (!found) return undefined;
  return { bytes: found.size, sample: (await readDay(trend, day)).at(-1) };
}

/** A sample soon after another, of nothing that the other had not seen, too. */
function tellsNoMore(sample: Sample, last: Sample): boolean {
  const since = Date.parse(sample.at) - Date.parse(last.at);
  if (since < 0 || since >= SELDOM) return false;
  const seen = ({ space, disk, images }: Sample) => [
    ...Object.keys(space),
    ...(disk ? ['disk'] : []),
    ...(images ? ['count'] : []),
  ];
  const before = new Set(seen(last));
  return seen(sample).every((what) => before.has(what));
}

/**
 * Sums up each day that is over, and removes what is too old. A day before yesterday: a run that began then may still be
 * writing into yesterday. Two that do it at once write the same.
 */
async function sumUp(trend: string, now: Date): Promise<void> {
  const over = dayOf(new Date(now.getTime() - DAY).toISOString());
  const days = await storedDays(trend);
  for (const [age, day] of days.toReversed().entries()) {
    if (age >= MOST_DAYS) await rm(fileOf(trend, day), { force: true });
    else if (day < over) await sumUpDay(trend, day);
  }
}

async function sumUpDay(trend: string, day: string): Promise<void> {
  const samples = await readDay(trend, day);
  if (samples.length < 2) return;
  const part = `${fileOf(trend, day)}.${process.pid}.part`;
  try {
    await writeFile(part, `${JSON.stringify(rollUp(samples))}\n`, { mode: 0o600, flush: true });
    await rename(part, fileOf(trend, day));
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Every sample of an engine's trend, in the order of the days. */
export async function readTrend(folder: string, engine: string): Promise<Sample[]> {
  const trend = trendFolder(folder, engine);
  const days = await storedDays(trend);
  return (await Promise.all(days.map((day) => readDay(trend, day)))).flat();
}

async function storedDays(trend: string): Promise<string[]> {
  const names = await readdir(trend).catch(() => []);
  return names.flatMap((name) => /^(\d{4}-\d\d-\d\d)\.jsonl$/.exec(name)?.[1] ?? []).sort();
}

/** A line that was cut off, or is of a newer version, is left out. */
async function readDay(trend: string, day: string): Promise<Sample[]> {
  const text = await readFile(fileOf(trend, day), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => parse(line) ?? []);
}

function parse(line: string): Sample | undefined {
  try {
    const found = JSON.parse(line) as Partial<Sample> | null;
    const known = found?.schemaVersion === TREND_VERSION && typeof found.space === 'object';
    return known && !Number.isNaN(Date.parse(found.at ?? '')) ? (found as Sample) : undefined;
  } catch {
    return undefined;
  }
}
