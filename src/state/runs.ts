// Past runs, read from their journals: what was done, and which runs were killed in the middle.
import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../core/errors.ts';
import { holdsNames } from '../core/former-names.ts';
import type { JournalLine, Run } from '../core/run.ts';
import { JOURNAL_VERSION, runOf } from '../core/run.ts';
import { runsFolder } from './journal.ts';

/** A run of a newer version of docker tidy, or a file that is damaged at its beginning, is not read: only its name is told. */
export interface Unread {
  readonly id: string;
  readonly why: string;
}

/** IDs of all runs on an engine, the newest first. Throws Refusal where the folder is there and cannot be read. */
export async function runIds(folder: string, engine: string): Promise<string[]> {
  const runs = runsFolder(folder, engine);
  const names = await readdir(runs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Refusal(
      `cannot read what past runs wrote to ${runs} (${error.message}): make it readable, or set DOCKER_TIDY_STATE to the folder where they are`,
      { cause: error },
    );
  });
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort()
    .reverse();
}

/** Reads one run. A last line that was cut off when the run was killed is left out. */
export async function readRun(folder: string, engine: string, id: string): Promise<Run | Unread> {
  const text = await readFile(fileOf(folder, engine, id), 'utf8').catch((error: Error) => error);
  if (typeof text !== 'string') return { id, why: text.message };
  const lines = text.split('\n').flatMap((line) => parse(line) ?? []);
  const [head] = lines;
  if (head?.type === 'run' && head.schemaVersion > JOURNAL_VERSION)
    return { id, why: `it was written by a newer docker tidy (${head.version})` };
  return runOf(lines) ?? { id, why: 'its journal is damaged at the beginning' };
}

function fileOf(folder: string, engine: string, id: string): string {
  return join(runsFolder(folder, engine), `${id}.jsonl`);
}

function parse(line: string): JournalLine | undefined {
  try {
    const found: unknown = JSON.parse(line);
    return typeof found === 'object' && found !== null && 'type' in found
      ? (found as JournalLine)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The newest run, if it was killed: it has no last line. Only asked for while this run holds the engine's lock. */
export async function interruptedRun(folder: string, engine: string): Promise<Run | undefined> {
  const [id] = await runIds(folder, engine).catch(() => []);
  const run = id === undefined ? undefined : await readRun(folder, engine, id);
  return run && 'steps' in run && !run.closed ? run : undefined;
}

/** Closes the journal of a killed run, so that it is told once. */
export async function closeInterrupted(folder: string, run: Run, now: Date): Promise<void> {
  await append(folder, run, { type: 'closed', at: now.toISOString(), interrupted: true });
}

/** Says in a run's journal that it was taken back. */
export async function markUndone(folder: string, run: Run, now: Date): Promise<void> {
  await append(folder, run, { type: 'undone', at: now.toISOString() });
}

/** Says in a run's journal that a volume of it is about to be filled again, or that this is over. */
export async function markFilling(
  folder: string,
  run: Pick<Run, 'id' | 'engine'>,
  volume: string,
  over: boolean,
): Promise<void> {
  await append(folder, run, { type: 'filling', at: new Date().toISOString(), volume, over });
}

/** On a line of its own, though the last one was cut off. */
async function append(
  folder: string,
  { engine, id }: Pick<Run, 'id' | 'engine'>,
  line: JournalLine,
): Promise<void> {
  await appendFile(fileOf(folder, engine.id, id), `\n${JSON.stringify(line)}\n`);
}

/** So many runs are kept, and so many bytes of them: the oldest go first. */
const MOST = { runs: 500, bytes: 64 * 2 ** 20 };

/** Removes journals beyond what is kept, but for those that know the names of images in quarantine. Backups of volumes are no part of them, and stay. */
export async function rotate(folder: string, engine: string, now: Date): Promise<void> {
  let bytes = 0;
  for (const [i, id] of (await runIds(folder, engine).catch(() => [])).entries()) {
    const file = fileOf(folder, engine, id);
    bytes += await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
    if (i === 0 || (i < MOST.runs && bytes <= MOST.bytes)) continue;
    const run = await readRun(folder, engine, id);
    if ('steps' in run && holdsNames(run, now.getTime())) continue;
    await rm(file, { force: true });
  }
}
