// `docker tidy undo [RUN]` and `docker tidy restore NAME…`: what a run took, or one thing, from its journal. Shown first, asked, then done.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { configDir } from '../config/docker-config.ts';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import { registryOf, shortId } from '../core/reference.ts';
import type { Run } from '../core/run.ts';
import type { Restoration, Restoring, Sources } from '../core/undo.ts';
import { restorationOf, tookAnything } from '../core/undo.ts';
import type { Client } from '../engine/client.ts';
import { engineId } from '../engine/observe.ts';
import type { RestoreWith } from '../engine/restore.ts';
import { stateFolder } from '../state/folder.ts';
import type { Unread } from '../state/runs.ts';
import { markFilling, markUndone, readRun, runIds } from '../state/runs.ts';
import { UNDO_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import { orCancelled, withEngine } from './invocation.ts';
import { locked } from './locked.ts';
import { progressOf } from './progress.ts';
import type { Showing } from './showing.ts';
import { besides, rowsText, showingOf } from './showing.ts';
import { whichRun } from './which-run.ts';

/** Takes back a run: the named one, or the last that took anything and was not taken back yet. */
export async function undo(invocation: Invocation): Promise<number> {
  const [id, ...more] = invocation.operands;
  if (more.length > 0)
    throw new UsageError('docker tidy undo takes one RUN, as docker tidy history lists them');
  const show = showingOf(invocation, UNDO_FIELDS);
  return await withEngine(invocation, async (client, { host }) => {
    const engine = await engineId(client);
    const run = await runToUndo(invocation, engine, id);
    const plan = async () => {
      const now = await look(invocation, client, host);
      return withBackups(restorationOf(run, now, await sources(invocation, engine)));
    };
    return await carryBack(invocation, show, client, engine, plan, run);
  });
}

/** Brings back single things: the newest run that took something by each name. */
export async function restore(invocation: Invocation): Promise<number> {
  const { operands } = invocation;
  if (operands.length === 0)
    throw new UsageError(
      'docker tidy restore takes names or IDs of what was removed, as docker tidy history RUN shows them',
    );
  const show = showingOf(invocation, UNDO_FIELDS);
  return await withEngine(invocation, async (client, { host }) => {
    const engine = await engineId(client);
    const runs = (await allRuns(invocation, engine)).filter(isRun);
    const taken = operands.map((word) => {
      const found = runs.map((run) => narrowed(run, word)).find(tookAnything);
      if (found) return found;
      throw new Refusal(`no run that is still known removed ${word}: docker tidy history lists them`);
    });
    const plan = async () => {
      const [now, from] = [await look(invocation, client, host), await sources(invocation, engine)];
      return together(taken.map((run) => withBackups(restorationOf(run, now, from))));
    };
    return await carryBack(invocation, show, client, engine, plan);
  });
}

/** The run with the steps alone that are about what a word names: a target, a repository's image, or an ID. */
function narrowed(run: Run, word: string): Run {
  const isAbout = ({ target, id }: { readonly target: string; readonly id: string }) =>
    target === word ||
    target === `${word}:latest` ||
    id === word ||
    (/^[0-9a-f]{6,64}$/.test(word) && id.replace(/^sha256:/, '').startsWith(word));
  const ids = new Set(run.steps.filter(({ action }) => isAbout(action)).map(({ action }) => action.id));
  return { ...run, steps: run.steps.filter(({ action }) => ids.has(action.id)) };
}

function together(parts: readonly Restoration[]): Restoration {
  return {
    run: parts[0]?.run ?? '',
    steps: parts.flatMap(({ steps }) => steps),
    there: parts.flatMap(({ there }) => there),
    lost: parts.flatMap(({ lost }) => lost),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/** A volume whose backup is not there any more is lost. */
function withBackups(plan: Restoration): Restoration {
  const gone = plan.steps.filter(
    (step) => step.do === 'create-volume' && !(step.backup && existsSync(step.backup)),
  );
  const why = 'its backup is not there any more';
  return {
    ...plan,
    steps: plan.steps.filter((step) => !gone.includes(step)),
    lost: [...plan.lost, ...gone.map(({ target }) => ({ target, why }))],
  };
}

/** What could bring images back. */
async function sources(invocation: Invocation, engine: string): Promise<Sources> {
  const { archivesOf } = await import('../state/archive-sweep.ts');
  const archives = await archivesOf(folderOf(invocation), engine);
  return { archived: new Set(archives.map(({ id }) => id)) };
}

/** How steps get at the archive, and at the user's own logins. */
function using(invocation: Invocation, client: Client, engine: string): RestoreWith {
  const { globals, env, cancelled: signal } = invocation;
  return {
    signal,
    load: async (id) => {
      const [{ archivedImage }, { loadArchived }] = await Promise.all([
        import('../state/image-archive.ts'),
        import('../engine/archive-image.ts'),
      ]);
      const archived = await archivedImage(folderOf(invocation), engine, id);
      if (!archived) throw new Refusal('its archive is not there any more');
      const { size: ofBytes } = archived.tar;
      await progressOf(invocation).during(`Loading image ${shortId(id)}`, (tell) =>
        loadArchived(client, archived, signal, (bytes) => tell({ bytes, ofBytes })),
      );
    },
    auth: async (reference) => {
      const { registryAuth } = await import('../config/registry-auth.ts');
      return await registryAuth(configDir(globals, env, homedir()), env)(registryOf(reference));
    },
  };
}

async function look({ cancelled }: Invocation, client: Client, host: string): Promise<Inventory> {
  const { NOTHING, observe } = await import('../engine/observe.ts');
  const needs = { ...NOTHING, images: 'all', networks: true, volumes: 'named', cache: true } as const;
  return await orCancelled(observe(client, host, needs, new Date()), cancelled);
}

function folderOf({ env }: Invocation): string {
  return stateFolder(env, homedir(), process.platform);
}

async function allRuns(invocation: Invocation, engine: string): Promise<(Run | Unread)[]> {
  const folder = folderOf(invocation);
  return await Promise.all((await runIds(folder, engine)).map((id) => readRun(folder, engine, id)));
}

function isRun(run: Run | Unread): run is Run {
  return 'steps' in run;
}

async function runToUndo(invocation: Invocation, engine: string, id: string | undefined): Promise<Run> {
  const runs = await allRuns(invocation, engine);
  if (id === undefined) {
    const last = runs.filter(isRun).find((run) => tookAnything(run) && !run.undone);
    if (last) return last;
    throw new Refusal('there is no run on this engine that could be taken back');
  }
  const wanted = whichRun(
    id,
    runs.map((run) => run.id),
  );
  const run = runs.find((each) => each.id === wanted) as Run | Unread;
  if (!isRun(run)) throw new Refusal(`the run ${run.id} cannot be read: ${run.why}`);
  return run;
}

/** What came of a step. */
interface Restored {
  readonly step: Restoring;
  readonly failed?: string;
}

async function carryBack(
  invocation: Invocation,
  show: Showing<typeof UNDO_FIELDS>,
  client: Client,
  engine: string,
  look: () => Promise<Restoration>,
  run?: Run,
): Promise<number> {
  const plan = await look();
  const { flags, stdout, stdin, stderr, cancelled } = invocation;
  const out = besides(invocation, show);
  const forPrograms = out !== stdout;
  const noTrunc = flags.has('no-trunc');
  const text = await import('../view/undo-text.ts');
  if (!forPrograms || !(flags.has('force') || flags.has('dry-run'))) {
    out.write(text.restorationText(plan, noTrunc, run));
    if (run && plan.steps.length === 0) out.write(`${text.EARLIER}\n`);
  } else if (show.template) stderr.write(text.lostText(plan));
  if (flags.has('dry-run') || plan.steps.length === 0) {
    await print(invocation, show, plan);
    return plan.lost.length > 0 && !flags.has('dry-run') ? 1 : 0;
  }
  if (!flags.has('force')) {
    if (!stdin().isTTY)
      throw new Refusal(
        'nothing was restored: there is no terminal to ask on. Add -f to go ahead without the question',
      );
    await (await import('../view/prompt.ts')).confirm(stdin(), out, cancelled, 'restored');
  }
  const { release, waited } = await locked(invocation, engine, 'restored');
  const restored = await (async () => {
    if (waited && JSON.stringify(await look()) !== JSON.stringify(plan))
      throw new Refusal('nothing was restored: the other run changed what there is to restore. Try again');
    const how = using(invocation, client, engine);
    const progress = progressOf(invocation);
    return await progress.during('Restoring', (step) => {
      let done = 0;
      step({ done, total: plan.steps.length });
      return perform(client, plan.steps, how, folderOf(invocation), (each) => {
        step({ done: ++done });
        const stream = each.failed === undefined ? stdout : stderr;
        if (forPrograms && (stream === stdout || !show.template)) return;
        progress.beside(() => stream.write(text.restoredLine(each, noTrunc)));
      });
    });
  })().finally(release);
  const failed = restored.filter((each) => each.failed !== undefined);
  const whole = failed.length === 0 && plan.lost.length === 0 && !plan.there.some(({ taken }) => taken);
  if (run && whole) await markUndone(folderOf(invocation), run, new Date());
  await print(invocation, show, plan, restored);
  return failed.length > 0 || plan.lost.length > 0 ? 1 : 0;
}

/** For programs: what brings it back, and once it is done what came of each step. */
async function print(
  { flags, stdout }: Invocation,
  { format, template }: Showing<typeof UNDO_FIELDS>,
  plan: Restoration,
  restored?: readonly Restored[],
): Promise<void> {
  if (format === 'json')
    stdout.write(`${JSON.stringify({ ...plan, ...(restored && { restored }) }, null, 2)}\n`);
  if (!template) return;
  const noTrunc = flags.has('no-trunc');
  const text = await rowsText(
    template,
    ({ restoringRow }) =>
      restored?.map((each) => restoringRow(each.step, noTrunc, each)) ??
      plan.steps.map((step) => restoringRow(step, noTrunc)),
  );
  stdout.write(text);
}

/** One after the other: what a step needs must be there. Names of an image that did not come back are not tried. */
async function perform(
  client: Client,
  steps: readonly Restoring[],
  how: RestoreWith,
  folder: string,
  tell: (restored: Restored) => void,
): Promise<Restored[]> {
  const { restore: one } = await import('../engine/restore.ts');
  const filled = async (step: Extract<Restoring, { do: 'create-volume' }>) => {
    await markFilling(folder, step.run, step.target, false);
    await one(client, step, how).finally(() => markFilling(folder, step.run, step.target, true));
  };
  const missing = new Set<string>();
  const all: Restored[] = [];
  for (const step of steps) {
    const waits = step.do === 'tag-image' && missing.has(step.id);
    const failed = how.signal.aborted
      ? 'cancelled before its turn'
      : waits
        ? 'its image did not come back'
        : await (step.do === 'create-volume' ? filled(step) : one(client, step, how)).then(
            () => undefined,
            (error: Error) => error.message,
          );
    const brings = step.do === 'load-image' || step.do === 'pull-image';
    if (failed !== undefined && brings) missing.add(step.id);
    const restored = { step, ...(failed !== undefined && { failed }) };
    all.push(restored);
    tell(restored);
  }
  return all;
}
