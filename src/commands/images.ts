// `docker tidy images`: observe, judge, plan, show, consent, apply. `plan` is the same with the effect withheld.

import { stillApproved } from '../core/approve.ts';
import { needsCloseup } from '../core/closeup.ts';
import { Refusal } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import { exitStatus } from '../core/outcome.ts';
import { parsePattern } from '../core/pattern.ts';
import type { Action, Plan, Space } from '../core/plan.ts';
import { planImages, total } from '../core/plan.ts';
import type { Client } from '../engine/client.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { ImagesRequest } from './images-request.ts';
import { imagesRequest, selectionOn } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';

/** Exit status of `plan --exit-code` when there is something to remove. */
const EXIT_SOMETHING = 2;

export async function images(invocation: Invocation): Promise<number> {
  const request = imagesRequest(invocation);
  const file = optionValue(invocation, 'from');
  if (file !== undefined) {
    const { readInventory } = await import('../config/inventory-file.ts');
    return await show(invocation, request, planOn(await readInventory(file), request, invocation));
  }
  return await withEngine(invocation, async (client, endpoint) => {
    const planNow = () => planOnEngine(invocation, request, client, endpoint);
    if (invocation.planOnly) return await show(invocation, request, await planNow());
    return await carryOut(invocation, request, planNow, client);
  });
}

async function planOnEngine(
  invocation: Invocation,
  request: ImagesRequest,
  client: Client,
  { host }: Endpoint,
): Promise<Plan> {
  const { observe } = await import('../engine/observe.ts');
  const observed = await orCancelled(observe(client, host, needs(request), new Date()), invocation.cancelled);
  return planOn(observed, request, invocation);
}

function planOn(inventory: Inventory, request: ImagesRequest, { words }: Invocation): Plan {
  return planImages(inventory, selectionOn(inventory, request), request.retention, words);
}

function needs(request: ImagesRequest) {
  const { all, keeps, repositories, groupBy, retention } = request;
  const selection = { all, keeps, groupBy, patterns: repositories.map((text) => parsePattern(text)) };
  return {
    danglingOnly: !all && !keeps,
    inspect: (list: Inventory['images']) => needsCloseup(list, selection, retention),
  };
}

/** Prints the plan and changes nothing. */
async function show(invocation: Invocation, request: ImagesRequest, plan: Plan): Promise<number> {
  await print(invocation, plan, request);
  return invocation.flags.has('exit-code') && plan.actions.length > 0 ? EXIT_SOMETHING : 0;
}

async function print(invocation: Invocation, plan: Plan, request: ImagesRequest): Promise<void> {
  const { flags, stdout, env } = invocation;
  if (request.format === 'json') {
    stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  } else if (flags.has('quiet')) {
    const { planNames } = await import('../view/plan-text.ts');
    stdout.write(planNames(plan, flags.has('no-trunc')));
  } else {
    const [{ planText }, { wantsColour }] = await Promise.all([
      import('../view/plan-text.ts'),
      import('../view/screen.ts'),
    ]);
    const options = {
      colour: wantsColour(stdout, env),
      noTrunc: flags.has('no-trunc'),
      danglingOnly: !request.all && !request.keeps,
      ...(stdout.isTTY && { columns: stdout.columns }),
    };
    stdout.write(await planText(plan, options));
  }
}

/** Shows the plan, asks, applies what still holds of it, and tells what came of it. */
async function carryOut(
  invocation: Invocation,
  request: ImagesRequest,
  planNow: () => Promise<Plan>,
  client: Client,
): Promise<number> {
  const { flags, stdout, cancelled } = invocation;
  const json = request.format === 'json';
  const plan = await planNow();
  if (!json && !(flags.has('quiet') && flags.has('force'))) await print(invocation, plan, request);
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
