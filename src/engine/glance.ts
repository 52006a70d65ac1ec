// A quick question to an engine, for what must answer at once or not at all: no settling of versions, and no library.
import { type IncomingMessage, request } from 'node:http';
import { EngineAgent } from './agent.ts';
import type { Endpoint } from './endpoint.ts';
import { headersOf, prefixOf, textOf } from './ping.ts';
import { encodePath, encodeQuery, type Query } from './uri.ts';

/** What came of it: an answer; the engine is not there, or will not tell; or it takes too long. */
export type Glance<T> = { readonly answer: T; readonly podman: boolean } | 'away' | 'slow';

/**
 * `GET path` in the engine's own API version, answered before `signal` aborts. Never throws. Over ssh nothing is
 * asked: logging in takes longer, and may ask for a password.
 */
export async function glance<T>(
  endpoint: Endpoint,
  path: string,
  query: Query,
  signal: AbortSignal,
): Promise<Glance<T>> {
  if (endpoint.transport.kind === 'ssh' || signal.aborted) return 'slow';
  let agent: EngineAgent | undefined;
  try {
    agent = new EngineAgent(endpoint.transport);
    const answer = await get(agent, endpoint, `${encodePath(path)}${encodeQuery(query)}`, signal);
    if (answer.statusCode !== 200) return 'away';
    const podman = answer.headers['libpod-api-version'] !== undefined;
    return { answer: JSON.parse(await textOf(answer, signal)) as T, podman };
  } catch {
    return signal.aborted ? 'slow' : 'away';
  } finally {
    agent?.destroy();
  }
}

async function get(
  agent: EngineAgent,
  endpoint: Endpoint,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    const options = { agent, path: `${prefixOf(endpoint)}${path}`, headers: headersOf(endpoint), signal };
    request(options, resolve).on('error', reject).end();
  });
}
