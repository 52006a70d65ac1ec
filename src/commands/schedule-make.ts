// From a task and its times to what must be written and run, for each kind of scheduler.
import { join } from 'node:path';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Installation, Scheduler, Scope, UnitFile } from '../core/schedule.ts';
import { MARK, unitName } from '../core/schedule.ts';
import { cronEntry, withCron } from '../core/schedule-cron.ts';
import { systemdStart, systemdUnits } from '../core/schedule-systemd.ts';
import { readUnit } from '../state/scheduler.ts';
import type { Host } from './schedule-host.ts';
import type { ScheduledTask } from './schedule-task.ts';
import type { When } from './schedule-when.ts';

/** What it is made of. `when` is absent for a watch. */
export interface Making {
  readonly scheduled: ScheduledTask;
  readonly when: When | undefined;
  readonly scope: Scope;
  readonly host: Host;
  /** Only to be looked at: what is there is not asked. */
  readonly printOnly: boolean;
}

/** Throws UsageError for times or words that a scheduler cannot have, Refusal where something else is in the place. */
export async function installationOf(scheduler: Scheduler, making: Making): Promise<Installation> {
  return await MAKERS[scheduler](making);
}

const MAKERS: Readonly<Record<Scheduler, (making: Making) => Promise<Installation>>> = {
  systemd: async ({ scheduled, when, scope, host }) => {
    const { task, state, needs, remote } = scheduled;
    const times = when && { calendar: when.calendar, delay: when.delay.systemd };
    const needsTmp = needs.some((path) => /^\/(var\/)?tmp(\/|$)/.test(path));
    const place = { scope, folder: host.units[scope], state, needsTmp, remote };
    const files = systemdUnits(task, times, place);
    return { scheduler: 'systemd', scope, files, commands: systemdStart(task.what, scope) };
  },
  launchd: async ({ scheduled: { task }, when, scope, host }) => {
    const { launchdLabel, launchdPlist } = await import('../config/launchd-plist.ts');
    const file = launchdPlist(task, when?.times && { calendar: when.calendar, times: when.times }, {
      scope,
      home: host.home,
    });
    if (!file) throw tooMuch(when, 'launchd');
    const domain = scope === 'system' ? 'system' : `gui/${host.uid}`;
    const again = typeof (await readUnit(file.path)) === 'string';
    const commands = [
      ...(again ? [{ words: ['launchctl', 'bootout', `${domain}/${launchdLabel(task.what)}`] }] : []),
      { words: ['launchctl', 'bootstrap', domain, file.path] },
    ];
    return { scheduler: 'launchd', scope, files: [file], commands };
  },
  windows: async ({ scheduled: { task, state }, when, scope, host, printOnly }) => {
    const { taskXml } = await import('../config/task-xml.ts');
    const begins = host.now.toISOString().slice(0, 10);
    const times = when?.times && { calendar: when.calendar, times: when.times, delay: when.delay.iso };
    const text = taskXml(task, times, scope, begins);
    if (text === undefined) throw tooMuch(when, 'Task Scheduler');
    const name = unitName(task.what);
    if (!printOnly) await refuseOthersTask(name, host);
    const file = { path: join(state, `${name}.xml`), text };
    const words = ['schtasks', '/Create', '/F', '/TN', name, '/XML', file.path];
    return { scheduler: 'windows', scope, files: [file], commands: [{ words }] };
  },
  cron: async ({ scheduled: { task }, when, host, printOnly }) => {
    if (!when?.times)
      throw new UsageError(
        'cron starts nothing that runs all the time: docker tidy watch needs systemd, launchd or a container',
      );
    const quiet = task.args.some((word) => /^(-q|--quiet|--format.*)$/.test(word)) ? [] : ['--quiet'];
    const entry = cronEntry({ ...task, args: [...task.args, ...quiet] }, when.calendar, when.times);
    if (entry === undefined) throw tooMuch(when, 'cron');
    const before = printOnly ? '' : await readCrontab(host);
    const commands = [{ words: ['crontab', '-'], input: withCron(before, entry) }];
    return { scheduler: 'cron', scope: 'user', files: [], commands, entry };
  },
};

function tooMuch(when: When | undefined, whose: string): UsageError {
  return new UsageError(
    `${whose} cannot run it at "${when?.calendar}": leave out the days of the week or of the month, or name fewer times`,
  );
}

/** The crontab of this user. What cannot be read is not taken for empty: it would be overwritten. Throws Refusal. */
export async function readCrontab(host: Host): Promise<string> {
  const { status, stdout, stderr } = await host.run(['crontab', '-l']);
  if (status === 0) return stdout;
  if (status === undefined)
    throw new Refusal('there is no crontab on this machine: install cron, or see the line by --print');
  if (/no crontab for|no such file/i.test(stderr)) return '';
  throw new Refusal(`cannot read your crontab: ${stderr.trim()}`);
}

async function refuseOthersTask(name: string, host: Host): Promise<void> {
  const { status, stdout } = await host.run(['schtasks', '/Query', '/TN', name, '/XML']);
  if (status === 0 && !stdout.includes(MARK))
    throw new Refusal(
      `nothing was written: there is a task ${name} that docker tidy schedule did not make. Rename it, or see ours by --print`,
    );
}

/** What each file is compared with what is there. Throws Refusal for one of somebody else's. */
export async function comparedFiles(
  files: readonly UnitFile[],
): Promise<readonly (UnitFile & { readonly is: 'new' | 'changed' | 'the same' })[]> {
  return await Promise.all(
    files.map(async (file) => {
      const found = await readUnit(file.path);
      if (found === undefined) return { ...file, is: 'new' as const };
      if (typeof found !== 'string' || !found.replaceAll('\0', '').includes(MARK))
        throw new Refusal(
          `nothing was written: ${file.path} is there, and docker tidy schedule did not write it. Move it away, or see ours by --print`,
        );
      return { ...file, is: found === file.text ? ('the same' as const) : ('changed' as const) };
    }),
  );
}
