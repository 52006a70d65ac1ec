// `--contexts a,b|all`: one command line on several engines side by side. One list, one question, one exit status.
import { existsSync } from 'node:fs';
import { Cancelled, EngineError, NotThere, Refusal, UsageError } from '../core/errors.ts';
import type { Outcome } from '../core/outcome.ts';
import { exitStatus } from '../core/outcome.ts';
import type { Plan } from '../core/plan.ts';
import type { Client } from '../engine/client.ts';
import { connect } from '../engine/client.ts';
import type { Carried } from './carry-out.ts';
import { carriedOut, EXIT_SOMETHING, yes } from './carry-out.ts';
import { chosenContexts, refuseMixed } from './contexts-asked.ts';
import { prefixed } from './contexts-lines.ts';
import { showContexts, showOutcomes, tellerOf } from './contexts-show.ts';
import { endpointOf } from './endpoint-of.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import type { Job } from './job.ts';
import { planner } from './job.ts';
import { progressOf } from './progress.ts';

/** One context, and the same command line as it is run there. */
interface Asked {
  readonly context: string;
  readonly invocation: Invocation;
  readonly job: Job;
  /** Of `all` the one that needs no engine: docker lists it where there is none, too. */
  readonly mayLack: boolean;
}

/** A context whose engine was looked at. */
export interface Planned extends Asked {
  readonly plan: Plan;
  readonly again: () => Promise<Plan>;
  readonly client: Client;
}

/** A context where nothing is done, and why; `failed`: something should have been. */
export interface Passed {
  readonly context: string;
  readonly why: string;
  readonly failed: boolean;
}

export type Site = Planned | Passed;

/** A context with what came of its plan, or why there is nothing. */
export type Done = (Planned & Carried) | Passed;

/**
 * Plans the command line on the engine of each context that `--contexts` names, and unless only a plan was asked for carries
 * out what one question approves. What fails on one engine is told, and the others go on. Returns the exit status: 1 where
 * anything failed anywhere. Throws UsageError and Refusal, before anything is looked at, for what can go nowhere.
 */
export async function onContexts(
  invocation: Invocation,
  make: (invocation: Invocation) => Promise<Job>,
): Promise<number> {
  refuseMixed(invocation);
  const all = await Promise.all(
    (await chosenContexts(invocation)).map(async (context) => {
      const own = ownInvocation(invocation, context);
      const mayLack = context === 'default' && optionValue(invocation, 'contexts') === 'all';
      return { context, invocation: own, job: await make(own), mayLack };
    }),
  );
  const { show, guard } = (all[0] as Asked).job;
  if (guard && !invocation.planOnly) throw new UsageError('volumes are removed on one engine at a time');
  const clients: Client[] = [];
  try {
    const sites = settled(await lookedAt(invocation, all, (client) => clients.push(client)));
    if (invocation.planOnly) {
      await showContexts(invocation, show, sites, invocation.stdout);
      return ofPlans(invocation, sites);
    }
    const { flags, stdout, stderr } = invocation;
    const forPrograms = show.format === 'json' || show.template !== undefined;
    if (!(flags.has('force') && (forPrograms || flags.has('quiet'))))
      await showContexts(invocation, { format: 'table' }, sites, forPrograms ? stderr : stdout);
    const any = sites.some((site) => 'plan' in site && site.plan.actions.length > 0);
    const asked = any && (await yes(invocation, show));
    const done = any
      ? await carriedOutOn(invocation, sites, asked, tellerOf(invocation, forPrograms))
      : sites.map(nothingDone);
    await showOutcomes(invocation, show, done, sites);
    return ofOutcomes(done, invocation.cancelled.aborted);
  } finally {
    for (const client of clients) client.close();
  }
}

/** What is said of one engine while others are at work stands behind its context. */
function ownInvocation(invocation: Invocation, context: string): Invocation {
  return {
    ...invocation,
    globals: { ...invocation.globals, context },
    values: new Map([...invocation.values, ['progress', ['none']]]),
    stderr: prefixed(invocation.stderr, context),
  };
}

async function lookedAt(
  invocation: Invocation,
  asked: readonly Asked[],
  connected: (client: Client) => void,
): Promise<Site[]> {
  return await progressOf(invocation).during('Looking at engines', async (tell) => {
    let done = 0;
    tell({ done, total: asked.length });
    return await everyOne(
      asked.map(async (each) => {
        const site = await orPassed(each.context, () => planned(each, connected));
        tell({ done: ++done });
        return site;
      }),
    );
  });
}

async function planned(each: Asked, connected: (client: Client) => void): Promise<Planned> {
  const { invocation, job } = each;
  const endpoint = await endpointOf(invocation);
  const { transport } = endpoint;
  if (each.mayLack && transport.kind === 'unix' && !existsSync(transport.path))
    throw new NotThere(`no engine here: there is no ${transport.path}`);
  const client = await connect(endpoint, { signal: invocation.cancelled });
  connected(client);
  const again = planner(invocation, job, client, endpoint.host);
  return { ...each, client, again, plan: await again() };
}

/** One engine's failure is that engine's; what the user did is everybody's. */
async function orPassed<T>(context: string, work: () => Promise<T>): Promise<T | Passed> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof EngineError)) throw error;
    return { context, why: error.message, failed: !(error instanceof NotThere) };
  }
}

/**
 * Several contexts may be one engine: it is tidied once. A name that no engine has is a slip; one that some have not is none.
 */
function settled(sites: readonly Site[]): Site[] {
  const first = new Map<string, string>();
  const once = sites.map((site): Site => {
    if (!('plan' in site)) return site;
    const { context, plan } = site;
    const other = first.get(plan.engine.id);
    if (other !== undefined) return { context, why: `the same engine as ${other}`, failed: false };
    first.set(plan.engine.id, context);
    if (plan.refused === undefined) return site;
    return { context, why: `nothing was removed: ${plan.refused}`, failed: true };
  });
  return once.some((site) => 'plan' in site) ? once : once.map((site) => ({ ...site, failed: true }));
}

function ofPlans({ flags }: Invocation, sites: readonly Site[]): number {
  if (sites.some((site) => !('plan' in site) && site.failed)) return 1;
  const any = sites.some((site) => 'plan' in site && site.plan.actions.length > 0);
  return any && flags.has('exit-code') ? EXIT_SOMETHING : 0;
}

function nothingDone(site: Site): Done {
  return 'plan' in site ? { ...site, outcomes: [], reclaimed: { frees: 0 } } : site;
}

/** All at a time, each under the lock of its engine; what was approved is looked at again where somebody was asked. */
async function carriedOutOn(
  invocation: Invocation,
  sites: readonly Site[],
  asked: boolean,
  tell: (context: string, outcome: Outcome) => void,
): Promise<Done[]> {
  const total = sites.reduce((sum, site) => sum + ('plan' in site ? site.plan.actions.length : 0), 0);
  return await progressOf(invocation).during('Removing', async (step) => {
    let done = 0;
    step({ done, total });
    return await everyOne(
      sites.map(async (site) => {
        if (!('plan' in site) || site.plan.actions.length === 0) return nothingDone(site);
        return await carriedOutAt(site, asked, (outcome) => {
          step({ done: ++done });
          tell(site.context, outcome);
        });
      }),
    );
  });
}

/** Cancelled before it began, it is one where nothing was done: on others something may have been. */
async function carriedOutAt(site: Planned, asked: boolean, tell: (outcome: Outcome) => void): Promise<Done> {
  const { context, plan, again, client, job } = site;
  const at = { shown: plan, fresh: plan, again, asked };
  try {
    return await orPassed(context, async () => ({
      ...site,
      ...(await carriedOut(site.invocation, job, at, client, tell)),
    }));
  } catch (error) {
    if (error instanceof Cancelled) return { context, why: error.message, failed: true };
    throw error;
  }
}

/** Waits for all, also where one fails: what others have begun is not left alone. */
async function everyOne<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

function ofOutcomes(done: readonly Done[], cancelled: boolean): number {
  const outcomes = done.flatMap((site) => ('outcomes' in site ? site.outcomes : []));
  const status = exitStatus(outcomes, cancelled);
  const failed = done.some((site) => 'failed' in site && site.failed);
  if (failed && cancelled) return 130;
  return failed && status === 0 ? 1 : status;
}
