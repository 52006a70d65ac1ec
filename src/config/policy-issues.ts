// What the shape of a policy file finds wrong, as sentences with the path that each is about.
import type * as z from 'zod/mini';
import type { Path, Problem } from './policy-finding.ts';
import type { KeySchema } from './policy-keys.ts';
import { unknownKey } from './policy-keys.ts';
import { MUST_BE } from './policy-values.ts';
import type { Read } from './policy-yaml.ts';

type Issue = z.core.$ZodIssue;

/** Of the problems of one mapping or list the first are told. */
const MOST_TOLD = 20;

/** The issues as problems. `schema` is asked only where a key is not known. */
export function problemsOf(issues: readonly Issue[], file: Read, schema: () => KeySchema): Problem[] {
  let known: KeySchema | undefined;
  const keys = () => {
    known ??= schema();
    return known;
  };
  return issues
    .slice(0, MOST_TOLD)
    .flatMap((issue) => problems(issue, [], file, keys))
    .slice(0, MOST_TOLD);
}

function problems(issue: Issue, above: Path, file: Read, schema: () => KeySchema): Problem[] {
  const path = [...above, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, MOST_TOLD)
      .map((key) => ({ path: [...path, key], at: 'key', message: unknownKey(schema(), path, key) }));
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => !branch.some(isOtherType))?.slice(0, MOST_TOLD);
    if (meant) return meant.flatMap((inner) => problems(inner, path, file, schema));
  }
  if (issue.code === 'custom' && !issue.params?.[MUST_BE])
    return [{ path, at: 'value', message: issue.message }];
  return [{ path, at: 'value', message: mustBe(path, issue.message, file) }];
}

/** Whether a branch of a union was about another type of value than the one that is there. */
function isOtherType({ path, code }: Issue): boolean {
  return path.length === 0 && /^invalid_(type|value)$/.test(code);
}

/** A path in the words of the file, without what the line tells already: `keep.daily`. */
export function nameOf(path: Path): string {
  const words = path.filter((step) => typeof step === 'string');
  const short = words.length > 1 && words[0] === 'images' ? words.slice(1) : words;
  if (short.length > 0 && !(path.length === 2 && path[0] === 'images')) return short.join('.');
  return path.length === 0 ? 'a policy' : 'a rule of images';
}

function mustBe(path: Path, wanted: string, file: Read): string {
  const name = nameOf(path);
  const value = valueAt(file.value, path);
  if (path.length === 1 && path[0] === 'version') return version(value);
  if (value === undefined || value === null) return `${name} has no value: it must be ${wanted}`;
  return `${name} must be ${wanted}, not ${shown(value, path, file)}${quotes(wanted, value, path, file)}`;
}

function version(value: unknown): string {
  if (value === undefined) return 'the version is missing: begin the file with version: 1';
  return 'version must be the number 1: write version: 1';
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inside, step) => (inside as Record<string, unknown> | undefined)?.[step],
    value,
  );
}

function shown(value: unknown, path: Path, file: Read): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const written = file.written(path) ?? String(value);
  const short = written.length > 60 ? `${written.slice(0, 60)}…` : written;
  if (typeof value === 'string') return `the text ${JSON.stringify(short)}`;
  return typeof value === 'number' ? `the number ${short}` : short;
}

/** What a plain value that YAML takes for a number or a truth may have been meant as. */
const TEXTS = /^(a|the|a list of) (name|tag|label|registry|repositor|file)/;

/** The right spelling, where quotes are all that is wrong. */
function quotes(wanted: string, value: unknown, path: Path, file: Read): string {
  if (typeof value === 'string') {
    const plain = /\bnumber\b/.test(wanted)
      ? /^-?\d+$/
      : /^true\b/.test(wanted)
        ? /^(true|false)$/
        : undefined;
    return plain?.test(value) ? `: write ${value} without quotes` : '';
  }
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  const written = file.written(path);
  if (!isPlain || written === undefined || !TEXTS.test(wanted)) return '';
  return `: if that text is meant, write '${written}' in quotes`;
}
