// The first request to an engine: is it one, which API does it speak, and which of its versions do we use.
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { EngineError } from '../core/errors.ts';
import type { EngineAgent } from './agent.ts';
import type { Endpoint } from './endpoint.ts';
import { explainAnswer, noEngine } from './failure.ts';

/** The newest API version whose answers we know: Docker 28.5. */
const NEWEST = '1.51';
/** The oldest: Docker 20.10, Podman 4. */
const OLDEST = '1.41';

/** What the engine says of itself. */
export interface Pong {
  /** The version to speak, e.g. `1.51`. */
  readonly apiVersion: string;
  readonly podman: boolean;
}

/** Sent with every request: config.json's HttpHeaders, and our own. */
export function headersOf({ headers, transport }: Endpoint): Record<string, string> {
  if (transport.kind !== 'tcp') return { ...headers, 'User-Agent': 'docker-tidy' };
  const { hostname, port } = transport;
  const Host = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
  return { ...headers, 'User-Agent': 'docker-tidy', Host };
}

/** Put before every path, for an engine behind a proxy. */
export function prefixOf({ transport }: Endpoint): string {
  return transport.kind === 'tcp' ? (transport.path ?? '') : '';
}

/**
 * `GET /_ping`, without a version. Not through docker-modem, which follows a redirect (a web server's
 * answer) in a way that ends the process.
 *
 * @throws EngineError where what answers is no engine, or one too old; the error of the connection otherwise.
 */
export async function ping(agent: EngineAgent, endpoint: Endpoint, signal: AbortSignal): Promise<Pong> {
  const { status, headers, body } = await get(agent, endpoint, signal);
  const theirs = headers['api-version'];
  if (typeof theirs !== 'string' || !/^\d+\.\d+$/.test(theirs)) throw stranger(status, body, endpoint);
  return {
    apiVersion: negotiate(theirs, endpoint),
    podman: headers['libpod-api-version'] !== undefined,
  };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function get(agent: EngineAgent, endpoint: Endpoint, signal: AbortSignal): Promise<Answer> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `${prefixOf(endpoint)}/_ping`;
    const sent = request({ agent, path, headers: headersOf(endpoint), signal }, resolve);
    sent.on('error', reject);
    sent.end();
  });
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await textOf(answer, signal) };
}

/** The whole body. Fails when the connection drops before its end, and when `signal` aborts. */
export async function textOf(answer: IncomingMessage, signal: AbortSignal): Promise<string> {
  addAbortSignal(signal, answer);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function stranger(status: number, body: string, endpoint: Endpoint): EngineError {
  if (status === 400 && /HTTPS server/.test(body)) return explainAnswer(status, body, endpoint);
  // Docker Desktop's own proxy, or any other, while the engine behind it is not there.
  if (status >= 500) {
    return new EngineError(
      `the engine at ${endpoint.host} cannot answer now (status ${status}): wait until it has started, and try again`,
      { status },
    );
  }
  const why = status === 200 ? 'without an API version' : `with status ${status}`;
  return noEngine(endpoint, `it answers /_ping ${why}`);
}

function negotiate(theirs: string, { host, apiVersion: asked }: Endpoint): string {
  if (asked !== undefined && older(asked, OLDEST)) {
    throw new EngineError(
      `DOCKER_API_VERSION asks for API version ${asked}, and docker tidy needs ${OLDEST} or newer: unset it`,
    );
  }
  if (older(theirs, OLDEST)) {
    throw new EngineError(
      `the engine at ${host} is too old: it speaks API version ${theirs}, and docker tidy needs ${OLDEST} or newer (Docker 20.10, Podman 4); update it`,
    );
  }
  return asked ?? (older(theirs, NEWEST) ? theirs : NEWEST);
}

function older(a: string, b: string): boolean {
  const [[majorA = 0, minorA = 0], [majorB = 0, minorB = 0]] = [a, b].map((v) =>
    v.split('.').map(Number),
  ) as [number[], number[]];
  return majorA < majorB || (majorA === majorB && minorA < minorB);
}
