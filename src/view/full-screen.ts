// A terminal's whole screen for a while, keys as they are pressed, and the terminal afterwards as it was before.
import { emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { Cancelled } from '../core/errors.ts';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Screen<T> {
  /** Lines from the top, none wider than the terminal. */
  readonly draw: (size: Size) => readonly string[];
  /** What a key does: its name (`up`, `enter`, `ctrl-c`), or what it types. With an answer the screen is over. */
  readonly key: (key: string, size: Size) => T | undefined;
}

/** The alternate screen without a cursor, and back. Source: xterm, Control Sequences, DEC private modes 1049 and 25. */
const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[J';

/** How long an escape may be the beginning of a key that sends more, in milliseconds. */
const ESCAPE = 50;

/**
 * Shows the screen until a key answers. `cancelled`, and the end of the input, throw Cancelled. However it ends, also by
 * an error that nobody caught or the end of the process, the terminal is as it was.
 */
export async function fullScreen<T>(
  input: ReadStream,
  output: WriteStream,
  cancelled: AbortSignal,
  { draw, key }: Screen<T>,
): Promise<T> {
  cancelled.throwIfAborted();
  const size = () => ({ columns: output.columns || 80, rows: output.rows || 24 });
  const redraw = () => {
    const lines = draw(size()).map((line) => CLEAR_LINE + line);
    output.write(`${HOME}${lines.join('\r\n')}${CLEAR_BELOW}`);
  };
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const guarded =
    <A extends unknown[]>(work: (...args: A) => void) =>
    (...args: A) => {
      try {
        work(...args);
      } catch (error) {
        reject(error);
      }
    };
  const pressed = guarded((text: string | undefined, { name, ctrl, meta }: Pressed) => {
    const pressedKey = keyOf(text, { name, ctrl, meta });
    const answer = pressedKey === undefined ? undefined : key(pressedKey, size());
    if (answer === undefined) redraw();
    else resolve(answer);
  });
  const resized = guarded(redraw);
  const stop = () => reject(new Cancelled('cancelled: nothing was removed'));
  const leave = once(() => {
    output.write(LEAVE);
    input.setRawMode(false);
  });
  process.on('exit', leave).on('uncaughtExceptionMonitor', leave);
  cancelled.addEventListener('abort', stop, { once: true });
  emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE } as never);
  input.on('keypress', pressed).on('end', stop).on('error', stop);
  output.on('resize', resized);
  try {
    input.setRawMode(true);
    input.resume();
    output.write(ENTER);
    redraw();
    return await promise;
  } finally {
    leave();
    input.off('keypress', pressed).off('end', stop).off('error', stop).pause();
    output.off('resize', resized);
    cancelled.removeEventListener('abort', stop);
    process.off('exit', leave).off('uncaughtExceptionMonitor', leave);
  }
}

/** As node:readline tells it. */
interface Pressed {
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
}

const NAMED = 'up down left right pageup pagedown home end escape backspace tab f1'.split(' ');

/** `undefined` for what is no key of ours. */
function keyOf(text: string | undefined, { name = '', ctrl, meta }: Pressed): string | undefined {
  if (ctrl) return `ctrl-${name}`;
  if (name === 'return' || name === 'enter') return 'enter';
  if (NAMED.includes(name)) return name;
  return meta ? undefined : text;
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}
