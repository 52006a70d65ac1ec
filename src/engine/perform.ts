// One action, one engine call: what the plan expects is looked up again just before, and the engine is never forced.
import { Cancelled, EngineError } from '../core/errors.ts';
import type { Engine } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action, ImageAction } from '../core/plan.ts';
import { isConflict, isMissing } from './answer.ts';
import type { Client } from './client.ts';
import { pruneCache } from './prune-cache.ts';
import { putIntoQuarantine } from './quarantine.ts';
import { removeContainer } from './remove-container.ts';
import { removeImage } from './remove-image.ts';
import { removeNetwork } from './remove-network.ts';

/**
 * Told what an object is, in the engine's own words, just before the engine is asked to remove it. Where it throws, the
 * engine is not asked.
 */
export type Note = (facts: object) => Promise<void>;

/** Archives the image that an action is about, if the plan deletes it in the end. Where it throws, the action is not done. */
export type Archive = (action: ImageAction) => Promise<void>;

/** `patience`: how long an engine that restarts is waited for, in milliseconds. */
export interface Care {
  readonly note?: Note;
  readonly archive?: Archive | undefined;
  readonly patience?: number;
}

/** Checks that the action's expectations still hold, then does it. Never throws. */
export async function perform(
  client: Client,
  action: Action,
  engine: Pick<Engine, 'swarm'>,
  { note = async () => {}, archive, patience }: Care = {},
): Promise<Outcome> {
  const work = async (resumed: boolean) => {
    // First of all, since it may take long: that nothing has changed is looked up afterwards.
    if (action.kind === 'untag' || action.kind === 'delete-image') await archive?.(action);
    return await attempt(client, action, engine, note, resumed);
  };
  return await told(client, action, work, patience);
}

async function attempt(
  client: Client,
  action: Action,
  engine: Pick<Engine, 'swarm'>,
  note: Note,
  resumed: boolean,
): Promise<Outcome> {
  switch (action.kind) {
    case 'untag':
    case 'delete-image':
      return await removeImage(client, action, engine, note, resumed);
    case 'quarantine':
      return await putIntoQuarantine(client, action, engine, note, resumed);
    case 'delete-container':
      return await removeContainer(client, action, note);
    case 'delete-network':
      return await removeNetwork(client, action, engine, note);
    case 'prune-cache':
      return await pruneCache(client, action, note);
    case 'delete-volume':
      return { action, result: 'failed', why: 'only docker tidy volumes removes a volume' };
  }
}

/** How long an engine that stopped answering is waited for, in milliseconds: restarting takes it some seconds. */
const PATIENCE = 30_000;

/**
 * What came of an attempt. While others prune, the containerd store says of images that they are missing which are
 * not: gone is what is missing twice. When the engine restarts or the connection drops, the attempt is made again once
 * the engine is back (`resumed`): it looks the object up first, so that nothing is done twice.
 */
export async function told(
  client: Client,
  action: Action,
  work: (resumed: boolean) => Promise<Outcome>,
  patience = PATIENCE,
): Promise<Outcome> {
  let missing = false;
  let restart: Restart | undefined;
  for (;;) {
    try {
      return await work(restart !== undefined);
    } catch (error) {
      if (error instanceof Cancelled) return { action, result: 'cancelled' };
      if (isMissing(error)) {
        if (restart)
          return {
            action,
            result: 'gone',
            why: 'the connection dropped meanwhile; it is not there any more',
          };
        if (missing) return { action, result: 'gone', why: 'it was removed meanwhile' };
        missing = true;
      } else if (isLost(error) || isClosing(error)) {
        restart ??= { until: Date.now() + patience };
        if (!(await isBack(client, restart))) return failure(action, error);
      } else {
        return failure(action, error);
      }
    }
  }
}

/** When an engine that restarts is given up. */
interface Restart {
  readonly until: number;
}

const PAUSE = 500;

/** Whether the engine answers again within its time. One that is about to close still answers: so not at once. */
async function isBack(client: Client, { until }: Restart): Promise<boolean> {
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    try {
      await client.call('GET', '/version', {}, { timeout: 5000 });
      return true;
    } catch (error) {
      if (!isLost(error) && !isClosing(error)) return true;
    }
  }
  return false;
}

/** What an engine says of its own parts while it stops. */
function isClosing(error: unknown): boolean {
  const closing = /client connection is closing|transport is closing|context canceled|shutting down/;
  return error instanceof EngineError && (error.status ?? 0) >= 500 && closing.test(error.message);
}

/** The engine did not answer, or not to the end. */
function isLost(error: unknown): boolean {
  return error instanceof EngineError && error.status === undefined;
}

function failure(action: Action, error: unknown): Outcome {
  const why = error instanceof Error ? error.message : String(error);
  return {
    action,
    result: isConflict(error) ? 'conflict' : 'failed',
    why,
    ...(isLost(error) && { lost: true }),
  };
}
