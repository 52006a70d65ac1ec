// A Go template, as docker users write them, carried out on a value.
import type { Value } from './template-functions.ts';
import { call, truth, typeOf } from './template-functions.ts';
import { TemplateError } from './template-lex.ts';
import type { Node, Operand, Pipe } from './template-parse.ts';
import { parseTemplate } from './template-parse.ts';
import { printed } from './template-print.ts';

/** A template that was read. */
export type Template = readonly Node[];

/** A name of a value, and where it is asked for; characters are counted from 1. */
export interface Asked {
  readonly name: string;
  readonly at: number;
}

/** Throws TemplateError with the place of what is not understood. */
export function template(source: string): Template {
  return parseTemplate(source);
}

/**
 * Throws TemplateError where the value has not what is asked of it. `isHeader`: the value holds the headers of a table, so
 * that what functions would make of a text is left undone. Source: docker/cli, templates/templates.go, HeaderFunctions.
 */
export function execute(nodes: Template, dot: Value, isHeader = false): string {
  return new Run(dot, isHeader).text(nodes);
}

/** The fields that it asks of the value that it is given: those of dot outside of `range` and `with`, and those of `$`. */
export function fieldsAsked(nodes: Template): Asked[] {
  return nodes.flatMap((node) => asked(node, true));
}

function asked(node: Node, atTop: boolean): Asked[] {
  if (!('pipe' in node)) return [];
  const own = ofPipe(node.pipe, atTop);
  if (node.type === 'print') return own;
  const inside = atTop && node.type === 'if';
  return [
    ...own,
    ...node.body.flatMap((one) => asked(one, inside)),
    ...node.otherwise.flatMap((one) => asked(one, atTop)),
  ];
}

function ofPipe({ commands }: Pipe, atTop: boolean): Asked[] {
  return commands.flat().flatMap((operand) => ofOperand(operand, atTop));
}

function ofOperand(operand: Operand, atTop: boolean): Asked[] {
  if (operand.type === 'pipe') return ofPipe(operand.pipe, atTop);
  if (operand.type !== 'field') return [];
  const { of, name, at } = operand;
  const isTop = (of.type === 'dot' && atTop) || (of.type === 'variable' && of.name === '$');
  return isTop ? [{ name, at: at + 1 }] : ofOperand(of, atTop);
}

/** Functions that make another text of a value, and leave a header as it is. */
const ON_TEXT = ['json', 'title', 'lower', 'upper', 'truncate', 'join', 'split', 'slice', 'index'];

/** What `break` and `continue` leave. */
class Left {
  readonly how: 'break' | 'continue';

  constructor(how: 'break' | 'continue') {
    this.how = how;
  }
}

class Run {
  #dot: Value;
  #scopes: Map<string, Value>[];
  #out = '';

  readonly #isHeader: boolean;

  constructor(dot: Value, isHeader: boolean) {
    this.#isHeader = isHeader;
    this.#dot = dot;
    this.#scopes = [new Map([['$', dot]])];
  }

  text(nodes: Template): string {
    this.#walk(nodes);
    return this.#out;
  }

  #walk(nodes: readonly Node[]): void {
    for (const node of nodes) this.#one(node);
  }

  #one(node: Node): void {
    switch (node.type) {
      case 'text':
        this.#out += node.text;
        return;
      case 'print': {
        const value = this.#pipe(node.pipe);
        if (node.pipe.names.length === 0) this.#out += value === undefined ? '<no value>' : printed(value);
        return;
      }
      case 'break':
      case 'continue':
        throw new Left(node.type);
      case 'range':
        this.#scoped(() => this.#range(node));
        return;
      default:
        this.#scoped(() => {
          const value = this.#pipe(node.pipe);
          const on = node.type === 'with' && truth(value) ? value : this.#dot;
          this.#with(on, truth(value) ? node.body : node.otherwise);
        });
    }
  }

  #range({ pipe, body, otherwise }: Extract<Node, { pipe: Pipe; body: unknown }>): void {
    const over = this.#pipe({ ...pipe, names: [] });
    const entries = entriesOf(this.#isHeader && typeof over === 'string' ? [over] : over);
    if (!entries)
      throw new TemplateError(`range goes over no ${typeOf(over).replace(/^a /, '')}`, firstAt(pipe));
    if (entries.length === 0) this.#with(this.#dot, otherwise);
    for (const [key, value] of entries) {
      const [first, second] = pipe.names;
      if (first !== undefined) this.#set(first, second === undefined ? value : key, pipe.fresh);
      if (second !== undefined) this.#set(second, value, pipe.fresh);
      try {
        this.#with(value, body);
      } catch (error) {
        if (!(error instanceof Left)) throw error;
        if (error.how === 'break') return;
      }
    }
  }

  #with(dot: Value, nodes: readonly Node[]): void {
    const before = this.#dot;
    this.#dot = dot;
    try {
      this.#scoped(() => this.#walk(nodes));
    } finally {
      this.#dot = before;
    }
  }

  #scoped(work: () => void): void {
    this.#scopes.push(new Map());
    try {
      work();
    } finally {
      this.#scopes.pop();
    }
  }

  #set(name: string, value: Value, fresh: boolean): void {
    const scope = fresh ? this.#scopes.at(-1) : this.#scopes.findLast((one) => one.has(name));
    scope?.set(name, value);
  }

  #pipe({ names, fresh, commands }: Pipe): Value {
    const value = commands.reduce<{ readonly piped: readonly Value[] }>(
      ({ piped }, command) => ({ piped: [this.#command(command, piped)] }),
      { piped: [] },
    ).piped[0];
    for (const name of names) this.#set(name, value, fresh);
    return value;
  }

  #command([first, ...rest]: readonly [Operand, ...Operand[]], piped: readonly Value[]): Value {
    if (first.type !== 'function') {
      if (rest.length > 0 || piped.length > 0)
        throw new TemplateError('this is no function, and takes no argument', first.at + 1);
      return this.#value(first);
    }
    if (first.name === 'and' || first.name === 'or') return this.#lazily(first.name, rest, piped);
    const args = [...rest.map((one) => this.#value(one)), ...piped];
    return this.#isHeader && ON_TEXT.includes(first.name) ? args[0] : called(first, args);
  }

  /** What decides ends it, so that `and .X (index .X 0)` is safe. */
  #lazily(name: 'and' | 'or', rest: readonly Operand[], piped: readonly Value[]): Value {
    let last: Value = piped[0];
    for (const operand of rest) {
      last = this.#value(operand);
      if (truth(last) === (name === 'or')) return last;
    }
    return piped.length > 0 ? piped[0] : last;
  }

  #value(operand: Operand): Value {
    switch (operand.type) {
      case 'dot':
        return this.#dot;
      case 'literal':
        return operand.value;
      case 'variable':
        return this.#scopes.findLast((one) => one.has(operand.name))?.get(operand.name);
      case 'pipe':
        return this.#pipe(operand.pipe);
      case 'function':
        return called(operand, []);
      case 'field':
        return fieldOf(this.#value(operand.of), operand);
    }
  }
}

function called({ name, at }: { name: string; at: number }, args: readonly Value[]): Value {
  try {
    return call(name, args);
  } catch (error) {
    throw error instanceof TemplateError ? new TemplateError(error.message, at + 1) : error;
  }
}

function fieldOf(value: Value, { name, at }: { name: string; at: number }): Value {
  if (typeof value !== 'object' || Array.isArray(value))
    throw new TemplateError(`${typeOf(value)} has no .${name}`, at + 1);
  const map = value as { readonly [name: string]: Value };
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** What a range goes over: a list by its numbers, a map by its keys in their order. */
function entriesOf(value: Value): (readonly [Value, Value])[] | undefined {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((one, i) => [i, one]);
  if (typeof value !== 'object') return undefined;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function firstAt({ commands }: Pipe): number {
  return (commands[0] as readonly [Operand])[0].at + 1;
}
