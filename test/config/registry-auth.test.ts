// Logins as docker itself finds them; who has none, or whose helper fails, asks without one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { registryAuth } from '../../src/config/registry-auth.ts';
import { Refusal } from '../../src/core/errors.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidy-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const HUB = 'https://index.docker.io/v1/';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const login = async (config: object, registry: string) => {
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
  const env = { PATH: `${dir}:${process.env['PATH']}` };
  const auth = await registryAuth(dir, env)(registry);
  return auth === undefined ? undefined : JSON.parse(Buffer.from(auth, 'base64url').toString());
};
const helper = (name: string, script: string) =>
  writeFileSync(join(dir, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

test.each<[string, object, string, object | undefined]>([
  ['nobody is logged in', {}, 'ghcr.io', undefined],
  ['another registry is logged in to', { auths: { 'a.io': { auth: base64('u:p') } } }, 'b.io', undefined],
  [
    'the login is in the file',
    { auths: { 'ghcr.io': { auth: base64('me:pass:word') } } },
    'ghcr.io',
    { username: 'me', password: 'pass:word', serveraddress: 'ghcr.io' },
  ],
  [
    'the server is written as a URL',
    { auths: { 'https://r.example:5000/v2/': { auth: base64('u:p') } } },
    'r.example:5000',
    { username: 'u', password: 'p', serveraddress: 'r.example:5000' },
  ],
  [
    'it is Docker Hub',
    { auths: { [HUB]: { auth: base64('u:p') } } },
    'docker.io',
    { username: 'u', password: 'p', serveraddress: HUB },
  ],
  [
    'the login is a token',
    { auths: { 'a.io': { identitytoken: 'T', auth: base64('u:') } } },
    'a.io',
    { identitytoken: 'T', serveraddress: 'a.io' },
  ],
  ['the login cannot be read', { auths: { 'a.io': { auth: '!!' } } }, 'a.io', undefined],
  ['its helper is not installed', { credsStore: 'nowhere' }, 'a.io', undefined],
  ['its helper has a name that is none', { credsStore: '../x' }, 'a.io', undefined],
])('where %s', async (_, config, registry, expected) => {
  expect(await login(config, registry)).toEqual(expected);
});

test('a helper is told the server, and gives a password or a token', async () => {
  helper('mine', 'read server; echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"for $server\\"}"');
  helper('tokens', 'cat >/dev/null; echo \'{"Username":"<token>","Secret":"T"}\'');
  const config = { credsStore: 'mine', credHelpers: { 'a.io': 'tokens' } };
  expect(await login(config, 'docker.io')).toEqual({
    username: 'u',
    password: `for ${HUB}`,
    serveraddress: HUB,
  });
  expect(await login(config, 'a.io')).toEqual({ identitytoken: 'T', serveraddress: 'a.io' });
});

test('a helper that fails has no login', async () => {
  helper('broken', 'echo "credentials not found in native keychain"; exit 1');
  expect(await login({ credsStore: 'broken' }, 'a.io')).toBeUndefined();
});

test('a configuration that cannot be read is told', () => {
  writeFileSync(join(dir, 'config.json'), '{"auths":[]}');
  expect(() => registryAuth(dir, {})).toThrow(Refusal);
});
