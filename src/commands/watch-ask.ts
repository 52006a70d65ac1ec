// Asks for one look, in a process of its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isSea } from 'node:sea';
import { text } from 'node:stream/consumers';
import type { Answer, Fault, Request } from '../core/watch-look.ts';
import { LOOK } from '../core/watch-look.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { Invocation } from './invocation.ts';

/**
 * Runs this program once more, with the same words, for one look. `said` is called with each line that it writes beside
 * its answer. When `cancelled` aborts, it finishes the call in flight, and answers what it has done. Never throws.
 */
export async function askForLook(
  request: Request<Endpoint>,
  { env, cancelled }: Pick<Invocation, 'env' | 'cancelled'>,
  said: (line: string) => void,
): Promise<Answer> {
  const itself = isSea() ? [] : [...process.execArgv, process.argv[1] as string];
  const { DOCKER_CLI_PLUGIN_SOCKET: _, NOTIFY_SOCKET: __, WATCHDOG_USEC: ___, ...rest } = env;
  const child = spawn(process.execPath, [...itself, LOOK, ...process.argv.slice(2)], {
    env: rest,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {}); // it has ended before it was asked, which its status tells
  child.stdin.write(`${JSON.stringify(request)}\n`);
  const cancel = () => child.stdin.end();
  cancelled.addEventListener('abort', cancel, { once: true });
  if (cancelled.aborted) cancel();
  createInterface({ input: child.stderr }).on('line', said);
  try {
    const ended = new Promise<string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve(signal ?? `status ${status}`));
    });
    const [answer, how] = await Promise.all([text(child.stdout), ended]);
    return answer === '' ? bug(`ended with ${how}`) : (JSON.parse(answer) as Answer);
  } catch (error) {
    return bug((error as Error).message);
  } finally {
    cancelled.removeEventListener('abort', cancel);
  }
}

function bug(how: string): Fault {
  return { what: 'fault', kind: 'bug', trouble: 'other', message: `a look at the host has failed: ${how}` };
}
