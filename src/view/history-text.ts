// Past runs, as people read them: a line each, or one with all that it did.
import type { Space } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import type { Run, RunStep } from '../core/run.ts';
import { count } from '../core/units.ts';
import { outcomeLine } from './outcome-text.ts';
import { spaceText } from './plan-text.ts';
import { localTime } from './screen.ts';
import { hung, table } from './table.ts';

/** A run, or one that cannot be read. */
export type Found = Run | { readonly id: string; readonly why: string };

/** A table of runs, with a newline at its end. `columns`: the terminal's width, where there is one. */
export async function historyText(runs: readonly Found[], columns?: number): Promise<string> {
  if (runs.length === 0) return 'No run on this engine is known yet.\n';
  const rows = runs.map((run) =>
    'steps' in run
      ? [
          run.id,
          localTime(run.at),
          run.user,
          resultOf(run),
          freed(run),
          `docker tidy ${run.command.join(' ')}`,
        ]
      : [run.id, '', '', 'not readable', '', run.why],
  );
  const header = ['RUN', 'WHEN', 'WHO', 'RESULT', 'FREED', 'COMMAND'];
  const lines = await fitting([header, ...rows.map((row) => row.map(printable))], columns);
  return lines.map((line) => `${line}\n`).join('');
}

/** Where the table is too wide for the terminal, what came of a run and its command stand under it. */
async function fitting(rows: readonly (readonly string[])[], columns: number | undefined): Promise<string[]> {
  const whole = await table(rows);
  if (columns === undefined || whole.every((line) => line.length <= columns)) return whole;
  const narrow = (await table(rows.map((row) => row.slice(0, 3)))).map((line) => line.trimEnd());
  return narrow.flatMap((line, i) => {
    const [, , , result = '', space = '', command = ''] = rows[i] ?? [];
    if (i === 0) return [line];
    const told = space === '' ? result : `${result}; freed ${space}`;
    return [line, ...hung(told, 4, columns), ...hung(command, 4, columns)];
  });
}

/** All that a run did. */
export function runText(run: Found, columns?: number): string {
  if (!('steps' in run)) return `${printable(`${run.id} cannot be read: ${run.why}`)}\n`;
  const { name, id, host } = run.engine;
  const lines = [
    `Run ${run.id}, ${localTime(run.at)}, by ${run.user}`,
    `docker tidy ${run.command.join(' ')}`,
    `on ${name || id} at ${host}`,
    ...run.steps.map((step) => `  ${stepText(step)}`),
    `${resultOf(run)}${freed(run) && `; freed ${freed(run)}`}`,
    ...(run.undone ? [`Taken back ${localTime(run.undone.at)}`] : []),
  ];
  return lines
    .flatMap((line) => hung(printable(line.trimStart()), line.startsWith(' ') ? 2 : 0, columns))
    .map((line) => `${line}\n`)
    .join('');
}

function stepText(step: RunStep): string {
  const { action, ended, begun } = step;
  const { result = 'cancelled', why, backup } = ended ?? {};
  const line = outcomeLine({
    action,
    result,
    ...(why !== undefined && { why }),
    ...(backup !== undefined && { backup: { file: backup } }),
  });
  const because = action.because.text;
  if (line !== undefined) return `${line}: ${because}`;
  return begun && !ended ? `Interrupted: ${action.target}` : `Not begun: ${action.target}`;
}

/** `3 deleted, 1 untagged`; what went wrong is told, too. */
export function resultOf({ steps, closed, undone }: Run): string {
  const kinds = Object.entries(
    Object.groupBy(
      steps.filter(({ ended }) => ended?.result === 'done'),
      ({ action: { kind } }) =>
        kind === 'untag' ? 'untagged' : kind === 'quarantine' ? 'quarantined' : 'deleted',
    ),
  ).map(([word, those = []]) => `${those.length} ${word}`);
  const wrong = steps.filter(({ ended }) => ended && !['done', 'gone'].includes(ended.result)).length;
  const left = steps.filter(({ begun, ended }) => !begun && !ended).length;
  return [
    ...(undone ? ['undone'] : []),
    ...(closed && !closed.interrupted ? [] : ['interrupted']),
    ...(kinds.length > 0 ? kinds.sort() : ['nothing removed']),
    ...(wrong > 0 ? [`${count(wrong, 'step')} not done`] : []),
    ...(left > 0 ? [`${left} not begun`] : []),
  ].join(', ');
}

export function freed({ closed }: Run): string {
  return closed?.reclaimed ? spaceText(unbounded(closed.reclaimed)) : '';
}

/** JSON has no Infinity: bytes that nothing bounds are null. */
function unbounded(space: Space): Space {
  if (!space.between) return space;
  return { ...space, between: [space.between[0], space.between[1] ?? Number.POSITIVE_INFINITY] };
}
