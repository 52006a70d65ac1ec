// `docker tidy history [RUN]`: past runs on this engine, or one in full; `--trend`: how its space has grown.
import { homedir } from 'node:os';
import { UsageError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { engineId } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { readRun, runIds } from '../state/runs.ts';
import { HISTORY_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import { withEngine } from './invocation.ts';
import type { PlanShowing, Showing } from './showing.ts';
import { planShowing, rowsText, showingOf } from './showing.ts';
import { whichRun } from './which-run.ts';

export async function history(invocation: Invocation): Promise<number> {
  const { operands, env, flags, stdout } = invocation;
  const [wanted, ...more] = operands;
  if (more.length > 0) throw new UsageError('docker tidy history takes one RUN');
  if (invocation.flags.has('trend')) return await (await import('./trend.ts')).trend(invocation);
  const ofRuns = wanted === undefined ? showingOf(invocation, HISTORY_FIELDS) : undefined;
  const ofOne = wanted === undefined ? undefined : planShowing(invocation);
  const json = (ofRuns ?? ofOne)?.format === 'json';
  const templated = (ofRuns ?? ofOne)?.template !== undefined;
  const engine = await withEngine(invocation, engineId);
  const folder = stateFolder(env, homedir(), process.platform);
  const ids = await runIds(folder, engine);
  const chosen = wanted === undefined ? ids : [whichRun(wanted, ids)];
  if (flags.has('quiet') && !json && !templated) {
    stdout.write(chosen.map((id) => `${printable(id)}\n`).join(''));
    return 0;
  }
  const runs = await Promise.all(chosen.map((id) => readRun(folder, engine, id)));
  const [only] = wanted === undefined ? [] : runs;
  if (templated)
    stdout.write(await runRowsText(runs, ofRuns?.template, ofOne?.template, flags.has('no-trunc')));
  else if (json) stdout.write(`${JSON.stringify(only ?? runs, null, 2)}\n`);
  else {
    const [{ historyText, runText }, { widthOf }] = await Promise.all([
      import('../view/history-text.ts'),
      import('../view/screen.ts'),
    ]);
    const columns = widthOf(stdout);
    stdout.write(only ? runText(only, columns) : await historyText(runs, columns));
  }
  return 0;
}

type Runs = Awaited<ReturnType<typeof readRun>>[];

/** A row a run, or of one run a row an action. */
async function runRowsText(
  runs: Runs,
  ofRuns: Showing<typeof HISTORY_FIELDS>['template'],
  ofOne: PlanShowing['template'],
  noTrunc: boolean,
): Promise<string> {
  if (ofRuns) return await rowsText(ofRuns, ({ historyRow }) => runs.map(historyRow));
  if (!ofOne) return '';
  return await rowsText(ofOne, ({ runRows }) =>
    runs.flatMap((run) => ('steps' in run ? runRows(run, noTrunc) : [])),
  );
}
