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
  const asked = Date.parse(info.SystemTime ?? '') - (Date.now() - at) - UNDERWAY;
  const last = Date.parse(events.at(-1)?.at ?? '') || 0;
  const until = whole && !Number.isNaN(asked) ? new Date(Math.max(asked, last)).toISOString() : undefined;
  await recordUse(stateFolder(env, homedir(), process.platform), idOf(client, info), events, until);
}
