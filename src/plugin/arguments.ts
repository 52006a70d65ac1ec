// From what was typed after `docker tidy` to a command with its options and operands, as docker's own parser reads it.
import { Parser } from 'yargs/helpers';
import { nearest } from '../commands/nearest.ts';
import { Refusal, UsageError } from '../core/errors.ts';
import type { CommandRow, OptionRow } from './options.ts';
import { COMMANDS, IMAGES, KIND_COMMANDS, PLAN, planned, RESERVED, ROOT, SUBCOMMANDS } from './options.ts';

/** Values by option name, in the order given; a flag's value is its last. */
export interface Given {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export interface Words extends Given {
  /** Whose options and help these are. */
  readonly command: CommandRow;
  /** What is to be done: the name of a command of a kind, `all`, or `inventory`. */
  readonly job: string;
  readonly plan: boolean;
  readonly operands: readonly string[];
  /** Those of the operands that stood behind `--`. */
  readonly after: readonly string[];
}

const EVERY_OPTION = [
  ...new Map(
    [ROOT, ...COMMANDS, ...Object.values(SUBCOMMANDS).flat()].flatMap(({ options }) =>
      options.map((o) => [o.name, o]),
    ),
  ).values(),
];

/** Letters that mean different options of different commands: `-v` is `--version`, and df's `--verbose`. */
const AMBIGUOUS = [
  ...new Set(
    EVERY_OPTION.flatMap(({ name, short }) =>
      short && EVERY_OPTION.some((other) => other.short === short && other.name !== name) ? [short] : [],
    ),
  ),
];

/**
 * A word that is a command is a command; with none, the operands are repositories, or without any the whole host is
 * meant. `plan` may be put before any of it. Throws UsageError.
 */
export function parseArguments(argv: readonly string[]): Words {
  const { operands, ...parsed } = parseOptions(argv);
  if (operands[0] === 'help') return { ...parseArguments([...operands.slice(1), '--help']) };
  const subcommands = SUBCOMMANDS[operands[0] ?? ''];
  if (subcommands) return subcommandOf(subcommands, operands, parsed);
  const plan = operands[0] === PLAN.name;
  const [word, ...others] = plan ? operands.slice(1) : operands;
  const named = (plan ? KIND_COMMANDS : COMMANDS).find(({ name }) => name === word);
  if (!named) refuseReserved(word, plan);
  const rest = named || word === undefined ? others : [word, ...others];
  const shown = named ? (plan ? planned(named) : named) : plan ? PLAN : ROOT;
  const given = { ...parsed, flags: new Set([...parsed.flags].map((flag) => meaning(shown, flag))) };
  refuseStrangers(shown, given);
  const job = named?.name ?? (rest.length > 0 ? IMAGES.name : WHOLE);
  return { command: shown, job, plan, operands: rest, ...given };
}

/** A command of a command, as `policy check`; without its second word the help is meant. */
function subcommandOf(among: readonly CommandRow[], [first, word, ...rest]: string[], parsed: Parsed): Words {
  const parent = COMMANDS.find(({ name }) => name === first) as CommandRow;
  const named = among.find(({ name }) => name === `${first} ${word}`);
  if (word !== undefined && !named) {
    const words = among.map(({ name }) => name.split(' ')[1] as string);
    throw new UsageErrorOf(
      parent,
      `'${word}' is not a command of docker tidy ${first}: it is ${words.join(', ')}`,
    );
  }
  const command = named ?? parent;
  const flags = new Set([...parsed.flags].map((flag) => meaning(command, flag)));
  refuseStrangers(command, { ...parsed, flags });
  if (!named) flags.add('help');
  return { ...parsed, command, job: command.name, plan: false, operands: rest, flags };
}

/** The job of no command and no repository. */
const WHOLE = 'all';

/** What an ambiguous letter means to a command. */
function meaning({ options }: CommandRow, flag: string): string {
  if (!AMBIGUOUS.includes(flag)) return flag;
  const named = options.find(({ short }) => short === flag);
  if (!named) throw unknown(flag);
  return named.name;
}

function refuseStrangers(command: CommandRow, { flags, values }: Given): void {
  const stranger = [...flags, ...values.keys()].find(
    (name) => !command.options.some((row) => row.name === name),
  );
  if (stranger) throw new UsageErrorOf(command, `unknown flag: --${stranger}`);
}

function refuseReserved(word: string | undefined, plan: boolean): void {
  if (plan && COMMANDS.some(({ name }) => name === word))
    throw new Refusal(
      `${word} removes nothing that could be planned; for a repository of that name: docker tidy plan images ${word}`,
    );
  if (word === undefined || !RESERVED.includes(word)) return;
  throw new Refusal(
    `'${word}' is not a command${word === 'version' ? ': docker tidy --version prints it' : ' of this version'}; for a repository of that name: docker tidy images ${word}`,
  );
}

/** A usage error of a command that is known, so that its usage line can follow. */
export class UsageErrorOf extends UsageError {
  readonly command: CommandRow;

  constructor(command: CommandRow, message: string) {
    super(message);
    this.command = command;
  }
}

type Parsed = Given & Pick<Words, 'after'>;

function parseOptions(argv: readonly string[]): Parsed & { operands: string[] } {
  const words = argv.flatMap(splitAttached);
  const flags = EVERY_OPTION.filter(({ value }) => !value);
  const flagNames = [...flags.map(({ name }) => name), ...AMBIGUOUS];
  const valued = EVERY_OPTION.filter(({ value }) => value);
  const parsed = Parser.detailed(words, {
    boolean: flagNames,
    string: valued.map(({ name }) => name),
    narg: Object.fromEntries(valued.map(({ name }) => [name, 1])),
    alias: Object.fromEntries(
      EVERY_OPTION.flatMap(({ name, short }) => (short && !AMBIGUOUS.includes(short) ? [[name, short]] : [])),
    ),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
      'strip-aliased': true,
    },
  });
  const { _: before, '--': behind = [], ...options } = parsed.argv;
  const after = behind.map(String);
  for (const name of Object.keys(options))
    if (!EVERY_OPTION.some((row) => row.name === name) && !AMBIGUOUS.includes(name)) throw unknown(name);
  if (parsed.error) throw new UsageError(missingValue(parsed.error.message));
  return {
    operands: [...before.map(String), ...after],
    after,
    flags: new Set(flagNames.filter((name) => [options[name]].flat().at(-1) === true)),
    values: new Map(valued.flatMap((row) => valuesOf(row, options[row.name]))),
  };
}

/** `-oFILE` is `-o FILE`, and `--flag=false` must be a boolean, as in docker. */
function splitAttached(word: string): string[] {
  if (/^--?_(=|$)/.test(word)) throw unknown('_'); // the parser's own name for operands
  const short = /^-([a-z])(.+)$/.exec(word);
  if (short && EVERY_OPTION.some((row) => row.short === short[1] && row.value)) {
    return [`-${short[1]}`, (short[2] as string).replace(/^=/, '')];
  }
  const long = /^--([^=]+)=(.*)$/.exec(word);
  const flag = long && EVERY_OPTION.find(({ name, value }) => name === long[1] && !value);
  if (!flag) return [word];
  if (/^(1|t|true)$/i.test(long[2] as string)) return [`--${flag.name}`];
  if (/^(0|f|false)$/i.test(long[2] as string)) return [`--${flag.name}=false`];
  throw new UsageError(`invalid argument "${long[2]}" for "--${flag.name}" flag: it is true or false`);
}

function unknown(name: string): UsageError {
  if (/^\w$/.test(name) && name !== '_')
    return new UsageError(`unknown shorthand flag: '${name}' in -${name}`);
  const near = nearest(
    name,
    EVERY_OPTION.map((option) => option.name),
  );
  return new UsageError(`unknown flag: --${name}${near === undefined ? '' : `; did you mean --${near}?`}`);
}

function missingValue(message: string): string {
  const name = /following: (.*)$/.exec(message)?.[1];
  return name ? `flag needs an argument: --${name}` : message;
}

function valuesOf({ name, repeats }: OptionRow, value: unknown): [string, string[]][] {
  if (value === undefined) return [];
  const all = [value].flat().map(String);
  return [[name, repeats ? all : all.slice(-1)]];
}
