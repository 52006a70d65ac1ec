// docker's own global flags, as far as they stand before the word `tidy`. What follows that word
// is the command's own and is never read here. Flags are parsed as pflag does, docker's parser.
import { UsageError } from '../core/errors.ts';

/** docker's global flags that matter to a plugin. A field that was not given is absent. */
export interface Globals {
  readonly config?: string;
  readonly context?: string;
  readonly host?: string;
  readonly tls?: boolean;
  readonly tlsverify?: boolean;
  readonly tlscacert?: string;
  readonly tlscert?: string;
  readonly tlskey?: string;
  readonly debug: boolean;
  readonly help: boolean;
}

type Flag = 'config' | 'context' | 'debug' | 'help' | 'host' | 'log-level' | TlsFlag;
type TlsFlag = 'tls' | 'tlscacert' | 'tlscert' | 'tlskey' | 'tlsverify';
type Given = readonly [Flag, string | boolean];

const KINDS: ReadonlyMap<string, 'text' | 'switch'> = new Map([
  ['config', 'text'],
  ['context', 'text'],
  ['debug', 'switch'],
  ['help', 'switch'],
  ['host', 'text'],
  ['log-level', 'text'],
  ['tls', 'switch'],
  ['tlscacert', 'text'],
  ['tlscert', 'text'],
  ['tlskey', 'text'],
  ['tlsverify', 'switch'],
]);

const SHORTHANDS: ReadonlyMap<string, Flag> = new Map([
  ['c', 'context'],
  ['D', 'debug'],
  ['h', 'help'],
  ['H', 'host'],
  ['l', 'log-level'],
]);

/**
 * Divides what the plugin was called with into docker's global flags and the words that are for
 * `tidy` itself; the word `tidy` is in neither. `docker help tidy X` and `docker --help tidy X`
 * become `X --help`.
 *
 * @throws UsageError in docker's words: a flag without its value, a flag that docker does not have.
 */
export function parseGlobals(argv: readonly string[]): { globals: Globals; rest: string[] } {
  const given: Given[] = [];
  let at = 0;
  while (at < argv.length && isFlag(argv[at]!)) {
    const word = readWord(argv[at]!, argv[at + 1]);
    if ('unknown' in word) {
      if (tidyIsNext(argv, at + 1)) throw new UsageError(word.unknown);
      break;
    }
    given.push(...word.given);
    at += word.taken;
  }
  const globals = gather(given);
  const { rest, help } = withoutTidy(argv.slice(at));
  return globals.help || help
    ? { globals: { ...globals, help: true }, rest: askingForHelp(rest) }
    : { globals, rest };
}

function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith('-') && word !== '--';
}

// docker refuses an unknown flag before it calls us. So one that stands here is either our own, in
// a direct call (`docker-tidy --keep 3 tidy`: that `tidy` is a repository), or plainly misplaced.
function tidyIsNext(argv: readonly string[], from: number): boolean {
  return argv.slice(from).find((word) => !isFlag(word)) === 'tidy';
}

function withoutTidy(words: readonly string[]): { rest: string[]; help: boolean } {
  if (words[0] === 'tidy') return { rest: words.slice(1), help: false };
  if (words[0] === 'help' && words[1] === 'tidy') return { rest: words.slice(2), help: true };
  return { rest: [...words], help: false };
}

function askingForHelp(rest: readonly string[]): string[] {
  const end = rest.indexOf('--');
  return end < 0 ? [...rest, '--help'] : rest.toSpliced(end, 0, '--help');
}

type Word = { given: Given[]; taken: 1 | 2 } | { unknown: string };

function readWord(word: string, next: string | undefined): Word {
  return word.startsWith('--') ? readLong(word, next) : readCluster(word, next);
}

function readLong(word: string, next: string | undefined): Word {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const kind = KINDS.get(name);
  if (!kind) return { unknown: `unknown flag: --${name}` };
  const flag = name as Flag;
  if (equals >= 0) return { given: [[flag, valueFrom(flag, word.slice(equals + 1), `--${name}`)]], taken: 1 };
  if (kind === 'switch') return { given: [[flag, true]], taken: 1 };
  if (next === undefined) throw new UsageError(`flag needs an argument: --${name}`);
  return { given: [[flag, next]], taken: 2 };
}

// `-Dc prod`, `-H=tcp://x`, `-Htcp://x`: switches may be run together, the last may take a value.
function readCluster(word: string, next: string | undefined): Word {
  const given: Given[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const flag = SHORTHANDS.get(letter);
    if (!flag) return { unknown: `unknown shorthand flag: '${letter}' in ${word}` };
    const tail = word.slice(at + 1);
    if (tail.startsWith('=')) {
      return { given: [...given, [flag, valueFrom(flag, tail.slice(1), `-${letter}, --${flag}`)]], taken: 1 };
    }
    if (KINDS.get(flag) === 'switch') {
      given.push([flag, true]);
    } else if (tail !== '') {
      return { given: [...given, [flag, tail]], taken: 1 };
    } else if (next === undefined) {
      throw new UsageError(`flag needs an argument: '${letter}' in ${word}`);
    } else {
      return { given: [...given, [flag, next]], taken: 2 };
    }
  }
  return { given, taken: 1 };
}

function valueFrom(flag: Flag, text: string, shown: string): string | boolean {
  if (KINDS.get(flag) === 'text') return text;
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new UsageError(
    `invalid argument "${text}" for "${shown}" flag: strconv.ParseBool: parsing "${text}": invalid syntax`,
  );
}

// The last of a repeated flag counts, except that docker wants one -H only.
function gather(given: readonly Given[]): Globals {
  if (given.filter(([flag]) => flag === 'host').length > 1) throw new UsageError('specify only one -H');
  const { 'log-level': _logLevel, ...fields } = Object.fromEntries(given);
  return { debug: false, help: false, ...fields };
}
