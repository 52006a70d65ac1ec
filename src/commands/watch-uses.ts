// What a watch has heard of uses of images, written into the ledger by its next look.
import { homedir } from 'node:os';
import type { HeardUses } from '../core/watch-look.ts';
import type { Client } from '../engine/client.ts';
import { idOf, infoOf } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { recordUse } from '../state/ledger.ts';
import type { Invocation } from './invocation.ts';

/** An event takes some time from the engine to here, in milliseconds. */
const UNDERWAY = 2_000;

/** Writes into the ledger what was heard, and up to when nothing was missed, where that is so. Throws EngineError. */
export async function keepUses(
  { env }: Pick<Invocation, 'env'>,
  client: Client,
  { events, whole, at }: HeardUses,
): Promise<void> {
  if (events.length === 0 && !whole) return;
  const info = await infoOf(client);
  const ms = Date.parse(info.SystemTime ?? '') - (Date.now() - at) - UNDERWAY;
  const quiet = Number.isNaN(ms) ? '' : new Date(ms).toISOString();
  const last = events.at(-1)?.at ?? ''; // all that came before it was heard before it
  const until = whole ? [quiet, last].sort().at(-1) || undefined : undefined;
  const folder = stateFolder(env, homedir(), process.platform);
  await recordUse(folder, idOf(client, info), events, until);
}
