// Picking in a real terminal, a small one: what is left out stays, and the terminal is as it was, however it ends.
import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { Tmux } from '../support/tmux.ts';

/** Which engine it is makes no difference to a list: one is enough. */
const ENGINES = Object.entries(inject('engines')).filter(([name]) => name === '28.5');
const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;

test.skipIf(ENGINES.length > 0 && HAS_TMUX)('needs a real engine, and tmux', ({ skip }) =>
  skip('one of them is not here'),
);
test.runIf(process.env['CI'])('in CI tmux is there', () => expect(HAS_TMUX).toBe(true));

describe.skipIf(!HAS_TMUX).each(ENGINES)('in tmux at 80×24, on Docker %s', (name, at) => {
  let engine: TestEngine;
  let terminal: Tmux;
  let before: string;

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    await engine.clearAll();
    engine.load(
      ...['app:1', 'app:2', 'app:3'].map((tag, i) => ({
        tags: [tag, ...(i === 0 ? ['app:one'] : [])],
        created: `2026-01-0${i + 1}T00:00:00Z`,
        layers: [{ library: 'x'.repeat(100_000) }, { [`own-${i}`]: 'y'.repeat(300_000 * (i + 1)) }],
      })),
    );
    engine.run('web', 'app:3');
  });
  beforeEach(async () => {
    terminal = new Tmux(engine.env);
    await terminal.shows(/[$#]/);
    before = await settings();
  });
  afterEach(() => terminal.close());

  /** What stty says of the terminal. */
  const settings = async () => {
    terminal.type('clear; stty -g | cksum; echo settings-$((1+1))');
    return /^\d+ \d+$/m.exec(await terminal.shows('settings-2'))?.[0] ?? 'none';
  };
  const start = async () => {
    terminal.type('clear; docker tidy images -a -i; echo "status $?"');
    return await terminal.shows('3 of 3 picked');
  };
  const isAsBefore = async () => {
    expect(terminal.modes()).toEqual({ alternate: false, cursor: true });
    expect(await settings()).toBe(before);
  };

  test('leaving, and saying no, remove nothing', async () => {
    await start();
    terminal.keys('q');
    expect(await terminal.shows('status 130')).toContain('cancelled: nothing was removed');
    await isAsBefore();
    await start();
    terminal.keys('Enter');
    await terminal.shows('[y/N]');
    terminal.keys('Enter');
    await terminal.shows('status 130');
    expect(await engine.names()).toHaveLength(4);
    await isAsBefore();
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s leaves the terminal as it was', async (signal) => {
    await start();
    const plugin = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find(([, , command = '']) => command.startsWith(engine.config) && command.endsWith('docker-tidy'));
    process.kill(Number(plugin?.[0]), signal);
    await terminal.shows('status 130');
    expect(await engine.names()).toHaveLength(4);
    await isAsBefore();
  });

  test('without a terminal it is refused, with what to do', async () => {
    const refused = await engine.tidy(['images', '-a', '-i']);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('there is no terminal to pick on. Leave out -i');
    expect((await engine.tidy(['images', '-a', '-i', '-f'])).status).toBe(125);
    expect(await engine.names()).toHaveLength(4);
  });

  test('what is left out stays, and the rest goes after one question', async () => {
    const screen = await start();
    expect(terminal.modes()).toEqual({ alternate: true, cursor: false });
    expect(screen).toMatch(/- {2}keep +app:3 .* used by/);
    const all = /frees (\S+)/.exec(screen)?.[1] as string;
    terminal.keys('/');
    terminal.type('one');
    await terminal.shows('/one: 1 found');
    terminal.keys('Space');
    const left = await terminal.shows(/^\d of 3 picked: frees .* of /m);
    expect(left).toContain(`of ${all}`);
    terminal.keys('Escape');
    await terminal.shows('app:2');
    terminal.keys('w');
    expect(await terminal.shows('Goes: ')).toMatch(/^app:one: [\da-f]{12}, created/m);
    terminal.resize(120, 30);
    expect(await terminal.shows(/^-{120}$/m)).toContain('q leave');
    terminal.keys('Enter');
    const asked = await terminal.shows(/Remove .*\? \[y\/N\]/);
    expect(terminal.modes()).toEqual({ alternate: false, cursor: true });
    expect(asked).toMatch(/keep +app:one .*not picked/s);
    terminal.type('y');
    await terminal.shows('status 0');
    expect(await engine.names()).toEqual(['app:3', 'app:one']);
    await isAsBefore();
  });
});
