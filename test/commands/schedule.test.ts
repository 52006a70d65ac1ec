// docker tidy schedule on made-up machines: what it writes and runs, what it refuses, and that it touches nothing of others.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { underPolicy } from '../../src/commands/policy-in-force.ts';
import { schedule } from '../../src/commands/schedule.ts';
import type { Host } from '../../src/commands/schedule-host.ts';
import type { ReadLater } from '../../src/commands/schedule-task.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import { MARK } from '../../src/core/schedule.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import type { Ran } from '../../src/state/scheduler.ts';

type Answers = (words: readonly string[], input?: string) => Partial<Ran> | undefined;

/** A machine whose programs answer what a test says, and else that all went well. */
class Machine {
  readonly home = mkdtempSync(join(tmpdir(), 'docker-tidy-home-'));
  readonly ran: string[] = [];
  readonly #host: Partial<Host>;
  answers: Answers;
  printed = '';

  constructor(host: Partial<Host> = {}, answers: Answers = () => undefined) {
    this.#host = host;
    this.answers = answers;
  }

  get host(): Host {
    return {
      platform: 'linux',
      uid: 1000,
      home: this.home,
      units: { user: join(this.home, 'user'), system: join(this.home, 'system') },
      systemd: true,
      run: async (words, input) => {
        const answer = this.answers(words, input) ?? {};
        const asks =
          /^(crontab -l|loginctl|systemctl .*show|systemd-analyze|schtasks \/Query|launchctl print)/;
        if (!asks.test(words.join(' '))) this.ran.push(words.join(' '));
        return { status: 0, stdout: '', stderr: '', ...answer };
      },
      program: () => '/opt/docker-tidy',
      machine: 'host',
      now: new Date('2026-11-21T12:00:00Z'),
      ...this.#host,
    };
  }

  get env(): NodeJS.ProcessEnv {
    const at = (name: string) => join(this.home, name);
    return { DOCKER_CONFIG: at('config'), DOCKER_TIDY_STATE: at('state'), XDG_CONFIG_HOME: at('xdg') };
  }

  async schedule(line: readonly string[], more: Partial<Invocation> = {}): Promise<number> {
    const words = ['schedule', ...line];
    return await schedule(
      {
        ...parseArguments(words),
        words,
        globals: { debug: false, help: false },
        env: this.env,
        stdin: () => ({ isTTY: false }),
        stdout: {
          write: (text: string) => {
            this.printed += text;
          },
        },
        ...more,
      } as unknown as Invocation,
      read,
      this.host,
    );
  }

  file(name: string): string {
    return readFileSync(join(this.home, name), 'utf8');
  }

  write(name: string, text: string): string {
    const file = join(this.home, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
    return file;
  }
}

/** As plugin/run.ts reads it. */
const read: ReadLater = async (invocation, words) => {
  const { job, plan, flags, values, operands } = parseArguments(words);
  const asked = await underPolicy({ ...invocation, words, flags, values, operands });
  if (job === 'all') wholeJob(asked);
  return {
    ...asked,
    job,
    plan,
    removes: ['all', 'images', 'containers', 'networks', 'cache', 'volumes'].includes(job),
  };
};

const DAILY = ['--daily', '-f', '--', '-a', '--older-than', '7d'];
const POLICY = 'version: 1\nimages:\n  - keep: { last: 3 }\n';

describe('with systemd', () => {
  test('installs, lists, changes and removes', async () => {
    const machine = new Machine({}, ([program, , verb]) =>
      program === 'systemctl' && verb === 'show'
        ? {
            stdout:
              'ActiveState=active\nNextElapseUSecRealtime=Sun 2026-11-22 00:10:00 UTC\nLastTriggerUSec=n/a\n',
          }
        : undefined,
    );
    expect(await machine.schedule(DAILY)).toBe(0);
    expect(machine.ran).toEqual([
      'systemctl --user daemon-reload',
      'systemctl --user enable docker-tidy.timer',
      'systemctl --user restart docker-tidy.timer',
    ]);
    expect(machine.file('user/docker-tidy.service')).toContain(
      '\nExecStart=/opt/docker-tidy --context default tidy --force --wait --grace 1h -a --older-than 7d\n',
    );
    expect(existsSync(join(machine.home, 'state'))).toBe(true);
    for (const said of [
      'docker-tidy.timer (new):',
      '  OnCalendar=daily',
      '  systemctl --user daemon-reload',
      'enable-linger',
    ])
      expect(machine.printed).toContain(said);

    machine.printed = '';
    await machine.schedule(['list', '--format', 'json']);
    const next = '2026-11-22T00:10:00.000Z';
    expect(JSON.parse(machine.printed)).toMatchObject([
      { scheduler: 'systemd', scope: 'user', calendar: 'daily', next },
    ]);

    machine.printed = '';
    await machine.schedule(['-q']);
    await machine.schedule(['list', '-q', '--format', '{{.Scope}}']);
    expect(machine.printed).toBe('tidy\nuser\n');
    await expect(machine.schedule(['--weekly', '-f', '-q'])).rejects.toThrow(UsageError);

    machine.printed = '';
    await machine.schedule(['--weekly', '-f', '--', 'images', '-a', '--grace', '2h']);
    expect(machine.file('user/docker-tidy.timer')).toContain('OnCalendar=weekly\nRandomizedDelaySec=6h');
    expect(machine.file('user/docker-tidy.service')).toContain('tidy --force --wait images -a --grace 2h\n');
    expect(machine.printed).toContain('docker-tidy.timer (changed):');

    machine.ran.length = 0;
    expect(await machine.schedule(['remove', '-f'])).toBe(0);
    expect(machine.ran).toEqual([
      'systemctl --user disable --now docker-tidy.timer',
      'systemctl --user daemon-reload',
    ]);
    expect(readdirSync(join(machine.home, 'user'))).toEqual([]);
    machine.printed = '';
    expect(await machine.schedule([])).toBe(0);
    expect(machine.printed).toContain('docker tidy does not run by itself here');
  });

  test('root’s is the machine’s, and others cannot change it', async () => {
    const root = new Machine({ uid: 0 });
    await root.schedule(DAILY);
    expect(root.ran[0]).toBe('systemctl daemon-reload');
    expect(root.file('system/docker-tidy.service')).toContain(`ReadWritePaths=${join(root.home, 'state')}`);
    const other = new Machine({ units: root.host.units });
    await expect(other.schedule(['--system', ...DAILY])).rejects.toThrow('sudo docker tidy schedule');
    expect(await other.schedule(['remove', '-f'])).toBe(1);
    expect(other.ran).toEqual([]);
    expect(readdirSync(join(root.home, 'system'))).toHaveLength(2);
  });

  test('root does not run what others may change', async () => {
    const machine = new Machine({ uid: 0 });
    const program = machine.write('docker-tidy', '');
    for (const [mode, refused] of [
      [0o755, false],
      [0o775, true],
    ] as const) {
      chmodSync(program, mode);
      const root = new Machine({ uid: 0, program: () => program });
      const done = root.schedule(DAILY);
      if (refused) await expect(done).rejects.toThrow(`others than root may change ${program}`);
      else if (process.getuid?.() === 0) expect(await done).toBe(0);
      else await expect(done).rejects.toThrow(Refusal);
      expect(root.ran.length > 0).toBe(process.getuid?.() === 0 && !refused);
    }
    expect(await machine.schedule(['--print', ...DAILY])).toBe(0);
  });

  test('a unit that somebody else wrote is never changed or removed, nor anything beside it', async () => {
    const machine = new Machine();
    const theirs = '[Timer]\nOnCalendar=monthly\n';
    machine.write('user/docker-tidy.timer', theirs);
    await expect(machine.schedule(DAILY)).rejects.toThrow(
      'docker-tidy.timer is there, and docker tidy schedule did not',
    );
    await machine.schedule(['remove', '-f']);
    expect(readdirSync(join(machine.home, 'user'))).toEqual(['docker-tidy.timer']);
    expect(machine.file('user/docker-tidy.timer')).toBe(theirs);
    expect(machine.ran).toEqual([]);
  });

  test('without a terminal and -f nothing is written, run or removed', async () => {
    const machine = new Machine();
    await expect(machine.schedule(DAILY.filter((word) => word !== '-f'))).rejects.toThrow('Add -f');
    expect(existsSync(join(machine.home, 'user'))).toBe(false);
    await machine.schedule(DAILY);
    machine.ran.length = 0;
    await expect(machine.schedule(['remove'])).rejects.toThrow('Add -f');
    expect(machine.ran).toEqual([]);
    expect(readdirSync(join(machine.home, 'user'))).toHaveLength(2);
  });

  test('what systemctl refuses is told', async () => {
    const machine = new Machine({}, (words) =>
      words.includes('enable') ? { status: 1, stderr: 'Failed to connect to bus\n' } : undefined,
    );
    await expect(machine.schedule(DAILY)).rejects.toThrow(
      'systemctl --user enable docker-tidy.timer failed: Failed to connect to bus',
    );
  });

  test('--print writes nothing and runs nothing', async () => {
    const machine = new Machine({ uid: 7 });
    await machine.schedule(['--system', '--print', ...DAILY]);
    expect(machine.printed).toContain(`# ${join(machine.home, 'system/docker-tidy.timer')}\n# ${MARK}`);
    expect(readdirSync(machine.home)).toEqual([]);
    expect(machine.ran).toEqual([]);
  });

  test('docker tidy watch is a service of its own', async () => {
    const machine = new Machine({ uid: 0 });
    machine.write('xdg/docker-tidy/tidy.yaml', POLICY);
    await machine.schedule(['--watch', '-f', '--', '--max-remove', '9'], {});
    const policy = join(machine.home, 'xdg/docker-tidy/tidy.yaml');
    expect(machine.file('system/docker-tidy-watch.service')).toContain(
      ` tidy watch --policy ${policy} --max-remove 9\n`,
    );
    expect(machine.ran.at(-1)).toBe('systemctl restart docker-tidy-watch.service');
    await machine.schedule(DAILY);
    await machine.schedule(['remove', '--watch', '-f']);
    expect(readdirSync(join(machine.home, 'system'))).toEqual(['docker-tidy.service', 'docker-tidy.timer']);
  });
});

describe('what runs', () => {
  const execStart = async (machine: Machine, line: readonly string[], more: Partial<Invocation> = {}) => {
    await machine.schedule(line, more);
    return /^ExecStart=\S+ (.*)$/m.exec(machine.file('user/docker-tidy.service'))?.[1];
  };

  test('goes by the policy of today, by its whole path', async () => {
    const machine = new Machine();
    const file = machine.write('xdg/docker-tidy/tidy.yaml', POLICY);
    expect(await execStart(machine, ['--daily', '-f'])).toBe(
      `--context default tidy --force --wait --grace 1h --policy ${file}`,
    );
    const other = machine.write('other.yaml', POLICY);
    expect(await execStart(machine, ['--daily', '-f', '--', '--policy', other, '-a'])).toBe(
      `--context default tidy --force --wait --grace 1h --policy ${other} -a`,
    );
    expect(await execStart(machine, ['--daily', '-f', '--', `--policy=${other}`])).toContain(
      `--policy ${other}`,
    );
    expect(await execStart(machine, ['--daily', '-f', '--', '--no-policy', '-a'])).not.toContain('yaml');
  });

  test('talks to the engine of today, whatever docker’s context is then', async () => {
    const machine = new Machine();
    const globals = { debug: false, help: false, host: 'tcp://farm:2376', tlsverify: false, config: 'conf' };
    expect(await execStart(machine, DAILY, { globals })).toMatch(
      `--config ${process.cwd()}/conf --host tcp://farm:2376 --tlsverify=false tidy --force`,
    );
    const env = { ...machine.env, DOCKER_HOST: 'ssh://ann@farm' };
    expect(await execStart(machine, DAILY, { env })).toMatch(/^tidy /);
    expect(machine.file('user/docker-tidy.service')).toContain('\nEnvironment=DOCKER_HOST=ssh://ann@farm\n');
    expect(machine.file('user/docker-tidy.service')).toContain(`\nEnvironment=HOME=${homedir()}\n`);
  });

  test.each<[string, string[], string]>([
    ['nothing that says what may go', ['--daily', '--print'], 'docker tidy policy init'],
    [
      'only how to run',
      ['--daily', '--print', '--', '-f', '-q', '--grace', '2d', '--archive'],
      'docker tidy policy init',
    ],
    ['a watch of nothing', ['--watch', '--print'], 'docker tidy schedule --watch -- -a'],
    [
      'of several engines',
      ['--daily', '--print', '--', '-a', '--contexts', 'all'],
      'what is scheduled is for one engine',
    ],
    ['volumes', ['--daily', '--print', '--', 'volumes'], 'no schedule ever removes volumes'],
    ['a plan', ['--daily', '--print', '--', 'plan', '-a'], 'a plan alone changes nothing'],
    ['a dry run', ['--daily', '--print', '--', '-a', '--dry-run'], 'a plan alone changes nothing'],
    ['what removes nothing', ['--daily', '--print', '--', 'df'], 'docker tidy df cannot be scheduled'],
  ])('is not %s', async (_, line, why) => {
    const machine = new Machine();
    await expect(machine.schedule(line)).rejects.toThrow(Refusal);
    await expect(machine.schedule(line)).rejects.toThrow(why);
  });

  test.each([[['--', 'all']], [['--', 'cache']], [['--', '--keep', '3']], [['--', '-a', 'app']]])(
    'is what %j says',
    async (after) => {
      const machine = new Machine();
      expect(await machine.schedule(['--daily', '--print', ...after])).toBe(0);
    },
  );

  test.each<[string[], string]>([
    [['--daily', '--weekly', '--', '-a'], 'say it once'],
    [['-f', '--', '-a'], 'say when it is to run'],
    [['--print'], 'say when it is to run'],
    [['myapp'], 'stands behind --'],
    [['remove', '--', '-a'], 'takes nothing behind --'],
    [['--daily', '--user', '--system', '--', '-a'], 'contradict'],
    [['--daily', '--cron', '--system', '--', '-a'], 'a crontab is always of this user'],
    [['--daily', '--', '--older-than', 'x'], 'invalid argument "x"'],
    [['--daily', '--', '--nonsense'], 'unknown flag'],
    [['--on-calendar', 'daily\nExecStart=x', '--', '-a'], 'invalid argument'],
    [['--daily', '--', '-a', 'app\nExecStart=x'], 'control characters'],
  ])('%j is a usage error', async (line, why) => {
    const machine = new Machine();
    await expect(machine.schedule(line)).rejects.toThrow(UsageError);
    await expect(machine.schedule(line)).rejects.toThrow(why);
    expect(machine.ran).toEqual([]);
  });

  test('times that systemd refuses are refused in its words; without systemd-analyze only what is understood goes', async () => {
    const line = (text: string) => ['--on-calendar', text, '--print', '--', '-a'];
    const machine = new Machine({}, ([program]) =>
      program === 'systemd-analyze'
        ? { status: 1, stderr: "Failed to parse calendar specification 'x'\n" }
        : undefined,
    );
    await expect(machine.schedule(line('x'))).rejects.toThrow("Failed to parse calendar specification 'x'");
    const without = new Machine({ run: async () => ({ stdout: '', stderr: '' }) });
    await expect(without.schedule(line('2026-*-* 1:00 UTC'))).rejects.toThrow('no systemd-analyze here');
    expect(await without.schedule(line('Fri 02:30'))).toBe(0);
  });
});

describe('with cron', () => {
  /** A crontab that is kept. */
  const withCrontab = (crontab: string, failure?: Partial<Ran>) => {
    const kept = { crontab };
    const machine = new Machine({ systemd: false }, ([program, word], input) => {
      if (program !== 'crontab') return undefined;
      if (word === '-l') return failure ?? { stdout: kept.crontab };
      kept.crontab = input ?? '';
      return undefined;
    });
    return { machine, kept };
  };

  test('where systemd does not run a line is added, shown and taken out again, and all others stay', async () => {
    const { machine, kept } = withCrontab('# mine\n5 4 * * * /bin/true\n');
    expect(await machine.schedule(DAILY)).toBe(0);
    expect(kept.crontab).toMatch(
      /^# mine\n5 4 \* \* \* \/bin\/true\n# Written by docker tidy schedule \(daily\)\n\d+ 0 \* \* \* HOME=\S+ .*\/opt\/docker-tidy .* --quiet\n$/,
    );
    machine.printed = '';
    await machine.schedule(['list']);
    expect(machine.printed).toMatch(/^daily +2026-11-2\d \d\d:\d\d +- +crontab +HOME=/m);
    expect(await machine.schedule(['remove', '-f'])).toBe(0);
    expect(kept.crontab).toBe('# mine\n5 4 * * * /bin/true\n');
  });

  test('a user without a crontab gets one', async () => {
    const { machine, kept } = withCrontab('', { status: 1, stderr: 'no crontab for ann\n' });
    await machine.schedule(DAILY);
    expect(kept.crontab).toMatch(/^# Written by/);
  });

  test('a crontab that cannot be read is not overwritten', async () => {
    const { machine, kept } = withCrontab('theirs', { status: 1, stderr: 'permission denied' });
    await expect(machine.schedule(DAILY)).rejects.toThrow('cannot read your crontab: permission denied');
    expect([kept.crontab, machine.ran]).toEqual(['theirs', []]);
  });

  test('it runs nothing all the time, and not at what only systemd understands', async () => {
    const { machine } = withCrontab('');
    await expect(machine.schedule(['--watch', '--print', '--', '-a'])).rejects.toThrow('cron starts nothing');
    const odd = ['--on-calendar', '*-*-~1', '--print', '--', '-a'];
    await expect(machine.schedule(odd)).rejects.toThrow('more than cron can do');
  });
});

test('on macOS launchd gets a property list, and an earlier one is taken out first', async () => {
  const machine = new Machine({ platform: 'darwin', systemd: false });
  await machine.schedule(DAILY);
  const name = 'com.github.docker-tidy';
  const path = `Library/LaunchAgents/${name}.plist`;
  const start = `launchctl bootstrap gui/1000 ${join(machine.home, path)}`;
  expect(machine.ran).toEqual([start]);
  await machine.schedule(['--hourly', ...DAILY.slice(1)]);
  expect(machine.ran.slice(1)).toEqual([`launchctl bootout gui/1000/${name}`, start]);
  machine.printed = '';
  await machine.schedule([]);
  expect(machine.printed).toMatch(/^hourly +2026-11-21 .* launchd, user +\/opt\/docker-tidy --context/m);
  await machine.schedule(['remove', '-f']);
  expect(existsSync(join(machine.home, path))).toBe(false);
});

test('on Windows Task Scheduler gets a file that it can read, and never one in the place of another’s', async () => {
  const tasks: { xml?: string } = {};
  const machine = new Machine({ platform: 'win32', uid: -1, systemd: false }, ([, verb, ...words]) => {
    if (verb === '/Query')
      return words[1] === 'docker-tidy' && tasks.xml ? { stdout: tasks.xml } : { status: 1 };
    if (verb === '/Create') tasks.xml = readFileSync(words.at(-1) ?? '', 'utf16le');
    if (verb === '/Delete') delete tasks.xml;
    return undefined;
  });
  await machine.schedule(DAILY);
  expect(machine.ran).toEqual([
    `schtasks /Create /F /TN docker-tidy /XML ${join(machine.home, 'state/docker-tidy.xml')}`,
  ]);
  expect(tasks.xml).toMatch(/^\ufeff<\?xml version="1.0" encoding="UTF-16"\?>/);
  machine.printed = '';
  await machine.schedule(['list']);
  expect(machine.printed).toMatch(/^daily .* Task Scheduler, user +\/opt\/docker-tidy --context/m);
  await machine.schedule(['remove', '-f']);
  expect(tasks.xml).toBeUndefined();
  tasks.xml = '<Task/>';
  await expect(machine.schedule(DAILY)).rejects.toThrow(
    'a task docker-tidy that docker tidy schedule did not make',
  );
});
