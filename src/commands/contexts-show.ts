// What several engines' plans, and what came of them, look like: one after the other, then a table of all.
import { sealed } from '../config/plan-file.ts';
import type { Outcome } from '../core/outcome.ts';
import { printable } from '../core/printable.ts';
import type { ContextRow } from '../view/contexts-text.ts';
import { contextsTable } from '../view/contexts-text.ts';
import { formatted } from '../view/format.ts';
import * as outcomeText from '../view/outcome-text.ts';
import { inNumbers, planNames, planText } from '../view/plan-text.ts';
import { actionRow } from '../view/rows.ts';
import { painter, wantsColour, widthOf } from '../view/screen.ts';
import { outcomeRow } from './carry-out.ts';
import type { Done, Passed, Site } from './contexts.ts';
import { inContext } from './contexts-lines.ts';
import type { Invocation } from './invocation.ts';
import { progressOf } from './progress.ts';
import type { PlanShowing } from './showing.ts';

/** Prints all plans as the options have it. */
export async function showContexts(
  { flags, env, stderr }: Invocation,
  show: PlanShowing,
  sites: readonly Site[],
  stream: NodeJS.WriteStream,
): Promise<void> {
  if (show.format === 'json') return print(stream, { contexts: sites.map(siteJson) });
  const noTrunc = flags.has('no-trunc');
  const plans = sites.flatMap((site) => ('plan' in site ? [site] : []));
  if (show.template) {
    const rows = plans.flatMap(({ context, plan: { actions, takenAt: now } }) =>
      actions.map((action) => actionRow(action, { now, noTrunc, context })),
    );
    stream.write(await formatted(show.template, rows));
  } else if (flags.has('quiet')) {
    for (const { context, plan } of plans) stream.write(inContext(context, planNames(plan, noTrunc)));
  } else {
    const columns = widthOf(stream);
    const colour = wantsColour(stream, env);
    const options = { colour, noTrunc, ...(columns !== undefined && { columns }) };
    for (const { context, plan } of plans) {
      const heading = `${printable(context)} (${printable(plan.engine.host)})`;
      stream.write(`${painter(colour).bold(heading)}\n\n${await planText(plan, options)}\n`);
    }
    stream.write(await contextsTable(sites.map(planRow), columns, 'FREES'));
    return;
  }
  tellFailures(stderr, sites);
}

/** Prints what came of all of them as the options have it. `told`: the contexts as the table of the plans had them. */
export async function showOutcomes(
  { flags, stdout, stderr }: Invocation,
  show: PlanShowing,
  done: readonly Done[],
  told: readonly Site[],
): Promise<void> {
  if (show.format === 'json') return print(stdout, { contexts: done.map(doneJson) });
  const carried = done.flatMap((site) => ('outcomes' in site ? [site] : []));
  if (show.template) {
    const noTrunc = flags.has('no-trunc');
    const rows = carried.flatMap(({ context, plan: { takenAt: now }, outcomes }) =>
      outcomes.map((outcome) => actionRow(outcome.action, { now, noTrunc, context }, outcome)),
    );
    stdout.write(await formatted(show.template, rows));
  } else if (!flags.has('quiet') && carried.some(({ outcomes }) => outcomes.length > 0)) {
    for (const { context, outcomes } of carried)
      stdout.write(inContext(context, outcomeText.volumesNote(outcomes)));
    stdout.write(await contextsTable(done.map(doneRow), widthOf(stdout), 'RECLAIMED'));
    return;
  } else if (!flags.has('quiet')) {
    return tellFailures(
      stderr,
      done.filter((site) => !told.includes(site)),
    );
  }
  tellFailures(stderr, done);
}

/** Prints each outcome as it comes: problems on standard error, and with -q only the names that went. */
export function tellerOf(
  invocation: Invocation,
  onlyProblems: boolean,
): (context: string, outcome: Outcome) => void {
  const { flags, stdout, stderr } = invocation;
  return (context, outcome) => {
    const problem = outcomeText.isProblem(outcome);
    const line = outcomeText.outcomeLine(outcome, flags.has('quiet'));
    if (line === undefined || (onlyProblems && !problem)) return;
    progressOf(invocation).beside(() => (problem ? stderr : stdout).write(inContext(context, `${line}\n`)));
  };
}

const reasonOf = ({ context, failed, why }: Passed) => ({ context, failed, why });

function siteJson(site: Site): object {
  return 'plan' in site ? { context: site.context, plan: sealed(site.plan) } : reasonOf(site);
}

function doneJson(site: Done): object {
  if (!('outcomes' in site)) return reasonOf(site);
  const { context, plan, outcomes, reclaimed } = site;
  return { context, plan, outcomes: outcomes.map(outcomeRow), reclaimed };
}

function planRow(site: Site): ContextRow {
  if (!('plan' in site)) return passedRow(site);
  const { context, plan } = site;
  return { context, engine: plan.engine.name, space: plan, what: inNumbers(plan) };
}

function doneRow(site: Done): ContextRow {
  if (!('outcomes' in site)) return passedRow(site);
  const { context, plan, outcomes, reclaimed } = site;
  const what = outcomes.length > 0 ? outcomeText.inNumbers(outcomes) : inNumbers(plan);
  return {
    context,
    engine: plan.engine.name,
    space: reclaimed,
    spaceText: outcomeText.reclaimedText(reclaimed),
    what,
  };
}

/** The first sentence: the advice after it comes with `docker --context NAME tidy plan`. */
function brief(why: string): string {
  return /^.*?[.?](?= [A-Z])/.exec(why)?.[0] ?? why;
}

function passedRow({ context, failed, why }: Passed): ContextRow {
  return { context, what: failed ? `failed: ${brief(why)}` : why };
}

function print(stream: NodeJS.WriteStream, document: object): void {
  stream.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Where programs read the list, people are told what is not in it. */
function tellFailures(stderr: NodeJS.WriteStream, sites: readonly (Site | Done)[]): void {
  for (const site of sites)
    if ('why' in site && site.failed) stderr.write(inContext(site.context, `${printable(site.why)}\n`));
}
