// A connection to one engine: dockerode, told everything, and a way to send requests that encodes them; how answers
// are read, limited and explained is reading.ts's. The only place that loads dockerode.
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { Cancelled } from '../core/errors.ts';
import { EngineAgent } from './agent.ts';
import type { Endpoint } from './endpoint.ts';
import { explain } from './failure.ts';
import { headersOf, type Pong, ping, prefixOf } from './ping.ts';
import { type Answer, limited, readJson, readPieces } from './reading.ts';
import { encodePath, encodeQuery, type Query } from './uri.ts';

/** A connected engine. */
export interface Client {
  readonly docker: Docker;
  /** The engine's address as it is told, e.g. `unix:///var/run/docker.sock`. */
  readonly host: string;
  /** The API version that is spoken, e.g. `1.51`. */
  readonly apiVersion: string;
  readonly podman: boolean;
  /**
   * One request. `path` and `query` are encoded here; in `path`, what is percent-encoded already
   * stays so. Resolves to the JSON answered, undefined where there is none.
   *
   * @throws EngineError always, with the engine's `status` when it answered; Cancelled when `signal` aborts.
   */
  call<T>(method: string, path: string, query?: Query, options?: CallOptions): Promise<T>;
  /**
   * One request whose answer `work` reads as it comes: what is too large to hold, is no JSON, or has
   * only headers. What `work` leaves unread is not waited for, its connection is closed. `timeout` is
   * for each wait, for the answer to begin and for its every piece; what `work` itself takes is not counted.
   *
   * @throws EngineError and Cancelled as `call` does, also out of the answer's `body`; what `work` throws, as it is.
   */
  read<T>(
    method: string,
    path: string,
    query: Query,
    options: CallOptions,
    work: (answer: Answer) => Promise<T>,
  ): Promise<T>;
  /** Ends every connection, and the ssh processes behind them. */
  close(): void;
}

export interface CallOptions {
  /** Milliseconds for the whole answer; 120,000 unless told, 0 for no limit. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
  /** What is sent: bytes and streams of them are a tar, anything else goes as JSON. */
  readonly body?: object | Buffer | Readable;
  /** Beside those of every request. */
  readonly headers?: Readonly<Record<string, string>>;
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
    const link: Link = { docker, endpoint };
    const { host } = endpoint;
    const close = () => opened.destroy();
    return { docker, host, ...pong, call: caller(link), read: reader(link), close };
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

/** What a request goes through, and what its errors are told by. */
interface Link {
  readonly docker: Docker;
  readonly endpoint: Endpoint;
}

/** What is asked. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function caller(link: Link): Client['call'] {
  return <T>(method: string, path: string, query: Query = {}, options: CallOptions = {}): Promise<T> =>
    readJson(link.endpoint, `${method} ${path}`, { timeout: CALL_TIMEOUT, ...options }, (signal) =>
      dial(link, { method, path, query, ...options, signal }),
    );
}

function reader(link: Link): Client['read'] {
  return (method, path, query, options, work) => {
    const ask = (signal: AbortSignal) => dial(link, { method, path, query, ...options, signal });
    const limits = { timeout: CALL_TIMEOUT, ...options };
    return readPieces(link.endpoint, `${method} ${path}`, limits, ask, work);
  };
}

/** All of them: answers are read and judged here. */
const EVERY_STATUS = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [at + 100, true]));

// As a stream, because docker-modem never calls back when the connection drops in the middle of an
// answer that it collects itself, and loses the engine's words on a stream that it judges.
async function dial({ docker, endpoint }: Link, asked: Asked): Promise<IncomingMessage> {
  const { method, query, body, headers, signal } = asked;
  const path = `${encodePath(asked.path)}${encodeQuery(query)}`;
  // It cuts off the last character of a path that has a query but comes without `options`.
  const uncut = path.includes('?') ? `${path}&` : path;
  const request = { method, path: uncut, isStream: true, statusCodes: EVERY_STATUS, abortSignal: signal };
  return await new Promise((resolve, reject) => {
    docker.modem.dial({ ...request, ...sent(body, headers, endpoint) }, (error, answer) => {
      if (error) reject(error);
      else resolve(answer as IncomingMessage);
    });
  });
}

// Its `file` is any body whatever the method, sent as it is; headers of one request take the place of all others.
function sent(body: object | undefined, more: CallOptions['headers'], endpoint: Endpoint): object {
  const headers = { ...headersOf(endpoint), ...more };
  if (body === undefined) return more ? { headers } : {};
  const tar = Buffer.isBuffer(body) || body instanceof Readable;
  headers['Content-Type'] = tar ? 'application/x-tar' : 'application/json';
  return { headers, file: tar ? body : Buffer.from(JSON.stringify(body)) };
}
