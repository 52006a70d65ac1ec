// What a watch has heard of uses of images, written into the ledger by its next look.
import { homedir } from 'node:os';
import { usesIn } from '../core/last-use-events.ts';
import type { HeardUses } from '../core/watch-look.ts';
import type { Client } from '../engine/client.ts';
import { idOf, infoOf } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { recordUse } from '../state/ledger.ts';
import type { Invocation } from './invocation.ts';

/** An event takes some time from the engine to here, in milliseconds. */
const UNDERWAY = 2_000;

/** Writes into the ledger what was heard, and that nothing was missed, where that is so. Never throws but for the engine. */
export async function keepUses(
  { env }: Pick<Invocation, 'env'>,
  client: Client,
  { events, whole, at }: HeardUses,
): Promise<void> {
  if (events.length === 0 && !whole) return;
  const info = await infoOf(client);
  const folder = stateFolder(env, homedir(), process.platform);
  const until = Date.parse(info.SystemTime ?? '') - (Date.now() - at) - UNDERWAY;
  const event = events.at(-1)?.mark;
  const seen =
    whole && !Number.isNaN(until)
      ? { until: new Date(until).toISOString(), ...(event && { event }) }
      : undefined;
  await recordUse(
    folder,
    idOf(client, info),
    usesIn(events, () => undefined),
    seen,
  );
}
