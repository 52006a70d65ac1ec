// Past runs that TAB offers, and what they took: the newest, as far as there is time to read them.
import type { Run } from '../core/run.ts';
import { count } from '../core/units.ts';
import { engineAtGlance } from '../engine/glance-objects.ts';
import { readRun, runIds } from '../state/runs.ts';
import type { At, Named } from './complete-names.ts';

/** So many runs are read. */
const MOST = 20;

/** IDs of runs, the newest first, and what they were. */
export async function runNames(at: At): Promise<Named[]> {
  return (await newest(at)).map(({ id, command, at: when, steps, undone }) => [
    id,
    `${when.slice(0, 16).replace('T', ' ')}, docker tidy ${command.join(' ')} (${count(steps.length, 'step')}${undone ? ', taken back' : ''})`,
  ]);
}

/** What runs removed, the last removed first. */
export async function removedNames(at: At): Promise<Named[]> {
  return (await newest(at)).flatMap(({ at: when, steps }) =>
    steps.flatMap(({ action, ended }): Named[] =>
      ended?.result === 'done' ? [[action.target, `removed ${when.slice(0, 16).replace('T', ' ')}`]] : [],
    ),
  );
}

async function newest({ endpoint, signal, folder }: At): Promise<Run[]> {
  const found = await engineAtGlance(endpoint, signal);
  if (typeof found === 'string') return [];
  const runs: Run[] = [];
  const ids = await runIds(folder, found.answer.id).catch(() => []);
  for (const id of ids.slice(0, MOST)) {
    if (signal.aborted) break;
    const run = await readRun(folder, found.answer.id, id);
    if ('steps' in run) runs.push(run);
  }
  return runs;
}
