// One record of the build cache: the engine's own prune, narrowed to that record as the plan saw it.
import type { Outcome } from '../core/outcome.ts';
import type { CacheAction } from '../core/plan.ts';
import type { Client } from './client.ts';
import type { SystemInfo } from './observe.ts';
import type { Note } from './perform.ts';
import type { Query } from './uri.ts';

/**
 * Does it, unless the record has been used since. The check is the engine's own, in the same call: a last use later
 * than the plan's, an image that has come to share it, or a record that was built on it meanwhile, and it stays.
 */
export async function pruneCache(client: Client, action: CacheAction, note: Note): Promise<Outcome> {
  const { lastUsed, shared, internal } = action.expects;
  const until = lastUsed === undefined ? undefined : await sinceUse(client, lastUsed);
  const filters = { id: [`^${action.id}$`], ...(until && { until: [until] }) };
  const query = { filters, ...((shared || internal) && { all: '1' }) };
  await note({});
  for (const pause of PAUSES) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const outcome = await attempt(client, action, query);
    if (outcome) return outcome;
  }
  return {
    action,
    result: 'changed',
    why: 'it has been used since, or something that stays was built on it',
  };
}

/** Milliseconds before each attempt: the engine holds a record for a moment after others went. */
const PAUSES = [0, 100, 400];

/** `undefined` where the engine kept it. */
async function attempt(client: Client, action: CacheAction, query: Query): Promise<Outcome | undefined> {
  const { CachesDeleted } = await client.call<{ CachesDeleted?: string[] | null }>(
    'POST',
    '/build/prune',
    query,
    { timeout: 0 },
  );
  return CachesDeleted?.includes(action.id) ? { action, result: 'done' } : undefined;
}

/**
 * How long ago the last use was by the engine's own clock, as the duration that every engine takes (20.10 takes no
 * moment). The engine counts it back from when the call arrives, and newer ones cut the result to whole seconds: a
 * second less makes sure that the last use itself lies before it.
 */
async function sinceUse(client: Client, lastUsed: string): Promise<string | undefined> {
  const { SystemTime = '' } = await client.call<Pick<SystemInfo, 'SystemTime'>>('GET', '/info');
  const ms = Date.parse(SystemTime) - Date.parse(lastUsed) - 1001;
  return ms > 0 ? `${ms}ms` : undefined;
}
