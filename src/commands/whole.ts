// `docker tidy` and `docker tidy all`: containers, networks, images and the build cache, in this order. Never volumes.
import { basename } from 'node:path';
import type { Conditions } from '../core/condition.ts';
import { narrowed } from '../core/condition.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Part } from '../core/plan.ts';
import { planOf } from '../core/plan.ts';
import { planCache } from '../core/plan-cache.ts';
import { planContainers } from '../core/plan-containers.ts';
import { planImages } from '../core/plan-images.ts';
import { planNetworks } from '../core/plan-networks.ts';
import type { Policy } from '../core/policy.ts';
import { NOTHING as NO_NEEDS } from '../engine/observe.ts';
import { budgetOfPolicy } from './cache-budget.ts';
import { comebackAsked } from './comeback.ts';
import { conditionsOf } from './conditions.ts';
import type { ImagesPart } from './images-by-rules.ts';
import { imagesByRules } from './images-by-rules.ts';
import { askedOn } from './images-on.ts';
import type { ImagesRequest } from './images-request.ts';
import { imagesRequest, needsLayers, needsOfImages } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { showingOf } from './showing.ts';

/** Throws UsageError for options that not every kind can be held against. */
export function wholeJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation);
  const limits = limitsOf(invocation);
  const request = imagesRequest(invocation, conditions);
  const policy = invocation.policy?.policy;
  const images = imagesPart(invocation, request, policy);
  const kinds = kindsOf(request, conditions, policy);
  const notes = notesOf(invocation, policy);
  return {
    comeback: comebackAsked(invocation),
    show: showingOf(invocation),
    needs: (client) => ({
      ...images.needs(client),
      stopped: true,
      networks: true,
      volumes: 'named',
      cache: true,
    }),
    stacked: images.stacked,
    plan: (inventory) => {
      const containers = kinds.containers(inventory);
      const leaving = new Set(containers.actions.map(({ id }) => id));
      const parts = [
        containers,
        kinds.networks(inventory, leaving),
        images.plan(inventory, leaving),
        kinds.cache(inventory),
      ];
      return planOf(inventory, invocation.words, [...parts, { ...NOTHING, notes }], limits);
    },
  };
}

const NOTHING: Part = { actions: [], kept: [] };

/** Images by the policy's rules, where it has any and `-a` does not say what may go; else as the options say. */
function imagesPart(invocation: Invocation, request: ImagesRequest, policy: Policy | undefined): ImagesPart {
  if (policy?.images === 'stays') return { needs: () => NO_NEEDS, stacked: false, plan: () => NOTHING };
  if (policy?.images && !request.all) return imagesByRules(invocation, request, policy, policy.images);
  return {
    needs: (client) => needsOfImages(request, client),
    stacked: needsLayers(request),
    plan: (inventory, leaving) => planImages(inventory, [askedOn(inventory, request)], leaving),
  };
}

/** The other kinds: what the policy says of one narrows what the options ask for; what it does not speak of goes as without it. */
function kindsOf({ all }: ImagesRequest, conditions: Conditions, policy: Policy | undefined) {
  const { containers, networks, cache } = policy ?? {};
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
    cache: (inventory: Inventory): Part => {
      if (cache === 'stays') return NOTHING;
      const budget = cache && budgetOfPolicy(cache)(inventory.disk);
      const asked = { all: all || cache?.all === true, conditions: narrow(cache?.conditions) };
      return planCache(inventory, { ...asked, ...(budget && { budget }) });
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
