// Whether a build is in progress, as far as an engine tells.
import { orUnknown } from './answer.ts';
import type { Client } from './client.ts';
import { observeCache } from './observe-more.ts';

/**
 * Whether BuildKit is at work: while it builds, the records of the cache that it works on are in use. The classic builder
 * works in containers, of which no one tells what they are for; the engine tells of a pull once it is over.
 */
export async function isBuilding(client: Client): Promise<boolean> {
  if (client.podman) return false;
  const cache = await orUnknown(observeCache(client));
  return cache?.some(({ inUse }) => inUse) ?? false;
}
