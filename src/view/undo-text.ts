// What is brought back, as people read it before and after.
import { printable } from '../core/printable.ts';
import { shortId } from '../core/reference.ts';
import type { Run } from '../core/run.ts';
import type { NotRestored, Restoration, Restoring } from '../core/undo.ts';
import { count } from '../core/units.ts';
import { localTime } from './screen.ts';

/** What else there is where a run has nothing to give back. */
export const EARLIER = 'docker tidy history lists earlier runs; docker tidy undo RUN takes one of them back.';

/** The plan, with a newline at its end. */
export function restorationText({ steps, there, lost, notes }: Restoration, run?: Run): string {
  const lines = [
    ...(run ? [`The run of ${localTime(run.at)}: docker tidy ${run.command.join(' ')}`] : []),
    ...steps.map((step) => `  ${whatIsDone(step)}`),
    ...there.map((each) => `  as it is: ${notRestored(each)}`),
    ...lost.map((each) => `  lost: ${notRestored(each)}`),
    ...notes,
    summary(steps.length, lost.length),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function whatIsDone(step: Restoring): string {
  switch (step.do) {
    case 'create-volume':
      return `volume ${step.target}: made again, filled from ${step.backup}`;
    case 'create-network':
      return `network ${step.target}: made again with its settings`;
    case 'load-image':
      return `image ${step.target} (${shortId(step.id)}): loaded from the archive`;
    case 'pull-image':
      return `image ${step.target} (${shortId(step.id)}): pulled by its digest${step.sure ? '' : ', where a registry has it'}`;
    case 'tag-image':
      return `image ${shortId(step.id)}: named ${step.target} again`;
    case 'leave-quarantine':
      return `image ${shortId(step.id)}: out of quarantine${step.nameless ? ', without a name as before' : ''}`;
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
export function restoredLine({
  step,
  failed,
}: {
  readonly step: Restoring;
  readonly failed?: string;
}): string {
  const what =
    step.do === 'leave-quarantine'
      ? `${WHAT[step.do]} ${shortId(step.id)}`
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
