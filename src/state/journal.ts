// The journal of a run: a line before each engine call and one after it, on the disk before the run goes on.
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action, Plan } from '../core/plan.ts';
import type { Reclaimed } from '../core/reclaimed.ts';
import type { JournalLine, RunHead } from '../core/run.ts';
import { JOURNAL_VERSION } from '../core/run.ts';
import { makeFolder } from './folder.ts';

/** What is written of a run as it goes. */
export interface Journal {
  readonly id: string;
  /** Resolves when the line is on the disk. Throws Refusal where it cannot be: then the engine must not be called. */
  readonly begin: (action: Action, facts: object) => Promise<void>;
  /** The same of what came of it. Never throws: what was done is done. */
  readonly end: (outcome: Outcome) => Promise<void>;
  readonly close: (reclaimed: Reclaimed) => Promise<void>;
  /** Why it cannot be written any more. */
  readonly broken: () => string | undefined;
}

/** For `--no-journal`. */
export const NO_JOURNAL: Journal = {
  id: '',
  begin: async () => {},
  end: async () => {},
  close: async () => {},
  broken: () => undefined,
};

/** What is known of one engine: a folder of the state folder, named after the engine's ID. */
export function engineFolder(folder: string, engine: string): string {
  return join(folder, engine.replaceAll(/[^\w.-]/g, '-') || 'engine');
}

/** Where the runs on an engine are. */
export function runsFolder(folder: string, engine: string): string {
  return join(engineFolder(folder, engine), 'runs');
}

/** Who runs what, for the first line. */
export interface Who {
  readonly command: readonly string[];
  readonly user: string;
  readonly pid: number;
  readonly version: string;
}

/**
 * Begins a journal, `ID.jsonl` with mode 0600, with all that is planned. Throws Refusal where it cannot be written:
 * nothing was removed yet.
 */
export async function openJournal(folder: string, plan: Plan, who: Who, now: Date): Promise<Journal> {
  const runs = runsFolder(folder, plan.engine.id);
  const { randomBytes } = await import('node:crypto'); // which takes its time to load
  const id = `${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(2).toString('hex')}`; // in the order of time
  const { id: engine, name, host, version, store } = plan.engine;
  const head: RunHead = {
    type: 'run',
    schemaVersion: JOURNAL_VERSION,
    id,
    at: now.toISOString(),
    engine: { id: engine, name, host, version, store },
    ...who,
    actions: plan.actions,
  };
  try {
    await makeFolder(runs);
    const handle = await open(join(runs, `${id}.jsonl`), 'ax', 0o600);
    const lines = new Lines(handle);
    try {
      await lines.write(head);
      await syncFolder(runs);
    } catch (error) {
      await lines.close();
      await rm(join(runs, `${id}.jsonl`), { force: true }).catch(() => {});
      throw error;
    }
    return journalOf(id, lines, plan);
  } catch (error) {
    throw new Refusal(`nothing was removed: ${cannot(runs, error)}. ${whatToDo(error, plan)}`, {
      cause: error,
    });
  }
}

function whatToDo(error: unknown, { actions }: Plan): string {
  const needed = actions.some(({ kind }) => kind === 'quarantine'); // the names of what is there
  const without = needed ? '' : ', or add --no-journal to go without, and without a way back';
  const isFull = ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
  return isFull
    ? `That disk is full: docker tidy cache needs no journal, since build cache never comes back. Else set DOCKER_TIDY_STATE to a folder on another disk, as /dev/shm/docker-tidy${without}`
    : `Make it writable${needed ? ' or' : ','} set DOCKER_TIDY_STATE to a folder elsewhere${without}`;
}

function journalOf(id: string, lines: Lines, { actions }: Plan): Journal {
  const places = new Map(actions.map((action, i) => [action, i]));
  const at = () => new Date().toISOString();
  let broken: string | undefined;
  const write = async (line: JournalLine) => {
    await lines.write(line).catch((error) => {
      broken ??= cannot('the journal', error);
    });
  };
  return {
    id,
    begin: async (action, facts) => {
      const line = {
        type: 'begun',
        action: places.get(action) ?? -1,
        at: at(),
        facts: { ...facts },
      } as const;
      await write(line);
      if (broken !== undefined) throw new Refusal(`left alone, since ${broken}`);
    },
    end: async ({ action, result, why, backup }) =>
      await write({
        type: 'ended',
        action: places.get(action) ?? -1,
        at: at(),
        result,
        ...(why !== undefined && { why }),
        ...(backup && { backup: backup.file }),
      }),
    close: async (reclaimed) => {
      await write({ type: 'closed', at: at(), reclaimed });
      await lines.close();
    },
    broken: () => broken,
  };
}

function cannot(what: string, error: unknown): string {
  return `what is removed cannot be written down in ${what} (${(error as Error).message})`;
}

/** Lines of a file, each on the disk when its write resolves. Those that come meanwhile go together, with one sync. */
class Lines {
  readonly #handle: FileHandle;
  #waiting: string[] = [];
  #turn: Promise<void> = Promise.resolve();
  #failed: Error | undefined;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async write(line: JournalLine): Promise<void> {
    this.#waiting.push(`${JSON.stringify(line)}\n`);
    this.#turn = this.#turn.then(() => this.#flush());
    await this.#turn;
    if (this.#failed) throw this.#failed; // of this line, or of one before it: nothing is written after a gap
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length === 0 || this.#failed) return;
    const text = this.#waiting.join('');
    this.#waiting = [];
    try {
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
    } catch (error) {
      this.#failed = error as Error;
    }
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#handle.close().catch(() => {});
  }
}

/** The file's name must outlive a power cut, too. Not every system can sync a folder. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
