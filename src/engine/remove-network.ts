// One network: removed if nothing is on it, and nothing stopped would come back to it.
import type { ContainerInfo } from 'dockerode';
import { EngineError } from '../core/errors.ts';
import type { Engine } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { NetworkAction } from '../core/plan.ts';
import { isOn } from '../core/plan-networks.ts';
import { stateWord } from '../core/usage.ts';
import { orMissing } from './answer.ts';
import type { Client } from './client.ts';
import { containerOf } from './observe-containers.ts';
import type { NetworkInfo } from './observe-more.ts';
import { networkOf, observeServices } from './observe-more.ts';
import type { Note } from './perform.ts';

/** Does it, unless something has come to use it. Throws EngineError when the engine refuses. */
export async function removeNetwork(
  client: Client,
  action: NetworkAction,
  { swarm }: Pick<Engine, 'swarm'>,
  note: Note,
): Promise<Outcome> {
  const [found, list, services] = await Promise.all([
    orMissing(client.call<NetworkInfo>('GET', `/networks/${action.id}`)),
    client.call<ContainerInfo[]>('GET', '/containers/json', { all: '1' }),
    swarm ? observeServices(client) : [],
  ]);
  if (!found) throw new EngineError(`no such network: ${action.target}`, { status: 404 });
  const network = networkOf(found);
  const user = list.map(containerOf).find((container) => isOn(container, network));
  const service = services.find((each) => isOn(each, network));
  const why =
    (user && `${stateWord(user)} container ${user.name} is on it now`) ??
    (service && `swarm service ${service.name} uses it now`) ??
    network.attached.map((name) => `${name} is connected to it now`)[0];
  if (why !== undefined) return { action, result: 'changed', why };
  await note({ network: found });
  return await remove(client, action);
}

/** The engine says 403 where something is connected to the network. */
async function remove(client: Client, action: NetworkAction): Promise<Outcome> {
  try {
    await client.call('DELETE', `/networks/${action.id}`);
    return { action, result: 'done' };
  } catch (error) {
    if (error instanceof EngineError && error.status === 403)
      return { action, result: 'conflict', why: error.message };
    throw error;
  }
}
