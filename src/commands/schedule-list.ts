// The schedules of ours that are there, whichever scheduler has them.
import { join } from 'node:path';
import type { Scheduled, Scope, What } from '../core/schedule.ts';
import { unitName } from '../core/schedule.ts';
import { findCron, withCron } from '../core/schedule-cron.ts';
import { startedUnit, systemctl, systemdStop, unitSays } from '../core/schedule-systemd.ts';
import { nextTime, parseTimes } from '../core/schedule-times.ts';
import { readUnit } from '../state/scheduler.ts';
import type { Host } from './schedule-host.ts';
import { readCrontab } from './schedule-make.ts';

const WHATS: readonly What[] = ['tidy', 'watch'];
const SCOPES: readonly Scope[] = ['user', 'system'];

/** All of them. What cannot be read is not told. */
export async function allScheduled(host: Host): Promise<Scheduled[]> {
  const each = SCOPES.flatMap((scope) => WHATS.map((what) => ({ scope, what })));
  const found = await Promise.all([
    ...each.map(
      ({ scope, what }) => LISTERS[host.platform]?.(host, scope, what) ?? inSystemd(host, scope, what),
    ),
    host.platform === 'win32' ? undefined : inCrontab(host),
  ]);
  return found.flatMap((one) => one ?? []);
}

type Lister = (host: Host, scope: Scope, what: What) => Promise<Scheduled | undefined>;

const LISTERS: Partial<Record<NodeJS.Platform, Lister>> = { darwin: inLaunchd, win32: inWindows };

async function inSystemd(host: Host, scope: Scope, what: What): Promise<Scheduled | undefined> {
  const units = what === 'watch' ? ['service'] : ['service', 'timer'];
  const files = units.map((unit) => join(host.units[scope], `${unitName(what)}.${unit}`));
  const texts = await Promise.all(files.map(readUnit));
  const [service, timer] = texts.map((text) => (typeof text === 'string' ? text : ''));
  const command = unitSays(service ?? '', 'ExecStart');
  if (command === undefined) return undefined;
  const calendar = what === 'watch' ? 'always' : (unitSays(timer ?? '', 'OnCalendar') ?? 'never');
  return {
    scheduler: 'systemd',
    scope,
    what,
    calendar,
    command,
    files,
    ...systemdStop(what, scope),
    ...(await timesOf(host, scope, startedUnit(what))),
  };
}

/** What systemd says of a unit that is started. */
async function timesOf(
  host: Host,
  scope: Scope,
  unit: string,
): Promise<Pick<Scheduled, 'next' | 'last' | 'idle'>> {
  const properties = '--property=ActiveState,NextElapseUSecRealtime,LastTriggerUSec';
  const { status, stdout } = await host.run(systemctl(scope, ['show', unit, properties]).words);
  if (status !== 0) return {};
  const said = new Map(stdout.split('\n').map((line) => line.split(/=(.*)/s) as [string, string]));
  const [next, last] = [timeOf(said.get('NextElapseUSecRealtime')), timeOf(said.get('LastTriggerUSec'))];
  return {
    ...(next !== undefined && { next }),
    ...(last !== undefined && { last }),
    ...(!['active', 'activating'].includes(said.get('ActiveState') ?? '') && { idle: true as const }),
  };
}

/** `Sun 2026-11-22 00:00:00 UTC`, as systemd prints it; `undefined` for `n/a` and nothing. */
function timeOf(text = ''): string | undefined {
  const at = Date.parse(text.replace(/^\w+ /, ''));
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

async function inLaunchd(host: Host, scope: Scope, what: What): Promise<Scheduled | undefined> {
  const { launchdLabel, launchdPath, readLaunchd } = await import('../config/launchd-plist.ts');
  const path = launchdPath(what, { scope, home: host.home });
  const text = await readUnit(path);
  const found = typeof text === 'string' ? readLaunchd(text) : undefined;
  if (!found) return undefined;
  const target = `${scope === 'system' ? 'system' : `gui/${host.uid}`}/${launchdLabel(what)}`;
  const { status } = await host.run(['launchctl', 'print', target]);
  return {
    scheduler: 'launchd',
    scope,
    what,
    calendar: found.calendar,
    command: found.command.join(' '),
    files: [path],
    before: [{ words: ['launchctl', 'bootout', target] }],
    after: [],
    ...nextOf(found.calendar, host),
    ...(status !== 0 && { idle: true as const }),
  };
}

async function inWindows(host: Host, scope: Scope, what: What): Promise<Scheduled | undefined> {
  const { readTask } = await import('../config/task-xml.ts');
  const name = unitName(what);
  const { status, stdout } = await host.run(['schtasks', '/Query', '/TN', name, '/XML']);
  const found = status === 0 ? readTask(stdout) : undefined;
  const its = /S-1-5-18/.test(stdout) ? 'system' : 'user';
  if (!found || its !== scope) return undefined;
  return {
    scheduler: 'windows',
    scope,
    what,
    calendar: found.calendar,
    command: found.command,
    files: [],
    before: [{ words: ['schtasks', '/Delete', '/F', '/TN', name] }],
    after: [],
    ...nextOf(found.calendar, host),
  };
}

async function inCrontab(host: Host): Promise<Scheduled | undefined> {
  const crontab = await readCrontab(host).catch(() => '');
  const found = findCron(crontab);
  if (!found) return undefined;
  return {
    scheduler: 'cron',
    scope: 'user',
    what: 'tidy',
    calendar: found.calendar,
    command: found.line.split(' ').slice(5).join(' '),
    files: [],
    before: [{ words: ['crontab', '-'], input: withCron(crontab) }],
    after: [],
    ...nextOf(found.calendar, host),
  };
}

/** About when: what runs it may wait a little. */
function nextOf(calendar: string, { now }: Host): Pick<Scheduled, 'next'> {
  const times = parseTimes(calendar);
  const zone = Temporal.Now.timeZoneId();
  const after = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone);
  const next = times && nextTime(times, after);
  return next ? { next: new Date(next.epochMilliseconds).toISOString() } : {};
}
