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

/** Writes into the ledger what was heard, and up to when nothing was missed, where that is so. Throws EngineError. */
export async function keepUses(
  { env }: Pick<Invocation, 'env'>,
  client: Client,
  { events, whole, at }: HeardUses,
): Promise<void> {
  if (events.length === 0 && !whole) return;
  const folder = stateFolder(env, homedir(), process.platform);
  const info = await infoOf(client);
  const theirs = Date.parse(info.SystemTime ?? '') - (Date.now() - at) - LATE;
  const last = Date.parse(events.at(-1)?.at ?? '') || 0; // after hundreds in a second, that is all that matters
  const until = whole && !Number.isNaN(theirs) ? new Date(Math.max(theirs, last)).toISOString() : undefined;
  await recordUse(folder, idOf(client, info), events, until);
}
