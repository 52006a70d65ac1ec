// When a schedule runs, from the options.
import { createHash } from 'node:crypto';
import { UsageError } from '../core/errors.ts';
import type { Scheduler, What } from '../core/schedule.ts';
import type { Times } from '../core/schedule-times.ts';
import { parseTimes, shifted } from '../core/schedule-times.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import type { Host } from './schedule-host.ts';

/** When it runs: in systemd's words; up to how much later, so that not all machines do at once; and as other schedulers count. */
export interface When {
  readonly calendar: string;
  readonly delay: { readonly systemd: string; readonly iso: string };
  readonly times?: Times;
}

const OFTEN = { hourly: ['5min', 'PT5M'], daily: ['1h', 'PT1H'], weekly: ['6h', 'PT6H'] } as const;
const EXACTLY = ['5min', 'PT5M'] as const;

/** What is asked for. Throws UsageError where it is nothing, or more than one. */
export function askedTimes(invocation: Invocation): { what: What; calendar?: string } {
  const { flags } = invocation;
  const expression = optionValue(invocation, 'on-calendar');
  const asked = [
    ...['hourly', 'daily', 'weekly', 'watch'].filter((flag) => flags.has(flag)),
    ...(expression === undefined ? [] : ['on-calendar']),
  ];
  const [only, ...more] = asked;
  const all = '--hourly, --daily, --weekly, --on-calendar EXPR or --watch';
  if (only === undefined) throw new UsageError(`say when it is to run: ${all}`);
  if (more.length > 0) throw new UsageError(`say it once: one of ${all}`);
  if (only === 'watch') return { what: 'watch' };
  return { what: 'tidy', calendar: expression ?? only };
}

/** Throws UsageError for times that are none, and for what the scheduler cannot do. */
export async function whenOf(calendar: string, scheduler: Scheduler, host: Host): Promise<When> {
  const [systemd, iso] = OFTEN[calendar as keyof typeof OFTEN] ?? EXACTLY;
  const times = parseTimes(calendar);
  const when = { calendar, delay: { systemd, iso } };
  if (scheduler !== 'systemd') {
    if (!times) throw notHere(calendar, scheduler);
    return { ...when, times: scheduler === 'windows' ? times : shifted(times, minuteOf(host.machine)) };
  }
  await checkBySystemd(calendar, times, host);
  return { ...when, ...(times && { times }) };
}

/** Where a scheduler cannot wait for some random time, each machine has its own minute. */
function minuteOf(machine: string): number {
  return (createHash('sha256').update(machine).digest()[0] as number) % 60;
}

const NAMES = { systemd: 'systemd', launchd: 'launchd', windows: 'Task Scheduler', cron: 'cron' } as const;

function notHere(calendar: string, scheduler: Scheduler): UsageError {
  return new UsageError(
    `--on-calendar "${calendar}" is not understood, or more than ${NAMES[scheduler]} can do: write it as "Mon..Fri 02:30", "*-*-1,15 04:00" or "*:0/15"`,
  );
}

/** systemd knows best; without it here, only what we understand ourselves is taken. */
async function checkBySystemd(calendar: string, times: Times | undefined, host: Host): Promise<void> {
  const bad = (why: string) => new UsageError(`invalid argument "${calendar}" for "--on-calendar": ${why}`);
  if (!/^[\w\s.,:*/~+-]+$/.test(calendar) || /\n/.test(calendar))
    throw bad('see systemd.time(7), "Calendar Events"');
  const { status, stderr } = await host.run(['systemd-analyze', 'calendar', '--', calendar]);
  if (status === 0) return;
  if (status === undefined && times) return;
  const said = stderr.split('\n').find((line) => line.trim() !== '');
  throw bad(
    status === undefined ? 'there is no systemd-analyze here to check it' : (said ?? 'systemd refuses it'),
  );
}
