// A schedule as a task of Windows' Task Scheduler. Loads xmlbuilder: import it lazily.
// Source: Microsoft, Task Scheduler Schema 1.2 (2004/02/mit/task).
import xmlbuilder from 'xmlbuilder';
import type { Scope, Task } from '../core/schedule.ts';
import { MARK } from '../core/schedule.ts';
import type { Times } from '../core/schedule-times.ts';

/** The account of the system itself. */
const SYSTEM = 'S-1-5-18';

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** So many triggers a task may have. */
const MOST = 48;

/**
 * The task as XML; `undefined` for times that cannot be said: both days of the week and of the month, or too many. What was
 * missed while the machine was off is run as soon as it can be. `begins`: a day before which it does not run, `2026-11-21`.
 */
export function taskXml(
  task: Task,
  when: { readonly calendar: string; readonly times: Times; readonly delay: string } | undefined,
  scope: Scope,
  begins: string,
): string | undefined {
  const triggers = when && triggersOf(when.times, when.delay, begins);
  if (when && !triggers) return undefined;
  const logon = scope === 'system' ? 'BootTrigger' : 'LogonTrigger';
  const again = when ? {} : { RestartOnFailure: { Interval: 'PT1M', Count: 999 } };
  const document = {
    Task: {
      '@version': '1.2',
      '@xmlns': 'http://schemas.microsoft.com/windows/2004/02/mit/task',
      RegistrationInfo: { Author: 'docker tidy', Description: `${MARK} (${when?.calendar ?? 'always'})` },
      Triggers: triggers ?? { [logon]: { Enabled: true } },
      Principals: {
        Principal: {
          '@id': 'Author',
          ...(scope === 'system' ? { UserId: SYSTEM } : { LogonType: 'InteractiveToken' }),
          RunLevel: 'LeastPrivilege',
        },
      },
      Settings: {
        MultipleInstancesPolicy: 'IgnoreNew',
        DisallowStartIfOnBatteries: false,
        StopIfGoingOnBatteries: false,
        ...(when && { StartWhenAvailable: true }),
        ...again,
        ExecutionTimeLimit: when ? 'PT6H' : 'PT0S',
        Priority: 8,
      },
      Actions: {
        '@Context': 'Author',
        Exec: { Command: task.program, Arguments: task.args.map(windowsWord).join(' ') },
      },
    },
  };
  const xml = xmlbuilder.create(document, { version: '1.0', encoding: 'UTF-16' });
  return `${xml.end({ pretty: true })}\n`;
}

function triggersOf({ minutes, hours, days, weekdays }: Times, delay: string, begins: string) {
  if (days && weekdays) return undefined;
  const every = days
    ? {
        ScheduleByMonth: {
          DaysOfMonth: { Day: [...days] },
          Months: Object.fromEntries(MONTHS.map((month) => [month, {}])),
        },
      }
    : weekdays
      ? {
          ScheduleByWeek: {
            DaysOfWeek: Object.fromEntries(weekdays.map((day) => [WEEKDAYS[day - 1] as string, {}])),
            WeeksInterval: 1,
          },
        }
      : { ScheduleByDay: { DaysInterval: 1 } };
  const clock = (hours ?? [0]).flatMap((hour) => minutes.map((minute) => [hour, minute] as const));
  if (clock.length > MOST) return undefined;
  const two = (n: number) => String(n).padStart(2, '0');
  const hourly = { Repetition: { Interval: 'PT1H', Duration: 'P1D' } };
  return {
    CalendarTrigger: clock.map(([hour, minute]) => ({
      ...(hours ? {} : hourly),
      StartBoundary: `${begins}T${two(hour)}:${two(minute)}:00`,
      RandomDelay: delay,
      ...every,
    })),
  };
}

/** A word as a Windows program reads it from its command line. Source: Microsoft C runtime, "Parsing C command-line arguments". */
function windowsWord(text: string): string {
  if (/^[^\s"]+$/.test(text)) return text;
  const escaped = text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1');
  return `"${escaped}"`;
}

/** The times, in systemd's words, of a task of ours; `undefined` for another's. */
export function readTask(xml: string): { readonly calendar: string; readonly command: string } | undefined {
  const calendar = new RegExp(`<Description>${MARK} \\((.*?)\\)</Description>`).exec(xml)?.[1];
  const [, program = '', words = ''] =
    /<Command>(.*?)<\/Command>\s*<Arguments>(.*?)<\/Arguments>/s.exec(xml) ?? [];
  return calendar === undefined ? undefined : { calendar, command: `${program} ${words}` };
}
