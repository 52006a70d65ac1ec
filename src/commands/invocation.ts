// What a command is given: the words it was called with, and the streams it talks on.
import { UsageError } from '../core/errors.ts';
import type { Client } from '../engine/client.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { Globals } from '../plugin/globals.ts';
import type { PolicyInForce } from './policy-in-force.ts';

export interface Invocation {
  readonly globals: Globals;
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly operands: readonly string[];
  /** Those of the operands that stood behind `--`. */
  readonly after?: readonly string[];
  /** Everything after `docker tidy`, as typed. */
  readonly words: readonly string[];
  /** The version of docker tidy. */
  readonly version: string;
  readonly env: NodeJS.ProcessEnv;
  /** Made when it is first asked for, which takes its time. */
  readonly stdin: () => NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly cancelled: AbortSignal;
  /** The policy in force, if there is one. */
  readonly policy?: PolicyInForce;
  /** One that lies in the current folder, and is not used. */
  readonly lying?: string;
  /** Show the plan and change nothing. */
  readonly planOnly: boolean;
}

/** The one value of an option that takes one. */
export function optionValue({ values }: Pick<Invocation, 'values'>, name: string): string | undefined {
  return values.get(name)?.at(-1);
}

/** Throws UsageError when the command is given an argument. */
export function noOperands({ operands }: Pick<Invocation, 'operands'>): void {
  if (operands.length > 0)
    throw new UsageError(`this command takes no arguments, and got ${operands.join(' ')}`);
}

/** Connects to the engine that docker itself would talk to, runs `work`, and hangs up. Cancelling ends the wait. */
export async function withEngine<T>(
  invocation: Invocation,
  work: (client: Client, endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  const { endpointOf } = await import('./endpoint-of.ts');
  return await withEndpoint(await endpointOf(invocation), invocation, work);
}

/** The same with an engine that is settled. */
export async function withEndpoint<T>(
  endpoint: Endpoint,
  { cancelled }: Pick<Invocation, 'cancelled'>,
  work: (client: Client, endpoint: Endpoint) => Promise<T>,
): Promise<T> {
  const { connect } = await import('../engine/client.ts');
  const client = await connect(endpoint, { signal: cancelled });
  try {
    return await work(client, endpoint);
  } finally {
    client.close();
  }
}

/** The promise, unless the user cancels first: for work that changes nothing and need not be finished. */
export async function orCancelled<T>(work: Promise<T>, cancelled: AbortSignal): Promise<T> {
  cancelled.throwIfAborted();
  return await new Promise((resolve, reject) => {
    cancelled.addEventListener('abort', () => reject(cancelled.reason), { once: true });
    work.then(resolve, reject);
  });
}
