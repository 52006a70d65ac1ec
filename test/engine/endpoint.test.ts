import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError, UsageError } from '../../src/core/errors.ts';
import { type EndpointInput, resolveEndpoint } from '../../src/engine/endpoint.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tidy-endpoint-'));
});
afterEach(() => rmSync(home, { recursive: true }));

type Given = Partial<Omit<EndpointInput, 'config'>> & { currentContext?: string };

function resolve({ currentContext, ...given }: Given = {}) {
  return resolveEndpoint({
    globals: {},
    env: {},
    configDir: home,
    home,
    platform: 'linux',
    config: { httpHeaders: {}, ...(currentContext && { currentContext }) },
    ...given,
  });
}

/** PEM enough to be taken for it. */
const pemText = (label: string) => `-----BEGIN ${label}-----`;

const folder = (name: string) => createHash('sha256').update(name).digest('hex');

/** Stores a docker context as `docker context create` does. */
function store(name: string, docker: object | string, pem: Record<string, string> = {}) {
  const meta = join(home, 'contexts', 'meta', folder(name));
  mkdirSync(meta, { recursive: true });
  const text = typeof docker === 'string' ? docker : JSON.stringify({ Name: name, Endpoints: { docker } });
  writeFileSync(join(meta, 'meta.json'), text);
  const tls = join(home, 'contexts', 'tls', folder(name), 'docker');
  mkdirSync(tls, { recursive: true });
  for (const [file, content] of Object.entries(pem))
    writeFileSync(join(tls, `${file}.pem`), pemText(content));
}

describe('which engine', () => {
  beforeEach(() => {
    for (const name of ['flag', 'env', 'current']) store(name, { Host: `tcp://${name}:1` });
  });

  const env = { DOCKER_HOST: 'tcp://docker-host:1', DOCKER_CONTEXT: 'env' };
  const currentContext = 'current';
  test.each<[string, Given, string, string]>([
    [
      '--context goes before all',
      { globals: { context: 'flag' }, env, currentContext },
      'flag',
      'tcp://flag:1',
    ],
    [
      '-H goes before the environment',
      { globals: { host: 'tcp://h:1' }, env, currentContext },
      'default',
      'tcp://h:1',
    ],
    ['DOCKER_HOST goes before DOCKER_CONTEXT', { env, currentContext }, 'default', 'tcp://docker-host:1'],
    [
      'DOCKER_HOST goes before currentContext',
      { env: { DOCKER_HOST: 'tcp://e:1' }, currentContext },
      'default',
      'tcp://e:1',
    ],
    [
      'DOCKER_CONTEXT goes before currentContext',
      { env: { DOCKER_CONTEXT: 'env' }, currentContext },
      'env',
      'tcp://env:1',
    ],
    ['currentContext goes before the default', { currentContext }, 'current', 'tcp://current:1'],
    [
      'an empty variable is none',
      { env: { DOCKER_HOST: '', DOCKER_CONTEXT: '' }, currentContext },
      'current',
      'tcp://current:1',
    ],
    [
      'the context default still reads DOCKER_HOST',
      { globals: { context: 'default' }, env },
      'default',
      'tcp://docker-host:1',
    ],
    [
      'DOCKER_CONTEXT=default goes before currentContext',
      { env: { DOCKER_CONTEXT: 'default' }, currentContext },
      'default',
      'unix:///var/run/docker.sock',
    ],
    [
      'an empty -H is the default host',
      { globals: { host: '' }, currentContext },
      'default',
      'unix:///var/run/docker.sock',
    ],
  ])('%s', async (_name, given, context, host) => {
    expect(await resolve(given)).toMatchObject({ context, host });
  });

  test('--context together with -H is refused', async () => {
    const both = resolve({ globals: { context: 'flag', host: 'tcp://h:1' } });
    await expect(both).rejects.toThrow(
      new UsageError('conflicting options: cannot specify both --host and --context'),
    );
  });
});

test('without anything given, the host is the platform’s own', async () => {
  expect(await resolve()).toEqual({
    context: 'default',
    host: 'unix:///var/run/docker.sock',
    transport: { kind: 'unix', path: '/var/run/docker.sock' },
    headers: {},
  });
  expect(await resolve({ platform: 'win32' })).toMatchObject({
    host: 'npipe:////./pipe/docker_engine',
    transport: { kind: 'npipe', path: '//./pipe/docker_engine' },
  });
});

test('config.json’s headers and DOCKER_API_VERSION are part of the endpoint', async () => {
  const endpoint = await resolveEndpoint({
    globals: {},
    env: { DOCKER_API_VERSION: 'v1.43' },
    config: { httpHeaders: { 'X-Team': 'a' } },
    configDir: home,
    home,
    platform: 'linux',
  });
  expect(endpoint).toMatchObject({ headers: { 'X-Team': 'a' }, apiVersion: '1.43' });
});

test('a DOCKER_API_VERSION that is no version is refused', async () => {
  await expect(resolve({ env: { DOCKER_API_VERSION: 'new' } })).rejects.toThrow(
    /DOCKER_API_VERSION is "new"/,
  );
});

test.each<[string, string, object]>([
  ['unix:///run/d.sock', 'unix:///run/d.sock', { kind: 'unix', path: '/run/d.sock' }],
  ['unix://', 'unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
  ['npipe:////./pipe/x', 'npipe:////./pipe/x', { kind: 'npipe', path: '//./pipe/x' }],
  ['tcp://h:1', 'tcp://h:1', { kind: 'tcp', hostname: 'h', port: 1 }],
  [' tcp://h:1/ ', 'tcp://h:1', { kind: 'tcp', hostname: 'h', port: 1 }],
  ['tcp://h', 'tcp://h:2375', { kind: 'tcp', hostname: 'h', port: 2375 }],
  ['tcp://', 'tcp://localhost:2375', { kind: 'tcp', hostname: 'localhost', port: 2375 }],
  ['tcp://:77', 'tcp://localhost:77', { kind: 'tcp', hostname: 'localhost', port: 77 }],
  ['tcp://h:1/engine/', 'tcp://h:1/engine', { kind: 'tcp', hostname: 'h', port: 1, path: '/engine' }],
  ['h:1', 'tcp://h:1', { kind: 'tcp', hostname: 'h', port: 1 }],
  ['127.0.0.1', 'tcp://127.0.0.1:2375', { kind: 'tcp', hostname: '127.0.0.1', port: 2375 }],
  ['tcp://[::1]:1', 'tcp://[::1]:1', { kind: 'tcp', hostname: '::1', port: 1 }],
  ['[::1]:1', 'tcp://[::1]:1', { kind: 'tcp', hostname: '::1', port: 1 }],
  ['tcp://::1', 'tcp://[::1]:2375', { kind: 'tcp', hostname: '::1', port: 2375 }],
  ['tcp://[fe80::1%25eth0]:1', 'tcp://[fe80::1%eth0]:1', { kind: 'tcp', hostname: 'fe80::1%eth0', port: 1 }],
  ['ssh://h', 'ssh://h', { kind: 'ssh', hostname: 'h' }],
  ['ssh://me@h:22', 'ssh://me@h:22', { kind: 'ssh', user: 'me', hostname: 'h', port: 22 }],
  ['ssh://me@[::1]:22/', 'ssh://me@[::1]:22', { kind: 'ssh', user: 'me', hostname: '::1', port: 22 }],
  ['ssh://h/run/d.sock', 'ssh://h/run/d.sock', { kind: 'ssh', hostname: 'h', path: '/run/d.sock' }],
])('-H %s is %s', async (text, host, transport) => {
  expect(await resolve({ globals: { host: text } })).toMatchObject({ host, transport });
  expect((await resolve({ env: { DOCKER_HOST: text } })).transport).toEqual(transport);
});

test.each([
  ['foo://x', 'invalid bind address format'],
  ['http://h:1', 'invalid bind address format'],
  ['fd://x', 'invalid bind address format'],
  ['unix://foo://bar', 'invalid proto, expected unix'],
  ['tcp://h:port', 'invalid host or port'],
  ['tcp://h:99999', 'invalid port 99999'],
  ['tcp://[nope]:1', 'invalid IPv6 address'],
  ['tcp://h:1?x=y', 'a query'],
  ['tcp://h:1/%zz', 'invalid percent-encoding'],
  ['ssh://', 'names no host'],
  ['ssh://me:secret@h', 'a password'],
  ['ssh://-oProxyCommand=touch%20x', 'must not begin with a dash'],
  ['ssh://-h', 'must not begin with a dash'],
  ['ssh://%2Doptions@h', 'must not begin with a dash'],
])('the host %s is refused, with where it comes from', async (host, why) => {
  await expect(resolve({ globals: { host } })).rejects.toThrow(UsageError);
  await expect(resolve({ globals: { host } })).rejects.toThrow(why);
  const fromEnvironment = resolve({ env: { DOCKER_HOST: host } });
  await expect(fromEnvironment).rejects.toThrow(EngineError);
  await expect(resolve({ env: { DOCKER_HOST: host } })).rejects.toThrow('cannot use DOCKER_HOST');
});

describe('TLS of the default context', () => {
  const host = 'tcp://h:1';
  const pem = (dir: string, ...names: string[]) => {
    mkdirSync(join(home, dir), { recursive: true });
    for (const name of names) writeFileSync(join(home, dir, `${name}.pem`), pemText(`${dir} ${name}`));
  };
  const tlsOf = async (globals: object, env: Record<string, string>) => {
    const { transport } = await resolve({ globals: { host, ...globals }, env });
    return transport.kind === 'tcp' ? transport.tls : transport.kind;
  };
  beforeEach(() => pem('.docker', 'ca', 'cert', 'key'));
  const verified = {
    ca: pemText('.docker ca'),
    cert: pemText('.docker cert'),
    key: pemText('.docker key'),
    rejectUnauthorized: true,
  };
  const unverified = { ...verified, rejectUnauthorized: false };

  test.each<[object, Record<string, string>, object | undefined]>([
    [{}, {}, undefined],
    [{}, { DOCKER_TLS_VERIFY: '', DOCKER_TLS: '' }, undefined],
    [{}, { DOCKER_TLS_VERIFY: '1' }, verified],
    [{}, { DOCKER_TLS_VERIFY: '0' }, verified],
    [{}, { DOCKER_TLS: '0' }, unverified],
    [{ tls: true }, {}, unverified],
    [{ tls: false }, { DOCKER_TLS: '1' }, undefined],
    [{ tlsverify: true }, {}, verified],
    [{ tlsverify: false }, {}, unverified],
    [{ tls: false, tlsverify: true }, {}, verified],
  ])('flags %j with %j: %j', async (globals, env, expected) => {
    expect(await tlsOf(globals, env)).toEqual(expected);
  });

  test('DOCKER_CERT_PATH is the folder, then DOCKER_CONFIG', async () => {
    pem('certs', 'ca');
    pem('config', 'ca');
    const [certs, config] = ['certs', 'config'].map((name) => join(home, name)) as [string, string];
    const on = { DOCKER_TLS_VERIFY: '1', DOCKER_CONFIG: config };
    expect(await tlsOf({}, { ...on, DOCKER_CERT_PATH: certs })).toMatchObject({ ca: pemText('certs ca') });
    expect(await tlsOf({}, on)).toEqual({ ca: pemText('config ca'), rejectUnauthorized: true });
  });

  test('flags name single files', async () => {
    pem('mine', 'k');
    const tlskey = join(home, 'mine', 'k.pem');
    expect(await tlsOf({ tlsverify: true, tlskey }, {})).toEqual({ ...verified, key: pemText('mine k') });
  });

  test.each([
    [{ tlsverify: true }, 'ca.pem'],
    [{ tls: true, tlscacert: '/nowhere/my-ca.pem' }, '/nowhere/my-ca.pem'],
    [{ tls: true, tlscert: '/nowhere/my-cert.pem' }, '/nowhere/my-cert.pem'],
    [{ tls: true, tlskey: '/nowhere/my-key.pem' }, '/nowhere/my-key.pem'],
  ])('%j: the missing file %s is named', async (globals, file) => {
    const failed = tlsOf(globals, { DOCKER_CERT_PATH: join(home, 'empty') });
    await expect(failed).rejects.toThrow(EngineError);
    await expect(failed).rejects.toThrow(`${file}: there is no such file`);
  });

  test('an unreadable file is named', async () => {
    mkdirSync(join(home, 'odd', 'cert.pem'), { recursive: true });
    const failed = tlsOf({ tls: true }, { DOCKER_CERT_PATH: join(home, 'odd') });
    await expect(failed).rejects.toThrow(`cannot read the TLS file ${join(home, 'odd', 'cert.pem')}`);
  });

  test('a file that is not PEM is named', async () => {
    writeFileSync(join(home, '.docker', 'ca.pem'), 'garbage');
    const failed = tlsOf({ tlsverify: true }, {});
    await expect(failed).rejects.toThrow(`the TLS file ${join(home, '.docker', 'ca.pem')} is not a PEM file`);
  });

  test('with TLS and no host, the engine is the local one on the TLS port', async () => {
    expect(await resolve({ env: { DOCKER_TLS_VERIFY: '1' } })).toMatchObject({
      host: 'tcp://localhost:2376',
      transport: { tls: verified },
    });
  });

  test('a socket has no TLS, and its files are not looked for', async () => {
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
    const { transport } = await resolve({ globals: { host: 'unix:///x' }, env });
    expect(transport).toEqual({ kind: 'unix', path: '/x' });
  });
});

describe('a docker context', () => {
  const resolved = (name: string) => resolve({ globals: { context: name } });

  test('is read with its TLS files', async () => {
    store('prod', { Host: 'tcp://prod:2376' }, { ca: 'CA', cert: 'CERT', key: 'KEY' });
    expect((await resolved('prod')).transport).toEqual({
      kind: 'tcp',
      hostname: 'prod',
      port: 2376,
      tls: { ca: pemText('CA'), cert: pemText('CERT'), key: pemText('KEY'), rejectUnauthorized: true },
    });
  });

  test('has no TLS without files, and unverified TLS with SkipTLSVerify', async () => {
    store('plain', { Host: 'tcp://a:1', SkipTLSVerify: false });
    store('skip', { Host: 'tcp://a:1', SkipTLSVerify: true });
    expect((await resolved('plain')).transport).not.toHaveProperty('tls');
    expect((await resolved('skip')).transport).toHaveProperty('tls', { rejectUnauthorized: false });
  });

  test('is not touched by the flags and variables about TLS', async () => {
    store('plain', { Host: 'tcp://a:1' });
    const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' };
    const { transport } = await resolve({ globals: { context: 'plain', tls: true }, env });
    expect(transport).not.toHaveProperty('tls');
  });

  test('without a host is the platform’s own engine', async () => {
    store('bare', {});
    expect(await resolved('bare')).toMatchObject({ context: 'bare', host: 'unix:///var/run/docker.sock' });
  });

  test('that does not exist is an error with advice', async () => {
    const failed = resolved('nope');
    await expect(failed).rejects.toThrow(EngineError);
    await expect(failed).rejects.toThrow(/^context "nope": context not found; see `docker context ls`/);
  });

  test('whose name looks like a path leads nowhere else', async () => {
    await expect(resolved('../../etc')).rejects.toThrow('context not found');
  });

  test.each([
    ['{bad', 'names no docker endpoint'],
    ['{"Name":"odd","Endpoints":{}}', 'names no docker endpoint'],
    ['{"Endpoints":{"docker":{"Host":5}}}', 'names no docker endpoint'],
    [
      '{"Endpoints":{"docker":{"Host":"foo://x"}}}',
      'cannot use the host "foo://x" of the docker context "odd"',
    ],
  ])('with the metadata %s is an error', async (text, why) => {
    store('odd', text);
    await expect(resolved('odd')).rejects.toThrow(EngineError);
    await expect(resolved('odd')).rejects.toThrow(why);
  });
});
