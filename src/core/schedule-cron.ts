// A schedule as a line of a crontab, below a line that says whose it is.
import type { Task } from './schedule.ts';
import { MARK, shellLine, shellWord } from './schedule.ts';
import type { Times } from './schedule-times.ts';

/** Beyond that, some crons cut a line off. */
const LONGEST = 998;

/**
 * Two lines: a comment with the mark and the times in systemd's words, and the entry. `undefined` where it cannot be said:
 * cron takes a day of the week or of the month, not both at once, and no longer line. Source: crontab(5).
 */
export function cronEntry({ program, args, env }: Task, calendar: string, times: Times): string | undefined {
  const { minutes, hours, days, weekdays } = times;
  if (days && weekdays) return undefined;
  const when = [field(minutes, 60), field(hours), field(days), '*', field(weekdays?.map((day) => day % 7))];
  const set = Object.entries(env).map(([key, value]) => `${key}=${shellWord(value)}`);
  const command = [...set, shellLine([program, ...args])].join(' ');
  if (/[\n\r]/.test(command)) return undefined;
  const line = `${when.join(' ')} ${command.replaceAll('%', '\\%')}`;
  return line.length > LONGEST ? undefined : `${markLine(calendar)}\n${line}\n`;
}

function markLine(calendar: string): string {
  return `# ${MARK} (${calendar})`;
}

function field(values: readonly number[] | undefined, all = Number.POSITIVE_INFINITY): string {
  if (!values || values.length === all) return '*';
  return [...values].sort((a, b) => a - b).join(',');
}

/** Our entry of a crontab: its times in systemd's words, and its line. */
export interface CronFound {
  readonly calendar: string;
  readonly line: string;
}

const OURS = new RegExp(`^# ${MARK} \\((.*)\\)$`);

export function findCron(crontab: string): CronFound | undefined {
  const lines = crontab.split('\n');
  const at = lines.findIndex((line) => OURS.test(line));
  if (at < 0) return undefined;
  return { calendar: OURS.exec(lines[at] as string)?.[1] ?? '', line: lines[at + 1] ?? '' };
}

/** The crontab with this entry in the place of ours, and nothing else changed; without an entry ours is left out. */
export function withCron(crontab: string, entry?: string): string {
  const lines = crontab.split('\n');
  const kept = lines.filter((line, i) => !OURS.test(line) && !(i > 0 && OURS.test(lines[i - 1] as string)));
  const others = kept.join('\n').replace(/\n*$/, (end) => (end === '' ? '' : '\n'));
  const rest = others === '\n' ? '' : others;
  if (entry === undefined) return rest;
  return `${rest === '' || rest.endsWith('\n') ? rest : `${rest}\n`}${entry}`;
}
