// From a plan to its effect, the same for every kind of object: show, ask, apply what still holds, tell what came of it.
import { stillApproved } from '../core/approve.ts';
import { Refusal } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import { exitStatus } from '../core/outcome.ts';
import type { Action, Plan, Space } from '../core/plan.ts';
import { total } from '../core/plan.ts';
import type { Client } from '../engine/client.ts';
import type { Invocation } from './invocation.ts';

/** Exit status of `plan --exit-code` when there is something to remove. */
const EXIT_SOMETHING = 2;

/** How a plan is shown. */
export interface Showing {
  readonly format: 'table' | 'json';
  /** Only dangling images were looked for: an empty plan then says how to look for more. */
  readonly danglingOnly: boolean;
}

/** Prints the plan and changes nothing. */
export async function showPlan(invocation: Invocation, show: Showing, plan: Plan): Promise<number> {
  await print(invocation, plan, show);
  return invocation.flags.has('exit-code') && plan.actions.length > 0 ? EXIT_SOMETHING : 0;
}

async function print(invocation: Invocation, plan: Plan, show: Showing): Promise<void> {
  const { flags, stdout } = invocation;
  if (show.format === 'json') {
    stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  } else if (flags.has('quiet')) {
    const { planNames } = await import('../view/plan-text.ts');
    stdout.write(planNames(plan, flags.has('no-trunc')));
  } else {
    await printText(invocation, plan, show, stdout);
  }
}

async function printText(
  { flags, env }: Invocation,
  plan: Plan,
  { danglingOnly }: Showing,
  stream: NodeJS.WriteStream,
): Promise<void> {
  const [{ planText }, { wantsColour }] = await Promise.all([
    import('../view/plan-text.ts'),
    import('../view/screen.ts'),
  ]);
  const options = { colour: wantsColour(stream, env), noTrunc: flags.has('no-trunc'), danglingOnly };
  stream.write(await planText(plan, { ...options, ...(stream.isTTY && { columns: stream.columns }) }));
}

/** Shows the plan, asks, applies what still holds of it, and tells what came of it. */
export async function carryOut(
  invocation: Invocation,
  show: Showing,
  planNow: () => Promise<Plan>,
  client: Client,
): Promise<number> {
  const { flags, stdout, stderr, cancelled } = invocation;
  const json = show.format === 'json';
  const plan = await planNow();
  if (json && !flags.has('force')) await printText(invocation, plan, show, stderr);
  if (!json && !(flags.has('quiet') && flags.has('force'))) await print(invocation, plan, show);
  const asked = plan.actions.length > 0 && (await consent(invocation, json));
  const { outcomes, reclaimed } = await applied(
    invocation,
    plan,
    asked ? await orAsShown(planNow) : plan,
    client,
    json,
  );
  if (json) {
    stdout.write(`${JSON.stringify({ ...plan, outcomes: outcomes.map(outcomeRow), reclaimed }, null, 2)}\n`);
  } else if (!flags.has('quiet') && plan.actions.length > 0) {
    stdout.write((await import('../view/outcome-text.ts')).closing(outcomes, reclaimed));
  }
  return exitStatus(outcomes, cancelled.aborted);
}

/** While the user thought about it, the world may have moved on. A repository that is not there any more leaves nothing. */
async function orAsShown(planNow: () => Promise<Plan>): Promise<Plan | undefined> {
  try {
    return await planNow();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function outcomeRow({ action: { kind, target, id }, result, why }: Outcome) {
  return { kind, target, id, result, ...(why !== undefined && { why }) };
}

/** Whether the user was asked, which takes time. Throws where the answer is no, or there is no one to ask. */
async function consent(
  { flags, stdin, stdout, stderr, cancelled }: Invocation,
  json: boolean,
): Promise<boolean> {
  if (flags.has('force')) return false;
  if (!stdin.isTTY) {
    throw new Refusal(
      'nothing was removed: there is no terminal to ask on. Add -f to go ahead without the question',
    );
  }
  const { confirm } = await import('../view/prompt.ts');
  await confirm(stdin, json ? stderr : stdout, cancelled);
  return true;
}

async function applied(
  invocation: Invocation,
  shown: Plan,
  fresh: Plan | undefined,
  client: Client,
  json: boolean,
): Promise<{ outcomes: Outcome[]; reclaimed: Space }> {
  const [{ apply }, { perform }, { measureSpace }] = await Promise.all([
    import('../engine/apply.ts'),
    import('../engine/perform.ts'),
    import('../engine/space.ts'),
  ]);
  const { plan, changed } = stillApproved(shown, fresh ?? { ...shown, actions: [], kept: [] });
  const tell = json ? () => {} : await teller(invocation);
  changed.forEach(tell);
  if (plan.actions.length === 0) return { outcomes: [...changed], reclaimed: { frees: 0 } };
  const before = await measureSpace(client, plan.engine);
  const work = (action: Action) => perform(client, action, plan.engine);
  const outcomes = await apply(plan, work, invocation.cancelled, tell);
  const after = before === undefined ? undefined : await measureSpace(client, plan.engine);
  return { outcomes: [...changed, ...outcomes], reclaimed: reclaimedBy(outcomes, before, after) };
}

/** Prints each outcome as it comes: problems on standard error, and with -q only the names that went. */
async function teller({ flags, stdout, stderr }: Invocation): Promise<(outcome: Outcome) => void> {
  const { outcomeLine, isProblem } = await import('../view/outcome-text.ts');
  return (outcome) => {
    const line = outcomeLine(outcome, flags.has('quiet'));
    if (line !== undefined) (isProblem(outcome) ? stderr : stdout).write(`${line}\n`);
  };
}

/**
 * Measured on the engine, where it can be, but not more than what was removed can have held: others may have removed
 * something meanwhile. Else what the actions that were done were said to free.
 */
function reclaimedBy(outcomes: readonly Outcome[], before?: number, after?: number): Space {
  const said = total(outcomes.filter(({ result }) => result === 'done').map(({ action }) => action));
  if (before === undefined || after === undefined) return said;
  return { frees: Math.min(Math.max(0, before - after), said.between?.[1] ?? said.frees) };
}
