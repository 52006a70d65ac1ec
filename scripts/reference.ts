// Every command of the table as one page of Markdown.
import { usageLine } from '../src/plugin/help.ts';
import type { CommandRow, OptionRow } from '../src/plugin/options.ts';
import { COMMANDS, ROOT, SUBCOMMANDS } from '../src/plugin/options.ts';

/** Every command, in the order of `docker tidy --help`; those of a command follow it. */
export const EVERY_COMMAND: readonly CommandRow[] = [
  ROOT,
  ...COMMANDS.flatMap((command) => [command, ...(SUBCOMMANDS[command.name] ?? [])]),
];

const HEAD = `# Commands

Made by \`make docs\` from the same table as \`--help\`, the manual pages in [man](../man) and completion. \`docker tidy plan\` takes each command that removes things, with its options, and changes nothing.`;

/** The whole of docs/reference.md. */
export function reference(): string {
  const contents = EVERY_COMMAND.map(
    (row) => `- [${title(row)}](#${title(row).replaceAll(' ', '-')}): ${row.summary}`,
  );
  return `${[HEAD, contents.join('\n'), ...EVERY_COMMAND.map(section)].join('\n\n')}\n`;
}

function title({ name }: CommandRow): string {
  return `docker tidy ${name}`.trim();
}

function section(command: CommandRow): string {
  const width = Math.max(...command.examples.map(([line]) => line.length));
  return [
    `## ${title(command)}`,
    `${command.summary}.`,
    fenced('text', [usageLine(command)]),
    fenced(
      'sh',
      command.examples.map(([line, what]) => `${line.padEnd(width)}  # ${what}`),
    ),
    ['| option | what it does |', '|---|---|', ...command.options.map(row)].join('\n'),
  ].join('\n\n');
}

function fenced(language: string, lines: readonly string[]): string {
  return [`\`\`\`${language}`, ...lines, '```'].join('\n');
}

function row({ name, short, value, describe }: OptionRow): string {
  const spelled = `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
  return `| \`${cell(spelled)}\` | ${cell(describe).replaceAll('*', '\\*').replaceAll('<', '&lt;')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
