// One volume: the only place that removes any, and only for `docker tidy volumes`. Checked, backed up, checked again.
import type { ContainerInfo } from 'dockerode';
import { EngineError } from '../core/errors.ts';
import type { Engine } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { VolumeAction } from '../core/plan.ts';
import { volumesInUse } from '../core/volume-usage.ts';
import type { Client } from './client.ts';
import { containerOf } from './observe-containers.ts';
import type { VolumeInfo } from './observe-more.ts';
import { inspectVolume, observeServices } from './observe-more.ts';
import type { Note } from './perform.ts';

/** Backs up a volume. */
export type BackUp = (action: VolumeAction) => Promise<NonNullable<Outcome['backup']>>;

/** Does it, unless the volume came into use or is another one by now. Throws EngineError when the engine or the backup fails. */
export async function removeVolume(
  client: Client,
  action: VolumeAction,
  engine: Pick<Engine, 'swarm'>,
  backUp: BackUp | undefined,
  note: Note,
): Promise<Outcome> {
  const before = await changedSince(client, action, engine);
  if (before !== undefined) return { action, result: 'changed', why: before };
  if (!action.guarded || !backUp) return await noted(client, action, note);
  const backup = await backUp(action);
  const after = await changedSince(client, action, engine);
  if (after !== undefined) return { action, result: 'changed', why: after, backup };
  return { ...(await noted(client, action, note, backup.file)), backup };
}

/** `backup`: the file that it was backed up to. */
async function noted(client: Client, action: VolumeAction, note: Note, backup?: string): Promise<Outcome> {
  const volume = await client.call<VolumeInfo>('GET', `/volumes/${encodeURIComponent(action.id)}`);
  await note({ volume, ...(backup !== undefined && { backup }) });
  return await remove(client, action);
}

/** Without force: the engine itself refuses where a container has come to use it. */
async function remove(client: Client, action: VolumeAction): Promise<Outcome> {
  await client.call('DELETE', `/volumes/${encodeURIComponent(action.id)}`, {}, { timeout: 0 });
  return { action, result: 'done' };
}

async function changedSince(
  client: Client,
  { id, expects }: VolumeAction,
  { swarm }: Pick<Engine, 'swarm'>,
): Promise<string | undefined> {
  const volume = await inspectVolume(client, id);
  if (!volume) throw new EngineError(`no such volume: ${id}`, { status: 404 });
  if (volume.created !== expects.created || volume.driver !== expects.driver)
    return 'it is another volume of that name now';
  const [list, services] = await Promise.all([
    client.call<ContainerInfo[]>('GET', '/containers/json', { all: '1' }),
    swarm ? observeServices(client) : [],
  ]);
  const users = volumesInUse({ containers: list.map(containerOf), services, volumes: [volume] });
  return users.get(id)?.[0]?.text;
}
