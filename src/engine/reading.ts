// An engine's answer: read whole or as it comes, judged by its status, with a limit on how long the engine may take,
// and each failure as an EngineError that says what to do. What is asked, and through what, is client.ts's.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { Cancelled, EngineError } from '../core/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { explain, explainAnswer, overdue } from './failure.ts';
import { textOf } from './ping.ts';

/** An answer that is being read. */
export interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

/** What ends a wait. */
export interface Limits {
  /** Milliseconds, 0 for no limit. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends the request, which ends when `signal` aborts. */
type Ask = (signal: AbortSignal) => Promise<IncomingMessage>;

/** The JSON of the whole answer, undefined where there is none. `what` was asked. */
export async function readJson<T>(endpoint: Endpoint, what: string, limits: Limits, ask: Ask): Promise<T> {
  return await limited(endpoint, what, limits, async (signal) => {
    const answer = await ask(signal);
    const status = answer.statusCode ?? 0;
    const text = await textOf(answer, signal);
    const body = text.trim() === '' ? undefined : parsed(text);
    if (!isGood(status)) throw explainAnswer(status, body ?? text, endpoint);
    if (body === undefined && text.trim() !== '') {
      throw new EngineError(`the answer of ${endpoint.host} to ${what} is not JSON: is a proxy in between?`);
    }
    return body as T;
  });
}

/** What `work` makes of the answer as it comes. What it leaves unread is not waited for. */
export async function readPieces<T>(
  endpoint: Endpoint,
  what: string,
  limits: Limits,
  ask: Ask,
  work: (answer: Answer) => Promise<T>,
): Promise<T> {
  const wait = new Wait(endpoint, what, limits);
  let answer: IncomingMessage | undefined;
  try {
    answer = await wait.explained(ask(wait.signal));
    addAbortSignal(wait.signal, answer);
    const status = answer.statusCode ?? 0;
    if (!isGood(status)) throw await wait.explained(refusalOf(answer, wait.signal, endpoint));
    return await work({ headers: answer.headers, body: wait.pieces(answer) });
  } finally {
    wait.end();
    // The answer to HEAD has no body, and its connection can be used again.
    if (what.startsWith('HEAD ')) answer?.resume();
    else if (!answer?.readableEnded) answer?.destroy();
  }
}

async function refusalOf(
  answer: IncomingMessage,
  signal: AbortSignal,
  endpoint: Endpoint,
): Promise<EngineError> {
  const text = await textOf(answer, signal);
  return explainAnswer(answer.statusCode ?? 0, parsed(text) ?? text, endpoint);
}

/** Limits how long the engine may take for each piece of an answer, and explains what goes wrong with it. */
class Wait {
  /** Aborts when the caller's does, and when the engine takes too long. */
  readonly signal: AbortSignal;
  readonly #limit = new AbortController();
  readonly #endpoint: Endpoint;
  readonly #theirs: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #waiting = true;

  constructor(endpoint: Endpoint, what: string, { timeout, signal }: Limits) {
    this.#endpoint = endpoint;
    this.#theirs = signal;
    this.signal = signal ? AbortSignal.any([signal, this.#limit.signal]) : this.#limit.signal;
    const elapsed = () => {
      if (this.#waiting) this.#limit.abort(overdue(endpoint, what, timeout));
      else this.#timer?.refresh();
    };
    if (timeout > 0) this.#timer = setTimeout(elapsed, timeout);
  }

  async *pieces(answer: IncomingMessage): AsyncGenerator<Buffer> {
    const source = answer[Symbol.asyncIterator]();
    try {
      while (true) {
        this.#waiting = true;
        this.#timer?.refresh();
        const next = await this.explained(source.next() as Promise<IteratorResult<Buffer>>);
        this.#waiting = false;
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await source.return?.();
    }
  }

  async explained<T>(work: Promise<T>): Promise<T> {
    try {
      this.signal.throwIfAborted();
      return await work;
    } catch (error) {
      work.catch(() => {});
      if (this.#theirs?.aborted) throw cancelledBy(this.#theirs);
      throw this.#limit.signal.aborted ? this.#limit.signal.reason : explain(error, this.#endpoint);
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** Ends `work` when the limits are reached; what it throws is explained. */
export async function limited<T>(
  endpoint: Endpoint,
  what: string,
  { timeout, signal }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = timeout > 0 ? AbortSignal.timeout(timeout) : new AbortController().signal;
  try {
    signal?.throwIfAborted();
    return await work(signal ? AbortSignal.any([signal, limit]) : limit);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    if (signal?.aborted) throw cancelledBy(signal);
    throw limit.aborted ? overdue(endpoint, what, timeout) : explain(error, endpoint);
  }
}

/** The caller's own reason, where it gave one. */
export function cancelledBy({ reason }: AbortSignal): Cancelled {
  return reason instanceof Cancelled ? reason : new Cancelled('cancelled');
}

function isGood(status: number): boolean {
  return status >= 200 && status <= 299;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
