// Which container mounted a volume last, as far back as the engine remembers: its last 256 events.
import type { Client } from './client.ts';
import type { EventInfo } from './use-events.ts';
import { readEvents } from './use-events.ts';
import { PEEK_LABEL } from './volume-peek.ts';

/** Names of containers, but for our own that look, by the volume that they mounted last; their IDs where the name is forgotten. Empty where the engine does not tell. */
export async function lastMounters(client: Client, signal: AbortSignal): Promise<Map<string, string>> {
  const query = {
    since: '1',
    until: String(Math.ceil(Date.now() / 1000)),
    filters: { type: ['volume', 'container'] },
  };
  try {
    return mountersIn(await readEvents(client, query, signal));
  } catch {
    signal.throwIfAborted();
    return new Map(); // it is only told, and decides nothing
  }
}

function mountersIn(events: readonly EventInfo[]): Map<string, string> {
  const names = new Map<string, string>();
  const mounts = new Map<string, string>();
  const ours = new Set(
    events.filter(({ Actor }) => PEEK_LABEL in (Actor?.Attributes ?? {})).map(({ Actor }) => Actor?.ID ?? ''),
  );
  for (const { Type, Action, Actor } of events) {
    const { ID = '', Attributes = {} } = Actor ?? {};
    if (Type === 'container' && Attributes['name']) names.set(ID, Attributes['name']);
    const container = Attributes['container'];
    if (Type === 'volume' && Action === 'mount' && container && !ours.has(container))
      mounts.set(ID, container);
  }
  return new Map([...mounts].map(([volume, id]) => [volume, names.get(id) ?? id.slice(0, 12)]));
}
