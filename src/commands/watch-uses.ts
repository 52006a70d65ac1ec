// What a watch has heard of uses of images, written into the ledger by its next look.
import { homedir } from 'node:os';
import type { HeardUses } from '../core/watch-look.ts';
import type { Client } from '../engine/client.ts';
import { idOf, infoOf } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { recordUse } from '../state/ledger.ts';
import type { Invocation } from './invocation.ts';

/** An event may reach a busy watch so much later, in milliseconds. */
const LATE = 5_000;

/** Writes into the ledger what was heard, and that nothing was missed, where that is so. Never throws but for the engine. */
export async function keepUses(
  { env }: Pick<Invocation, 'env'>,
  client: Client,
  { events, whole, at }: HeardUses,
): Promise<void> {
  if (events.length === 0 && !whole) return;
  const folder = stateFolder(env, homedir(), process.platform);
  const info = await infoOf(client);
  const theirs = Date.parse(info.SystemTime ?? '') - (Date.now() - at) - LATE;
  const last = events.at(-1)?.at ?? ''; // what came before it was heard before it
  const quiet = Number.isNaN(theirs) ? '' : new Date(theirs).toISOString();
  const until = last > quiet ? last : quiet;
  await recordUse(folder, idOf(client, info), events, whole && until !== '' ? until : undefined);
}
