// A policy file's YAML: what cannot be read, with its place, and the place of everything that can.
import type { Document, Node, YAMLError } from 'yaml';
import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, parseDocument, visit } from 'yaml';
import type { Path, Place } from './policy-finding.ts';

/** What the file holds, and where each part of it stands. */
export interface Read {
  readonly value: unknown;
  /** Of a key, or of its value; of what is not there, of what it would be in. */
  readonly place: (path: Path, at?: 'key' | 'value') => Place;
  /** A plain value as it is written, `1.20`; `undefined` for lists and mappings. */
  readonly written: (path: Path) => string | undefined;
}

/** Why a text cannot be read, and where. */
export type Unreadable = Place & { readonly message: string };

/** Of one mapping in another, and of `*name`: more than any policy has. The parser's time grows with the square of either. */
const DEEPEST = 60;
const MOST_ALIASES = 100;

/** Of many problems the first are told: the others mostly follow from them. */
const MOST_TOLD = 10;

/** Reads the text. Never throws: what is no YAML comes as a list of why. */
export function readYaml(text: string): Read | readonly Unreadable[] {
  const at = placesOf(text);
  const deep = tooDeep(text);
  if (deep !== undefined)
    return [{ ...at(deep), message: 'lists and mappings are too deep in each other: this is no policy' }];
  const document = parseDocument(text, {
    prettyErrors: false,
    logLevel: 'error', // nothing is printed, while `silent` would leave out errors
    schema: 'core',
    uniqueKeys: false, // it compares each with all; see misused()
    stringKeys: true,
    resolveKnownTags: false,
  });
  const { errors, warnings } = document;
  const wrong = [...errors, ...warnings].map((error) => ({
    ...at(error.pos[0]),
    message: told(error, text),
  }));
  const found = wrong.length > 0 ? wrong : misused(document, at);
  if (found.length === 0) return read(document, at);
  const first = new Map(found.toReversed().map((why) => [`${why.line}:${why.column}`, why]));
  return [...first.values()].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MOST_TOLD);
}

type At = (offset: number) => Place;

function placesOf(text: string): At {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  return (offset) => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    return { line, column: col };
  };
}

/** Where a text gets too deep: a first look, which needs no recursion. */
function tooDeep(text: string): number | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme)); // a parser that is not drawn from does not go on
    if (parser.stack.length > DEEPEST) return parser.offset;
  }
  return undefined;
}

/** What YAML allows and a policy does not: keys twice, aliases without end, a file of another YAML. */
function misused(document: Document.Parsed, at: At): Unreadable[] {
  const found: Unreadable[] = [];
  let aliases = 0;
  const say = (node: unknown, message: string) => found.push({ ...at(offsetOf(node) ?? 0), message });
  const { yaml } = document.directives;
  if (yaml.explicit && yaml.version !== '1.2')
    say(document.contents, `%YAML ${yaml.version} is not read here: leave the line out`);
  visit(document, {
    Alias: (_, node) => {
      if (++aliases !== MOST_ALIASES + 1) return;
      say(node, `there are more than ${MOST_ALIASES} aliases (*name) here: write out what they stand for`);
    },
    Map: (_, { items }) => {
      const seen = new Map<unknown, unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : undefined;
        const first = seen.get(name);
        if (first !== undefined)
          say(key, `${name} is here twice (first in line ${at(offsetOf(first) ?? 0).line}): leave one out`);
        else seen.set(name, key);
      }
    },
  });
  return found;
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function read(document: Document.Parsed, at: At): Read | readonly Unreadable[] {
  try {
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }), ...placesIn(document, at) };
  } catch (error) {
    return [unresolved(document, at, error as Error)];
  }
}

/** An alias of nothing: mostly a glob that begins with `*` and lacks its quotes. */
function unresolved(document: Document.Parsed, at: At, error: Error): Unreadable {
  let found: Unreadable | undefined;
  visit(document, {
    Alias: (_, node) => {
      if (node.resolve(document) !== undefined) return undefined;
      const name = node.source;
      found = {
        ...at(offsetOf(node) ?? 0),
        message: `*${name} is an alias of YAML, and no &${name} is before it: if a text is meant, put it in quotes as '*${name}'`,
      };
      return visit.BREAK;
    },
  });
  if (found) return found;
  const resource = /alias/i.test(error.message);
  return {
    line: 1,
    column: 1,
    message: resource
      ? 'aliases (*name) stand for too much here: write out what they stand for'
      : `this is no YAML: ${error.message}`,
  };
}

function placesIn(document: Document.Parsed, at: At): Omit<Read, 'value'> {
  const start = offsetOf(document.contents) ?? 0;
  return {
    place: (path, which = 'value') => {
      const { key, value } = nodesAt(document, path);
      const empty = isScalar(value) && value.range?.[0] === value.range?.[1];
      return at((which === 'key' || empty ? (key ?? offsetOf(value)) : (offsetOf(value) ?? key)) ?? start);
    },
    written: (path) => {
      const { value, whole } = nodesAt(document, path);
      return whole && isScalar(value) ? (value.source ?? String(value.value)) : undefined;
    },
  };
}

interface Found {
  /** Where the last key that is there begins. */
  readonly key?: number | undefined;
  readonly value: unknown;
  /** Whether the path was there to its end. */
  readonly whole: boolean;
}

function nodesAt(document: Document.Parsed, path: Path): Found {
  let value: unknown = document.contents;
  let key: number | undefined;
  for (const step of path) {
    const inside = isAlias(value) ? value.resolve(document) : value;
    if (isMap(inside)) {
      const pair = inside.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair) return { key, value: inside, whole: false };
      key = offsetOf(pair.key);
      value = pair.value;
    } else if (isSeq(inside) && typeof step === 'number' && step < inside.items.length) {
      value = inside.items[step];
      key = offsetOf(value) ?? key;
    } else return { key, value: inside, whole: false };
  }
  return { key, value: isAlias(value) ? value.resolve(document) : value, whole: true };
}

/** The parser's words, where these leave open what to do, in ours. */
const TOLD: readonly (readonly [words: RegExp, ours: string])[] = [
  [/^TAB_AS_INDENT/, 'a tab is no indentation in YAML: use spaces'],
  [
    /^MULTIPLE_DOCS/,
    'a second document begins here: a policy is one, so leave out --- and ... after its begin',
  ],
  [
    /^BLOCK_AS_IMPLICIT_KEY/,
    'a key cannot begin within a value: begin a line with it, or put a text with ": " in quotes',
  ],
  [/^NON_STRING_KEY/, 'a key must be a word: leave out the brackets, or put it in quotes'],
  [
    /^TAG_RESOLVE_FAILED/,
    'tags (!name) are not read here: leave it out, or put a text that begins with ! in quotes',
  ],
  [
    /^BAD_INDENT .*same column/,
    'this line begins between those above it: indent it as the keys that it belongs to',
  ],
  [
    /^\w+ Flow /,
    'a list or mapping in brackets is not closed before this: close it, and indent all that is in it',
  ],
  [/^MISSING_CHAR Missing closing/, 'a quote is not closed before this: close it'],
  [/^MISSING_CHAR Implicit map keys/, 'a key lacks its colon and value: write key: value'],
  [
    /^MULTILINE_IMPLICIT_KEY/,
    'a key must be in one line with its colon: is this indented too far, or a - missing?',
  ],
];

function told({ code, message, pos: [start] }: YAMLError, text: string): string {
  if (code === 'BAD_SCALAR_START')
    return `a text cannot begin with ${JSON.stringify(text.charAt(start))}: put it in quotes`;
  const ours = TOLD.find(([words]) => words.test(`${code} ${message.slice(0, 200)}`))?.[1];
  return ours ?? `this is no YAML: ${lower(message)}`;
}

function lower(message: string): string {
  const line = message.slice(0, 200).replaceAll(/\s+/g, ' ');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
