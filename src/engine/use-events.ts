// What the engine still knows of what happened since the last look at it: its last 256 events, and whether any was missed.
import { EngineError } from '../core/errors.ts';
import type { Seen } from '../core/last-use.ts';
import type { EngineEvent } from '../core/last-use-events.ts';
import { heardSince, missedUntil } from '../core/last-use-events.ts';
import { fullId, orUnknown, timeOf } from './answer.ts';
import type { Client } from './client.ts';
import type { NetworkInfo } from './observe-more.ts';

/**
 * The engine remembers 256 events, of all kinds (source: moby, daemon/events eventsLimit). Those of the last moments are among
 * these, and not told: where it tells of half as many, it may have forgotten others.
 */
const MANY = 128;

/** How long events that have happened may take, in milliseconds. */
const WAIT = 10_000;

/** An event as the engine tells it. */
export interface EventInfo {
  Type?: string;
  Action?: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
  /** Seconds and nanoseconds since 1970. */
  time?: number;
  timeNano?: number;
}

/** The parts of `GET /info` that tell when it was asked, and whether the engine's start can be told. */
interface Told {
  SystemTime?: string;
  LiveRestoreEnabled?: boolean;
}

/** What was heard. */
export interface Heard {
  readonly events: readonly EngineEvent[];
  readonly seen: Seen;
  /** The end of the time of which events were missed. */
  readonly gap?: string;
}

/**
 * Events since the last look, up to when `told` was answered, so that the engine never waits for more. `undefined` where it
 * does not tell the time, or no events: then nothing is known up to now.
 */
export async function eventsSince(
  client: Client,
  told: Told,
  seen: Seen | undefined,
): Promise<Heard | undefined> {
  const until = secondsOf(told.SystemTime);
  if (until === undefined) return undefined;
  const now = new Date(Math.floor(Number(until) * 1000)).toISOString();
  const heard = await orUnknown(readEvents(client, queryOf(client, seen, until)));
  if (!heard) return undefined;
  const all = heard.flatMap(heardOf);
  const after = seen && heardSince(all, seen.until);
  const gap = after ? undefined : await gapSince(client, told, all, seen, now);
  const last = all.at(-1)?.at; // the one of before is among them, or forgotten
  return {
    events: after ?? all,
    seen: { until: now, ...(last !== undefined && { last }) },
    ...(gap !== undefined && { gap }),
  };
}

async function gapSince(
  client: Client,
  told: Told,
  events: readonly EngineEvent[],
  seen: Seen | undefined,
  now: string,
): Promise<string | undefined> {
  if (!seen) return undefined; // the first look: all counts from now on
  const started = await startedAt(client, told);
  return missedUntil(events, { seen, started, now, most: MANY });
}

/**
 * podman remembers for long, and at the first look what a day brought is enough. Told an end that is over, it leaves out some
 * or all (5.8): it is told not to wait instead.
 */
function queryOf({ podman }: Client, seen: Seen | undefined, until: string): EventQuery {
  const since = seen?.last
    ? Math.floor(Date.parse(seen.last) / 1000)
    : podman
      ? Number.parseInt(until, 10) - 86_400
      : 1;
  return { since: String(since), ...(podman ? { stream: 'false' as const } : { until }) };
}

type EventQuery = {
  readonly since: string;
  readonly until?: string;
  readonly stream?: 'false';
  readonly filters?: object;
};

/** Seconds since 1970, to the nanosecond: `1795279963.539248346`. Source: moby, api/types/time ParseTimestamps. */
function secondsOf(time: string | undefined): string | undefined {
  const ms = Date.parse(timeOf(time) ?? '');
  if (Number.isNaN(ms)) return undefined;
  const fraction = /\.(\d{1,9})/.exec(time ?? '')?.[1] ?? '';
  return `${Math.floor(ms / 1000)}.${fraction.padEnd(9, '0')}`;
}

/** Events that have happened, the oldest first. Throws EngineError. */
export async function readEvents(
  client: Client,
  query: EventQuery,
  signal?: AbortSignal,
): Promise<EventInfo[]> {
  const limits = { timeout: WAIT, ...(signal && { signal }) };
  const text = await client.read('GET', '/events', query, limits, async ({ body }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  });
  try {
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as EventInfo);
  } catch (cause) {
    throw new EngineError('what the engine tells of its events cannot be read', { cause });
  }
}

/** An event as the ledger has it; nothing of one that tells no time. For those, too, who listen all the time. */
export function heardOf({ Type = '', Action = '', Actor, time, timeNano }: EventInfo): EngineEvent[] {
  const at = timeNano ?? (time ?? Number.NaN) * 1e9;
  if (!Number.isFinite(at)) return [];
  const { ID = '', Attributes = {} } = Actor ?? {};
  const { name, image } = Attributes;
  const id = Type === 'image' && /^[0-9a-f]{64}$/.test(ID) ? fullId(ID) : ID;
  const event = {
    at: new Date(Math.floor(at / 1e6)).toISOString(),
    type: Type,
    action: Action,
    id,
    ...(name !== undefined && { name }),
    ...(image !== undefined && { image }),
  };
  return [event];
}

/** When the engine was started: it makes its bridge network anew each time, unless it restores what was running. */
async function startedAt(client: Client, { LiveRestoreEnabled }: Told): Promise<string | undefined> {
  if (client.podman || LiveRestoreEnabled !== false) return undefined;
  const bridge = await orUnknown(client.call<NetworkInfo>('GET', '/networks/bridge'));
  const created = Date.parse(timeOf(bridge?.Created) ?? '');
  return Number.isNaN(created) ? undefined : new Date(created).toISOString();
}
