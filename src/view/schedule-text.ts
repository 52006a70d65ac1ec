// Schedules as people read them: those that are there, and what would be written and run before it is.
import { printable } from '../core/printable.ts';
import type { Command, Installation, Scheduled, UnitFile } from '../core/schedule.ts';
import { shellLine, unitName } from '../core/schedule.ts';
import { count } from '../core/units.ts';
import { localTime } from './screen.ts';
import { table } from './table.ts';

const BY = { systemd: 'systemd', launchd: 'launchd', windows: 'Task Scheduler', cron: 'crontab' } as const;

/** A table, with a newline at its end. */
export async function scheduledText(all: readonly Scheduled[]): Promise<string> {
  if (all.length === 0)
    return 'docker tidy does not run by itself here. To have it run each night: docker tidy schedule --daily\n';
  const rows = all.map(({ calendar, scheduler, scope, next, last, idle, command }) => [
    calendar,
    idle ? 'not started' : next === undefined ? '-' : localTime(next),
    last === undefined ? '-' : localTime(last),
    scheduler === 'cron' ? BY.cron : `${BY[scheduler]}, ${scope}`,
    command,
  ]);
  const lines = await table([
    ['WHEN', 'NEXT', 'LAST', 'BY', 'COMMAND'],
    ...rows.map((row) => row.map(printable)),
  ]);
  return lines.map((line) => `${line}\n`).join('');
}

/** Alone, so that it can be piped; of several files each after its name, as systemctl cat has them. */
export function printedText({ files, entry }: Installation): string {
  if (entry !== undefined) return entry;
  const [only, ...more] = files;
  if (more.length === 0) return only?.text ?? '';
  return files.map(({ path, text }) => `# ${path}\n${text}`).join('\n');
}

/** What is about to be written and run. */
export function installText(made: {
  readonly files: readonly (UnitFile & { readonly is: string })[];
  readonly commands: readonly Command[];
  readonly entry?: string;
}): string {
  const parts = [
    ...made.files.map(({ path, text, is }) =>
      is === 'the same'
        ? `${path} is there as it would be written.\n`
        : `${path} (${is}):\n${indented(text)}`,
    ),
    ...(made.entry === undefined
      ? []
      : [`Your crontab gets these lines, and stays as it is otherwise:\n${indented(made.entry)}`]),
    `Then it runs:\n${made.commands.map(({ words }) => `  ${shellLine(words)}\n`).join('')}`,
  ];
  return parts.map((part) => `${safe(part)}\n`).join('');
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${line === '' ? '' : `  ${line}`}\n`)
    .join('');
}

function safe(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** What was done, and what is worth knowing then. `lingers`: whether a user's services run while nobody is logged in. */
export function installedText(
  { scheduler, scope }: Installation,
  now: Scheduled | undefined,
  lingers: boolean | undefined,
): string {
  const user = scope === 'user' ? '--user ' : '';
  const lines = [
    now?.next === undefined ? 'Installed.' : `Installed. It runs next about ${localTime(now.next)}.`,
    ...(lingers === false ? ['Without loginctl enable-linger it runs only while you are logged in.'] : []),
    ...(scheduler === 'systemd'
      ? [
          `What it says: journalctl ${user}-u ${unitName(now?.what ?? 'tidy')}; what it did: docker tidy history`,
        ]
      : ['What it did: docker tidy history']),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** What is about to be removed, and what only root may. */
export function removeText(wanted: readonly Scheduled[], mine: readonly Scheduled[]): string {
  if (wanted.length === 0) return 'Nothing that docker tidy schedule has written is here.\n';
  const parts = mine.map(({ scheduler, files, before, after }) =>
    [
      scheduler === 'cron'
        ? 'Our lines of your crontab go.'
        : `${files.join(' and ') || 'The task'} ${files.length > 1 ? 'go' : 'goes'}.`,
      'It runs:',
      ...[...before, ...after].map(({ words }) => `  ${shellLine(words)}`),
    ].join('\n'),
  );
  const others = wanted.length - mine.length;
  const notMine =
    others > 0
      ? [
          `${count(others, 'schedule')} of the machine can be removed by root alone: sudo docker tidy schedule remove`,
        ]
      : [];
  return [...parts, ...notMine].map((part) => `${safe(part)}\n`).join('');
}
