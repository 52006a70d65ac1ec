// What TAB offers: docker's `__complete` protocol (spf13/cobra), from the tables of commands and options.
import type { CommandRow } from './options.ts';
import { COMMANDS, KIND_COMMANDS, PLAN, planned, ROOT, SUBCOMMANDS } from './options.ts';

/** Cobra's directive for "and no file names". */
const NO_FILES = ':4';

/** `words` is what was typed after `docker`, the last one unfinished. One `value\tdescription` a line, then the directive. */
export function complete(words: readonly string[]): string {
  const typed = words[0] === 'tidy' ? words.slice(1) : words;
  const last = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  const plan = before.includes(PLAN.name);
  const kind = KIND_COMMANDS.find(({ name }) => before.includes(name));
  const subcommand = Object.values(SUBCOMMANDS)
    .flat()
    .find(({ name }) => name.split(' ').every((word) => before.includes(word)));
  const command = kind
    ? plan
      ? planned(kind)
      : kind
    : (subcommand ?? COMMANDS.find(({ name }) => before.includes(name)));
  const next =
    command === undefined ? COMMANDS : command === PLAN ? KIND_COMMANDS : (SUBCOMMANDS[command.name] ?? []);
  const offers = last.startsWith('-') ? flagsOf(command ?? ROOT) : next.map(offerOf);
  const lines = offers.filter(([value]) => value.startsWith(last)).map((offer) => offer.join('\t'));
  return `${[...lines, NO_FILES].join('\n')}\n`;
}

type Offer = [value: string, description: string];

function flagsOf({ options }: CommandRow): Offer[] {
  return options.map(({ name, describe }) => [`--${name}`, describe]);
}

function offerOf({ name, summary }: CommandRow): Offer {
  return [name.split(' ').at(-1) as string, summary];
}
