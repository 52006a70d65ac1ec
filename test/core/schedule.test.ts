// What schedules are written as: each form whole, and its words as the programs read them that run them.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { parse } from 'plist';
import { describe, expect, test } from 'vitest';
import { launchdPlist, readLaunchd } from '../../src/config/launchd-plist.ts';
import { readTask, taskXml } from '../../src/config/task-xml.ts';
import type { Task } from '../../src/core/schedule.ts';
import { cronEntry, findCron, withCron } from '../../src/core/schedule-cron.ts';
import { systemdUnits, unitSays } from '../../src/core/schedule-systemd.ts';
import type { Times } from '../../src/core/schedule-times.ts';
import { nextTime, parseTimes } from '../../src/core/schedule-times.ts';

const times = (text: string) => parseTimes(text) as Times;

const TIDY: Task = {
  what: 'tidy',
  program: '/home/ann/.docker/cli-plugins/docker-tidy',
  args: [
    '--context',
    'default',
    'tidy',
    '--force',
    '--wait',
    '--grace',
    '1h',
    'images',
    '--keep',
    '3',
    '*:dev*',
  ],
  env: { HOME: '/home/ann', DOCKER_TIDY_STATE: '/home/ann/.local/state/docker-tidy' },
};
const WATCH: Task = {
  ...TIDY,
  what: 'watch',
  program: '/usr/lib/docker/cli-plugins/docker-tidy',
  args: ['--context', 'default', 'tidy', 'watch', '--policy', '/etc/docker-tidy/tidy.yaml'],
  env: { HOME: '/root', DOCKER_TIDY_STATE: '/root/.local/state/docker-tidy' },
};
const USER = {
  scope: 'user',
  folder: '/home/ann/.config/systemd/user',
  state: '/home/ann/.local/state/docker-tidy',
  needsTmp: false,
  remote: false,
} as const;
const SYSTEM = {
  ...USER,
  scope: 'system',
  folder: '/etc/systemd/system',
  state: '/root/.local/state/docker-tidy',
} as const;
const DAILY = { calendar: 'daily', delay: '1h' };
const WEIRD = [
  'a b',
  '100%',
  '$HOME',
  '`id`',
  "it's",
  '"',
  '\\',
  'x\\"y',
  ';',
  '#',
  '~',
  '{{.ID}}',
  'é',
  '*:dev*',
  '',
];

describe('systemd', () => {
  test.each([
    ['user-daily', TIDY, DAILY, USER],
    ['system-daily', { ...TIDY, env: WATCH.env }, DAILY, SYSTEM],
    ['system-watch', WATCH, undefined, SYSTEM],
  ] as const)('%s', async (name, task, when, place) => {
    const text = systemdUnits(task, when, place)
      .map((file) => `# ${file.path}\n${file.text}`)
      .join('\n');
    await expect(text).toMatchFileSnapshot(`../golden/schedule-systemd-${name}.txt`);
  });

  test('what lies in /tmp is not hidden from a service that needs it, and the network is waited for', () => {
    const [service] = systemdUnits(TIDY, DAILY, { ...SYSTEM, needsTmp: true, remote: true });
    expect(service?.text).not.toContain('PrivateTmp');
    expect(service?.text).toContain('Wants=network-online.target');
  });

  test('no word can become a line, a variable or a specifier of its own', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...WEIRD), fc.string()), { maxLength: 5 }), (args) => {
        const [service] = systemdUnits({ ...TIDY, args }, DAILY, USER);
        const line = unitSays(service?.text ?? '', 'ExecStart') ?? '';
        expect(unquoted(line)).toEqual([TIDY.program, ...args]);
      }),
    );
  });
});

/** As systemd reads ExecStart=: words, quotes, escapes, `%%` and `$$`. Source: systemd.syntax(7), systemd.service(5). */
function unquoted(line: string): string[] {
  const words = [...line.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"\\]+)/gs)].map((m) => m[1] ?? m[2] ?? '');
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r' };
  return words.map((word) => {
    const plain = word
      .replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replaceAll(/\\(.)/gs, (_, c: string) => escapes[c] ?? c);
    if (/(?<!%)(%%)*%(?!%)|(?<!\$)(\$\$)*\$(?!\$)/.test(plain)) throw new Error(`unescaped: ${plain}`);
    return plain.replaceAll('%%', '%').replaceAll('$$', '$');
  });
}

describe('cron', () => {
  test('its line', async () => {
    const entry = cronEntry(TIDY, 'Mon..Fri 02:30', times('Mon..Fri 02:30'));
    await expect(entry).toMatchFileSnapshot('../golden/schedule-cron.txt');
  });

  test('a shell reads every word of it as it was meant', () => {
    const script = 'for word; do printf "%s\\n" "$word"; done; echo "$SET"';
    const task = {
      ...TIDY,
      program: '/bin/sh',
      args: ['-c', script, 'sh', ...WEIRD],
      env: { SET: "a 'b' $c %" },
    };
    const line = cronEntry(task, 'daily', times('daily'))?.split('\n')[1] ?? '';
    // cron takes off the five fields, and makes % of \%.
    const command = line.split(' ').slice(5).join(' ').replaceAll('\\%', '%');
    expect(line.replaceAll('\\%', '')).not.toContain('%');
    expect(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' })).toBe(
      [...WEIRD, task.env.SET, ''].join('\n'),
    );
  });

  test.each([
    ['hourly', '0 * * * *'],
    ['daily', '0 0 * * *'],
    ['weekly', '0 0 * * 1'],
    ['monthly', '0 0 1 * *'],
    ['Sat,Sun 6,18:15', '15 6,18 * * 0,6'],
    ['*:0/15', '0,15,30,45 * * * *'],
    ['*:*', '* * * * *'],
  ])('%s is %s', (text, fields) => {
    expect(cronEntry(TIDY, text, times(text))?.split('\n')[1]?.startsWith(`${fields} HOME=`)).toBe(true);
  });

  test('what it cannot say is not said', () => {
    expect(cronEntry(TIDY, 'Mon *-*-1', times('Mon *-*-1'))).toBeUndefined();
    expect(cronEntry({ ...TIDY, args: ['a\nb'] }, 'daily', times('daily'))).toBeUndefined();
    expect(cronEntry({ ...TIDY, args: ['a'.repeat(999)] }, 'daily', times('daily'))).toBeUndefined();
  });

  test('other lines of a crontab stay as they are, ours are replaced and taken out', () => {
    const entry = (text: string) => cronEntry(TIDY, text, times(text)) as string;
    const others = fc
      .array(fc.constantFrom('', '# mine', 'MAILTO=ann', '5 4 * * * /bin/true'))
      .map((lines) => lines.map((l) => `${l}\n`).join(''));
    fc.assert(
      fc.property(others, others, (before, after) => {
        const crontab = `${before}${entry('daily')}${after}`;
        expect(findCron(crontab)).toEqual({ calendar: 'daily', line: entry('daily').split('\n')[1] });
        const linesOf = (text: string) => text.replace(/\n*$/, '').split('\n');
        expect(linesOf(withCron(crontab))).toEqual(linesOf(`${before}${after}`));
        const again = withCron(crontab, entry('weekly'));
        expect(again.endsWith(entry('weekly'))).toBe(true);
        expect(findCron(withCron(again))).toBeUndefined();
        expect(again.split(TIDY.program)).toHaveLength(2);
      }),
    );
    expect(withCron('', entry('daily'))).toBe(entry('daily'));
    expect(withCron('a', entry('daily'))).toBe(`a\n${entry('daily')}`);
    expect(withCron(entry('daily'))).toBe('');
  });
});

describe('launchd', () => {
  const place = { scope: 'user', home: '/Users/ann' } as const;

  test.each([
    ['daily', TIDY, { calendar: 'daily', times: times('daily') }, place],
    ['system-watch', WATCH, undefined, { ...place, scope: 'system' }],
  ] as const)('%s', async (name, task, when, where) => {
    const file = launchdPlist(task, when, where);
    await expect(`<!-- ${file?.path} -->\n${file?.text}`).toMatchFileSnapshot(
      `../golden/schedule-launchd-${name}.txt`,
    );
  });

  test('any words come back out of it', () => {
    const any = fc.oneof(fc.constantFrom(...WEIRD, '<&>', ']]>'), fc.string({ unit: 'grapheme' }));
    // plist's own parser loses spaces alone, and takes the line ends of XML 1.1 for others; that of macOS does not
    const word = any.filter(
      (text) => text === '' || (text.trim() !== '' && !/[\x85\u2028\u2029]/.test(text)),
    );
    fc.assert(
      fc.property(fc.array(word), (args) => {
        const text = launchdPlist({ ...TIDY, args }, undefined, place)?.text ?? '';
        expect((parse(text) as { ProgramArguments: string[] }).ProgramArguments).toEqual([
          TIDY.program,
          ...args,
        ]);
      }),
    );
  });

  test('every time is listed once, and ours is told from another’s', () => {
    const text = launchdPlist(TIDY, { calendar: 'x', times: times('Sat,Sun 6,18:15') }, place)?.text ?? '';
    expect(parse(text)).toMatchObject({
      StartCalendarInterval: [
        { Weekday: 6, Hour: 6, Minute: 15 },
        { Weekday: 6, Hour: 18, Minute: 15 },
        { Weekday: 7, Hour: 6, Minute: 15 },
        { Weekday: 7, Hour: 18, Minute: 15 },
      ],
    });
    expect(readLaunchd(text)).toEqual({ calendar: 'x', command: [TIDY.program, ...TIDY.args] });
    expect(readLaunchd(text.replace('Written by', 'Read by'))).toBeUndefined();
    expect(readLaunchd('no plist')).toBeUndefined();
    expect(launchdPlist(TIDY, { calendar: '', times: times('Mon *-*-1') }, place)).toBeUndefined();
    expect(launchdPlist(TIDY, { calendar: '', times: times('0..7:*') }, place)).toBeUndefined();
  });
});

describe('Task Scheduler', () => {
  const windows = { ...TIDY, program: 'C:\\Program Files\\Docker\\docker-tidy.exe' };
  const xml = (task: Task, text: string | undefined) =>
    taskXml(
      task,
      text === undefined ? undefined : { calendar: text, times: times(text), delay: 'PT1H' },
      'user',
      '2026-11-21',
    );

  test.each([
    ['daily', windows, 'daily'],
    ['weekly', windows, 'weekly'],
    ['watch', { ...windows, what: 'watch' as const }, undefined],
  ])('%s', async (name, task, text) => {
    await expect(xml(task, text)).toMatchFileSnapshot(`../golden/schedule-windows-${name}.xml`);
  });

  test('ours is told from another’s, and what it cannot do is not done', () => {
    const text = xml({ ...windows, args: ['<a & b>'] }, 'daily') ?? '';
    expect(text).toContain('&lt;a &amp; b&gt;');
    expect(readTask(text)?.calendar).toBe('daily');
    expect(readTask(text.replace('Written', 'Read'))).toBeUndefined();
    expect(xml(windows, 'Mon *-*-1')).toBeUndefined();
    expect(xml(windows, '8..17:0/5')).toBeUndefined();
  });
});

describe('times', () => {
  test.each<[string, Times]>([
    ['02:30', { minutes: [30], hours: [2] }],
    ['Mon..Fri 02:30:00', { minutes: [30], hours: [2], weekdays: [1, 2, 3, 4, 5] }],
    ['saturday', { minutes: [0], hours: [0], weekdays: [6] }],
    ['*-*-1,15', { minutes: [0], hours: [0], days: [1, 15] }],
    ['*-*-* 0/6:00', { minutes: [0], hours: [0, 6, 12, 18] }],
    ['Daily', { minutes: [0], hours: [0] }],
  ])('%s', (text, read) => {
    expect(parseTimes(text)).toEqual(read);
  });

  test.each([
    '',
    'now',
    '25:00',
    '02:60',
    '2026-11-21',
    '02:30 UTC',
    '02:30:15',
    'Fri..Mon 1:00',
    '*-*-0',
    '*-*-32',
    '1:0/0',
    'Mon Tue',
    'x',
  ])('%j is none that every scheduler can do', (text) => {
    expect(parseTimes(text)).toBeUndefined();
  });

  test('the next is found over the days that clocks are changed, and over years', () => {
    const next = (text: string, after: string) =>
      nextTime(times(text), Temporal.ZonedDateTime.from(after))?.toString();
    expect(next('daily', '2026-11-21T00:00:00[Europe/Berlin]')).toBe(
      '2026-11-22T00:00:00+01:00[Europe/Berlin]',
    );
    expect(next('*-*-31 12:00', '2026-02-01T00:00:00[UTC]')).toBe('2026-03-31T12:00:00+00:00[UTC]');
    expect(next('Sat *-*-29', '2026-11-21T00:00:00[UTC]')).toBe('2027-05-29T00:00:00+00:00[UTC]');
    expect(next('*:0/15', '2026-10-25T02:50:00+02:00[Europe/Berlin]')).toBe(
      '2026-10-25T03:00:00+01:00[Europe/Berlin]',
    );
  });
});
