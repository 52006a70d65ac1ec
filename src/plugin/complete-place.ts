// Where TAB was pressed: which command the words are of, and what the unfinished word is to be.
import type { CommandRow, OptionRow } from './options.ts';
import { COMMANDS, KIND_COMMANDS, PLAN, planned, ROOT, SUBCOMMANDS } from './options.ts';

/** A place on the command line, before a word that is not finished. */
export interface Place {
  readonly command: CommandRow;
  /** Commands that may come here. */
  readonly next: readonly CommandRow[];
  /** What was named so far. */
  readonly operands: readonly string[];
  /** Names of the options that were given. */
  readonly given: ReadonlySet<string>;
  /** What the unfinished word is. */
  readonly kind: 'operand' | 'option' | { readonly valueOf: OptionRow };
  /** As much of it as was typed; of `--sort=cr` what stands after the `=`. */
  readonly typed: string;
}

const EVERY_OPTION: readonly OptionRow[] = [ROOT, ...COMMANDS, ...Object.values(SUBCOMMANDS).flat()].flatMap(
  ({ options }) => options,
);

/** `words` is what was typed after `docker`, with the unfinished word last; `tidy` may be left out. */
export function placeOf(words: readonly string[]): Place {
  const line = words[0] === 'tidy' && words.length > 1 ? words.slice(1) : words;
  const last = line.at(-1) ?? '';
  const { operands, given, awaiting, ended } = read(line.slice(0, -1));
  const where = { ...commandOf(operands), given };
  if (awaiting) return { ...where, kind: { valueOf: awaiting }, typed: last };
  if (ended || !last.startsWith('-')) return { ...where, kind: 'operand', typed: last };
  // With a second `=` shells disagree about what is to be completed: nothing is better than a word put in twice.
  const [, name, value] = /^--([^=]+)=([^=]*)$/.exec(last) ?? [];
  const option = where.command.options.find((row) => row.name === name && row.value);
  return option && value !== undefined
    ? { ...where, kind: { valueOf: option }, typed: value }
    : { ...where, kind: 'option', typed: last };
}

interface Read {
  readonly operands: string[];
  readonly given: Set<string>;
  /** The option that the next word is the value of. */
  readonly awaiting?: OptionRow;
  /** `--` was given: no more options. */
  readonly ended: boolean;
}

function read(words: readonly string[]): Read {
  const operands: string[] = [];
  const given = new Set<string>();
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === '--') return { operands: [...operands, ...words.slice(at + 1)], given, ended: true };
    const options = optionsIn(word);
    if (!options) {
      operands.push(word);
      continue;
    }
    for (const { name } of options) given.add(name);
    const awaiting = options.at(-1);
    if (!awaiting?.value || word.includes('=')) continue;
    if (attached(word, options.length)) continue;
    if (at === words.length - 1) return { operands, given, awaiting, ended: false };
    at++;
  }
  return { operands, given, ended: false };
}

/** The options of a word as `--keep` or `-qo`; the last may take a value. `undefined` where it is no option. */
function optionsIn(word: string): OptionRow[] | undefined {
  if (!/^-./.test(word)) return undefined;
  const long = /^--([^=]+)/.exec(word)?.[1];
  if (long !== undefined) return EVERY_OPTION.filter(({ name }) => name === long).slice(0, 1);
  const found: OptionRow[] = [];
  for (const letter of word.slice(1)) {
    const option = EVERY_OPTION.find(({ short }) => short === letter);
    if (!option) break;
    found.push(option);
    if (option.value) break;
  }
  return found;
}

/** Whether a cluster goes on after its last option, which is that option's value: `-oFILE`. */
function attached(word: string, options: number): boolean {
  return !word.startsWith('--') && word.length > 1 + options;
}

function commandOf(operands: readonly string[]): Pick<Place, 'command' | 'next' | 'operands'> {
  const [first, second] = operands;
  if (first === 'help') return commandOf(operands.slice(1));
  if (first === undefined) return { command: ROOT, next: COMMANDS, operands };
  if (first === PLAN.name) {
    const kind = KIND_COMMANDS.find(({ name }) => name === second);
    if (kind) return { command: planned(kind), next: [], operands: operands.slice(2) };
    return { command: PLAN, next: second === undefined ? KIND_COMMANDS : [], operands: operands.slice(1) };
  }
  const command = COMMANDS.find(({ name }) => name === first);
  if (!command) return { command: ROOT, next: [], operands };
  const among = SUBCOMMANDS[first];
  const sub = among?.find(({ name }) => name === `${first} ${second}`);
  if (sub) return { command: sub, next: [], operands: operands.slice(2) };
  return { command, next: second === undefined ? (among ?? []) : [], operands: operands.slice(1) };
}
