// Keeps hearing an engine's events: when the connection ends it comes back, after a while that grows.
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../core/errors.ts';
import type { EngineEvent } from '../core/last-use-events.ts';
import { pauseAfter } from '../core/watch.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { Invocation } from './invocation.ts';
import { withEndpoint } from './invocation.ts';

export interface Ears {
  /** Events are heard from now on. */
  readonly heard: (engine: { readonly apiVersion: string }) => void;
  readonly lost: (error: EngineError) => void;
  readonly event: (event: EngineEvent) => void;
}

/** A connection that held that long, in milliseconds, was a good one. */
const HELD = 30_000;

/** Ends only when cancelled. Throws what the first attempt does: an engine that never answered is not waited for. */
export async function follow(
  endpoint: Endpoint,
  invocation: Pick<Invocation, 'cancelled'>,
  { heard, lost, event }: Ears,
): Promise<void> {
  const { cancelled: signal } = invocation;
  const { followEvents } = await import('../engine/follow-events.ts');
  let ever = false;
  for (let failed = 0; ; failed++) {
    let since = Number.POSITIVE_INFINITY;
    try {
      await withEndpoint(endpoint, invocation, async (client) => {
        const ready = () => {
          since = Date.now();
          ever = true;
          heard(client);
        };
        await followEvents(client, { signal, heard: ready, event });
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof EngineError) || !ever) throw error;
      if (Date.now() - since > HELD) failed = 0;
      lost(error);
    }
    await delay(pauseAfter(failed, Math.random()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}
