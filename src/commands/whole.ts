// `docker tidy` and `docker tidy all`: containers, networks, images and the build cache, in this order. Never volumes.
import type { Inventory } from '../core/inventory.ts';
import type { Part } from '../core/plan.ts';
import { planOf } from '../core/plan.ts';
import { planCache } from '../core/plan-cache.ts';
import { planContainers } from '../core/plan-containers.ts';
import { planImages } from '../core/plan-images.ts';
import { planNetworks } from '../core/plan-networks.ts';
import { conditionsOf } from './conditions.ts';
import { askedOn } from './images-on.ts';
import { imagesRequest, needsOfImages } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import type { Job } from './job.ts';
import { showingOf } from './showing.ts';

/** Throws UsageError for options that not every kind can be held against. */
export function wholeJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation);
  const request = imagesRequest(invocation, conditions);
  return {
    show: showingOf(invocation),
    needs: (client) => ({
      ...needsOfImages(request, client),
      stopped: true,
      networks: true,
      volumes: 'named',
      cache: true,
    }),
    plan: (inventory) => {
      const containers = planContainers(inventory, conditions);
      const leaving = new Set(containers.actions.map(({ id }) => id));
      const networks = conditions.largerThan
        ? noSize(inventory, conditions.largerThan.from)
        : planNetworks(inventory, conditions, leaving);
      const images = planImages(inventory, [askedOn(inventory, request)], leaving);
      const cache = planCache(inventory, { all: request.all, conditions });
      return planOf(inventory, invocation.words, [containers, networks, images, cache]);
    },
  };
}

function noSize({ networks }: Inventory, from: string): Part {
  const any = networks.some(({ builtIn }) => !builtIn);
  return {
    actions: [],
    kept: [],
    notes: any ? [`The networks stay: they take no space, and ${from} asks for it.`] : [],
  };
}
