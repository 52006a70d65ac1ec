// Help and usage lines in docker's own layout.
import type { CommandRow, OptionRow } from './options.ts';
import { COMMANDS, ROOT, SUBCOMMANDS } from './options.ts';

export function usageLine({ name, usage }: CommandRow): string {
  return `Usage:  docker tidy${name && ` ${name}`} ${usage}`.trimEnd();
}

/** Where to read more, as docker ends its usage errors. */
export function helpHint({ name }: CommandRow): string {
  return `Run 'docker tidy${name && ` ${name}`} --help' for more information`;
}

/** The whole help of a command, with a newline at its end. */
export function helpText(command: CommandRow): string {
  const sections = [
    usageLine(command),
    command.summary,
    block('Examples:', command.examples),
    block(
      'Options:',
      command.options.map((row) => [spelled(row), row.describe]),
    ),
    ...commandsOf(command),
  ];
  return `${sections.join('\n\n')}\n`;
}

function commandsOf({ name }: CommandRow): string[] {
  const commands = name === ROOT.name ? COMMANDS : SUBCOMMANDS[name];
  if (!commands) return [];
  return [
    block(
      'Commands:',
      commands.map((row) => [row.name.split(' ').at(-1) as string, row.summary]),
    ),
    `Run 'docker tidy${name && ` ${name}`} COMMAND --help' for more information on a command.`,
  ];
}

function block(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return [title, ...rows.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)].join('\n');
}

function spelled({ name, short, value }: OptionRow): string {
  return `${short ? `-${short}, ` : '    '}--${name}${value ? ` ${value}` : ''}`;
}
