// The engine's events as they come: one open request, no polling.
import { EngineError } from '../core/errors.ts';
import type { EngineEvent } from '../core/last-use-events.ts';
import type { Client } from './client.ts';
import type { EventInfo } from './use-events.ts';
import { heardOf } from './use-events.ts';

export interface Following {
  readonly signal: AbortSignal;
  /** From now on events are heard. */
  readonly heard: () => void;
  readonly event: (event: EngineEvent) => void;
}

/**
 * What may change what goes, or tells that something was used. The engine leaves out the others, above all the checks of
 * containers' health, each of which is three events.
 */
const FILTERS = {
  type: ['container', 'image', 'network', 'builder'],
  event:
    'build commit connect create delete destroy die died disconnect import load loadfromarchive prune pull push remove rename save start tag unpause untag update'.split(
      ' ',
    ),
};

/**
 * Hears the engine's events until the connection ends or `signal` aborts.
 *
 * @throws EngineError when the connection ends, also when the engine ends it in good order; Cancelled when `signal` aborts.
 */
export async function followEvents(client: Client, { signal, heard, event }: Following): Promise<never> {
  const query = { filters: FILTERS };
  return await client.read('GET', '/events', query, { timeout: 0, signal }, async ({ body }) => {
    heard();
    for await (const line of linesOf(body)) {
      for (const heard of eventsIn(line)) event(heard);
    }
    throw new EngineError(`the engine at ${client.host} has ended the stream of its events`);
  });
}

/** Lines without their ends; an event may come in pieces. */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of body) {
    const lines = `${rest}${decoder.decode(piece, { stream: true })}`.split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
  yield rest;
}

/** An empty line, or one that was cut off, is none. */
function eventsIn(line: string): EngineEvent[] {
  try {
    return heardOf(JSON.parse(line) as EventInfo);
  } catch {
    return [];
  }
}
