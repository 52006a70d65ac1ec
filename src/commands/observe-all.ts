// Everything that there is to see, with what images are made of: for commands that plan nothing.
import { homedir } from 'node:os';
import type { Inventory } from '../core/inventory.ts';
import type { Client } from '../engine/client.ts';
import { EVERYTHING } from '../engine/observe.ts';
import { weigh } from '../engine/weigh.ts';
import { stateFolder } from '../state/folder.ts';
import type { Invocation } from './invocation.ts';
import { learnBuilds, observeUses } from './observing.ts';

/** `sized`: with what volumes take, which may take long. Throws EngineError when the engine does not answer. */
export async function observeAll(
  invocation: Invocation,
  client: Client,
  host: string,
  sized = false,
): Promise<Inventory> {
  const needs = { ...EVERYTHING, ...(sized && { volumes: 'sized' as const }) };
  const inventory = await observeUses(invocation, client, host, needs);
  const folder = stateFolder(invocation.env, homedir(), process.platform);
  return await learnBuilds(invocation, await weigh(client, inventory, 'all', folder));
}
