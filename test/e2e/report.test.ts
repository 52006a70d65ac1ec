// The file that docker tidy report writes: where, over what, and what it tells of a real engine, on which it changes nothing.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { oddNames, saved } from '../support/report-host.ts';
import { isRunOnce, reportIn, reportWritten } from '../support/report-run.ts';

const ENGINES = Object.entries(inject('engines'));
const EXAMPLE = resolve('examples/inventory.json');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-tidy-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const tidy = (...args: string[]) => reportWritten(folder, args);

describe.skipIf(!isRunOnce(ENGINES))('the file', () => {
  const names = () => readdirSync(folder).filter((name) => name.endsWith('.html'));

  test('is named by the day, told on standard output, and takes the place of an earlier report', () => {
    const file = 'docker-tidy-report-2026-11-21.html';
    expect(tidy('--from', EXAMPLE)).toEqual({ status: 0, stdout: `${file}\n`, stderr: '' });
    const before = readFileSync(join(folder, file), 'utf8');
    expect(tidy('--from', EXAMPLE, '-a', '--keep', '3').status).toBe(0);
    const after = readFileSync(join(folder, file), 'utf8');
    expect([reportIn(before).command, reportIn(after).command]).toEqual([
      'docker tidy',
      'docker tidy all -a --keep 3',
    ]);
    expect(names()).toEqual([file]);
    rmSync(join(folder, file));
  });

  test('is never written over one that is no report, or of another engine, without -f', () => {
    const mine = join(folder, 'mine.html');
    writeFileSync(mine, 'my notes');
    const refused = tidy('--from', EXAMPLE, '-o', mine);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain(`${mine} is there already, and is no report on this engine`);
    expect(readFileSync(mine, 'utf8')).toBe('my notes');
    expect(tidy('--from', EXAMPLE, '-o', mine, '-f').status).toBe(0);
    const other = saved(join(folder, 'other.json'), oddNames());
    expect(tidy('--from', other, '-o', mine).status).toBe(1);
    expect(reportIn(readFileSync(mine, 'utf8')).engine.name).toBe('example');
    rmSync(mine);
  });

  test('is no folder and no device, and a link stays a link', () => {
    mkdirSync(join(folder, 'a.html'));
    expect(tidy('--from', EXAMPLE, '-o', 'a.html').stderr).toContain('a.html is not a file');
    expect(tidy('--from', EXAMPLE, '-o', '/dev/null', '-f').stderr).toContain('/dev/null is not a file');
    symlinkSync('a.html/real.html', join(folder, 'link.html'));
    writeFileSync(join(folder, 'a.html/real.html'), '');
    expect(tidy('--from', EXAMPLE, '-o', 'link.html', '-f').status).toBe(0);
    expect(readFileSync(join(folder, 'a.html/real.html'), 'utf8')).toContain('docker tidy report');
    rmSync(join(folder, 'link.html'));
    rmSync(join(folder, 'a.html'), { recursive: true });
  });

  test('goes to standard output with -o -, with nothing else', () => {
    const { status, stdout, stderr } = tidy('--from', EXAMPLE, '-o', '-');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    expect(names()).toEqual([]);
  });
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('of %s', (name, at) => {
  test('it has the engine’s images, says what goes and why, and changes nothing', async () => {
    const engine = new TestEngine(name, at);
    await engine.clearAll();
    const layers = (word: string) => [{ library: 'x'.repeat(100_000) }, { app: word.repeat(50_000) }];
    engine.load({ tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: layers('1') });
    engine.load({ tags: ['app:2'], created: '2026-01-02T00:00:00Z', layers: layers('2') });
    const before = await engine.names();
    const { status, stdout } = await engine.tidy(['report', '--keep', '1', '-o', '-']);
    expect(status).toBe(0);
    const { images, shares, engine: told } = reportIn(stdout);
    const fates = images.map(({ names, goes }) => [names[0]?.replace(/^.*\//, ''), goes]);
    expect(fates.sort()).toEqual([
      ['app:1', true],
      ['app:2', false],
    ]);
    const gone = images.find(({ goes }) => goes);
    expect(gone?.plan[0]?.reasons[0]).toContain('beyond --keep 1');
    if (told.store !== 'podman') expect(shares).toHaveLength(1);
    const terminal = await engine.tidy(['report', '-o', '-'], { typed: [] });
    expect([terminal.status, terminal.stdout]).toEqual([
      1,
      expect.stringContaining('a page for a browser, not for a terminal'),
    ]);
    expect(await engine.names()).toEqual(before);
  });
});
