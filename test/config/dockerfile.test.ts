import { expect, test } from 'vitest';
import { readDockerfile } from '../../src/config/dockerfile.ts';
import { Refusal } from '../../src/core/errors.ts';

function read(text: string, input?: Parameters<typeof readDockerfile>[3]) {
  const findings = { references: [], warnings: [] } as Parameters<typeof readDockerfile>[2];
  readDockerfile(text, 'Dockerfile', findings, input);
  return findings;
}
const texts = (...asked: Parameters<typeof read>) => read(...asked).references.map(({ text }) => text);
const HEX = '9b2a0a5b'.repeat(8);

test.each<[string, string[]]>([
  ['FROM alpine', ['alpine:latest']],
  ['from alpine:3 as base\nFROM base\nFROM BASE', ['alpine:3']],
  ['FROM --platform=$BUILDPLATFORM golang:1 AS b\nFROM scratch\nCOPY --from=b /a /a', ['golang:1']],
  ['FROM a AS b\nCOPY --from=0 / /\nCOPY --chown=1 --from=img:1 /a /b', ['a:latest', 'img:1']],
  ['FROM alpine AS alpine\nFROM alpine', ['alpine:latest']],
  ['FROM b\nFROM a AS b', ['b:latest', 'a:latest']],
  [`FROM a:1@sha256:${HEX}`, ['a:1', `a@sha256:${HEX}`]],
  ['FROM "a:1"', ['a:1']],
  ['FROM a\nRUN --mount=type=bind,from=t:1,target=/t --mount=type=cache,target=/c x', ['a:latest', 't:1']],
  ['FROM a\nRUN --mount=type=bind,"from=t:1" x', ['a:latest', 't:1']],
  ['FROM a\nONBUILD COPY --from=x:1 / /', ['a:latest', 'x:1']],
  ['\n# syntax=docker/dockerfile:1\nFROM a', ['a:latest']],
  ['# syntax = docker/dockerfile:1\nFROM a', ['docker/dockerfile:1', 'a:latest']],
  ['# Escape=`\n# SYNTAX=x/y\nFROM a`\n:1', ['x/y:latest', 'a:1']],
  ['FROM \\\n# why\n\n  a:1 \\ \n  AS b\nFROM b', ['a:1']],
  ['FROM a\r\nRUN b \\\r\n  c\r\nFROM d\r\n', ['a:latest', 'd:latest']],
  ['FROM a\nRUN echo \\\\\nFROM b', ['a:latest', 'b:latest']],
])('of %j are needed %j', (text, images) => {
  expect(texts(text)).toEqual(images);
});

test.each<[string, string[]]>([
  ['RUN <<EOF\nFROM x\nEOF', []],
  ['RUN cat <<-EOF > f && <<"A B" cat\n\tFROM x\n\tEOF\nFROM y\nA B', []],
  ["COPY <<'a' <<b /x/\nFROM n\na\nFROM m\nb", []],
  ['RUN python3 <<EOF \\\n  | tee\nFROM x\nEOF', []],
  ['RUN echo $((1<<2))\nFROM x', ['x:latest']],
  ['RUN cat <<< EOF\nFROM x\nENV EOF=1', ['x:latest']],
  ['RUN sh -c "cat <<EOF"\nFROM x', ['x:latest']],
  ['RUN never <<EOF\nFROM x', ['x:latest']],
  ['ENV A <<EOF\nFROM x', ['x:latest']],
])('here-documents hide no FROM, and are none: %j', (text, images) => {
  expect(texts(`FROM a\n${text}\nFROM z`)).toEqual(['a:latest', ...images, 'z:latest']);
});

test.each<[string, string[]]>([
  ['ARG V=3\nFROM a:${V}', ['a:3']],
  ['ARG V="3.1" W=$V-slim\nFROM a:$W', ['a:3.1-slim']],
  ['ARG V\nFROM a:${V:-2}', ['a:2']],
  ['ARG V=1\nFROM a:1${V:+-x}', ['a:1-x']],
  ['ARG V\nFROM a:${V}', ['a:*', 'a@*:*']],
  ['FROM a:${V%x}b', ['a:*b', 'a@*:*']],
  ['ARG V=1\nFROM a\nARG V=2\nFROM b:$V', ['a:latest', 'b:1']],
  ['FROM a\nARG V=2\nFROM b:$V-x', ['a:latest', 'b:*-x']],
  ['FROM a:$TARGETARCH-x', ['a:*-x']],
  ['ARG TARGETARCH=x\nFROM a:${TARGETARCH:-y}-x', ['a:*-x']],
  ['FROM a\nARG X=1\nCOPY --from=b:${X}-x / /', ['a:latest', 'b:*-x']],
])('arguments count with what is known of them: %j', (text, images) => {
  expect(texts(text)).toEqual(images);
});

test('a build gives arguments, of which those count that the Dockerfile declares before its first FROM', () => {
  const args = new Map(Object.entries({ V: '9', W: '8', BUILDKIT_SYNTAX: 'my/syntax:1' }));
  const text = '# syntax=docker/dockerfile:1\nARG V=1\nFROM a:$V\nFROM b:${W:-2}';
  expect(texts(text, { args })).toEqual(['my/syntax:1', 'a:9', 'b:2']);
});

test('a context of a name stands before an image of that name', () => {
  expect(texts('FROM Base\nFROM other', { contexts: ['base'] })).toEqual(['other:latest']);
});

test('lines are those of the instruction', () => {
  const text = '# syntax=s\n\nARG V \\\n  =1\nFROM a\nRUN x \\\n  y\nFROM b';
  expect(read(text).references.map(({ line }) => line)).toEqual([1, 5, 8]);
});

test('what has no value is told once for a line, and a stage that is chosen by platform is not', () => {
  const found = read('ARG V\nFROM a AS build-amd64\nFROM build-${TARGETARCH}\nFROM b:$V');
  expect(found.references.map(({ text }) => text)).toContain('build-*/**');
  expect(found.warnings).toEqual([
    'Dockerfile:4: ${V} has no value here, so every image that matches b:* or b@*:* stays',
  ]);
});

test.each([
  ['', 'Dockerfile: is no Dockerfile: it has no FROM'],
  ['ARG A=1\n# FROM x', 'it has no FROM'],
  ['FROM a\nnode_modules\n', 'Dockerfile:2: is no Dockerfile: it has no instruction "node_modules"'],
  ['FROM a\n\nFROM {{ base }}', 'Dockerfile:3: "{{" is no image reference: this is a template'],
  ['FROM App', 'Dockerfile:1: "App" is no image reference: a repository name must be lowercase'],
  ['FROM a:', 'is no image reference'],
])('%j is refused', (text, why) => {
  expect(() => read(text)).toThrow(Refusal);
  expect(() => read(text)).toThrow(why);
});
