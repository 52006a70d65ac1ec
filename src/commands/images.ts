// `docker tidy images`: observe, judge, plan, show, consent, apply. `plan` is the same with the effect withheld.

import { needsCloseup } from '../core/closeup.ts';
import { Refusal } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import { exitStatus } from '../core/outcome.ts';
import { parsePattern } from '../core/pattern.ts';
import type { Plan, Space } from '../core/plan.ts';
import { planImages, total } from '../core/plan.ts';
import type { Client } from '../engine/client.ts';
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
  return await withEngine(invocation, async (client, { host }) => {
    const { observe } = await import('../engine/observe.ts');
    const observed = await orCancelled(
      observe(client, host, needs(request), new Date()),
      invocation.cancelled,
    );
    const plan = planOn(observed, request, invocation);
    if (invocation.planOnly) return await show(invocation, request, plan);
    return await carryOut(invocation, request, plan, client);
  });
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
async function show(invocation: Invocation, { format }: ImagesRequest, plan: Plan): Promise<number> {
  await print(invocation, plan, format);
  return invocation.flags.has('exit-code') && plan.actions.length > 0 ? EXIT_SOMETHING : 0;
}

async function print(
  { flags, stdout, env }: Invocation,
  plan: Plan,
  format: 'table' | 'json',
): Promise<void> {
  if (format === 'json') {
    stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  } else if (flags.has('quiet')) {
    const { printable } = await import('../view/screen.ts');
    stdout.write(plan.actions.map(({ target }) => `${printable(target)}\n`).join(''));
  } else {
    const [{ planText }, { wantsColour }] = await Promise.all([
      import('../view/plan-text.ts'),
      import('../view/screen.ts'),
    ]);
    stdout.write(
      await planText(plan, {
        colour: wantsColour(stdout, env),
        noTrunc: flags.has('no-trunc'),
        ...(stdout.isTTY && { columns: stdout.columns }),
      }),
    );
  }
}

/** Shows the plan, asks, applies it and tells what came of it. */
async function carryOut(
  invocation: Invocation,
  request: ImagesRequest,
  plan: Plan,
  client: Client,
): Promise<number> {
  const { flags, stdout } = invocation;
  const json = request.format === 'json';
  if (!json && !(flags.has('quiet') && flags.has('force'))) await print(invocation, plan, 'table');
  if (plan.actions.length > 0) await consent(invocation, json);
  const { outcomes, reclaimed } = await applied(invocation, plan, client, json);
  if (json)
    stdout.write(`${JSON.stringify({ ...plan, outcomes: outcomes.map(outcomeRow), reclaimed }, null, 2)}\n`);
  else if (!flags.has('quiet') && plan.actions.length > 0) {
    stdout.write((await import('../view/outcome-text.ts')).closing(outcomes, reclaimed));
  }
  return exitStatus(outcomes);
}

function outcomeRow({ action: { kind, target, id }, result, why }: Outcome) {
  return { kind, target, id, result, ...(why !== undefined && { why }) };
}

async function consent(
  { flags, stdin, stdout, stderr, cancelled }: Invocation,
  json: boolean,
): Promise<void> {
  if (flags.has('force')) return;
  if (!stdin.isTTY) {
    throw new Refusal(
      'nothing was removed: there is no terminal to ask on. Add -f to go ahead without the question',
    );
  }
  const { confirm } = await import('../view/prompt.ts');
  await confirm(stdin, json ? stderr : stdout, cancelled);
}

async function applied(invocation: Invocation, plan: Plan, client: Client, json: boolean) {
  const { flags, stdout, stderr, cancelled } = invocation;
  const [{ apply }, { perform }, { measureSpace }, { outcomeLine, isProblem }, { printable }] =
    await Promise.all([
      import('../engine/apply.ts'),
      import('../engine/perform.ts'),
      import('../engine/space.ts'),
      import('../view/outcome-text.ts'),
      import('../view/screen.ts'),
    ]);
  const tell = (outcome: Outcome) => {
    if (json) return;
    const quietLine = outcome.result === 'done' ? printable(outcome.action.target) : undefined;
    const line = flags.has('quiet') && !isProblem(outcome) ? quietLine : outcomeLine(outcome);
    if (line !== undefined) (isProblem(outcome) ? stderr : stdout).write(`${line}\n`);
  };
  if (plan.actions.length === 0) return { outcomes: [], reclaimed: { frees: 0 } };
  const before = await measureSpace(client, plan.engine);
  const outcomes = await apply(plan, (action) => perform(client, action), cancelled, tell);
  const after = before === undefined ? undefined : await measureSpace(client, plan.engine);
  return { outcomes, reclaimed: reclaimedBy(outcomes, before, after) };
}

/** Measured on the engine, where it can be; else what the actions that were done were said to free. */
function reclaimedBy(outcomes: readonly Outcome[], before?: number, after?: number): Space {
  if (before !== undefined && after !== undefined) return { frees: Math.max(0, before - after) };
  return total(outcomes.filter(({ result }) => result === 'done').map(({ action }) => action));
}
