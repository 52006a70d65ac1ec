// What a watch has heard of uses of images, written into the ledger by its next look.
import { homedir } from 'node:os';
import type { HeardUses } from '../core/watch-look.ts';
import type { Client } from '../engine/client.ts';
import { idOf, infoOf } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { changeLedger, recordUse } from '../state/ledger.ts';
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
  const engine = idOf(client, info);
  const folder = stateFolder(env, homedir(), process.platform);
  await recordUse(folder, engine, events, whole);
  const ms = Date.parse(info.SystemTime ?? '') - (Date.now() - at) - UNDERWAY;
  if (!whole || Number.isNaN(ms)) return;
  const until = new Date(ms).toISOString();
  // On a quiet host, too: else the checks of containers' health push the last event out of the engine's memory.
  await changeLedger(folder, engine, until, (ledger) =>
    ledger.seen && ledger.seen.until < until ? { ...ledger, seen: { ...ledger.seen, until } } : ledger,
  );
}
