// A schedule as a property list of macOS' launchd. Loads plist: import it lazily.
import { build, parse } from 'plist';
import type { Scope, Task, UnitFile } from '../core/schedule.ts';
import { MARK, unitName } from '../core/schedule.ts';
import type { Times } from '../core/schedule-times.ts';

/** Where launchd looks, and where its job writes what it says. */
export interface LaunchdPlace {
  readonly scope: Scope;
  readonly home: string;
}

/** The name of a job to launchd. */
export function launchdLabel(what: Task['what']): string {
  return `com.github.${unitName(what)}`;
}

export function launchdPath(what: Task['what'], { scope, home }: LaunchdPlace): string {
  const name = `${launchdLabel(what)}.plist`;
  return scope === 'system' ? `/Library/LaunchDaemons/${name}` : `${home}/Library/LaunchAgents/${name}`;
}

/** Tells ours from others, and in which words its times were given. */
const MARKED = 'DOCKER_TIDY_SCHEDULE';

/** So many times can be listed; more are better said otherwise. */
const MOST = 200;

/**
 * The file. What is missed while the machine sleeps is run when it wakes. `undefined` for times that cannot be said: both
 * days of the week and of the month (either would do then), or too many. Source: launchd.plist(5).
 */
export function launchdPlist(
  task: Task,
  when: { readonly calendar: string; readonly times: Times } | undefined,
  place: LaunchdPlace,
): UnitFile | undefined {
  const intervals = when && intervalsOf(when.times);
  if (when && !intervals) return undefined;
  const log =
    place.scope === 'system' ? '/var/log/docker-tidy.log' : `${place.home}/Library/Logs/docker-tidy.log`;
  const text = build({
    Label: launchdLabel(task.what),
    ProgramArguments: [task.program, ...task.args],
    EnvironmentVariables: { ...task.env, [MARKED]: `${MARK} (${when?.calendar ?? 'always'})` },
    ...(intervals ? { StartCalendarInterval: intervals } : { RunAtLoad: true, KeepAlive: true }),
    ProcessType: 'Background',
    LowPriorityIO: true,
    Nice: 10,
    Umask: 0o077,
    StandardOutPath: log,
    StandardErrorPath: log,
  });
  return { path: launchdPath(task.what, place), text: `${text}\n` };
}

interface Interval {
  readonly [key: string]: number;
}

function intervalsOf({ minutes, hours, days, weekdays }: Times): Interval[] | undefined {
  if (days && weekdays) return undefined;
  const each = (key: string, values: readonly number[] | undefined): Interval[] =>
    values?.map((value) => ({ [key]: value })) ?? [{}];
  const all = [
    each('Day', days),
    each('Weekday', weekdays),
    each('Hour', hours),
    each('Minute', minutes),
  ].reduce((so, more) => so.flatMap((a) => more.map((b) => ({ ...a, ...b }))), [{}]);
  return all.length > MOST ? undefined : all;
}

/** A schedule of ours that a property list tells of. */
export interface LaunchdFound {
  readonly calendar: string;
  readonly command: readonly string[];
}

/** `undefined` for one that is not ours, or cannot be read. */
export function readLaunchd(text: string): LaunchdFound | undefined {
  try {
    const { EnvironmentVariables: env, ProgramArguments: command } = parse(text) as {
      EnvironmentVariables?: Record<string, string>;
      ProgramArguments?: string[];
    };
    const calendar = new RegExp(`^${MARK} \\((.*)\\)$`).exec(env?.[MARKED] ?? '')?.[1];
    return calendar === undefined ? undefined : { calendar, command: command ?? [] };
  } catch {
    return undefined;
  }
}
