// What a command that removes things is made of, and how every one of them runs: observe, plan, show, carry out.
import { homedir } from 'node:os';
import type { Engine, Inventory } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action, Plan } from '../core/plan.ts';
import { sharesLayers } from '../core/price.ts';
import type { Client } from '../engine/client.ts';
import type { Needs } from '../engine/observe.ts';
import type { Note } from '../engine/perform.ts';
import { stateFolder } from '../state/folder.ts';
import { carryOut, showPlan } from './carry-out.ts';
import type { ComebackAsked } from './comeback.ts';
import { withComeback } from './comeback.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';
import { keepTrend } from './keep-trend.ts';
import { progressOf } from './progress.ts';
import { withQuarantine } from './quarantine.ts';
import type { PlanShowing } from './showing.ts';

/** One command's request, read and checked. */
export interface Job {
  readonly show: PlanShowing;
  /** What must be observed for it. */
  readonly needs: (client: Pick<Client, 'podman'>) => Needs;
  /** What images are made of decides, too, and must be known before the plan is made. */
  readonly stacked?: boolean;
  /** What must be done before the engine is observed. */
  readonly before?: (client: Client) => Promise<void>;
  /** What is looked up about images that go, and done before they do. */
  readonly comeback?: ComebackAsked;
  /** What must be seen besides, before the plan is made. */
  readonly look?: (client: Client, inventory: Inventory) => Promise<void>;
  /** Decides. Throws Refusal where the inventory has not what the request names. */
  readonly plan: (inventory: Inventory) => Plan;
  /** What would go without a budget: what it takes may depend on what is looked up of these. Absent: `plan` says it. */
  readonly widest?: (inventory: Inventory) => Plan;
  /** A confirmation that `-f` does not skip. Resolves to whether somebody was asked; throws where it is not given. */
  readonly guard?: (plan: Plan) => Promise<boolean>;
  /** Does one action; without it, as every kind but volumes is done. */
  readonly perform?: (client: Client, action: Action, engine: Engine, note: Note) => Promise<Outcome>;
}

/** Reads a command line of a command that removes things, under the policy of the invocation. */
export type JobFor = (invocation: Invocation, words: readonly string[]) => Promise<Job>;

/** Runs a job on the engine, or plans it on a saved inventory. Returns the exit status. */
export async function runJob(invocation: Invocation, job: Job): Promise<number> {
  const file = optionValue(invocation, 'from');
  if (file !== undefined) {
    const { readInventory } = await import('../config/inventory-file.ts');
    const { comeback, widest = job.plan } = job;
    const inventory = await withComeback(invocation, comeback, await readInventory(file), widest);
    return await showPlan(invocation, job.show, job.plan(inventory));
  }
  const picks = invocation.flags.has('interactive') && !invocation.planOnly;
  const picker = picks ? await import('./interactive.ts') : undefined;
  picker?.mayPick(invocation);
  return await withEngine(invocation, async (client, { host }) => {
    if (picker)
      return await picker.pickAndCarryOut(invocation, job, surveyor(invocation, job, client, host), client);
    const again = planner(invocation, job, client, host);
    const shown = await again();
    if (invocation.planOnly) return await showPlan(invocation, job.show, shown);
    return await carryOut(invocation, job, { shown, fresh: shown, again }, client);
  });
}

/** A plan, and what it was made on. */
export interface Survey {
  readonly plan: Plan;
  readonly inventory: Inventory;
}

/** What plans the job on the engine as it is when it is called. */
export function planner(invocation: Invocation, job: Job, client: Client, host: string): () => Promise<Plan> {
  const survey = surveyor(invocation, job, client, host);
  return async () => (await survey()).plan;
}

/** The same, with what the plan was made on. */
function surveyor(invocation: Invocation, job: Job, client: Client, host: string): () => Promise<Survey> {
  return async () => {
    const { observeUses } = await import('./observing.ts');
    await job.before?.(client);
    const needs = job.needs(client);
    const observing = observeUses(invocation, client, host, needs, () => loadAhead(needs));
    const observed = await progressOf(invocation).during(OBSERVING, () =>
      orCancelled(observing, invocation.cancelled),
    );
    await job.look?.(client, observed);
    const named = await withQuarantine(invocation, observed);
    const { comeback, widest = job.plan } = job;
    const inventory = await withComeback(invocation, comeback, named, widest, client);
    const survey = await surveyOn(invocation, job, client, inventory);
    await keepTrend(invocation, observed, needs);
    return survey;
  };
}

async function surveyOn(
  invocation: Invocation,
  job: Job,
  client: Client,
  inventory: Inventory,
): Promise<Survey> {
  const on = (known: Inventory) => ({ plan: job.plan(known), inventory: known });
  if (job.stacked) return on(await weighed(invocation, client, inventory));
  const first = on(inventory);
  return first.plan.actions.some(sharesLayers)
    ? on(await weighed(invocation, client, inventory, first.plan))
    : first;
}

/** What is needed once the engine has answered is loaded while it works. Who needs it is told where that fails. */
function loadAhead({ images, cache }: Needs): void {
  if (images !== 'none' || cache) loadWeighing().catch(() => {});
  import('../view/plan-text.ts').catch(() => {});
}

async function loadWeighing() {
  return await Promise.all([import('../engine/weigh.ts'), import('./observing.ts')]);
}

const OBSERVING = 'Looking at the engine';
const LOOKING = 'Looking up what comes free';

/** What images are made of changes what goes only where `--keep-bases` asks (no plan); else it is asked for afterwards, for the prices. */
async function weighed(
  invocation: Invocation,
  client: Client,
  inventory: Inventory,
  plan?: Plan,
): Promise<Inventory> {
  const { env, cancelled } = invocation;
  const [{ weigh }, { learnBuilds }] = await loadWeighing();
  const anyShared = plan?.actions.some((action) => action.kind === 'prune-cache' && action.expects.shared);
  const going = plan ? new Set(plan.actions.map(({ id }) => id)) : 'all';
  const folder = stateFolder(env, homedir(), process.platform);
  return await progressOf(invocation).during(LOOKING, (tell) => {
    const count = (done: number, total: number) => tell({ done, total });
    const weighing = weigh(client, inventory, going, folder, anyShared ? 'all' : going, count);
    return orCancelled(
      weighing.then((weighed) => learnBuilds({ env }, weighed)),
      cancelled,
    );
  });
}
