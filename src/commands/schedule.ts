// `docker tidy schedule`: shows, installs and removes what runs docker tidy by itself. Asks first, and touches only what it wrote.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Command, Installation, Scheduled, Scope } from '../core/schedule.ts';
import { shellLine } from '../core/schedule.ts';
import { makeFolder } from '../state/folder.ts';
import { changeableByOthers, removeUnit, writeUnit } from '../state/scheduler.ts';
import { SCHEDULE_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import type { Host } from './schedule-host.ts';
import { schedulerOf, thisHost } from './schedule-host.ts';
import { allScheduled } from './schedule-list.ts';
import { comparedFiles, installationOf } from './schedule-make.ts';
import type { ReadLater } from './schedule-task.ts';
import { scheduledTask } from './schedule-task.ts';
import { askedTimes, whenOf } from './schedule-when.ts';
import { listShowing, rowsText } from './showing.ts';

/** `read` reads the command line that is to run. */
export async function schedule(
  invocation: Invocation,
  read: ReadLater,
  host: Host = thisHost(invocation),
): Promise<number> {
  const { operands, after = [], flags, values } = invocation;
  const [verb, ...more] = operands.slice(0, operands.length - after.length);
  if (more.length > 0 || (verb !== undefined && !['list', 'remove'].includes(verb)))
    throw new UsageError(
      `'${more[0] ?? verb}' is neither list nor remove; what docker tidy is to do stands behind --, as in docker tidy schedule --daily -- --keep 3 myapp`,
    );
  if (verb !== undefined && after.length > 0)
    throw new UsageError(`docker tidy schedule ${verb} takes nothing behind --`);
  const given = [...flags, ...values.keys()];
  const isBare = after.length === 0 && given.every((option) => ONLY_LISTED.includes(option));
  if (verb === 'list' || (verb === undefined && isBare)) return await list(invocation, host);
  const stray = given.find((option) => ONLY_LISTED.includes(option));
  if (stray !== undefined)
    throw new UsageError(
      `--${stray} is about docker tidy schedule list; options of what is to run stand behind --`,
    );
  if (verb === 'remove') return await remove(invocation, host);
  return await install(invocation, read, host);
}

/** Options of the list. */
const ONLY_LISTED = ['format', 'quiet'];

async function list(invocation: Invocation, host: Host): Promise<number> {
  const { format, template } = listShowing(invocation, SCHEDULE_FIELDS, 'What');
  const all = await allScheduled(host);
  if (template) {
    invocation.stdout.write(await rowsText(template, ({ scheduleRow }) => all.map(scheduleRow)));
  } else if (format === 'json') {
    const rows = all.map(({ before: _, after: __, ...row }) => row);
    invocation.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  } else invocation.stdout.write(await (await import('../view/schedule-text.ts')).scheduledText(all));
  return 0;
}

async function install(invocation: Invocation, read: ReadLater, host: Host): Promise<number> {
  const { flags, stdout } = invocation;
  const { what, calendar } = askedTimes(invocation);
  const { scheduler, scope } = schedulerOf(invocation, host);
  const printOnly = flags.has('print');
  if (!printOnly) refuseForeign(scope, host);
  const when = calendar === undefined ? undefined : await whenOf(calendar, scheduler, host);
  const scheduled = await scheduledTask(invocation, what, host.program(), read);
  const made = await installationOf(scheduler, { scheduled, when, scope, host, printOnly });
  const { printedText, installText, installedText } = await import('../view/schedule-text.ts');
  if (printOnly) {
    stdout.write(printedText(made));
    return 0;
  }
  if (made.scope === 'system') await refuseChangeable(scheduled.task.program, host);
  const files = await comparedFiles(made.files);
  stdout.write(installText({ ...made, files }));
  await consent(invocation, 'written');
  await makeFolder(scheduled.state);
  for (const file of files) await writeUnit(file.path, encoded(file.text, made));
  await runAll(made.commands, host, 'the files are written');
  const now = (await allScheduled(host)).find(
    (one) => one.what === what && one.scheduler === scheduler && one.scope === made.scope,
  );
  stdout.write(installedText(made, now, await lingers(made, host)));
  return 0;
}

/** Task Scheduler reads UTF-16. */
function encoded(text: string, { scheduler }: Installation): string | Buffer {
  return scheduler === 'windows' ? Buffer.from(`\ufeff${text}`, 'utf16le') : text;
}

function refuseForeign(scope: Scope, { uid }: Host): void {
  if (scope === 'system' && uid > 0)
    throw new Refusal(
      `nothing was written: only root may change the services of the machine. Say --user, or sudo docker tidy schedule`,
    );
}

/** Whoever can change what root runs each night, is root. */
async function refuseChangeable(program: string, { platform }: Host): Promise<void> {
  const weak = platform === 'win32' ? undefined : await changeableByOthers(program);
  if (weak !== undefined)
    throw new Refusal(
      `nothing was written: others than root may change ${weak}, and with it what root would run. Install docker tidy for the machine, by sh install.sh --system`,
    );
}

async function remove(invocation: Invocation, host: Host): Promise<number> {
  const { flags, stdout } = invocation;
  const wanted = (await allScheduled(host)).filter(
    ({ what, scope, scheduler }) =>
      (!flags.has('watch') || what === 'watch') &&
      (!flags.has('user') || (scope === 'user' && scheduler !== 'cron')) &&
      (!flags.has('system') || scope === 'system') &&
      (!flags.has('cron') || scheduler === 'cron'),
  );
  const mine = wanted.filter(({ scope }) => scope !== 'system' || host.uid <= 0);
  const { removeText } = await import('../view/schedule-text.ts');
  stdout.write(removeText(wanted, mine));
  if (mine.length === 0) return wanted.length > 0 ? 1 : 0;
  await consent(invocation, 'removed');
  for (const one of mine) await end(one, host);
  stdout.write('Removed. What it has done stays in docker tidy history.\n');
  return wanted.length > mine.length ? 1 : 0;
}

/** What is not running any more cannot be stopped: its files go all the same. */
async function end({ before, after, files, scheduler }: Scheduled, host: Host): Promise<void> {
  for (const command of before) {
    const { status, stderr } = await host.run(command.words, command.input);
    if (status !== 0 && files.length === 0) throw failed(command, stderr, 'nothing was removed');
  }
  for (const file of files) await removeUnit(file);
  if (scheduler === 'systemd') for (const { words } of after) await host.run(words);
}

async function runAll(commands: readonly Command[], host: Host, done: string): Promise<void> {
  for (const command of commands) {
    const { status, stderr } = await host.run(command.words, command.input);
    if (status !== 0 && !command.words.includes('bootout')) throw failed(command, stderr, done);
  }
}

function failed({ words }: Command, stderr: string, done: string): Refusal {
  return new Refusal(
    `${shellLine(words)} failed: ${stderr.trim() || 'it said nothing'}. As far as that, ${done}; docker tidy schedule remove takes them away`,
  );
}

/** Whether a user's services run while the user is not logged in; `undefined` where that is no question. */
async function lingers({ scheduler, scope }: Installation, host: Host): Promise<boolean | undefined> {
  if (scheduler !== 'systemd' || scope !== 'user') return undefined;
  const { stdout } = await host.run(['loginctl', 'show-user', String(host.uid), '--property=Linger']);
  return stdout.includes('Linger=yes');
}

async function consent({ flags, stdin, stdout, cancelled }: Invocation, done: string): Promise<void> {
  if (flags.has('force')) return;
  if (!stdin().isTTY)
    throw new Refusal(
      `nothing was ${done}: there is no terminal to ask on. Add -f to go ahead without the question`,
    );
  await (await import('../view/prompt.ts')).confirm(stdin(), stdout, cancelled, done);
}
