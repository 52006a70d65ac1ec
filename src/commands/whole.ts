// `docker tidy` and `docker tidy all`: containers, networks, images and the build cache, in this order. Never volumes.
import { basename } from 'node:path';
import type { Within } from '../core/budget.ts';
import { withinBudget } from '../core/budget.ts';
import type { Budget } from '../core/budget-goals.ts';
import type { Conditions } from '../core/condition.ts';
import { narrowed } from '../core/condition.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Part, Plan } from '../core/plan.ts';
import { planOf } from '../core/plan.ts';
import { candidateRecords, planCache } from '../core/plan-cache.ts';
import { planContainers } from '../core/plan-containers.ts';
import { candidateImages, planImages } from '../core/plan-images.ts';
import { planNetworks } from '../core/plan-networks.ts';
import type { Policy } from '../core/policy.ts';
import { budgetOfPolicy as budgetOfCache } from './cache-budget.ts';
import { comebackAsked } from './comeback.ts';
import { conditionsOf } from './conditions.ts';
import type { ImagesRequest } from './images-request.ts';
import { imagesRequest } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { planShowing } from './showing.ts';
import { imagesPart, wholeBudget } from './whole-images.ts';

/** Throws UsageError for options that not every kind can be held against. */
export function wholeJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation);
  const limits = limitsOf(invocation);
  const policy = invocation.policy?.policy;
  const budgetOn = wholeBudget(invocation, policy);
  const budgeted = budgetOn !== undefined;
  const request = imagesRequest(invocation, conditions, budgeted);
  const images = imagesPart(invocation, request, policy, budgeted);
  const kinds = kindsOf(request, conditions, policy);
  const notes = notesOf(invocation, policy);
  const plan = (inventory: Inventory, budget?: Budget): Plan => {
    const containers = kinds.containers(inventory);
    const leaving = new Set(containers.actions.map(({ id }) => id));
    const { asked, notes: unasked = [] } = images.ask(inventory);
    const among = () => ({
      images: candidateImages(inventory, asked, leaving),
      records: budget?.cache ? kinds.records(inventory) : [],
    });
    const within = budget && withinBudget(inventory, budget, among(), freedBy(containers));
    const going = planImages(inventory, asked, leaving, within);
    const said = [...unasked, ...(going.notes ?? []), ...(within?.notes(going.kept) ?? [])];
    const parts = [
      containers,
      kinds.networks(inventory, leaving),
      { ...going, notes: said },
      kinds.cache(inventory, budget?.cache ? within : undefined),
      { ...NOTHING, notes },
    ];
    return planOf(inventory, invocation.words, parts, limits);
  };
  return {
    comeback: comebackAsked(invocation),
    show: planShowing(invocation),
    needs: (client) => ({
      ...images.needs(client),
      stopped: true,
      networks: true,
      volumes: 'named',
      cache: true,
    }),
    stacked: images.stacked,
    plan: (inventory) => plan(inventory, budgetOn?.(inventory.disk)),
    widest: plan,
  };
}

const NOTHING: Part = { actions: [], kept: [] };

/** What containers that go free first. */
function freedBy({ actions }: Part): number {
  return actions.reduce((sum, { frees }) => sum + frees, 0);
}

/** The other kinds: what the policy says of one narrows what the options ask for; what it does not speak of goes as without it. */
function kindsOf({ all, allByOption }: ImagesRequest, conditions: Conditions, policy: Policy | undefined) {
  const { containers, networks, cache } = policy ?? {};
  const askedOfCache = () => {
    const said = cache === 'stays' ? undefined : cache;
    return { all: allByOption || (said?.all ?? all), conditions: narrow(said?.conditions) };
  };
  const narrow = (said: Conditions | undefined) => (said ? narrowed(said, conditions) : conditions);
  return {
    containers: (inventory: Inventory): Part =>
      containers === 'stays' ? NOTHING : planContainers(inventory, narrow(containers)),
    networks: (inventory: Inventory, leaving: ReadonlySet<string>): Part => {
      if (networks === 'stays') return NOTHING;
      return conditions.largerThan
        ? noSize(inventory, conditions.largerThan.from)
        : planNetworks(inventory, narrow(networks), leaving);
    },
    /** The records that would go without a budget. */
    records: (inventory: Inventory) => candidateRecords(inventory, askedOfCache()),
    cache: (inventory: Inventory, within?: Within): Part => {
      if (cache === 'stays') return NOTHING;
      const budget = cache && budgetOfCache(cache)?.(inventory.disk);
      return planCache(inventory, {
        ...askedOfCache(),
        ...(budget && { budget }),
        ...(within && { within }),
      });
    },
  };
}

function notesOf({ policy, lying }: Invocation, inUse: Policy | undefined): string[] {
  return [
    ...(inUse ? [`By the policy ${inUse.file}.`] : []),
    ...(policy?.warnings ?? []),
    ...(lying === undefined
      ? []
      : [`${basename(lying)} in this folder is not used: add --policy ${basename(lying)} if you trust it.`]),
  ];
}

function noSize({ networks }: Inventory, from: string): Part {
  const any = networks.some(({ builtIn }) => !builtIn);
  return {
    actions: [],
    kept: [],
    notes: any ? [`The networks stay: they take no space, and ${from} asks for it.`] : [],
  };
}
