// The ledger of last uses on the disk: read, changed under a lock, and written whole or not at all. The format: docs/ledger.md.
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ledger } from '../core/last-use.ts';
import { newLedger, united } from '../core/last-use.ts';
import { bounded } from '../core/last-use-bounds.ts';
import type { EngineEvent } from '../core/last-use-events.ts';
import { readLedgerText } from '../core/last-use-file.ts';
import { afterEvents } from '../core/last-use-uses.ts';
import { whileLocked } from './brief-lock.ts';
import { makeFolder } from './folder.ts';
import { runsFolder } from './journal.ts';

/** The file of an engine's ledger, whether it exists or not. */
export function ledgerFile(folder: string, engine: string): string {
  return join(dirname(runsFolder(folder, engine)), 'ledger.json');
}

/** A ledger as it was found. */
export interface Opened {
  /** Absent where nothing can be known: the file is there, and cannot be read. */
  readonly ledger?: Ledger;
  /** A part of a sentence that says what is wrong with the file. */
  readonly problem?: string;
  /** The file was damaged: it is put aside when the ledger is written. */
  readonly damaged?: true;
  /** There was none. */
  readonly fresh?: true;
  /** Tells this state of the file from any other: what is renamed into its place is another file. */
  readonly stamp?: string;
}

/** The ledger of an engine; a new one, begun at `now` (RFC 3339), where there is none. Never throws. */
export async function readLedger(folder: string, engine: string, now: string): Promise<Opened> {
  const file = ledgerFile(folder, engine);
  const stamp = await stampOf(file);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  const begun = newLedger(engine, new Date(now).toISOString());
  if (typeof text !== 'string') {
    if (text.code === 'ENOENT' || text.code === 'ENOTDIR') return { ledger: begun, fresh: true };
    return { problem: `${file} cannot be read (${text.message})` };
  }
  const found = readLedgerText(text, engine);
  if (found === 'newer') return { problem: `${file} was written by a newer docker tidy` };
  if (found === 'damaged')
    return { ledger: begun, fresh: true, damaged: true, problem: `${file} was damaged` };
  return { ledger: found, ...(stamp !== undefined && { stamp }) };
}

async function stampOf(file: string): Promise<string | undefined> {
  return await stat(file, { bigint: true }).then(
    ({ ino, size, mtimeNs }) => `${ino} ${size} ${mtimeNs}`,
    () => undefined,
  );
}

/** What became of a change. */
export interface Changed extends Pick<Opened, 'ledger' | 'problem' | 'damaged'> {
  /** It is on the disk. */
  readonly written: boolean;
}

/**
 * Changes the ledger of an engine: what others wrote meanwhile is what `change` gets. Where it cannot be written, what
 * `change` made of it is told all the same. `before`: as it was read, which is not done again where it is still the same.
 * Never throws.
 */
export async function changeLedger(
  folder: string,
  engine: string,
  now: string,
  change: (ledger: Ledger) => Ledger,
  before?: Opened,
): Promise<Changed> {
  const file = ledgerFile(folder, engine);
  let found: Opened | undefined;
  try {
    await makeFolder(dirname(file));
    return await whileLocked(`${file}.lock`, async () => {
      const same = before?.stamp !== undefined && before.stamp === (await stampOf(file));
      found = same ? before : await readLedger(folder, engine, now);
      if (!found.ledger) return { ...found, written: false };
      const ledger = change(found.ledger);
      if (found.damaged) await rename(file, `${file}.damaged`);
      if (ledger !== found.ledger || found.fresh)
        await write(file, bounded(ledger, new Date(now).toISOString()));
      return { ...found, ledger, written: true };
    });
  } catch (error) {
    const { ledger, fresh, ...rest } = found ?? (await readLedger(folder, engine, now));
    const problem = `${file} cannot be written (${(error as Error).message})`;
    // What was never written before is forgotten by the next run: then nothing is known.
    return { ...rest, problem, written: false, ...(ledger && !fresh && { ledger: change(ledger) }) };
  }
}

/** Beside it first, and on the disk, so that a power cut leaves the one or the other. */
async function write(file: string, ledger: Ledger): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    const handle = await open(part, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(ledger)}\n`);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * For what listens to an engine all the time: adds what events tell, in the order in which they came (`heardOf` in
 * engine/use-events.ts makes them of the engine's). `until`: the moment, by the engine's clock, up to which all events were
 * heard; only say it where none was missed since a look at the engine that began after it was first listened to. Then the
 * next look need not know what came before. Never throws; says what is wrong, if anything.
 */
export async function recordUse(
  folder: string,
  engine: string,
  events: readonly EngineEvent[],
  until?: string,
): Promise<{ readonly problem?: string }> {
  const now = until ?? events.at(-1)?.at;
  if (now === undefined) return {};
  const { problem } = await changeLedger(folder, engine, now, (ledger) => {
    if (until === undefined) return afterEvents(ledger, events);
    const last = events.findLast(({ at }) => at <= until)?.at ?? ledger.seen?.last;
    const seen = { until, ...(last !== undefined && { last }) };
    return afterEvents(united(ledger, { ...newLedger(engine, ledger.since), seen }), events);
  });
  return { ...(problem !== undefined && { problem }) };
}
