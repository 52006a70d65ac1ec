// A Go template cut into text and the tokens of its actions. Source: pkg.go.dev/text/template, "Text and spaces", "Actions".

/** A template that cannot be read or carried out. `at`: the character where, counted from 1; absent where that is no help. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly at: number | undefined;

  constructor(message: string, at?: number) {
    super(message);
    this.at = at;
  }
}

export interface Token {
  readonly type: 'string' | 'number' | 'variable' | 'field' | 'dot' | 'word' | 'sign';
  readonly text: string;
  /** Characters from the template's start. */
  readonly at: number;
  /** There is a space before it. */
  readonly spaced: boolean;
}

/** Text as it is, or what stands between `{{` and `}}`. */
export type Piece =
  | { readonly text: string }
  | { readonly tokens: readonly Token[]; readonly at: number; readonly end: number };

const TOKENS: readonly (readonly [Token['type'], RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['number', /[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)(?![\w.])/y],
  ['variable', /\$\w*/y],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['dot', /\./y],
  ['word', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['sign', /:=|[=|(),]/y],
];

/** Throws TemplateError for an action that does not end, and for characters that no action has. */
export function lex(source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trims = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open === -1 ? source.length : open;
    const text = trims ? source.slice(at, end).trimStart() : source.slice(at, end);
    if (open === -1) {
      pieces.push({ text });
      break;
    }
    const trimsBefore = /^-\s/.test(source.slice(open + 2, open + 4));
    pieces.push({ text: trimsBefore ? text.trimEnd() : text });
    const action = actionAt(source, open, open + (trimsBefore ? 3 : 2));
    if (action.tokens) pieces.push({ tokens: action.tokens, at: open, end: action.next });
    trims = action.trims;
    at = action.next;
  }
  return pieces.filter((piece) => !('text' in piece) || piece.text !== '');
}

interface Cut {
  /** Absent for a comment. */
  readonly tokens?: readonly Token[];
  readonly next: number;
  readonly trims: boolean;
}

/** The action that opens at `open`, from its first character on. */
function actionAt(source: string, open: number, first: number): Cut {
  const comment = /\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/y;
  comment.lastIndex = first;
  const skipped = comment.exec(source);
  if (skipped) return { next: comment.lastIndex, trims: skipped[1] !== undefined };
  const tokens: Token[] = [];
  let at = first;
  for (;;) {
    const space = matched(/\s*/y, source, at);
    at += space.length;
    const trims = space !== '' && source.startsWith('-}}', at);
    if (trims || source.startsWith('}}', at)) return { tokens, next: at + (trims ? 3 : 2), trims };
    if (at >= source.length) throw new TemplateError('{{ without its }}', open + 1);
    const found = TOKENS.map(([type, form]) => [type, matched(form, source, at)] as const).find(
      ([, text]) => text,
    );
    if (!found) throw new TemplateError(unreadable(source, at), at + 1);
    tokens.push({ type: found[0], text: found[1], at, spaced: space !== '' });
    at += found[1].length;
  }
}

function unreadable(source: string, at: number): string {
  const character = String.fromCodePoint(source.codePointAt(at) as number);
  return character === '"' || character === '`' ? 'a string that does not end' : `unexpected ${character}`;
}

/** What the sticky expression finds right there, or nothing. */
function matched(form: RegExp, source: string, at: number): string {
  form.lastIndex = at;
  return form.exec(source)?.[0] ?? '';
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** What a Go string literal stands for. Source: go.dev/ref/spec, "String literals". */
export function unquoted({ text, at }: Token): string {
  if (text.startsWith('`')) return text.slice(1, -1);
  return text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/g, (whole, code: string) => {
      if (/^[xuU]./.test(code)) return codePoint(Number.parseInt(code.slice(1), 16), at);
      if (/^[0-7]{3}$/.test(code)) return codePoint(Number.parseInt(code, 8), at);
      if (code === '\\' || code === '"') return code;
      const known = ESCAPES[code];
      if (known === undefined) throw new TemplateError(`${whole} is no escape in a string`, at + 1);
      return known;
    });
}

function codePoint(code: number, at: number): string {
  if (code > 0x10ffff) throw new TemplateError('a string with a character that there is not', at + 1);
  return String.fromCodePoint(code);
}
