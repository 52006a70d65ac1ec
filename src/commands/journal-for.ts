// The journal of a run that is about to begin; and a word about the last one, if it was killed in the middle.
import { homedir, userInfo } from 'node:os';
import { Refusal } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Run } from '../core/run.ts';
import { openSteps } from '../core/run.ts';
import { count } from '../core/units.ts';
import { stateFolder } from '../state/folder.ts';
import type { Journal } from '../state/journal.ts';
import { NO_JOURNAL, openJournal } from '../state/journal.ts';
import { closeInterrupted, interruptedRun, rotate } from '../state/runs.ts';
import type { Invocation } from './invocation.ts';

/**
 * Throws Refusal where it cannot be written, unless --no-journal says to go without, or the plan is of build cache alone: that
 * never comes back, and on a full disk it is what can go first.
 */
export async function journalFor(
  { flags, env, words, stderr, version }: Invocation,
  plan: Plan,
): Promise<Journal> {
  if (flags.has('no-journal')) return NO_JOURNAL;
  const folder = stateFolder(env, homedir(), process.platform);
  const killed = await interruptedRun(folder, plan.engine.id);
  if (killed) {
    stderr.write(`${interruption(killed)}\n`);
    await closeInterrupted(folder, killed, new Date()).catch(() => {});
  }
  const who = { command: words, user: userName(env), pid: process.pid, version };
  const onlyCache = plan.actions.every(({ kind }) => kind === 'prune-cache');
  try {
    const journal = await openJournal(folder, plan, who, new Date());
    await rotate(folder, plan.engine.id, new Date());
    return journal;
  } catch (error) {
    if (!onlyCache || !(error instanceof Refusal)) throw error;
    stderr.write('This run is not in docker tidy history: its journal cannot be written.\n');
    return NO_JOURNAL;
  }
}

function interruption(run: Run): string {
  const done = run.steps.filter(({ ended }) => ended !== undefined).length;
  const open = openSteps(run).map(({ action }) => action.target);
  const doubt = open.length > 0 ? `, and perhaps ${open.join(', ')}` : '';
  return `The run of ${run.at} (docker tidy ${run.command.join(' ')}) was interrupted after ${done} of ${count(run.steps.length, 'step')}${doubt}. docker tidy history ${run.id} tells more, docker tidy undo ${run.id} takes it back.`;
}

function userName({ SUDO_USER }: NodeJS.ProcessEnv): string {
  try {
    const { username } = userInfo();
    return SUDO_USER ? `${SUDO_USER} (as ${username})` : username;
  } catch {
    return SUDO_USER ?? 'unknown'; // a user ID without a name
  }
}
