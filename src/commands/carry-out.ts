// From a plan to its effect, the same for every kind of object: show, ask, apply what still holds, tell what came of it.
import { stillApproved } from '../core/approve.ts';
import { Refusal } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import { exitStatus } from '../core/outcome.ts';
import type { Action, Plan } from '../core/plan.ts';
import type { Reclaimed } from '../core/reclaimed.ts';
import { reclaimedBy } from '../core/reclaimed.ts';
import type { Client } from '../engine/client.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import type { Job } from './job.ts';
import { locked } from './locked.ts';
import { progressOf } from './progress.ts';
import type { PlanShowing } from './showing.ts';
import { besides } from './showing.ts';

/** Exit status of `plan --exit-code` when there is something to remove. */
export const EXIT_SOMETHING = 2;

/** Prints the plan and changes nothing. */
export async function showPlan(invocation: Invocation, show: PlanShowing, plan: Plan): Promise<number> {
  const file = optionValue(invocation, 'output');
  if (file !== undefined && plan.actions.some(({ kind }) => kind === 'delete-volume'))
    throw new Refusal('nothing was saved: only docker tidy volumes removes a volume, never a saved plan');
  if (file !== undefined) await saveTo(invocation, plan, file);
  if (file !== '-') await print(invocation, plan, show);
  if (plan.refused !== undefined && invocation.flags.has('quiet'))
    invocation.stderr.write(`It can be looked at only: ${plan.refused}.\n`);
  return invocation.flags.has('exit-code') && plan.actions.length > 0 ? EXIT_SOMETHING : 0;
}

/** The file is what `docker tidy apply` takes. */
async function saveTo({ stdout }: Invocation, plan: Plan, file: string): Promise<void> {
  const [{ sealed }, { save }] = await Promise.all([import('../config/plan-file.ts'), import('./save.ts')]);
  const json = `${JSON.stringify(sealed(plan), null, 2)}\n`;
  if (file === '-') stdout.write(json);
  else await save(file, json);
}

async function print(invocation: Invocation, plan: Plan, show: PlanShowing): Promise<void> {
  const { flags, stdout } = invocation;
  if (show.template) return await printRows(invocation, plan, show.template);
  if (show.format === 'json') {
    const { sealed } = await import('../config/plan-file.ts');
    stdout.write(`${JSON.stringify(sealed(plan), null, 2)}\n`);
  } else if (flags.has('quiet')) {
    const { planNames } = await import('../view/plan-text.ts');
    stdout.write(planNames(plan, flags.has('no-trunc')));
  } else {
    await printText(invocation, plan, show, stdout);
  }
}

/** What a plan does, a row an action; with outcomes what came of each. */
async function printRows(
  { flags, stdout }: Invocation,
  { actions, takenAt }: Pick<Plan, 'actions' | 'takenAt'>,
  template: NonNullable<PlanShowing['template']>,
  outcomes?: readonly Outcome[],
): Promise<void> {
  const [{ actionRow }, { formatted }] = await Promise.all([
    import('../view/rows.ts'),
    import('../view/format.ts'),
  ]);
  const telling = { now: takenAt, noTrunc: flags.has('no-trunc') };
  const rows = outcomes
    ? outcomes.map((outcome) => actionRow(outcome.action, telling, outcome))
    : actions.map((action) => actionRow(action, telling));
  stdout.write(await formatted(template, rows));
}

async function printText(
  { flags, env }: Invocation,
  plan: Plan,
  { hint }: PlanShowing,
  stream: NodeJS.WriteStream,
): Promise<void> {
  const [{ planText }, { wantsColour, widthOf }] = await Promise.all([
    import('../view/plan-text.ts'),
    import('../view/screen.ts'),
  ]);
  const columns = widthOf(stream);
  const options = { colour: wantsColour(stream, env), noTrunc: flags.has('no-trunc'), ...(hint && { hint }) };
  stream.write(
    await planText(plan, {
      ...options,
      ...(columns !== undefined && { columns }),
    }),
  );
}

/** A plan to be carried out. */
interface Planned {
  readonly shown: Plan;
  /** The same, planned just now; absent where it names nothing that is there any more. */
  readonly fresh: Plan | undefined;
  /** What of a saved plan does not hold any more, and is not in `shown`. */
  readonly dropped?: readonly Outcome[];
  /** Plans it once more. */
  readonly again: () => Promise<Plan>;
}

/** What came of it. */
export interface Carried {
  readonly outcomes: readonly Outcome[];
  readonly reclaimed: Reclaimed;
}

/** Shows the plan, asks, applies what still holds of it, and tells what came of it. */
export async function carryOut(
  invocation: Invocation,
  job: Job,
  { shown: plan, fresh: atFirst, again, dropped = [] }: Planned,
  client: Client,
): Promise<number> {
  const { flags, stdout, stderr, cancelled } = invocation;
  const { show } = job;
  const json = show.format === 'json';
  const forPrograms = json || show.template !== undefined;
  if (forPrograms && !flags.has('force')) await printText(invocation, plan, show, stderr);
  if (!forPrograms && !(flags.has('quiet') && flags.has('force'))) await print(invocation, plan, show);
  if (plan.refused !== undefined) throw new Refusal(`nothing was removed: ${plan.refused}`);
  const asked = await consent(invocation, job, plan);
  const planned = { shown: plan, fresh: atFirst, again, dropped, asked };
  const tell = json ? () => {} : await teller(invocation, forPrograms);
  const { outcomes, reclaimed } = await carriedOut(invocation, job, planned, client, tell);
  if (json) {
    stdout.write(`${JSON.stringify({ ...plan, outcomes: outcomes.map(outcomeRow), reclaimed }, null, 2)}\n`);
  } else if (show.template) {
    await printRows(invocation, plan, show.template, outcomes);
  } else if (!flags.has('quiet') && outcomes.length > 0) {
    stdout.write((await import('../view/outcome-text.ts')).closing(outcomes, reclaimed));
  }
  return exitStatus(outcomes, cancelled.aborted);
}

/**
 * Applies what still holds of a plan that nobody need be asked about any more, while no other run does. Throws Refusal where
 * another is at it, or the run cannot be written down.
 */
export async function carriedOut(
  invocation: Invocation,
  job: Job,
  { shown, fresh: atFirst, again, dropped = [], asked = false }: Planned & { readonly asked?: boolean },
  client: Client,
  tell: (outcome: Outcome) => void,
): Promise<Carried> {
  const { release, waited } = shown.actions.length > 0 ? await locked(invocation, shown.engine.id) : NO_LOCK;
  return await (async () => {
    const fresh = asked || waited ? await orAsShown(again) : atFirst;
    return await applied(invocation, job, { shown, fresh, dropped }, client, tell);
  })().finally(release);
}

const NO_LOCK = { release: async () => {}, waited: false };

/** While the user thought about it, the world may have moved on. A repository that is not there any more leaves nothing. */
export async function orAsShown(planNow: () => Promise<Plan>): Promise<Plan | undefined> {
  try {
    return await planNow();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** An outcome as programs read it. */
export function outcomeRow({ action: { kind, target, id }, result, why, backup }: Outcome) {
  return {
    kind,
    target,
    id,
    result,
    ...(why !== undefined && { why }),
    ...(backup !== undefined && { backup }),
  };
}

/** Whether the user was asked, which takes time. Throws where the answer is no, or there is no one to ask. */
async function consent(invocation: Invocation, { show, guard }: Job, plan: Plan): Promise<boolean> {
  const guarded = plan.actions.filter((action) => action.kind === 'delete-volume' && action.guarded);
  const asked = plan.actions.length > guarded.length && (await yes(invocation, show));
  const typed = (await guard?.(plan)) ?? false;
  return asked || typed;
}

/** The question that -f answers. */
export async function yes(invocation: Invocation, show: PlanShowing): Promise<boolean> {
  const { flags, stdin, cancelled } = invocation;
  if (flags.has('force')) return false;
  if (!stdin().isTTY) {
    throw new Refusal(
      'nothing was removed: there is no terminal to ask on. Add -f to go ahead without the question',
    );
  }
  const { confirm } = await import('../view/prompt.ts');
  await confirm(stdin(), besides(invocation, show), cancelled, 'removed', show.question);
  return true;
}

async function applied(
  invocation: Invocation,
  job: Job,
  { shown, fresh, dropped }: { shown: Plan; fresh: Plan | undefined; dropped: readonly Outcome[] },
  client: Client,
  tell: (outcome: Outcome) => void,
): Promise<Carried> {
  const [{ apply }, { perform }, { measureSpace }, { journalFor }, { archiverFor }] = await Promise.all([
    import('../engine/apply.ts'),
    import('../engine/perform.ts'),
    import('../engine/space.ts'),
    import('./journal-for.ts'),
    import('./archiving.ts'),
  ]);
  const { plan, changed: lately } = stillApproved(shown, fresh ?? { ...shown, actions: [], kept: [] });
  const changed = [...dropped, ...lately];
  changed.forEach(tell);
  if (plan.actions.length === 0) return { outcomes: [...changed], reclaimed: { frees: 0 } };
  const archive = job.comeback && (await archiverFor(invocation, job.comeback.archiving, client, plan));
  const journal = await journalFor(invocation, plan);
  const before = await measureSpace(client, plan.engine);
  const work = async (action: Action) => {
    const note = async (facts: object) => await journal.begin(action, facts);
    const outcome = job.perform
      ? await job.perform(client, action, plan.engine, note)
      : await perform(client, action, plan.engine, { note, archive });
    await journal.end(outcome);
    return journal.broken() === undefined ? outcome : { ...outcome, lost: true as const };
  };
  const outcomes = await progressOf(invocation).during('Removing', async (step) => {
    let [done, bytes] = [0, 0];
    const { actions } = plan;
    const ofBytes = plan.frees > 0 ? { ofBytes: plan.frees } : {};
    step({ done, total: actions.length });
    return await apply(plan, work, invocation.cancelled, (outcome) => {
      if (outcome.result === 'done') bytes += outcome.action.frees;
      step({ done: ++done, ...(plan.frees > 0 && { bytes, ...ofBytes }) });
      tell(outcome);
    });
  });
  const after = await measureSpace(client, plan.engine);
  const reclaimed = reclaimedBy(plan, outcomes, before, after);
  await journal.close(reclaimed);
  return { outcomes: [...changed, ...outcomes], reclaimed };
}

/** Prints each outcome as it comes: problems on standard error, and with -q only the names that went. */
async function teller(invocation: Invocation, onlyProblems: boolean): Promise<(outcome: Outcome) => void> {
  const { flags, stdout, stderr } = invocation;
  const { outcomeLine, isProblem } = await import('../view/outcome-text.ts');
  return (outcome) => {
    const line = outcomeLine(outcome, flags.has('quiet'));
    if (onlyProblems && !isProblem(outcome)) return;
    if (line === undefined) return;
    progressOf(invocation).beside(() => (isProblem(outcome) ? stderr : stdout).write(`${line}\n`));
  };
}
