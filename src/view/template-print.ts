// How Go's fmt prints what a template holds. Source: pkg.go.dev/fmt.
import type { Value } from './template-functions.ts';
import { TemplateError } from './template-lex.ts';

/** `%v`. */
export function printed(value: Value): string {
  if (value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, one]) => `${key}:${printed(one)}`).join(' ')}]`;
}

const VERB = /%([-+ 0#]*)(\d*)(?:\.(\d*))?(.?)/gsu;

/** Wider than this is a slip. */
const WIDEST = 1000;

/** The verbs `%s %v %q %d %x %f %t %%`, with width, precision, `-` and `0`. Throws TemplateError for another. */
export function printfed(form: string, args: readonly Value[]): string {
  let next = 0;
  const made = form.replace(
    VERB,
    (whole, flags: string, width: string, precision: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      if (next >= args.length) throw new TemplateError(`nothing is given for ${whole}`);
      if (Number(width) > WIDEST || Number(precision) > WIDEST)
        throw new TemplateError(`${whole} is too wide`);
      const text = formed(verb, args[next++], precision === undefined ? undefined : Number(precision), whole);
      if (flags.includes('-')) return text.padEnd(Number(width));
      const zeros = flags.includes('0') && /[dxf]/.test(verb);
      return zeros
        ? text.replace(/^-?/, (sign) => sign + '0'.repeat(Math.max(0, Number(width) - text.length)))
        : text.padStart(Number(width));
    },
  );
  if (next < args.length) throw new TemplateError(`more is given than ${form} takes`);
  return made;
}

function formed(verb: string, value: Value, precision: number | undefined, whole: string): string {
  const number = typeof value === 'number';
  if (verb === 'v' || (verb === 's' && !number && typeof value !== 'boolean'))
    return cut(printed(value), precision);
  if (verb === 'q' && typeof value === 'string') return JSON.stringify(value);
  if (verb === 't' && typeof value === 'boolean') return String(value);
  if (verb === 'd' && number && Number.isInteger(value)) return String(value);
  if (verb === 'x' && number && Number.isInteger(value)) return value.toString(16);
  if (verb === 'x' && typeof value === 'string') return Buffer.from(value).toString('hex');
  if (verb === 'f' && number) return value.toFixed(Math.min(precision ?? 6, 100));
  throw new TemplateError(`${whole} does not print ${printed(value)}`);
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}
