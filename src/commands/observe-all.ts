// Everything that there is to see, with what images are made of: for commands that plan nothing.
import { homedir } from 'node:os';
import type { Inventory } from '../core/inventory.ts';
import type { Client } from '../engine/client.ts';
import { EVERYTHING, observe } from '../engine/observe.ts';
import { weigh } from '../engine/weigh.ts';
import { stateFolder } from '../state/folder.ts';
import type { Invocation } from './invocation.ts';

/** `sized`: with what volumes take, which may take long. Throws EngineError when the engine does not answer. */
export async function observeAll(
  { env }: Invocation,
  client: Client,
  host: string,
  sized = false,
): Promise<Inventory> {
  const needs = { ...EVERYTHING, ...(sized && { volumes: 'sized' as const }) };
  const inventory = await observe(client, host, needs, new Date());
  return await weigh(client, inventory, 'all', stateFolder(env, homedir(), process.platform));
}
