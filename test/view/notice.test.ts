// What is said while something takes long.
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { noticed } from '../../src/view/notice.ts';

/** A stream that tells when it was written to. */
function screen(isTTY: boolean) {
  const written: string[] = [];
  const { promise: once, resolve } = Promise.withResolvers<void>();
  const write = (text: string) => {
    written.push(text);
    resolve();
    return true;
  };
  return { stream: { isTTY, write: write as NodeJS.WriteStream['write'] }, written, once };
}

test('a terminal says what takes long, and shows nothing of it afterwards', async () => {
  const { stream, written, once } = screen(true);
  expect(
    await noticed(
      stream,
      'Looking …',
      once.then(() => 'found'),
      0,
    ),
  ).toBe('found');
  expect(written).toEqual(['Looking …', '\r         \r']);
});

test('the line goes also when the work fails', async () => {
  const { stream, written, once } = screen(true);
  const failing = once.then(() => Promise.reject(new Error('no engine')));
  await expect(noticed(stream, 'Looking …', failing, 0)).rejects.toThrow('no engine');
  expect(written).toHaveLength(2);
});

test('nothing is said of what does not take long, nor where there is no terminal', async () => {
  const [fast, piped] = [screen(true), screen(false)];
  expect(await noticed(fast.stream, 'Looking …', Promise.resolve(1))).toBe(1);
  expect(await noticed(piped.stream, 'Looking …', setTimeout(20, 2), 0)).toBe(2);
  expect([...fast.written, ...piped.written]).toEqual([]);
});
