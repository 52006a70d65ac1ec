import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, stateFolder } from '../../src/state/folder.ts';

test.each<[NodeJS.Platform, NodeJS.ProcessEnv, string]>([
  ['linux', {}, '/home/ann/.local/state/docker-tidy'],
  ['linux', { XDG_STATE_HOME: '/var/state' }, '/var/state/docker-tidy'],
  ['linux', { XDG_STATE_HOME: 'not/absolute' }, '/home/ann/.local/state/docker-tidy'],
  ['linux', { XDG_STATE_HOME: '' }, '/home/ann/.local/state/docker-tidy'],
  ['linux', { DOCKER_TIDY_STATE: '/srv/tidy', XDG_STATE_HOME: '/var/state' }, '/srv/tidy'],
  ['darwin', {}, '/home/ann/Library/Application Support/docker-tidy'],
  ['darwin', { XDG_STATE_HOME: '/var/state' }, '/home/ann/Library/Application Support/docker-tidy'],
  ['freebsd', {}, '/home/ann/.local/state/docker-tidy'],
])('on %s with %j state is kept in %s', (platform, env, folder) => {
  expect(stateFolder(env, '/home/ann', platform)).toBe(folder);
});

test('on Windows state is kept beside other programs’ local data', () => {
  const home = 'C:\\Users\\ann';
  expect(stateFolder({ LOCALAPPDATA: 'D:\\Local' }, home, 'win32')).toBe('D:\\Local\\docker-tidy');
  expect(stateFolder({}, home, 'win32')).toBe('C:\\Users\\ann\\AppData\\Local\\docker-tidy');
});

test('runs that make the same folder at the same time do not trip over each other', async () => {
  const base = mkdtempSync(join(tmpdir(), 'docker-tidy-folder-'));
  for (let n = 0; n < 50; n++) {
    const deep = join(base, `${n}`, 'a', 'b', 'c');
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(deep)));
    expect(statSync(deep).mode & 0o777).toBe(0o700);
  }
});
