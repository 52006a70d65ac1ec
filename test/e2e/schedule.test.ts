// A schedule that the packaged binary prints is what systemd takes, and what it runs does what was asked for.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { nextTime, parseTimes } from '../../src/core/schedule-times.ts';
import { RESERVED } from '../../src/plugin/options.ts';
import { BINARY, TestEngine } from '../support/engine.ts';
import { printedUnits, startSystemd, textOf, until, verified } from '../support/systemd.ts';

const created = '2026-01-01T00:00:00Z';
const ENGINES = Object.entries(inject('engines')).filter(([name]) => name === '28.5');

test.skipIf(ENGINES.length > 0)('needs a real engine', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let state: string;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    state = mkdtempSync(join(tmpdir(), 'docker-tidy-scheduled-'));
  });
  afterAll(() => engine.clearAll());

  const print = async (...words: string[]) => {
    const ran = await engine.tidy(['schedule', '--print', ...words], { env: { DOCKER_TIDY_STATE: state } });
    expect([ran.stderr, ran.status]).toEqual(['', 0]);
    return ran.stdout;
  };

  test.for<['user' | 'system', string[]]>([
    ['system', ['--daily', '--', '-a', '--older-than', '30d']],
    ['system', ['--on-calendar', 'Mon..Fri *-*-* 02,14:30', '--', 'images', '-a', "it's 100% $HOME:*"]],
    ['user', ['--hourly', '--', '--keep', '3']],
  ])('systemd finds nothing wrong with units for the %s: %j', async ([scope, words], { skip }) => {
    const units = printedUnits(await print(`--${scope}`, ...words));
    expect([...units.keys()]).toEqual(['docker-tidy.service', 'docker-tidy.timer']);
    const said = verified(units, scope);
    if (said === undefined) skip('systemd is not installed');
    expect(said).toBe('');
  });

  test('a timer that fires removes what the options say, and writes it down', async ({ skip }) => {
    engine.load(
      ...['app:1', 'app:2', 'other:1'].map((name) => ({ tags: [name], created, layers: [{ name }] })),
    );
    const words = [
      '--on-calendar',
      '*:*:0/1',
      '--',
      'images',
      '-a',
      '--grace',
      '0s',
      '--keep-tag',
      '2',
      'app',
    ];
    const units = new Map(printedUnits(await print('--system', ...words)));
    const log = join(state, 'log');
    units.set('docker-tidy.timer.d/now.conf', '[Timer]\nRandomizedDelaySec=0\nAccuracySec=1us\n');
    units.set(
      'docker-tidy.service.d/log.conf',
      `[Service]\nStandardOutput=append:${log}\nStandardError=inherit\n`,
    );
    const systemd = await startSystemd(units, 'docker-tidy.timer');
    if (!systemd) return skip('systemd cannot be run here');
    try {
      const done = await until(async () => (await engine.names()).join(' ') === 'app:2 other:1');
      expect([done, done || textOf(log)]).toEqual([true, true]);
    } finally {
      await systemd.stop();
    }
    const { stdout } = await engine.tidy(['history'], { env: { DOCKER_TIDY_STATE: state } });
    expect(stdout).toMatch(/1 deleted .*docker tidy --force --wait images -a/);
  });

  test('docker tidy watch tells systemd that it is ready, from within its unit', async ({ skip }) => {
    if (RESERVED.includes('watch')) skip('this version does not watch');
    const text = await print('--system', '--watch', '--', '-a', '--grace', '0s', '--quiet-time', '1s');
    const ready = join(state, 'ready');
    const log = join(state, 'log');
    const units = new Map([
      ['docker-tidy-watch.service', text],
      [
        'docker-tidy-watch.service.d/test.conf',
        `[Service]\nExecStartPost=/bin/touch ${ready}\nStandardOutput=append:${log}\nStandardError=inherit\n`,
      ],
    ]);
    expect(verified(new Map([['docker-tidy-watch.service', text]]), 'system') ?? '').toBe('');
    const systemd = await startSystemd(units, 'docker-tidy-watch.service');
    if (!systemd) return skip('systemd cannot be run here');
    try {
      const isReady = await until(() => existsSync(ready)); // ExecStartPost= waits for READY=1
      expect([isReady, isReady || textOf(log)]).toEqual([true, true]);
      engine.load({ tags: ['app:1'], created, layers: [{ app: '1' }] });
      const gone = await until(async () => (await engine.names()).length === 0);
      expect([gone, gone || textOf(log)]).toEqual([true, true]);
    } finally {
      await systemd.stop();
    }
  });

  test('a line that cron is given does the same, and says nothing where nothing goes', async () => {
    engine.load({ tags: ['app:1'], created, layers: [{ app: '1' }] });
    const text = await print('--cron', '--daily', '--', 'images', '-a', '--grace', '0s');
    const [, line = ''] = text.split('\n');
    const command = line.split(' ').slice(5).join(' ').replaceAll('\\%', '%');
    const byCron = () =>
      execFileSync('/bin/sh', ['-c', command], {
        env: { PATH: '/usr/bin:/bin' },
        encoding: 'utf8',
        cwd: '/',
      });
    expect(byCron()).toBe('app:1\n');
    expect(await engine.names()).toEqual([]);
    expect(byCron()).toBe('');
  });

  test('a crontab gets the line once the question is answered, and loses it again', async () => {
    const bin = join(state, 'bin');
    mkdirSync(bin);
    const table = join(state, 'crontab');
    writeFileSync(table, '# mine\n');
    writeFileSync(
      join(bin, 'crontab'),
      `#!/bin/sh\nif [ "$1" = -l ]; then cat ${table}; else cat >${table}.new && mv ${table}.new ${table}; fi\n`,
    );
    chmodSync(join(bin, 'crontab'), 0o755);
    const env = { DOCKER_TIDY_STATE: state, PATH: `${bin}:${engine.env['PATH']}` };
    const words = ['schedule', '--cron', '--weekly', '--', '-a'];
    const typed = (text: string) => [{ after: '[y/N] ', text }];
    expect((await engine.tidy(words, { env, typed: typed('n\n') })).status).toBe(130);
    expect(textOf(table)).toBe('# mine\n');
    expect((await engine.tidy(words, { env, typed: typed('y\n') })).status).toBe(0);
    expect(textOf(table)).toMatch(
      new RegExp(`^# mine\n# Written by .*\n.* ${BINARY} tidy --force .* -a --quiet\n$`),
    );
    expect((await engine.tidy(['schedule', 'list'], { env })).stdout).toMatch(/^weekly .* crontab /m);
    expect((await engine.tidy(['schedule', 'list', '-q'], { env })).stdout).toBe('tidy\n');
    expect((await engine.tidy(['schedule', 'remove', '-f'], { env })).status).toBe(0);
    expect(textOf(table)).toBe('# mine\n');
    rmSync(state, { recursive: true });
  });
});

test('the next times are those that systemd works out itself', ({ skip }) => {
  const from = '2026-11-21 12:34:56 UTC';
  const expressions = [
    'hourly',
    'daily',
    'weekly',
    'monthly',
    'Mon..Fri 02:30',
    'Sat,Sun *-*-* 6,18:15',
    '*-*-31',
    '*:0/25',
    'Fri *-*-13 8..9:05,50',
  ];
  for (const expression of expressions) {
    const times = parseTimes(expression);
    const ours = times && nextTime(times, Temporal.ZonedDateTime.from('2026-11-21T12:34:56[UTC]'));
    let said: string;
    try {
      const words = ['calendar', '--base-time', from, expression];
      said = execFileSync('systemd-analyze', words, { env: { ...process.env, TZ: 'UTC' }, encoding: 'utf8' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return skip('systemd is not installed');
      throw error;
    }
    const next = /Next elapse: \w+ (\S+ \S+) UTC/.exec(said)?.[1];
    expect([expression, ours?.toPlainDateTime().toString({ smallestUnit: 'second' })]).toEqual([
      expression,
      next?.replace(' ', 'T'),
    ]);
  }
});
