// What the docker CLI asks of a plugin, through the real docker CLI.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { BINARY, TestEngine } from '../support/engine.ts';

const ENGINES = Object.entries(inject('engines'));

test('the metadata is one JSON object and nothing else, whatever NODE_OPTIONS says', () => {
  const env = { ...process.env, NODE_OPTIONS: '--require=/nowhere.js --no-such-flag' };
  const { status, stdout, stderr } = spawnSync(BINARY, ['docker-cli-plugin-metadata'], {
    env,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({
    SchemaVersion: '0.1.0',
    Vendor: 'docker tidy',
    Version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
});

test.skipIf(!existsSync('/dev/full'))('it ends where nothing can be written, not even that', () => {
  const full = openSync('/dev/full', 'w');
  const { status, signal } = spawnSync(BINARY, ['tidy', '--help'], {
    stdio: ['ignore', full, full],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  closeSync(full);
  expect({ status, signal }).toEqual({ status: 1, signal: null });
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('with the docker CLI of %s', (name, at) => {
  let engine: TestEngine;
  beforeAll(() => {
    engine = new TestEngine(name, at);
  });

  test('help comes in docker’s layout, by every way that users ask for it', async () => {
    const direct = await engine.tidy(['images', '--help']);
    expect(direct).toMatchObject({ status: 0, stderr: '' });
    expect(direct.stdout).toMatch(
      /^Usage: {2}docker tidy images \[OPTIONS\] \[REPOSITORY\.\.\.\]\n\nRemove images/,
    );
    expect(engine.docker('help', 'tidy', 'images')).toBe(direct.stdout.trim());
    expect(engine.docker('help')).toContain('tidy*');
  });

  test.each([
    ['plan images --kep 3', 'docker tidy plan images [OPTIONS]'],
    ['plan --kep 3 app', 'docker tidy plan [OPTIONS]'],
    ['cache --kep 3', 'docker tidy cache [OPTIONS]'],
    ['--kep 3 app', 'docker tidy [OPTIONS]'],
  ])('a slip in %s shows the usage of that command', async (line, usage) => {
    const { status, stderr } = await engine.tidy(line.split(' '));
    expect(status).toBe(125);
    expect(stderr).toContain('unknown flag: --kep; did you mean --keep?');
    expect(stderr).toContain(`Usage:  ${usage}`);
  });

  test('docker’s global flags are heard: a context, a host', async () => {
    const elsewhere = { DOCKER_HOST: 'unix:///nowhere.sock' };
    engine.docker('context', 'create', 'here', '--docker', `host=${engine.host}`);
    for (const flags of [
      ['-H', engine.host],
      ['--context', 'here'],
    ]) {
      expect(await engine.words([...flags, 'tidy', 'plan', '-q'], { env: elsewhere })).toMatchObject({
        status: 0,
        stderr: '',
      });
    }
  });

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'no engine',
      { DOCKER_HOST: 'unix:///nowhere.sock' },
      /^Cannot connect to the Docker daemon at unix:\/\/\/nowhere\.sock/,
    ],
    [
      'a port where nothing listens',
      { DOCKER_HOST: 'tcp://127.0.0.1:1' },
      /^Cannot connect to the Docker daemon at tcp:\/\/127\.0\.0\.1:1/,
    ],
    ['an ssh host that is not there', { DOCKER_HOST: 'ssh://nobody@127.0.0.1:1' }, /ssh/],
    [
      'TLS without its files',
      { DOCKER_HOST: 'tcp://127.0.0.1:1', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere' },
      /nowhere/,
    ],
    ['an API version that is too old', { DOCKER_API_VERSION: '1.24' }, /1\.41|20\.10/],
  ])('%s is one clear line, with status 1', async (_, env, line) => {
    const run = await engine.tidy(['plan'], { env });
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toMatch(line);
    expect(run.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('a context that is not there is told', async () => {
    const run = await engine.tidy(['plan'], { env: { DOCKER_HOST: '', DOCKER_CONTEXT: 'nowhere' } });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('context "nowhere"');
  });

  test('it runs by itself too, and reads the context that docker would use', async () => {
    const config = join(engine.config, 'own');
    mkdirSync(config, { recursive: true });
    writeFileSync(join(config, 'config.json'), '{"currentContext": "nowhere"}');
    const { DOCKER_HOST, DOCKER_CONFIG, ...env } = engine.env;
    const direct = spawnSync(BINARY, ['plan', '-q'], { env: { ...env, DOCKER_HOST }, encoding: 'utf8' });
    expect(direct).toMatchObject({ status: 0, stderr: '' });
    const other = spawnSync(BINARY, ['--config', config, 'plan'], { env, encoding: 'utf8' });
    expect(other.status).toBe(1);
    expect(other.stderr).toContain('context "nowhere"');
  });

  test('a reader that has seen enough ends it quietly', () => {
    const { status, stderr } = spawnSync(
      'sh',
      ['-c', `'${BINARY}' plan --from examples/inventory.json -a --format json | head -1`],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
