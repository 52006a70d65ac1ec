// The question before anything goes. Only y or Y is yes.
import { createInterface } from 'node:readline';
import { Cancelled } from '../core/errors.ts';

export const QUESTION = 'Are you sure you want to continue? [y/N] ';

/** Asks and reads one line. Anything but y or Y, the end of the input, or `cancelled` throws Cancelled. */
export async function confirm(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  cancelled: AbortSignal,
  done = 'removed',
  question = QUESTION,
): Promise<void> {
  const answer = await typed(question, input, output, cancelled, done);
  if (answer.toLowerCase() !== 'y') throw new Cancelled(nothing(done));
}

/** Asks and reads one line, without the spaces around it. The end of the input, or `cancelled`, throws Cancelled. */
export async function typed(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  cancelled: AbortSignal,
  done = 'removed',
): Promise<string> {
  const answer = await new Promise<string | undefined>((resolve) => {
    const lines = createInterface({ input, output, terminal: false });
    const end = (line?: string) => {
      resolve(line);
      lines.close();
    };
    lines.once('line', end);
    lines.once('close', () => resolve(undefined));
    cancelled.addEventListener('abort', () => end(), { once: true });
    if (cancelled.aborted) end();
    else output.write(question);
  });
  if (cancelled.aborted) output.write('\n');
  if (answer === undefined) throw new Cancelled(nothing(done));
  return answer.trim();
}

function nothing(done: string): string {
  return `cancelled: nothing was ${done}`;
}
