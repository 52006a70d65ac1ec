// What is said while something takes long: on a terminal of any width, and elsewhere.
import { setTimeout } from 'node:timers/promises';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import type { ProgressMode } from '../../src/view/progress.ts';
import { Progress } from '../../src/view/progress.ts';
import { barLine, plainLine } from '../../src/view/progress-draw.ts';

const removing = (step = { done: 30, total: 120, bytes: 1.5e9, ofBytes: 6e9 }) => ({
  text: 'Removing',
  began: 0,
  step,
});
const at = (columns: number, going: Parameters<typeof barLine>[0] = removing(), utf8 = false) =>
  barLine(going, 10_000, { columns, utf8 });

describe('a line', () => {
  test('has the bar, the counts, the bytes, the rate and the time left', () => {
    expect(at(80)).toBe('Removing [#####---------------] 30/120, 1.5GB of 6GB, 150MB/s, ~30s left');
    expect(at(160, removing(), true)).toBe(
      'Removing ███████░░░░░░░░░░░░░░░░░░░░░░░ 30/120, 1.5GB of 6GB, 150MB/s, ~30s left',
    );
  });

  test('leaves out on a narrow terminal what tells least', () => {
    expect(at(60)).toBe('Removing [###------------] 30/120, 1.5GB of 6GB, ~30s left');
    expect(at(40)).toBe('Removing [##--------] 30/120, ~30s left');
    expect(at(20)).toBe('Removing ~30s left');
  });

  test('is always shorter than the terminal is wide, also where names are wide', () => {
    const wide = { ...removing(), text: 'Saving 日本/とても長い名前:最新 \u001b[31m' };
    for (let columns = 2; columns < 130; columns++) {
      expect(stringWidth(at(columns, wide)), `${columns} columns`).toBeLessThan(columns);
      expect(stringWidth(at(columns, wide, true)), `${columns} columns`).toBeLessThan(columns);
    }
    expect(at(80, wide)).not.toContain('\u001b');
  });

  test('says nothing of a time left that nothing tells, and no share where the whole is not known', () => {
    expect(at(80, removing({ done: 1, total: 120, bytes: 0, ofBytes: 6e9 }))).not.toContain('left');
    expect(at(80, { text: 'Saving app:v1', began: 0, step: { bytes: 5e6 } })).toBe(
      'Saving app:v1 5MB, 500kB/s',
    );
    expect(at(80, { text: 'Looking at the engine', began: 0, step: {} })).toBe('Looking at the engine');
  });

  test('in a log says how long it has taken', () => {
    expect(plainLine(removing(), 10_000)).toBe(
      'Removing: 30/120, 1.5GB of 6GB, 150MB/s, ~30s left, after 10s',
    );
    expect(plainLine({ text: 'Looking', began: 0, step: {} }, 7_200_000)).toBe('Looking: after 2h');
  });
});

/** A stream that keeps what is written, and says when something is. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  let { promise, resolve } = Promise.withResolvers<void>();
  const write = (text: string) => {
    written.push(text);
    resolve();
    return true;
  };
  const next = () => {
    ({ promise, resolve } = Promise.withResolvers<void>());
    return promise;
  };
  return { isTTY, columns: 60, rows: 20, write: write as NodeJS.WriteStream['write'], written, next };
}

const impatient = (to: ReturnType<typeof stream>, mode: ProgressMode) =>
  new Progress(to, { mode, patience: 0, every: 1 });

/** What a terminal shows in the end of what was written to it. */
function shown(written: readonly string[]): string {
  const lines = [''];
  let row = 0;
  const text = written.join('').replaceAll(/\u001b\[\?2026[hl]/g, '');
  for (const [part] of text.matchAll(/\u001b\[(\d*)[A-Za-z]|\n|[^\u001b\n]+/g)) {
    if (part === '\n') lines[++row] ??= '';
    else if (/\[2K/.test(part)) lines[row] = '';
    else if (/\[\d*A/.test(part)) row -= Number(/\d+/.exec(part)?.[0] ?? 1);
    else if (!part.startsWith('\u001b')) lines[row] += part;
  }
  return lines.join('\n').trimEnd();
}

describe('a terminal', () => {
  test('shows nothing of it afterwards, and what was printed meanwhile', async () => {
    const terminal = stream(true);
    const progress = impatient(terminal, 'bar');
    const drawn = terminal.next();
    const result = await progress.during('Removing', async (tell) => {
      tell({ done: 1, total: 4 });
      await drawn;
      expect(shown(terminal.written)).toContain('Removing');
      expect(shown(terminal.written)).toContain('1/4');
      progress.beside(() => terminal.write('Deleted: app:v1\n'));
      expect(shown(terminal.written)).toMatch(/^Deleted: app:v1\nRemoving/);
      return 'done';
    });
    expect(result).toBe('done');
    expect(shown(terminal.written)).toBe('Deleted: app:v1');
  });

  test('is as it was also when the work fails, and its cursor was never hidden', async () => {
    const terminal = stream(true);
    const drawn = terminal.next();
    const failing = impatient(terminal, 'bar').during('Looking', async () => {
      await drawn;
      throw new Error('no engine');
    });
    await expect(failing).rejects.toThrow('no engine');
    expect(shown(terminal.written)).toBe('');
    expect(terminal.written.join('')).not.toContain('\u001b[?25l');
  });

  test('has a line for each piece of work that goes on', async () => {
    const terminal = stream(true);
    const progress = impatient(terminal, 'bar');
    await progress.during('Removing', async () => {
      await progress.during('Saving app:v1', async () => {
        while (!/Removing\nSaving/.test(shown(terminal.written))) await setTimeout(1);
      });
      expect(shown(terminal.written)).toBe('Removing');
    });
    expect(shown(terminal.written)).toBe('');
  });
});

test('a log gets whole lines, without anything that steers a terminal', async () => {
  const log = stream(false);
  const first = log.next();
  await impatient(log, 'plain').during('Removing', async (tell) => {
    tell({ done: 1, total: 4 });
    await first;
  });
  expect(log.written[0]).toMatch(/^Removing: 1\/4, .*after \d+s\n$/);
});

test('nothing is said where that is not wanted, nor of what does not take long', async () => {
  const [silent, fast] = [stream(true), stream(true)];
  expect(await impatient(silent, 'none').during('Removing', () => setTimeout(20, 1))).toBe(1);
  const patient = new Progress(fast, { mode: 'bar', patience: 60_000, every: 1 });
  expect(await patient.during('Removing', () => setTimeout(20, 2))).toBe(2);
  expect([...silent.written, ...fast.written]).toEqual([]);
});
