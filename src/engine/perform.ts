// One action, one engine call: what the plan expects is looked up again just before, and the engine is never forced.
import { Cancelled, EngineError } from '../core/errors.ts';
import type { Engine } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action } from '../core/plan.ts';
import { isConflict, isMissing } from './answer.ts';
import type { Client } from './client.ts';
import { pruneCache } from './prune-cache.ts';
import { removeContainer } from './remove-container.ts';
import { removeImage } from './remove-image.ts';
import { removeNetwork } from './remove-network.ts';

/** Checks that the action's expectations still hold, then does it. Never throws. */
export async function perform(
  client: Client,
  action: Action,
  engine: Pick<Engine, 'swarm'>,
): Promise<Outcome> {
  return await told(action, () => attempt(client, action, engine));
}

async function attempt(client: Client, action: Action, engine: Pick<Engine, 'swarm'>): Promise<Outcome> {
  switch (action.kind) {
    case 'untag':
    case 'delete-image':
      return await removeImage(client, action, engine);
    case 'delete-container':
      return await removeContainer(client, action);
    case 'delete-network':
      return await removeNetwork(client, action, engine);
    case 'prune-cache':
      return await pruneCache(client, action);
    case 'delete-volume':
      return { action, result: 'failed', why: 'only docker tidy volumes removes a volume' };
  }
}

/**
 * What came of an attempt. While others prune, the containerd store says of images that they are missing which are
 * not: gone is what is missing twice.
 */
export async function told(action: Action, work: () => Promise<Outcome>): Promise<Outcome> {
  for (const last of [false, true]) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Cancelled) return { action, result: 'cancelled' };
      if (!isMissing(error)) return failure(action, error);
      if (last) return { action, result: 'gone', why: 'it was removed meanwhile' };
    }
  }
  throw new Error('unreachable');
}

function failure(action: Action, error: unknown): Outcome {
  const why = error instanceof Error ? error.message : String(error);
  const lost = error instanceof EngineError && error.status === undefined;
  return { action, result: isConflict(error) ? 'conflict' : 'failed', why, ...(lost && { lost }) };
}
