// A terminal is left as it was found, whatever ends the screen on it.
import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test } from 'vitest';
import { Cancelled } from '../../src/core/errors.ts';
import type { Screen } from '../../src/view/full-screen.ts';
import { fullScreen } from '../../src/view/full-screen.ts';

const NEVER = new AbortController().signal;

/** A terminal that notes what is done to it. */
function terminal() {
  const written: string[] = [];
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    setRawMode(mode: boolean) {
      raw.push(mode);
    },
  });
  const output = Object.assign(new PassThrough(), { columns: 40, rows: 10 });
  output.on('data', (chunk: Buffer) => written.push(chunk.toString()));
  return {
    input,
    output,
    show: <T>(screen: Screen<T>, cancelled = NEVER) =>
      fullScreen(input as unknown as ReadStream, output as unknown as WriteStream, cancelled, screen),
    /** Raw mode off at last, the cursor shown, the alternate screen left, nothing listened to any more. */
    isAsItWas: () => {
      const text = written.join('');
      expect(raw).toEqual([true, false]);
      expect(text.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(text.lastIndexOf('\u001b[?1049h'));
      expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[?25l'));
      expect([input.listenerCount('keypress'), output.listenerCount('resize')]).toEqual([0, 0]);
      expect(input.isPaused()).toBe(true);
    },
  };
}

const screen: Screen<string> = {
  draw: ({ columns }) => [`${columns} wide`],
  key: (key) => (key === 'x' ? undefined : key),
};

test.each([
  ['\r', 'enter'],
  ['\u001b', 'escape'],
  ['\u001b[A', 'up'],
  ['\u001bOB', 'down'],
  ['\u001b[5~', 'pageup'],
  ['\u001b[H', 'home'],
  ['\u007f', 'backspace'],
  ['\t', 'tab'],
  ['\u0003', 'ctrl-c'],
  [' ', ' '],
  ['G', 'G'],
  ['xxé', 'é'],
])('%j is the key %s, and ends it', async (sent, key) => {
  const at = terminal();
  const shown = at.show(screen);
  at.input.write(sent);
  expect(await shown).toBe(key);
  at.isAsItWas();
});

test('a signal, and the end of the input, cancel it', async () => {
  const signalled = terminal();
  const controller = new AbortController();
  const shown = signalled.show(screen, controller.signal);
  controller.abort();
  await expect(shown).rejects.toThrow(Cancelled);
  signalled.isAsItWas();
  const ended = terminal();
  const left = ended.show(screen);
  ended.input.end();
  await expect(left).rejects.toThrow(Cancelled);
});

test.each(['draw', 'key'])('an error in %s is thrown, once the terminal is as it was', async (where) => {
  const at = terminal();
  let drawn = 0;
  const fail = () => {
    throw new Error('a bug');
  };
  const shown = at.show({
    draw: (size) => (where === 'draw' && drawn++ > 0 ? fail() : screen.draw(size)),
    key: where === 'key' ? fail : screen.key,
  });
  at.input.write('x');
  await expect(shown).rejects.toThrow('a bug');
  at.isAsItWas();
});

test('the end of the process leaves it, too', async () => {
  const at = terminal();
  const before = process.listeners('exit');
  const shown = at.show(screen);
  const [leave] = process.listeners('exit').filter((listener) => !before.includes(listener));
  (leave as () => void)();
  at.input.write('\r');
  await shown;
  at.isAsItWas();
  expect(process.listeners('exit')).toEqual(before);
});

test('a terminal that is resized is drawn anew, at its size', async () => {
  const at = terminal();
  const sizes: number[] = [];
  const shown = at.show({ ...screen, draw: (size) => [String(sizes.push(size.columns))] });
  at.output.columns = 100;
  at.output.emit('resize');
  at.input.write('\r');
  await shown;
  expect(sizes).toEqual([40, 100]);
});
