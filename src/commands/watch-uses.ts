// What a watch has heard of uses of images, written into the ledger by its next look.
import { homedir } from 'node:os';
import type { HeardUses } from '../core/watch-look.ts';
import type { Client } from '../engine/client.ts';
import { idOf, infoOf } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { recordUse } from '../state/ledger.ts';
import type { Invocation } from './invocation.ts';

/** Writes into the ledger what was heard, and that nothing was missed, where that is so. Never throws but for the engine. */
export async function keepUses(
  { env }: Pick<Invocation, 'env'>,
  client: Client,
  { events, whole }: HeardUses,
): Promise<void> {
  if (events.length === 0) return;
  const folder = stateFolder(env, homedir(), process.platform);
  await recordUse(folder, idOf(client, await infoOf(client)), events, whole);
}
