// The functions of Go templates, as Go's text/template and docker's own have them. Source: docker/cli, templates/templates.go.
import { TemplateError } from './template-lex.ts';
import { printed, printfed } from './template-print.ts';

/** What a template is given, and what its functions make of it; `undefined` is Go's nil. */
export type Value =
  | string
  | number
  | boolean
  | undefined
  | readonly Value[]
  | { readonly [name: string]: Value };

type Call = (...args: readonly Value[]) => Value;

/** `least` and `most` arguments. */
interface Function {
  readonly call: Call;
  readonly least: number;
  readonly most: number;
}

const fixed = (count: number, call: Call): Function => ({ call, least: count, most: count });
const open = (least: number, call: Call): Function => ({ call, least, most: Number.POSITIVE_INFINITY });

const FUNCTIONS: Readonly<Record<string, Function>> = {
  and: open(1, (...all) => all.find((one) => !truth(one)) ?? all.at(-1)),
  or: open(1, (...all) => all.find(truth) ?? all.at(-1)),
  not: fixed(1, (one) => !truth(one)),
  eq: open(2, (first, ...rest) => rest.some((one) => same(first, one))),
  ne: fixed(2, (a, b) => !same(a, b)),
  lt: fixed(2, (a, b) => order(a, b) < 0),
  le: fixed(2, (a, b) => order(a, b) <= 0),
  gt: fixed(2, (a, b) => order(a, b) > 0),
  ge: fixed(2, (a, b) => order(a, b) >= 0),
  len: fixed(1, size),
  index: open(1, (of, ...keys) => keys.reduce(indexed, of)),
  slice: { call: sliced, least: 1, most: 3 },
  print: open(0, (...all) => joined(all)),
  println: open(0, (...all) => `${all.map(printed).join(' ')}\n`),
  printf: open(1, (form, ...all) => printfed(text(form), all)),
  json: fixed(1, (value) => JSON.stringify(sorted(value) ?? null)),
  join: fixed(2, (list, by) => items(list).map(text).join(text(by))),
  split: fixed(2, (value, by) => text(value).split(text(by))),
  lower: fixed(1, (value) => text(value).toLowerCase()),
  upper: fixed(1, (value) => text(value).toUpperCase()),
  title: fixed(1, (value) =>
    text(value).replace(/(?<![\p{L}\p{Nd}_])\p{L}/gu, (letter) => letter.toUpperCase()),
  ),
  pad: fixed(3, (value, before, after) => padded(text(value), whole(before), whole(after))),
  truncate: fixed(2, (value, most) => [...text(value)].slice(0, whole(most)).join('')),
};

export function functionNames(): string[] {
  return Object.keys(FUNCTIONS).sort();
}

export function isFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name);
}

/** Throws TemplateError for arguments that it does not take. */
export function call(name: string, args: readonly Value[]): Value {
  const { call, least, most } = FUNCTIONS[name] as Function;
  if (args.length < least || args.length > most) {
    const wants =
      least === most
        ? `${least}`
        : most === Number.POSITIVE_INFINITY
          ? `at least ${least}`
          : `${least} to ${most}`;
    throw new TemplateError(
      `${name} takes ${wants} argument${least === 1 && most <= 1 ? '' : 's'}, and got ${args.length}`,
    );
  }
  try {
    return call(...args);
  } catch (error) {
    throw error instanceof TemplateError ? new TemplateError(`${name}: ${error.message}`) : error;
  }
}

/** What `if` goes by: false, 0, nothing, and what is empty are not true. */
export function truth(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value);
}

/** What a template's author calls it. */
export function typeOf(value: Value): string {
  if (value === undefined) return 'nil';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return (
    { string: 'a string', number: 'a number', boolean: 'a boolean' }[typeof value as 'string'] ?? 'a value'
  );
}

function wrong(value: Value, wanted: string): TemplateError {
  return new TemplateError(`${typeOf(value)} where ${wanted} is wanted`);
}

function text(value: Value): string {
  if (typeof value !== 'string') throw wrong(value, 'a string');
  return value;
}

function whole(value: Value): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(value, 'a whole number');
  if (value < 0 || value > LONGEST) throw new TemplateError(`${value} is not between 0 and ${LONGEST}`);
  return value;
}

const LONGEST = 100_000;

function items(value: Value): readonly Value[] {
  if (!Array.isArray(value)) throw wrong(value, 'a list');
  return value;
}

function same(a: Value, b: Value): boolean {
  if (typeof a === 'object' || typeof b === 'object')
    throw new TemplateError('lists and maps cannot be compared');
  if (a !== undefined && b !== undefined && typeof a !== typeof b)
    throw new TemplateError(`${typeOf(a)} cannot be compared with ${typeOf(b)}`);
  return a === b;
}

/** Strings by their bytes, as Go orders them. */
function order(a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  throw new TemplateError(`${typeOf(a)} and ${typeOf(b)} have no order`);
}

/** Of a string its bytes, as in Go. */
function size(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object') return Object.keys(value).length;
  throw wrong(value, 'a string, a list or a map');
}

function indexed(of: Value, key: Value): Value {
  if (typeof of === 'object' && !Array.isArray(of)) {
    const map = of as { readonly [name: string]: Value };
    return Object.hasOwn(map, text(key)) ? map[text(key)] : undefined;
  }
  const list = typeof of === 'string' ? [...Buffer.from(of)] : items(of);
  if (whole(key) >= list.length)
    throw new TemplateError(`there is no ${String(key)} in ${list.length} items`);
  return list[whole(key)];
}

function sliced(of: Value, from: Value = 0, to?: Value): Value {
  const list = typeof of === 'string' ? Buffer.from(of) : items(of);
  const [first, last] = [whole(from), to === undefined ? list.length : whole(to)];
  if (first > last || last > list.length)
    throw new TemplateError(`there is no ${first} to ${last} in ${list.length} items`);
  const part = list.slice(first, last);
  return Buffer.isBuffer(part) ? part.toString() : (part as readonly Value[]);
}

/** As Go's Sprint: a space between two that are no strings. */
function joined(all: readonly Value[]): string {
  return all
    .map((one, i) => {
      const gap = i > 0 && typeof one !== 'string' && typeof all[i - 1] !== 'string';
      return `${gap ? ' ' : ''}${printed(one)}`;
    })
    .join('');
}

function padded(value: string, before: number, after: number): string {
  return value === '' ? '' : `${' '.repeat(before)}${value}${' '.repeat(after)}`;
}

/** Go writes the keys of a map in their order. */
function sorted(value: Value): Value {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
