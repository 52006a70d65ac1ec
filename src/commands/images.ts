// `docker tidy images`: observe, judge, plan, and carry it out. `plan` is the same with the effect withheld.
import { needsCloseup } from '../core/closeup.ts';
import type { Inventory } from '../core/inventory.ts';
import { parsePattern } from '../core/pattern.ts';
import type { Plan } from '../core/plan.ts';
import { planImages } from '../core/plan.ts';
import type { Client } from '../engine/client.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { carryOut, showPlan } from './carry-out.ts';
import type { ImagesRequest } from './images-request.ts';
import { imagesRequest, selectionOn } from './images-request.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';

export async function images(invocation: Invocation): Promise<number> {
  const request = imagesRequest(invocation);
  const file = optionValue(invocation, 'from');
  if (file !== undefined) {
    const { readInventory } = await import('../config/inventory-file.ts');
    return await showPlan(invocation, request, planOn(await readInventory(file), request, invocation));
  }
  return await withEngine(invocation, async (client, endpoint) => {
    const planNow = () => planOnEngine(invocation, request, client, endpoint);
    if (invocation.planOnly) return await showPlan(invocation, request, await planNow());
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
  const observed = await orCancelled(
    observe(client, host, needs(request, client), new Date()),
    invocation.cancelled,
  );
  return planOn(observed, request, invocation);
}

function planOn(inventory: Inventory, request: ImagesRequest, { words }: Invocation): Plan {
  return planImages(inventory, selectionOn(inventory, request), request.retention, words);
}

function needs(
  { all, keeps, repositories, groupBy, retention, danglingOnly }: ImagesRequest,
  { podman }: Client,
) {
  const patterns = repositories.map((text) => parsePattern(text, { localhost: podman }));
  const selection = { all, keeps, groupBy, patterns };
  return {
    danglingOnly,
    inspect: (list: Inventory['images']) => needsCloseup(list, selection, retention),
  };
}
