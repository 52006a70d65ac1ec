// Where a policy is looked for, and in which order; what lies about is no policy.
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PolicySources } from '../../src/config/find-policy.ts';
import { findPolicy } from '../../src/config/find-policy.ts';
import { Refusal } from '../../src/core/errors.ts';

const HERE: PolicySources = { env: {}, home: '/home/me', config: {}, cwd: '/work/app', platform: 'linux' };
const WINDOWS: PolicySources = {
  ...HERE,
  home: 'C:\\Users\\me',
  cwd: 'D:\\app',
  platform: 'win32',
  env: { APPDATA: 'C:\\Users\\me\\AppData\\Roaming', ProgramData: 'C:\\ProgramData' },
};

/** Finds it on a disk that has these files. */
const among = (files: readonly string[], sources: Partial<PolicySources> = {}, on = HERE) =>
  findPolicy({ ...on, ...sources }, (path) => (files.includes(path) ? path : undefined));

const OWN = '/home/me/.config/docker-tidy/tidy.yaml';
const SYSTEM = '/etc/docker-tidy/tidy.yaml';
const ALL = [
  '/work/app/by-option.yaml',
  '/by-env.yaml',
  '/xdg/docker-tidy/tidy.yaml',
  OWN,
  '/home/me/mine.yaml',
  SYSTEM,
];
const EVERYTHING = {
  option: 'by-option.yaml',
  env: { DOCKER_TIDY_POLICY: '/by-env.yaml', XDG_CONFIG_HOME: '/xdg' },
  config: { policy: '~/mine.yaml' },
};

test('nothing named and nothing there: no policy', () => {
  expect(among([])).toEqual({});
});

describe('the first of these is the one, and says where it is from', () => {
  const { option: _, ...unasked } = EVERYTHING;
  const noEnv = { XDG_CONFIG_HOME: '/xdg' };
  test.each<[Partial<PolicySources>, readonly string[], string, string]>([
    [EVERYTHING, ALL, '/work/app/by-option.yaml', '--policy'],
    [unasked, ALL, '/by-env.yaml', 'DOCKER_TIDY_POLICY'],
    [{ ...unasked, env: noEnv }, ALL, '/xdg/docker-tidy/tidy.yaml', 'your configuration'],
    [{ ...unasked, env: {} }, ALL, OWN, 'your configuration'],
    [{ ...unasked, env: { XDG_CONFIG_HOME: 'relative' } }, ALL, OWN, 'your configuration'],
    [{ ...unasked, env: { DOCKER_TIDY_POLICY: '' } }, ALL, OWN, 'your configuration'],
    [
      { ...unasked, env: noEnv },
      ['/home/me/mine.yaml', OWN, SYSTEM],
      '/home/me/mine.yaml',
      "plugins.tidy.policy of docker's config.json",
    ],
    [{ env: noEnv }, [OWN, SYSTEM], SYSTEM, "the system's configuration"],
    [{ env: noEnv, config: { policy: '' } }, [SYSTEM], SYSTEM, "the system's configuration"],
  ])('%j among %j: %s', (sources, files, file, from) => {
    expect(among(files, sources)).toEqual({ file, from });
  });

  test('a relative name is of the current folder', () => {
    expect(among(['/work/x.yaml'], { option: '../x.yaml' }).file).toBe('/work/x.yaml');
    expect(among(['/work/app/x.yaml'], { env: { DOCKER_TIDY_POLICY: 'x.yaml' } }).file).toBe(
      '/work/app/x.yaml',
    );
  });
});

describe('on Windows', () => {
  const own = 'C:\\Users\\me\\.config\\docker-tidy\\tidy.yaml';
  const roaming = 'C:\\Users\\me\\AppData\\Roaming\\docker-tidy\\tidy.yaml';
  const system = 'C:\\ProgramData\\docker-tidy\\tidy.yaml';
  test.each([
    [[own, roaming, system], {}, own],
    [[roaming, system], {}, roaming],
    [[system], {}, system],
    [['E:\\p.yaml'], { config: { policy: 'E:\\p.yaml' } }, 'E:\\p.yaml'],
    [['C:\\Users\\me\\p.yaml'], { config: { policy: '~\\p.yaml' } }, 'C:\\Users\\me\\p.yaml'],
    [['D:\\app\\p.yaml'], { option: 'p.yaml' }, 'D:\\app\\p.yaml'],
  ])('%j with %j: %s', (files, sources, file) => {
    expect(among(files, sources, WINDOWS).file).toBe(file);
  });

  test('without its variables, the user’s own place is looked into', () => {
    expect(among([own, system], { env: {} }, WINDOWS).file).toBe(own);
    expect(among([system], { env: {} }, WINDOWS)).toEqual({});
  });
});

describe('what is named and is not there is refused: more would go than was meant', () => {
  test.each<[Partial<PolicySources>, string]>([
    [
      { option: 'none.yaml' },
      'there is no policy /work/app/none.yaml, which --policy names: correct the name, or leave it out',
    ],
    [{ option: '' }, '--policy names no file: write --policy FILE'],
    [
      { env: { DOCKER_TIDY_POLICY: '/none.yaml' } },
      'there is no policy /none.yaml, which DOCKER_TIDY_POLICY names: correct the name, or leave it out',
    ],
    [
      { config: { policy: '/none.yaml' } },
      "there is no policy /none.yaml, which plugins.tidy.policy of docker's config.json names: correct the name, or leave it out",
    ],
    [
      { config: { policy: 'tidy.yaml' } },
      'plugins.tidy.policy of docker\'s config.json is "tidy.yaml": write a whole path, or one that begins with ~/',
    ],
    [
      { config: { policy: '~other/tidy.yaml' } },
      'plugins.tidy.policy of docker\'s config.json is "~other/tidy.yaml": write a whole path, or one that begins with ~/',
    ],
  ])('%j', (sources, told) => {
    expect(() => among([SYSTEM], sources)).toThrow(new Refusal(told));
  });
});

describe('what only lies in the current folder is mentioned, and not used', () => {
  const names = ['tidy.yaml', 'tidy.yml', 'docker-tidy.yaml', 'docker-tidy.yml'];
  test.each(names.flatMap((name) => [name, `.${name}`]))('%s', (name) => {
    expect(among([`/work/app/${name}`])).toEqual({ lying: `/work/app/${name}` });
    expect(among([`/work/app/${name}`, SYSTEM])).toMatchObject({ file: SYSTEM, lying: `/work/app/${name}` });
  });

  test('unless it is the one in use', () => {
    expect(among(['/work/app/tidy.yaml'], { option: './tidy.yaml' })).toEqual({
      file: '/work/app/tidy.yaml',
      from: '--policy',
    });
  });

  test('other names are nobody’s business', () => {
    expect(among(['/work/app/policy.yaml', '/work/tidy.yaml', '/work/app/tidy.json'])).toEqual({});
  });
});

describe('on the disk', () => {
  let home: string;
  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'tidy-home-')));
    mkdirSync(join(home, '.config', 'docker-tidy'), { recursive: true });
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const own = () => join(home, '.config', 'docker-tidy', 'tidy.yaml');
  const find = (cwd = home) => findPolicy({ ...HERE, home, cwd });

  test('a file that is there is found', () => {
    writeFileSync(own(), 'version: 1\n');
    expect(find()).toEqual({ file: own(), from: 'your configuration' });
  });

  test('a link to nothing is found, so that it is not passed over', () => {
    symlinkSync(join(home, 'unmounted', 'tidy.yaml'), own());
    expect(find().file).toBe(own());
  });

  test('a file in the place of the folder is no policy', () => {
    rmSync(join(home, '.config'), { recursive: true });
    writeFileSync(join(home, '.config'), '');
    expect(find().from).not.toBe('your configuration');
  });

  test('what lies in the current folder is the one in use, also by another name', () => {
    writeFileSync(join(home, 'tidy.yaml'), 'version: 1\n');
    symlinkSync(join(home, 'tidy.yaml'), own());
    expect(find()).toEqual({ file: own(), from: 'your configuration' });
    rmSync(own());
    expect(find().lying).toBe(join(home, 'tidy.yaml'));
  });

  test('a place whose name cannot be looked up is refused: it may protect something', () => {
    const loop = join(home, 'loop');
    symlinkSync(loop, loop);
    expect(() => findPolicy({ ...HERE, home, cwd: home, env: { XDG_CONFIG_HOME: loop } })).toThrow(
      /^cannot tell whether there is a policy .*loop\/docker-tidy\/tidy\.yaml: ELOOP/,
    );
  });
});

test('nothing heavy loads to find that there is no policy', () => {
  const imports = [...readFileSync('src/config/find-policy.ts', 'utf8').matchAll(/from '([^']+)'/g)].map(
    (match) => match[1],
  );
  expect(imports).toEqual(['node:fs', 'node:path', '../core/errors.ts']);
});
