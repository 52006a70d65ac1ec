// What TAB offers: docker's `__complete` protocol (spf13/cobra), from the tables of commands and options, and from names.
import { printable } from '../core/printable.ts';
import type { Place } from './complete-place.ts';
import { placeOf } from './complete-place.ts';
import type { Offer, Source } from './complete-values.ts';
import { OPERANDS, valueSource } from './complete-values.ts';
import type { CommandRow } from './options.ts';

/** Cobra's directives, bits of one number: spf13/cobra, completions.go, ShellCompDirective. */
const NO_SPACE = 2;
const NO_FILES = 4;
const BY_ENDING = 8;
const KEEP_ORDER = 32;

/** Which engine is asked, and until when it may answer. */
interface Asking {
  readonly env: NodeJS.ProcessEnv;
  /** Soon, unless told. */
  readonly signal?: AbortSignal;
}

/** Answers `__complete WORD…`, and `__completeNoDesc WORD…`, which is the same without descriptions. */
export async function completed(
  [request, ...words]: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string> {
  const answered = await complete(words, { env, ...(signal && { signal }) });
  return request === '__complete' ? answered : answered.replaceAll(/\t.*/g, '');
}

/** `words` is what was typed after `docker`, the last one unfinished. One `value\tdescription` a line, then the directive. */
async function complete(words: readonly string[], asking: Asking): Promise<string> {
  const place = placeOf(words);
  if (place.kind === 'option') return answer(optionsAt(place), NO_FILES);
  if (place.kind !== 'operand') {
    const { valueOf: option } = place.kind;
    return await fromSource(valueSource(option, place.typed, place.command.name), place, asking);
  }
  const commands = place.next.map(offerOf).filter(([value]) => value.startsWith(place.typed));
  const { of, most = Number.POSITIVE_INFINITY } = OPERANDS[place.command.name] ?? NO_OPERANDS;
  // Where a command may come, repositories would drown it: they are offered once some of one is typed.
  const any = place.operands.length < most && (place.next.length === 0 || place.typed !== '');
  return any ? await fromSource(of, place, asking, commands) : answer(commands, NO_FILES);
}

const NO_OPERANDS: { readonly of: Source; readonly most?: number } = { of: { words: [] } };

function optionsAt({ command, given, typed }: Place): Offer[] {
  const left = command.options.filter(({ name, repeats }) => repeats || !given.has(name));
  const long = left.map(({ name, describe }): Offer => [`--${name}`, describe]);
  const short = left.flatMap((row): Offer[] => (row.short ? [[`-${row.short}`, row.describe]] : []));
  return [...long, ...short].filter(([value]) => value.startsWith(typed));
}

function offerOf({ name, summary }: CommandRow): Offer {
  return [name.split(' ').at(-1) as string, summary];
}

async function fromSource(
  source: Source,
  { kind, typed, operands }: Place,
  { env, signal }: Asking,
  first: readonly Offer[] = [],
): Promise<string> {
  if ('files' in source)
    return answer(
      source.files.map((ending) => [ending, '']),
      BY_ENDING,
    );
  if ('words' in source) {
    const fit = source.words.filter(([value]) => value.startsWith(typed));
    return answer([...first, ...fit], NO_FILES | KEEP_ORDER);
  }
  const { names } = await import('../commands/complete-names.ts');
  const before = source.before ?? '';
  const found = await names(source.names, typed.slice(before.length), env, signal);
  const taken = new Set(kind === 'operand' ? operands : before.split(','));
  const fit = found.filter(([name]) => !taken.has(name));
  const order = source.names === 'runs' ? KEEP_ORDER : 0;
  return answer(
    [...first, ...fit.map(([name, what]): Offer => [`${before}${name}`, what])],
    NO_FILES | order,
  );
}

/** What ends in `=` or `:` goes on without a space. */
function answer(offers: readonly Offer[], bits: number): string {
  if (offers.length === 0) return `:${NO_FILES}\n`;
  const goesOn = offers.every(([value]) => /[=:]$/.test(value));
  const lines = offers.map(([value, what]) => (what ? `${value}\t${printable(what)}` : value));
  return `${[...lines, `:${goesOn ? bits | NO_SPACE : bits}`].join('\n')}\n`;
}
