import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { composeImages } from '../../src/config/compose-images.ts';
import { Refusal } from '../../src/core/errors.ts';
import { rootsFolder } from '../support/roots.ts';

const { place, write, read, texts } = rootsFolder();

test('a list names a reference or a glob on a line, with comments', async () => {
  write({ 'keep.txt': '# all of it\n\nnginx\n  app:*   # ours\r\nreg.example/**\n' });
  expect(await read('lists', ['keep.txt'])).toEqual({
    references: [
      { text: 'nginx:latest', file: 'keep.txt', line: 3 },
      { text: 'app:*', file: 'keep.txt', line: 4 },
      { text: 'reg.example/**', file: 'keep.txt', line: 5 },
    ],
    warnings: [],
  });
});

test.each(['App', 'a b', 'a:{1,2', 'nginx,redis'])(
  'the line %j is refused, with its number',
  async (line) => {
    write({ 'keep.txt': `ok\n${line}` });
    await expect(read('lists', ['keep.txt'])).rejects.toThrow(Refusal);
    await expect(read('lists', ['keep.txt'])).rejects.toThrow(
      `keep.txt:2: ${JSON.stringify(line)} is no image`,
    );
  },
);

test.each<[string, string]>([
  ['a.txt', 'a'],
  ['./a.txt', 'a'],
  ['*.txt', 'a b y'],
  ['?.txt', 'a b'],
  ['[b-z].txt', 'b'],
  ['{a,sub/c}.txt', 'a c'],
  ['*/*.txt', 'c p x'],
  ['**/*.txt', 'a b c d p x y'],
  ['sub/**', 'c d'],
  ['sub/../a*', 'a'],
  ['.hidden/*', 'h'],
  ['~/x.txt', 'x'],
  ['~/*.txt', 'x'],
  ['with (parentheses)/p*.txt', 'p'],
  ['[a].txt', 'a y'],
])('the glob %s names the files of %s', async (glob, names) => {
  write({ 'a.txt': 'a', 'b.txt': 'b', '[a].txt': 'y', 'sub/c.txt': 'c', 'sub/deep/d.txt': 'd' });
  write({ '.hidden/h.txt': 'h', '.h.txt': 'h', 'with (parentheses)/p.txt': 'p', 'home/x.txt': 'x' });
  expect(await texts('lists', [glob])).toEqual(names.split(' ').map((name) => `${name}:latest`));
});

test('an absolute name is one, and what is not below the policy is told by it', async () => {
  write({ 'sub/a.txt': 'a', 'b.txt': 'b' });
  const file = join(place.folder, 'b.txt');
  const { references } = await read('lists', [file], { folder: join(place.folder, 'sub') });
  expect(references).toEqual([{ text: 'b:latest', file, line: 1 }]);
});

test('a folder behind a symbolic link is read where it is named, and a circle ends', async () => {
  write({ 'real/a.txt': 'a' });
  symlinkSync('real', join(place.folder, 'link'));
  symlinkSync('..', join(place.folder, 'real', 'up'));
  expect((await read('lists', ['l*/*.txt'])).references).toMatchObject([{ file: join('link', 'a.txt') }]);
  expect((await read('lists', ['**/*.txt'])).references).toMatchObject([{ file: join('real', 'a.txt') }]);
});

test('a file that is named twice is read once', async () => {
  write({ 'a.txt': 'a' });
  expect((await read('lists', ['a.txt', '*.txt'])).references).toHaveLength(1);
});

test('a glob that matches no file is told, with where it stands', async () => {
  mkdirSync(join(place.folder, 'empty'));
  const found = await read('lists', ['*.txt', 'empty/**', 'emp*']);
  expect(found.warnings).toEqual([
    'tidy.yaml:1: *.txt matches no file',
    'tidy.yaml:2: empty/** matches no file',
    'tidy.yaml:3: emp* matches no file',
  ]);
});

test.each([
  ['no.txt', 'tidy.yaml:1: no.txt cannot be read: no such file or directory'],
  ['sub', 'tidy.yaml:1: sub is a folder where files are meant: name the files, as in sub/*'],
  [
    'sub/broken*',
    `${join('sub', 'broken')}: cannot be read: no such file or directory (tidy.yaml:1 names it)`,
  ],
  ['/dev/null', 'tidy.yaml:1: /dev/null is no file: correct or remove it'],
])('%s is refused', async (glob, why) => {
  mkdirSync(join(place.folder, 'sub'));
  symlinkSync('nowhere', join(place.folder, 'sub', 'broken'));
  await expect(read('lists', [glob])).rejects.toThrow(Refusal);
  await expect(read('lists', [glob])).rejects.toThrow(why);
});

test('of a folder the file is read that compose, or a build, would look for', async () => {
  write({ 'a/docker-compose.yml': 'services: {a: {image: a}}', 'b/Dockerfile': 'FROM b', 'c/x': '' });
  expect(await texts('compose', ['a'])).toEqual(['a:latest']);
  expect(await texts('compose', ['*'])).toEqual(['a:latest']);
  expect(await texts('dockerfiles', ['b'])).toEqual(['b:latest']);
  await expect(read('compose', ['c'])).rejects.toThrow(
    'c is a folder without compose.yaml or compose.yml or',
  );
  await expect(read('dockerfiles', ['c'])).rejects.toThrow('c is a folder without Dockerfile');
});

test('what builds leave out is no Dockerfile', async () => {
  write({ Dockerfile: 'FROM a', 'Dockerfile.dockerignore': 'node_modules' });
  expect(await texts('dockerfiles', ['Dockerfile*'])).toEqual(['a:latest']);
});

test('of several files with errors the first one is told', async () => {
  write({ 'a.txt': 'A', 'b.txt': 'B', 'c.txt': 'C' });
  await expect(read('lists', ['*.txt'])).rejects.toThrow('a.txt:1');
});

test('docker compose is asked for every profile, in the folder of the file', async () => {
  const calls: unknown[] = [];
  const ask = composeImages(async (...call) => {
    calls.push(call);
    return 'a:1\r\nb\n';
  });
  expect(await ask('/shop/compose.yaml')).toEqual(['a:1', 'b']);
  const words = ['compose', '-f', '/shop/compose.yaml', '--profile', '*', 'config', '--images'];
  expect(calls).toEqual([['docker', words, '/shop']]);
});

test('where docker has no compose, docker-compose is asked, and where that fails nothing is known', async () => {
  const failing = (programs: readonly string[]) =>
    composeImages(async (program) => {
      if (programs.includes(program)) throw new Error('no');
      return 'a:1\n';
    });
  expect(await failing(['docker'])('/shop/compose.yaml')).toEqual(['a:1']);
  expect(await failing(['docker', 'docker-compose'])('/shop/compose.yaml')).toBeUndefined();
});
