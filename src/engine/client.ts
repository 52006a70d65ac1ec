// A connection to one engine: dockerode, told everything, and a way to call the engine that encodes,
// limits and explains. The only place that loads dockerode.
import type { IncomingMessage } from 'node:http';
import type Docker from 'dockerode';
import { Cancelled, EngineError } from '../core/errors.ts';
import { EngineAgent } from './agent.ts';
import type { Endpoint } from './endpoint.ts';
import { explain, explainAnswer, overdue } from './failure.ts';
import { headersOf, type Pong, ping, prefixOf, textOf } from './ping.ts';
import { encodePath, encodeQuery, type Query } from './uri.ts';

/** A connected engine. */
export interface Client {
  readonly docker: Docker;
  /** The API version that is spoken, e.g. `1.51`. */
  readonly apiVersion: string;
  readonly podman: boolean;
  /**
   * One request, without a body. `path` and `query` are encoded here; in `path`, what is
   * percent-encoded already stays so. Resolves to the JSON answered, undefined where there is none.
   *
   * @throws EngineError always, with the engine's `status` when it answered; Cancelled when `signal` aborts.
   */
  call<T>(method: string, path: string, query?: Query, options?: CallOptions): Promise<T>;
  /** Ends every connection, and the ssh processes behind them. */
  close(): void;
}

export interface CallOptions {
  /** Milliseconds for the whole answer; 120,000 unless told, 0 for no limit. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

export interface ConnectOptions {
  /** Milliseconds; 15,000 unless told, 45,000 over ssh, which has a limit of 30 s of its own. */
  readonly pingTimeout?: number;
  readonly signal?: AbortSignal;
}

const CALL_TIMEOUT = 120_000;

/**
 * Connects to the engine, and settles the API version: the lower of ours and the engine's, or DOCKER_API_VERSION.
 *
 * @throws EngineError, one sentence with what to do; Cancelled when `signal` aborts.
 */
export async function connect(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Client> {
  let agent: EngineAgent | undefined;
  try {
    const opened = new EngineAgent(endpoint.transport);
    agent = opened;
    const timeout = options.pingTimeout ?? (endpoint.transport.kind === 'ssh' ? 45_000 : 15_000);
    const limits = { timeout, signal: options.signal };
    const pong = await limited(endpoint, 'GET /_ping', limits, (signal) => ping(opened, endpoint, signal));
    const docker = await dockerode(endpoint, opened, pong);
    return { docker, ...pong, call: caller(docker, endpoint), close: () => opened.destroy() };
  } catch (error) {
    agent?.destroy();
    throw error instanceof Cancelled ? error : explain(error, endpoint);
  }
}

// Every field is given, and DOCKER_HOST hidden for the moment: docker-modem merges what it finds in the
// environment into what it is given, and a DOCKER_HOST that it cannot read would throw here.
async function dockerode(endpoint: Endpoint, agent: EngineAgent, { apiVersion }: Pong): Promise<Docker> {
  const { default: Dockerode } = await import('dockerode');
  const options = {
    // The agent knows the way; with a socket path docker-modem leaves the request's path as it is.
    socketPath: 'engine',
    agent,
    protocol: 'http' as const,
    version: `${prefixOf(endpoint).slice(1)}/v${apiVersion}`.replace(/^\//, ''),
    headers: headersOf(endpoint),
    pathPrefix: '/',
    sshOptions: {},
    ...{ host: undefined, port: undefined, username: undefined, password: undefined },
    ...{ ca: undefined, cert: undefined, key: undefined, checkServerIdentity: undefined },
    ...{ timeout: undefined, connectionTimeout: undefined },
  };
  const { DOCKER_HOST } = process.env;
  delete process.env['DOCKER_HOST'];
  try {
    return new Dockerode(options);
  } finally {
    if (DOCKER_HOST !== undefined) process.env['DOCKER_HOST'] = DOCKER_HOST;
  }
}

function caller(docker: Docker, endpoint: Endpoint): Client['call'] {
  return <T>(method: string, path: string, query: Query = {}, options: CallOptions = {}): Promise<T> =>
    limited(endpoint, `${method} ${path}`, { timeout: CALL_TIMEOUT, ...options }, async (signal) => {
      const answer = await dial(docker, method, `${encodePath(path)}${encodeQuery(query)}`, signal);
      const status = answer.statusCode ?? 0;
      const text = await textOf(answer, signal);
      const body = text.trim() === '' ? undefined : parsed(text);
      if (status < 200 || status > 299) throw explainAnswer(status, body ?? text, endpoint);
      if (body === undefined && text.trim() !== '') {
        throw new EngineError(
          `the answer of ${endpoint.host} to ${method} ${path} is not JSON: is a proxy in between?`,
        );
      }
      return body as T;
    });
}

/** All of them: answers are read and judged here. */
const EVERY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [at + 100, true]));

// As a stream, because docker-modem never calls back when the connection drops in the middle of an
// answer that it collects itself, and loses the engine's words on a stream that it judges.
function dial(docker: Docker, method: string, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  // It cuts off the last character of a path that has a query but comes without `options`.
  const uncut = path.includes('?') ? `${path}&` : path;
  const request = { method, path: uncut, isStream: true, statusCodes: EVERY_STATUS, abortSignal: signal };
  return new Promise((resolve, reject) => {
    docker.modem.dial(request, (error, answer) => {
      if (error) reject(error);
      else resolve(answer as IncomingMessage);
    });
  });
}

async function limited<T>(
  endpoint: Endpoint,
  what: string,
  { timeout, signal }: { timeout: number; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = timeout > 0 ? AbortSignal.timeout(timeout) : new AbortController().signal;
  try {
    signal?.throwIfAborted();
    return await work(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (signal?.aborted)
      throw signal.reason instanceof Cancelled ? signal.reason : new Cancelled('cancelled');
    throw limit.aborted ? overdue(endpoint, what, timeout) : explain(error, endpoint);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
