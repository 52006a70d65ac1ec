// The Engine API, spoken plainly and directly: what a test puts on an engine must not go through docker nor docker tidy.
import { Agent, request } from 'node:http';

export interface CallOptions {
  readonly body?: unknown;
  /** A body that is a tar archive. */
  readonly archive?: Buffer;
  /** Statuses that are fine, beside 2xx and 304. */
  readonly ok?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
}

export class EngineApi {
  readonly #target: { socketPath: string } | { hostname: string; port: string };
  readonly #agent = new Agent({ keepAlive: true });

  constructor(host: string) {
    const { hostname, port } = new URL(host);
    this.#target = host.startsWith('unix:')
      ? { socketPath: host.slice('unix://'.length) }
      : { hostname, port };
  }

  get<T>(path: string): Promise<T> {
    return this.call<T>('GET', path);
  }

  /** The answer as JSON, or as lines of JSON where the engine streams. Fails on an error in either. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const { status, text } = await this.#send(method, path, options);
    const fine = status < 300 || status === 304 || options.ok?.includes(status);
    const streamed = /^\{"(?:error|errorDetail)".*$/m.exec(text)?.[0];
    if (!fine || streamed) throw new Error(`${method} ${path}: ${status} ${streamed ?? text.trim()}`);
    return parsed(text) as T;
  }

  #send(
    method: string,
    path: string,
    { body, archive, headers }: CallOptions,
  ): Promise<{ status: number; text: string }> {
    const data = archive ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
    const type = { 'Content-Type': archive ? 'application/x-tar' : 'application/json' };
    return new Promise((done, fail) => {
      const asking = request(
        {
          ...this.#target,
          method,
          path: encodeURI(path),
          agent: this.#agent,
          headers: { ...(data && type), 'Content-Length': data?.length ?? 0, ...headers },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => done({ status: answer.statusCode ?? 0, text }));
          answer.on('error', fail);
        },
      );
      asking.on('error', fail).end(data);
    });
  }
}

function parsed(text: string): unknown {
  const lines = text.trim().split('\n').filter(Boolean);
  if (lines.length === 0) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return lines.map((line) => JSON.parse(line) as unknown);
  }
}
