// A Go template as a tree. What docker users write is understood; what is not says where it stands.
import { functionNames, isFunction } from './template-functions.ts';
import type { Piece, Token } from './template-lex.ts';
import { lex, TemplateError, unquoted } from './template-lex.ts';

/** `at`: characters from the template's start. */
export type Operand =
  | { readonly type: 'dot'; readonly at: number }
  | { readonly type: 'literal'; readonly value: string | number | boolean | undefined; readonly at: number }
  | { readonly type: 'variable'; readonly name: string; readonly at: number }
  | { readonly type: 'field'; readonly of: Operand; readonly name: string; readonly at: number }
  | { readonly type: 'function'; readonly name: string; readonly at: number }
  | { readonly type: 'pipe'; readonly pipe: Pipe; readonly at: number };

/** Commands, each given what the one before it makes. */
export interface Pipe {
  /** Variables that get the result; `fresh`: by `:=`. */
  readonly names: readonly string[];
  readonly fresh: boolean;
  readonly commands: readonly (readonly [Operand, ...Operand[]])[];
}

export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'print'; readonly pipe: Pipe }
  | { readonly type: 'break' | 'continue' }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

/** Throws TemplateError with the place of what is not understood. */
export function parseTemplate(source: string): Node[] {
  return new Parser(lex(source)).whole();
}

type Action = Extract<Piece, { tokens: unknown }>;

const UNKNOWN = ['define', 'template', 'block'];

class Parser {
  readonly #pieces: readonly Piece[];
  #next = 0;
  #scopes: string[][] = [['$']];
  #loops = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  whole(): Node[] {
    const { nodes, end } = this.#nodes();
    if (end) throw new TemplateError(`${end.words.first} without what it belongs to`, end.at + 1);
    return nodes;
  }

  /** Up to the `end` or `else` that is not theirs. */
  #nodes(): { nodes: Node[]; end?: { at: number; words: Words } } {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.#pieces[this.#next++];
      if (piece === undefined) return { nodes };
      if ('text' in piece) {
        nodes.push({ type: 'text', text: piece.text });
        continue;
      }
      const words = new Words(piece, this.#scopes);
      if (words.first === 'end' || words.first === 'else') return { nodes, end: { at: piece.at, words } };
      nodes.push(this.#node(piece, words));
    }
  }

  #node(piece: Action, words: Words): Node {
    const { first } = words;
    if (first === 'if' || first === 'with' || first === 'range')
      return this.#control(piece, words.skip(), first);
    if (first === 'break' || first === 'continue') {
      if (this.#loops === 0) throw new TemplateError(`${first} outside of a range`, piece.at + 1);
      words.skip().done();
      return { type: first };
    }
    if (first !== undefined && UNKNOWN.includes(first))
      throw new TemplateError(`${first} is not known here`, piece.at + 1);
    return { type: 'print', pipe: words.pipeToEnd() };
  }

  #control(piece: Action, words: Words, type: 'if' | 'with' | 'range'): Node {
    return this.#scoped(() => {
      const pipe = words.pipeToEnd(type === 'range');
      if (type === 'range') this.#loops++;
      const { nodes: body, end } = this.#scoped(() => this.#nodes());
      if (type === 'range') this.#loops--;
      if (!end) throw new TemplateError(`${type} without its end`, piece.at + 1);
      const otherwise = end.words.first === 'else' ? this.#otherwise(piece, end.words.skip(), type) : [];
      if (end.words.first === 'end') end.words.skip().done();
      return { type, pipe, body, otherwise };
    });
  }

  /** `else`, `else if …` and `else with …`, which share their `end`. */
  #otherwise(piece: Action, words: Words, type: 'if' | 'with' | 'range'): Node[] {
    if (type !== 'range' && words.first === type) return [this.#control(piece, words.skip(), type)];
    words.done();
    const { nodes, end } = this.#scoped(() => this.#nodes());
    if (!end) throw new TemplateError(`${type} without its end`, piece.at + 1);
    if (end.words.first === 'else') throw new TemplateError('a second else', end.at + 1);
    end.words.skip().done();
    return nodes;
  }

  #scoped<T>(work: () => T): T {
    this.#scopes.push([]);
    const result = work();
    this.#scopes.pop();
    return result;
  }
}

/** The tokens of one action, read from the left. */
class Words {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  readonly #scopes: string[][];
  #next = 0;

  constructor({ tokens, end }: Action, scopes: string[][]) {
    this.#tokens = tokens;
    this.#end = end;
    this.#scopes = scopes;
  }

  /** The next word, where it is one. */
  get first(): string | undefined {
    const token = this.#tokens[this.#next];
    return token?.type === 'word' ? token.text : undefined;
  }

  skip(): Words {
    this.#next++;
    return this;
  }

  done(): void {
    const token = this.#tokens[this.#next];
    if (token) throw unexpected(token);
  }

  pipeToEnd(inRange = false): Pipe {
    const pipe = this.#pipe(inRange);
    this.done();
    return pipe;
  }

  #pipe(inRange = false): Pipe {
    const { names, fresh } = this.#names(inRange);
    const commands = [this.#command()];
    while (this.#take('|')) {
      const command = this.#command();
      if (command[0].type === 'literal' || command[0].type === 'dot')
        throw new TemplateError('behind | stands a function', command[0].at + 1);
      commands.push(command);
    }
    if (fresh) this.#scopes.at(-1)?.push(...names); // not before: the value cannot name it
    return { names, fresh, commands };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $x :=`. */
  #names(inRange: boolean): { names: string[]; fresh: boolean } {
    const from = this.#next;
    const names: string[] = [];
    while (this.#tokens[this.#next]?.type === 'variable' && names.length < (inRange ? 2 : 1)) {
      names.push((this.#tokens[this.#next++] as Token).text);
      if (this.#take(':=')) return { names, fresh: true };
      if (this.#take('=')) {
        for (const name of names) this.#known({ ...(this.#tokens[from] as Token), text: name });
        return { names, fresh: false };
      }
      if (!this.#take(',')) break;
    }
    this.#next = from;
    return { names: [], fresh: false };
  }

  #command(): [Operand, ...Operand[]] {
    const operands: Operand[] = [];
    for (;;) {
      const token = this.#tokens[this.#next];
      if (!token || (token.type === 'sign' && token.text !== '(')) break;
      if (operands.length > 0 && !token.spaced) throw unexpected(token);
      operands.push(this.#operand());
    }
    const [first, ...rest] = operands;
    if (!first) {
      const token = this.#tokens[this.#next];
      throw token ? unexpected(token) : new TemplateError('a value is missing', this.#end - 1);
    }
    if (first.type === 'literal' && first.value === undefined)
      throw new TemplateError('nil is no value by itself', first.at + 1);
    return [first, ...rest];
  }

  #operand(): Operand {
    let operand = this.#plain(this.#tokens[this.#next++] as Token);
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token?.type !== 'field' || token.spaced) return operand;
      if (operand.type === 'literal' || operand.type === 'dot') throw unexpected(token);
      this.#next++;
      operand = { type: 'field', of: operand, name: token.text.slice(1), at: token.at };
    }
  }

  #plain(token: Token): Operand {
    const { type, text, at } = token;
    switch (type) {
      case 'string':
        return { type: 'literal', value: unquoted(token), at };
      case 'number':
        return { type: 'literal', value: Number(text), at };
      case 'dot':
        return { type: 'dot', at };
      case 'field':
        return { type: 'field', of: { type: 'dot', at }, name: text.slice(1), at };
      case 'variable':
        return this.#known(token);
      case 'word':
        return word(token);
      case 'sign': {
        const pipe = this.#pipe();
        if (!this.#take(')')) throw new TemplateError('( without its )', at + 1);
        return { type: 'pipe', pipe, at };
      }
    }
  }

  #known({ text, at }: Token): Operand {
    if (!this.#scopes.flat().includes(text)) throw new TemplateError(`unknown variable ${text}`, at + 1);
    return { type: 'variable', name: text, at };
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.type !== 'sign' || token.text !== sign) return false;
    this.#next++;
    return true;
  }
}

const WORDS: Readonly<Record<string, boolean | undefined>> = { true: true, false: false, nil: undefined };

function word({ text, at }: Token): Operand {
  if (Object.hasOwn(WORDS, text)) return { type: 'literal', value: WORDS[text], at };
  if (!isFunction(text))
    throw new TemplateError(`unknown function ${text}: there are ${functionNames().join(', ')}`, at + 1);
  return { type: 'function', name: text, at };
}

function unexpected({ text, at }: Token): TemplateError {
  return new TemplateError(`unexpected ${text}`, at + 1);
}
