import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UNKNOWN } from '../../src/config/interpolate.ts';
import { globsOf, namesOf } from '../../src/config/root-names.ts';
import { parsePattern } from '../../src/core/pattern.ts';
import { familiarRepository, parseReference } from '../../src/core/reference.ts';

const HEX = '9b2a0a5b'.repeat(8);
const DIGEST = `sha256:${HEX}`;

test.each([
  ['app', ['app:latest']],
  ['app:1.0', ['app:1.0']],
  ['localhost:5000/a/b', ['localhost:5000/a/b:latest']],
  [`app@${DIGEST}`, [`app@${DIGEST}`]],
  [`app:1.0@${DIGEST}`, ['app:1.0', `app@${DIGEST}`]],
  [DIGEST, [DIGEST]],
  ['sha256:9b2a0a5b', ['sha256:9b2a0a5b']],
  [HEX, [DIGEST]],
  ['7f3e2d1c4b5a', ['7f3e2d1c4b5a:latest', 'sha256:7f3e2d1c4b5a']],
])('%s means %j', (text, names) => {
  expect(namesOf(text)).toEqual(names);
});

test.each(['', ' ', 'App', 'app:', 'a b', 'app:1:2', '-x', 'app*', '{{ image }}'])(
  '%j is no image',
  (text) => {
    expect(namesOf(text)).toBeUndefined();
  },
);

test.each([
  ['app:?', ['app:*', 'app@*:*']],
  ['app:?-slim', ['app:*-slim']],
  ['app:v?.?', ['app:v*.*', 'app@*:*']],
  ['?', ['**']],
  ['?/app:1', ['**/app:1']],
  ['?app', ['**/*app:latest', '**:*app']],
  ['?-slim', ['**/*-slim:latest', '**:*-slim']],
  ['r.example:?', ['r.example:*', 'r.example@*:*', 'r.example:**']],
  ['?.io/app:1', ['**/*.io/app:1', '**/*.io/library/app:1']],
  ['app?', ['app*/**']],
  ['r/?:1', ['r/**:1']],
  ['a?b:1', ['a*b:1', 'a*/**/*b:1']],
  ['localhost:?/app:1', ['localhost:**/app:1']],
  ['app@?', ['app@*:*']],
  [`?@${DIGEST}`, [`**/*@${DIGEST}`]],
  ['library/nginx:?', ['docker.io/library/nginx:*', 'docker.io/library/nginx@*:*']],
  ['docker.io/app?', ['docker.io/app*/**', 'docker.io/library/app*/**']],
  ['a?b?c?d?e', ['**']],
])('of %s, where each ? is not known, stays %j', (text, globs) => {
  expect(namesOf(text.replaceAll('?', UNKNOWN))).toEqual(globs);
});

test.each(['{{ x }}?', 'a b?', '$?'])('%j is no image, whatever the ? is', (text) => {
  expect(namesOf(text.replaceAll('?', UNKNOWN))).toBeUndefined();
});

test.each([
  ['app:*', ['app:*']],
  ['reg.example/**', ['reg.example/**']],
  ['{a,b}:v[12]', ['{a,b}:v[12]']],
  ['library/app:*', ['docker.io/library/app:*']],
  ['app', ['app:latest']],
])('the line %s means %j', (line, globs) => {
  expect(globsOf(line)).toEqual(globs);
});

test.each(['{a,b:*', 'a[', 'a *', '$*'])('%j can match nothing', (line) => {
  expect(globsOf(line)).toBeUndefined();
});

/** A name in pieces: a variable may stand for any run of them. */
const pieces = fc
  .tuple(
    fc.constantFrom('', 'docker.io', 'index.docker.io', 'localhost :5000', 'reg.example', '[::1] :5000'),
    fc.array(fc.constantFrom('a p p', 'library', 'a - b', 'x _ y', '0 1'), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', ': 1 . 0', ': latest', `@sha256: ${HEX}`, `: v 2 @sha256: ${HEX}`),
  )
  .map(([host, path, end]) =>
    [...(host ? [host, '/'] : []), path.join(' / '), end].join(' ').trim().split(' '),
  );

test('whatever part of a name is not known, the name itself is among those that stay', () => {
  const holes = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 4 })), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(pieces, holes, (name, cuts) => {
      const known = cuts.reduce(
        (list, [at, count]) => list.toSpliced(at % (list.length + 1), count, UNKNOWN),
        name,
      );
      const matchers = namesOf(known.join(''))!.map((text) => parsePattern(text));
      const printed = asPrinted(name.join(''));
      const text = known.join('').replaceAll(UNKNOWN, '?');
      expect([text, printed, matchers.some(({ matches }) => matches(printed))]).toEqual([
        text,
        printed,
        true,
      ]);
    }),
    { numRuns: 3000 },
  );
});

/** As the engine prints it, without the tag where there is a digest. */
function asPrinted(text: string): string {
  const { repository, tag, digest } = parseReference(text)!;
  return familiarRepository(repository) + (digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`);
}
