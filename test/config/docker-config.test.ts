import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configDir, readDockerConfig } from '../../src/config/docker-config.ts';
import { Refusal } from '../../src/core/errors.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidy-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (text: string) => writeFileSync(join(dir, 'config.json'), text);
const EMPTY = { httpHeaders: {}, pruneFilters: [], settings: {} };

test('what docker tidy uses of config.json is read, and the rest is passed over', () => {
  write(
    JSON.stringify({
      auths: { 'registry.example': {} },
      currentContext: 'prod',
      HttpHeaders: { 'X-Team': 'a' },
      pruneFilters: ['label!=keep'],
      plugins: { tidy: { hooks: 'build' }, other: { n: 'x' } },
    }),
  );
  expect(readDockerConfig(dir)).toEqual({
    currentContext: 'prod',
    httpHeaders: { 'X-Team': 'a' },
    pruneFilters: ['label!=keep'],
    settings: { hooks: 'build' },
  });
});

test.each(['', '  \n', '{}', 'null', '{"currentContext":"","plugins":{},"HttpHeaders":null}'])(
  'a config.json with nothing in it (%j) is an empty configuration',
  (text) => {
    write(text);
    expect(readDockerConfig(dir)).toEqual(EMPTY);
  },
);

test('a missing file, and a missing folder, is an empty configuration', () => {
  expect(readDockerConfig(dir)).toEqual(EMPTY);
  expect(readDockerConfig(join(dir, 'nowhere'))).toEqual(EMPTY);
});

test('keys count in any case, as for docker', () => {
  write('{"httpheaders":{"X-A":"1"},"CurrentContext":"prod"}');
  expect(readDockerConfig(dir)).toMatchObject({ httpHeaders: { 'X-A': '1' }, currentContext: 'prod' });
});

test.each([
  ['{bad', 'is not valid JSON'],
  ['[]', 'must be an object'],
  ['{"currentContext":5}', 'currentContext must be a string'],
  ['{"HttpHeaders":{"X-A":1}}', 'HttpHeaders must be an object of strings'],
  ['{"pruneFilters":"label=x"}', 'pruneFilters must be a list of strings'],
  ['{"plugins":{"tidy":{"keep":5}}}', 'plugins.tidy must be an object of strings'],
])('%s is refused, and the file is named', (text, why) => {
  write(text);
  expect(() => readDockerConfig(dir)).toThrow(Refusal);
  expect(() => readDockerConfig(dir)).toThrow(join(dir, 'config.json'));
  expect(() => readDockerConfig(dir)).toThrow(why);
});

test('a file that cannot be read is refused, and named', () => {
  mkdirSync(join(dir, 'config.json'));
  expect(() => readDockerConfig(dir)).toThrow(Refusal);
  expect(() => readDockerConfig(dir)).toThrow(join(dir, 'config.json'));
});

test.each([
  [{ config: '/flag' }, { DOCKER_CONFIG: '/env' }, '/flag'],
  [{}, { DOCKER_CONFIG: '/env' }, '/env'],
  [{}, { DOCKER_CONFIG: '' }, join('/home/me', '.docker')],
  [{}, {}, join('/home/me', '.docker')],
])('the configuration folder of %j with %j is %s', (globals, env, expected) => {
  expect(configDir(globals, env, '/home/me')).toBe(expected);
});
