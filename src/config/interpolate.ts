// ${VARIABLES} in Compose files, .env files and Dockerfiles, where some of them have no value that is known here.

/** Stands in a text for a part that is not known, be it empty. No file has it: it is no character. */
export const UNKNOWN = '\uFFFF';

/** The value of a variable; undefined when it is not set. It may hold UNKNOWN. */
export type Lookup = (name: string) => string | undefined;

/** A `${…}` that cannot be read: a clause, for a sentence that says where. */
export class BadInterpolation extends Error {
  override readonly name = 'BadInterpolation';
}

/** How a file writes variables: Compose has `$$` for a dollar, a Dockerfile its escape character. */
export interface Dialect {
  readonly escapeSign?: string;
  /** Called with the name of each variable that has no value and no default. */
  readonly missing?: (name: string) => void;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** More than anybody nests, less than the stack holds. */
const DEEPEST = 50;

/**
 * Puts values in place of `$X ${X} ${X:-d} ${X-d} ${X:+a} ${X+a} ${X:?e} ${X?e}`, nested ones too. Where no value is
 * known the result has UNKNOWN. Source: the Compose specification, interpolation; Dockerfile reference, environment.
 *
 * @throws BadInterpolation
 */
export function interpolate(text: string, lookup: Lookup, dialect: Dialect = {}, depth = 0): string {
  if (depth > DEEPEST) throw new BadInterpolation('variables are nested too deeply');
  let result = '';
  for (let at = 0; at < text.length; ) {
    const [value, length] = next(text, at, lookup, dialect, depth);
    result += value;
    at += length;
  }
  return result;
}

/** What stands at `at`, and how many characters of the text it takes. */
function next(text: string, at: number, lookup: Lookup, dialect: Dialect, depth: number): [string, number] {
  const character = text[at] as string;
  if (character === dialect.escapeSign && at + 1 < text.length) return [text[at + 1] as string, 2];
  if (character !== '$') return [character, 1];
  if (text[at + 1] === '$' && dialect.escapeSign === undefined) return ['$', 2];
  if (text[at + 1] === '{') {
    const end = closing(text, at + 2);
    return [braced(text.slice(at + 2, end), lookup, dialect, depth), end + 1 - at];
  }
  NAME.lastIndex = at + 1;
  const name = NAME.exec(text)?.[0];
  return name === undefined ? ['$', 1] : [known(name, lookup, dialect), 1 + name.length];
}

function closing(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith('${', at)) open++;
    else if (text[at] === '}' && --open === 0) return at;
  }
  throw new BadInterpolation(`a "$\{" has no "}"`);
}

function braced(body: string, lookup: Lookup, dialect: Dialect, depth: number): string {
  const [, name, operator, rest = ''] = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+?])(.*))?$/s.exec(body) ?? [];
  if (name === undefined) return unreadable(body, dialect);
  const value = lookup(name);
  const isSet = value !== undefined && !(operator?.startsWith(':') && value === '');
  if (operator?.endsWith('+')) {
    if (value?.includes(UNKNOWN)) return UNKNOWN;
    return isSet ? interpolate(rest, lookup, dialect, depth + 1) : '';
  }
  if (isSet) return value;
  if (operator?.endsWith('-')) return interpolate(rest, lookup, dialect, depth + 1);
  return known(name, () => undefined, dialect);
}

// A Dockerfile has more forms (${X#prefix}, ${X/a/b}), whose outcome we do not work out.
function unreadable(body: string, dialect: Dialect): string {
  if (dialect.escapeSign !== undefined) return UNKNOWN;
  throw new BadInterpolation(`\${${body}} is no variable`);
}

function known(name: string, lookup: Lookup, dialect: Dialect): string {
  const value = lookup(name);
  if (value === undefined) dialect.missing?.(name);
  return value ?? UNKNOWN;
}
