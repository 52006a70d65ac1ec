import { expect, test } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import { parsePattern, parseTagGlob } from '../../src/core/pattern.ts';

const NAMES = [
  'nginx:1',
  'myapp:dev-1',
  'myapp:1.0',
  'acme/api:dev',
  'old.example/team/app:1',
  'localhost:5000/app:1',
  'localhost/app:1',
];

test.each<[string, string[]]>([
  ['myapp', ['myapp:dev-1', 'myapp:1.0']],
  ['myapp:1.0', ['myapp:1.0']],
  ['library/nginx', ['nginx:1']],
  ['docker.io/library/nginx', ['nginx:1']],
  ['docker.io/library/*', ['nginx:1', 'myapp:dev-1', 'myapp:1.0']],
  ['localhost:5000/app', ['localhost:5000/app:1']],
  ['localhost:5000/*', ['localhost:5000/app:1']],
  ['*:dev*', ['myapp:dev-1']], // * stops at /
  ['**:dev*', ['myapp:dev-1', 'acme/api:dev']],
  ['my*', ['myapp:dev-1', 'myapp:1.0']],
  ['*', ['nginx:1', 'myapp:dev-1', 'myapp:1.0']],
  ['*/*', ['acme/api:dev', 'localhost/app:1']], // and at :
  ['old.example/**', ['old.example/team/app:1']],
  ['old.example/*', []],
  ['{nginx,acme/api}:*', ['nginx:1', 'acme/api:dev']],
  ['app', []],
])('%s means %j', (pattern, meant) => {
  expect(NAMES.filter(parsePattern(pattern).matches)).toEqual(meant);
});

test('on podman a short name also means localhost/name', () => {
  expect(NAMES.filter(parsePattern('app', { localhost: true }).matches)).toEqual(['localhost/app:1']);
});

test.each(['', ' ', 'My/App', 'a b', ':1', '-x'])('%j is refused', (text) => {
  expect(() => parsePattern(text)).toThrow(UsageError);
});

test.each(['latest', 'v*', '1.?', '{a,b}', '[0-9]*', 'v1_2-rc.1'])(
  '--keep-tag %s is a glob over tags',
  (text) => {
    expect(() => parseTagGlob(text)).not.toThrow();
  },
);

test('--keep-tag matches a tag wherever it stands in a list', () => {
  expect(['latest', '1', '2'].filter(parseTagGlob('1'))).toEqual(['1']);
});

test.each(['', 'app:1', 'a/b', '1,2', '[', 'a b', '{a', 'é'])(
  '--keep-tag %j is refused: it would keep nothing unnoticed',
  (text) => {
    expect(() => parseTagGlob(text)).toThrow(UsageError);
  },
);
