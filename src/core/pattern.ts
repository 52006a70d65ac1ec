// What the user names on the command line: a repository, one reference, or a glob over references.
import picomatch from 'picomatch';
import { UsageError } from './errors.ts';
import { canonicalReference, canonicalRepository, familiarRepository, parseReference } from './reference.ts';

export interface Pattern {
  readonly text: string;
  /** Whether a reference, as the engine prints it, is meant. */
  readonly matches: (reference: string) => boolean;
}

/** How an engine completes a short name: docker to `docker.io/library/…`, podman also to `localhost/…`. */
export interface Naming {
  readonly localhost: boolean;
}

/**
 * Reads a REPOSITORY argument. `nginx`, `library/nginx` and `docker.io/library/nginx` are one repository; with a
 * tag or digest it is that one reference; with `*`, `?`, `[` or `{` a glob over the reference or its repository,
 * where `*` stops at `/` and `:`, and `**` does not. Throws UsageError for what can be neither.
 */
export function parsePattern(text: string, naming: Naming = { localhost: false }): Pattern {
  if (text.trim() === '') throw new UsageError('a REPOSITORY must not be empty');
  if (/[*?[\]{}]/.test(text)) return { text, matches: globMatcher(text) };
  const reference = parseReference(text);
  if (!reference) {
    const hint = text === text.toLowerCase() ? '' : ': a repository name must be lowercase';
    throw new UsageError(`invalid repository name ${JSON.stringify(text)}${hint}`);
  }
  const spellings = naming.localhost && !text.includes('/') ? [text, `localhost/${text}`] : [text];
  const whole = reference.tag !== undefined || reference.digest !== undefined;
  const wanted = new Set(
    spellings.map((name) => (whole ? canonicalReference(name) : canonicalRepository(name))),
  );
  return {
    text,
    matches: (other) => {
      const parsed = parseReference(other);
      return (
        parsed !== undefined &&
        wanted.has(whole ? canonicalReference(other) : canonicalRepository(parsed.repository))
      );
    },
  };
}

/** A tag, or a glob over tags. Throws UsageError for what no tag can be, so that a slip never keeps nothing unnoticed. */
export function parseTagGlob(text: string, option = '--keep-tag'): (tag: string) => boolean {
  const wrong = (why: string) =>
    new UsageError(`invalid argument ${JSON.stringify(text)} for "${option}": ${why}`);
  if (text.trim() === '') throw wrong('it is a tag or a glob over tags, as in --keep-tag latest');
  if (/[/:@]/.test(text)) throw wrong('it is held against tags alone, without the repository');
  if (/,/.test(text.replaceAll(/\{[^{}]*\}/g, ''))) throw wrong('give --keep-tag once for each tag');
  if (!/^[\w.*?+@!()|{},[\]^-]+$/.test(text) || !balanced(text)) throw wrong('it is no glob over tags');
  const match = picomatch(text, { dot: true, nonegate: true });
  return (tag) => match(tag); // its second parameter would be a list's index, and change what it returns
}

function balanced(glob: string): boolean {
  const count = (character: string) => glob.split(character).length;
  return (['[]', '{}', '()'] as const).every(
    ([open, close]) => count(open as string) === count(close as string),
  );
}

/**
 * As docker's own `reference` filter, a glob is held against `repository:tag` and against `repository`,
 * in docker's short spelling and in full.
 */
function globMatcher(glob: string): (reference: string) => boolean {
  const match = picomatch(segments(glob), { dot: true, nonegate: true });
  return (text) => {
    const reference = parseReference(text);
    if (!reference) return false;
    const suffix = reference.digest ? `@${reference.digest}` : `:${reference.tag ?? 'latest'}`;
    const names = [familiarRepository(reference.repository), canonicalRepository(reference.repository)];
    return names.some((name) => match(segments(name)) || match(segments(name + suffix)));
  };
}

/** picomatch's `*` stops at `/` only: make `:` a path segment of its own, so that it stops there too. */
function segments(text: string): string {
  return text.replaceAll(':', '/:/');
}
