// What is brought back, as people read it before and after.
import { printable } from '../core/printable.ts';
import type { Run } from '../core/run.ts';
import type { NotRestored, Restoration, Restoring } from '../core/undo.ts';
import { count } from '../core/units.ts';
import { idOf } from './plan-columns.ts';
import { localTime } from './screen.ts';

/** What else there is where a run has nothing to give back. */
export const EARLIER = 'docker tidy history lists earlier runs; docker tidy undo RUN takes one of them back.';

/** The plan, with a newline at its end. */
export function restorationText(
  { steps, there, lost, notes }: Restoration,
  noTrunc: boolean,
  run?: Run,
): string {
  const lines = [
    ...(run ? [`The run of ${localTime(run.at)}: docker tidy ${run.command.join(' ')}`] : []),
    ...steps.map((step) => `  ${whatIsDone(step, noTrunc)}`),
    ...there.map((each) => `  as it is: ${notRestored(each)}`),
    ...lost.map((each) => `  ${lostLine(each)}`),
    ...notes,
    summary(steps.length, lost.length),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

/** What does not come back, a line each. */
export function lostText({ lost }: Pick<Restoration, 'lost'>): string {
  return lost.map((each) => `${printable(lostLine(each))}\n`).join('');
}

function lostLine(each: NotRestored): string {
  return `lost: ${notRestored(each)}`;
}

function whatIsDone(step: Restoring, noTrunc: boolean): string {
  const id = 'id' in step ? idOf(step.id, noTrunc) : '';
  switch (step.do) {
    case 'create-volume':
      return `volume ${step.target}: made again, filled from ${step.backup}`;
    case 'create-network':
      return `network ${step.target}: made again with its settings`;
    case 'load-image':
      return `image ${step.target} (${id}): loaded from the archive`;
    case 'pull-image':
      return `image ${step.target} (${id}): pulled by its digest${step.sure ? '' : ', where a registry has it'}`;
    case 'tag-image':
      return `image ${id}: named ${step.target} again`;
    case 'leave-quarantine':
      return `image ${id}: out of quarantine${step.nameless ? ', without a name as before' : ''}`;
    case 'create-container':
      return `container ${step.target}: made again from its configuration; what it had written itself is gone`;
  }
}

function notRestored({ target, why }: NotRestored): string {
  return `${target}: ${why}`;
}

function summary(steps: number, lost: number): string {
  if (steps === 0 && lost === 0) return 'Nothing to bring back.';
  const gone = lost > 0 ? `; ${count(lost, 'thing')} cannot come back` : '';
  return `${count(steps, 'step')} to bring back what went${gone}.`;
}

/** One step when it is done, or why it is not. */
export function restoredLine(
  { step, failed }: { readonly step: Restoring; readonly failed?: string },
  noTrunc: boolean,
): string {
  const what =
    step.do === 'leave-quarantine'
      ? `${WHAT[step.do]} ${idOf(step.id, noTrunc)}`
      : `${WHAT[step.do]} ${step.target}`;
  return `${printable(failed === undefined ? `Restored: ${what}` : `Failed: ${what}: ${failed}`)}\n`;
}

const WHAT: Readonly<Record<Restoring['do'], string>> = {
  'create-volume': 'volume',
  'create-network': 'network',
  'load-image': 'image',
  'pull-image': 'image',
  'tag-image': 'name',
  'leave-quarantine': 'from quarantine, image',
  'create-container': 'container',
};
