// A command of the table as a manual page, in the macros of man(7).
import type { CommandRow, OptionRow } from '../src/plugin/options.ts';
import { COMMANDS, ROOT, SUBCOMMANDS } from '../src/plugin/options.ts';

const EXITS: readonly (readonly [status: string, meaning: string])[] = [
  ['0', 'Done, or nothing to do.'],
  ['1', 'Something failed, conflicted or was refused.'],
  ['2', 'There is something to remove (plan --exit-code).'],
  ['125', 'The command line cannot be read.'],
  ['130', 'Cancelled.'],
];

/** The name of a command's page, as docker names its own: `docker-tidy-policy-init`. */
export function pageName({ name }: CommandRow): string {
  return ['docker', 'tidy', ...name.split(' ')].filter(Boolean).join('-');
}

/** The whole page, in section 1. It has no date, so that it changes only with what it says. */
export function manPage(command: CommandRow): string {
  const { name, usage, summary, examples, options } = command;
  return [
    `.TH ${pageName(command).toUpperCase()} 1 "" "docker tidy" "docker tidy"`,
    '.SH NAME',
    `${text(pageName(command))} \\- ${text(summary)}`,
    '.SH SYNOPSIS',
    `\\fB${text(`docker tidy ${name}`.trim())}\\fR ${text(usage)}`.trimEnd(),
    '.SH EXAMPLES',
    ...examples.flatMap(([line, what]) => tagged(text(line), what)),
    '.SH OPTIONS',
    ...options.flatMap((row) => tagged(spelled(row), row.describe)),
    ...ofMany(command),
    '.SH SEE ALSO',
    `${related(command).join(',\n')}\n`,
  ].join('\n');
}

function ofMany({ name }: CommandRow): string[] {
  const commands = below(name);
  if (commands.length === 0) return [];
  const list = ['.SH COMMANDS', ...commands.flatMap((row) => tagged(text(row.name), row.summary))];
  if (name !== ROOT.name) return list;
  return [...list, '.SH EXIT STATUS', ...EXITS.flatMap(([status, meaning]) => tagged(status, meaning))];
}

function below(name: string): readonly CommandRow[] {
  return name === ROOT.name ? COMMANDS : (SUBCOMMANDS[name] ?? []);
}

/** Of a page: the one above it, and those below it. */
function related(command: CommandRow): string[] {
  const above = [ROOT, ...COMMANDS].find(({ name }) => below(name).includes(command));
  const pages = [...(above ? [above] : []), ...below(command.name)].map(pageName);
  return [...pages, ...(above ? [] : ['docker'])].map((page) => `\\fB${text(page)}\\fR(1)`);
}

function tagged(tag: string, what: string): string[] {
  return ['.TP', `\\fB${tag}\\fR`, text(what)];
}

function spelled({ name, short, value }: OptionRow): string {
  const names = [...(short ? [`-${short}`] : []), `--${name}`].map(text).join('\\fR, \\fB');
  return value ? `${names} \\fI${text(value)}` : names;
}

/** Plain text, such that nothing in it is a macro, an escape, or a typographic hyphen or quote (groff_char(7)). */
function text(plain: string): string {
  const escaped = plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
