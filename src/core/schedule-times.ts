// Times that come again, in systemd's words: as much of them as cron, launchd and Windows' Task Scheduler can say, too.

/** Which minutes of which hours of which days; all of them count, in local time. Each list is sorted and not empty. */
export interface Times {
  /** 0 to 59. */
  readonly minutes: readonly number[];
  /** 0 to 23; absent: every hour. */
  readonly hours?: readonly number[];
  /** Days of the week, Monday 1 to Sunday 7; absent: every day. */
  readonly weekdays?: readonly number[];
  /** Days of the month, 1 to 31; absent: every day. */
  readonly days?: readonly number[];
}

/** Source: systemd.time(7), "Calendar Events". */
const WORDS: Readonly<Record<string, string>> = {
  hourly: '*-*-* *:00',
  daily: '*-*-* 00:00',
  weekly: 'Mon *-*-* 00:00',
  monthly: '*-*-01 00:00',
};

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/**
 * Reads `hourly`, `daily`, `weekly`, `monthly` and `[WEEKDAYS] [*-*-DAYS] [HOURS:MINUTES[:00]]`, as `Mon..Fri 02:30`,
 * `Sat,Sun *-*-* 6,18:00`, `*-*-1,15`, `*:0/15`, without years, months, seconds and time zones. `undefined` for the rest
 * of what systemd takes, and for what is none. Source: systemd.time(7).
 */
export function parseTimes(text: string): Times | undefined {
  const words = (WORDS[text.trim().toLowerCase()] ?? text).trim().split(/\s+/);
  const weekdays = /^[a-z]/i.test(words[0] ?? '') ? readWeekdays(words.shift() as string) : undefined;
  const days = /^\*-\*-/.test(words[0] ?? '') ? readDays((words.shift() as string).slice(4)) : undefined;
  const [time, ...more] = words;
  if (weekdays === 'bad' || days === 'bad' || more.length > 0) return undefined;
  if (time === undefined && weekdays === undefined && days === undefined) return undefined;
  const clock = readClock(time ?? '00:00');
  if (!clock) return undefined;
  return { ...clock, ...(weekdays && { weekdays }), ...(days && { days }) };
}

type Listed = readonly number[] | 'bad' | undefined;

function readWeekdays(text: string): Listed {
  const dayOf = (word: string) => {
    const short = word.slice(0, 3).toLowerCase();
    const full = `${word.toLowerCase()}`;
    const known = full.length === 3 || LONG.includes(full);
    return known ? WEEKDAYS.indexOf(short) + 1 : 0;
  };
  const all = text.split(',').map((part) => {
    const [first = '', last = first, ...more] = part.split(/\.\.|-/);
    const [from, to] = [dayOf(first), dayOf(last)];
    return more.length > 0 || from === 0 || to < from ? undefined : range(from, to);
  });
  if (all.some((part) => !part)) return 'bad';
  return sorted(all.flatMap((part) => part ?? []));
}

const LONG = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

function readDays(text: string): Listed {
  return text === '*' ? undefined : (numbers(text, 1, 31) ?? 'bad');
}

function readClock(text: string): Pick<Times, 'minutes' | 'hours'> | undefined {
  const [hour = '', minute = '', second = '00', ...more] = text.split(':');
  if (more.length > 0 || !/^0?0$/.test(second)) return undefined;
  const hours = hour === '*' ? range(0, 23) : numbers(hour, 0, 23);
  const minutes = minute === '*' ? range(0, 59) : numbers(minute, 0, 59);
  if (!hours || !minutes) return undefined;
  return { minutes, ...(hours.length < 24 && { hours }) };
}

/** `3`, `1,15`, `8..17`, `0/15` (from 0, every 15). */
function numbers(text: string, least: number, most: number): number[] | undefined {
  const parts = text.split(',').map((part) => {
    const [, first, last, step] = /^(\d{1,2})(?:\.\.(\d{1,2}))?(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (first === undefined || step === '0') return undefined;
    const to = Number(last ?? (step === undefined ? first : most));
    const [from, by] = [Number(first), Number(step ?? 1)];
    return from < least || to > most || to < from ? undefined : range(from, to, by);
  });
  return parts.every((part) => part) ? sorted(parts.flatMap((part) => part ?? [])) : undefined;
}

function range(from: number, to: number, by = 1): number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by);
}

function sorted(all: readonly number[]): number[] {
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Years that are looked through for the next 31st of a month, or a month that begins on a Sunday. */
const DAYS_AHEAD = 8 * 366;

/** The first such minute after a moment, in its time zone; `undefined` where there is none for years. */
export function nextTime(
  { minutes, hours, weekdays, days }: Times,
  after: Temporal.ZonedDateTime,
): Temporal.ZonedDateTime | undefined {
  const zone = after.timeZoneId;
  for (let ahead = 0; ahead < DAYS_AHEAD; ahead++) {
    const day = after.toPlainDate().add({ days: ahead });
    if (weekdays && !weekdays.includes(day.dayOfWeek)) continue;
    if (days && !days.includes(day.day)) continue;
    for (const hour of hours ?? range(0, 23))
      for (const minute of minutes) {
        const at = day.toPlainDateTime({ hour, minute }).toZonedDateTime(zone);
        if (Temporal.ZonedDateTime.compare(at, after) > 0) return at;
      }
  }
  return undefined;
}

/** Later by some minutes: where a schedule begins at the full hour, not all machines need to. */
export function shifted(times: Times, minutes: number): Times {
  return times.minutes.length === 1 && times.minutes[0] === 0 ? { ...times, minutes: [minutes] } : times;
}
