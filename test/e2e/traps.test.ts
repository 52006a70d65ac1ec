import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

const build = (tags: string, created: string, more: Partial<HandMade> = {}): HandMade => ({
  tags: tags.split(' ').filter(Boolean),
  created,
  layers: [{ [`${tags.replaceAll(/\W/g, '-')}-${created.slice(0, 10)}`]: tags }],
  ...more,
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(() => engine.clear());

  const tidied = async (...args: string[]) => {
    const run = await engine.tidy([...args, '-f']);
    return { ...run, names: await engine.names() };
  };

  test('no images at all are nothing to do', async () => {
    expect(await tidied('images', '-a')).toMatchObject({
      status: 0,
      stdout: 'Nothing to remove.\n',
      names: [],
    });
  });

  test('two tags on one image are one build, and both go', async () => {
    engine.load(
      build('app:1 app:old', '2026-01-01T00:00:00Z'),
      build('app:2 app:latest', '2026-01-02T00:00:00Z'),
    );
    expect(await tidied('--keep', '1', 'app')).toMatchObject({ status: 0, names: ['app:2', 'app:latest'] });
  });

  test('a registry with a port is a repository of its own', async () => {
    engine.load(
      build('localhost:5000/app:1', '2026-01-01T00:00:00Z'),
      build('localhost:5000/app:2', '2026-01-02T00:00:00Z'),
      build('app:1', '2025-01-01T00:00:00Z'),
    );
    expect(await tidied('--keep', '1', 'localhost:5000/app')).toMatchObject({
      names: ['app:1', 'localhost:5000/app:2'],
    });
  });

  test('dangling images go by default, and nothing else', async () => {
    engine.load(build('', '2026-01-01T00:00:00Z'), build('app:1', '2026-01-01T00:00:00Z'));
    expect((await engine.names()).sort()).toEqual(['<none>', 'app:1']);
    expect(await tidied('images')).toMatchObject({ status: 0, names: ['app:1'] });
  });

  test('a made-up build date keeps, and version decides where it is asked', async () => {
    engine.load(
      build('app:1.9', '1970-01-01T00:00:00Z'),
      build('app:1.10', '1980-01-01T00:00:01Z'),
      build('app:1.8', '1970-01-01T00:00:00Z', { layers: [{ x: 'y' }] }),
    );
    expect((await tidied('--keep', '1', 'app')).names).toEqual(['app:1.10', 'app:1.8', 'app:1.9']);
    expect((await tidied('--keep', '1', '--sort', 'version', 'app')).names).toEqual(['app:1.10']);
  });

  test('a container that is stopped, created or paused keeps its image', async () => {
    const days = ['1', '2', '3', '4'];
    engine.load(...days.map((n) => build(`app:${n}`, `2026-01-0${n}T00:00:00Z`)));
    engine.run('stopped', 'app:1');
    engine.docker('kill', 'stopped');
    engine.docker('create', '--name', 'created', 'app:2', '/bin/busybox', 'true');
    engine.run('paused', 'app:3');
    engine.docker('pause', 'paused');
    expect(await tidied('images', '-a', 'app')).toMatchObject({
      status: 0,
      names: ['app:1', 'app:2', 'app:3'],
    });
    engine.docker('unpause', 'paused');
  });

  test('a container whose tag has moved keeps both the image it runs and the one that has the name now', async () => {
    engine.load(build('app:1', '2026-01-01T00:00:00Z'));
    engine.run('web', 'app:1');
    engine.load(build('app:1', '2026-01-02T00:00:00Z'));
    const before = await engine.ids();
    expect((await tidied('images', '-a')).stdout).toContain('Nothing to remove');
    expect(await engine.ids()).toEqual(before);
  });

  test('children and the images that they were built on go in one run', async () => {
    engine.load(build('base:1', '2026-01-01T00:00:00Z'));
    for (const [from, to] of [
      ['base:1', 'middle:1'],
      ['middle:1', 'top:1'],
    ] as const) {
      engine.docker(
        'run',
        '--name',
        to.split(':')[0] as string,
        '--network',
        'none',
        from,
        '/bin/busybox',
        'touch',
        `/tmp/${to.split(':')[0]}`,
      );
      engine.docker('commit', to.split(':')[0] as string, to);
      engine.docker('rm', to.split(':')[0] as string);
    }
    const partly = await tidied('images', '-a', 'base', 'middle');
    expect(partly.names).toEqual(engine.containerd ? partly.names : ['base:1', 'middle:1', 'top:1']); // the containerd store records no parent for a commit
    expect(partly.names).toContain('top:1');
    expect(await tidied('images', '-a')).toMatchObject({ status: 0, names: [] });
    expect(await engine.ids()).toEqual([]);
  });

  test('builds of one second are told apart by their exact times', async () => {
    const times = ['00.100', '00.900', '00.500'];
    engine.load(...times.map((second, i) => build(`app:${'cab'[i]}`, `2026-01-01T00:00:${second}Z`)));
    expect((await tidied('--keep', '1', 'app')).names).toEqual(['app:a']);
  });

  test('--sort pulled goes by arrival here, where the engine tells it', async () => {
    engine.load(build('src:1', '2026-01-05T00:00:00Z'), build('src:2', '2026-01-01T00:00:00Z'));
    engine.docker('tag', 'src:1', 'app:early');
    await new Promise((resolve) => setTimeout(resolve, 20));
    engine.docker('tag', 'src:2', 'app:late');
    expect((await tidied('--keep', '1', '--sort', 'pulled', 'app')).names).toEqual([
      'app:late',
      'src:1',
      'src:2',
    ]);
  });

  test('--keep 0 needs -a, and then means it', async () => {
    engine.load(build('app:1', '2026-01-01T00:00:00Z'));
    expect(await tidied('--keep', '0', 'app')).toMatchObject({ status: 125, names: ['app:1'] });
    expect(await tidied('-a', '--keep', '0', 'app')).toMatchObject({ status: 0, names: [] });
  });

  test('an image pulled by digest is a pin: only -a takes it', async (context) => {
    if (!at.host.startsWith('unix:'))
      return context.skip('the registry is started beside engines of our own only');
    const registry = engine.script('registry');
    engine.load(build(`${registry}/dig:1`, '2026-01-01T00:00:00Z'));
    engine.docker('push', '-q', `${registry}/dig:1`);
    const digest = engine.docker('inspect', '-f', '{{index .RepoDigests 0}}', `${registry}/dig:1`);
    engine.docker('rmi', `${registry}/dig:1`);
    engine.docker('pull', '-q', digest);
    const [pinned, ...others] = await engine.ids();
    expect([pinned, others]).toEqual([expect.any(String), []]);
    expect(await tidied('images')).toMatchObject({ status: 0 });
    expect(await tidied('--keep', '1', `${registry}/dig`)).toMatchObject({ status: 0 });
    expect(await engine.ids()).toEqual([pinned]);
    const gone = await tidied('images', '-a', `${registry}/dig`);
    expect(gone).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.ids()).toEqual([]);
  });

  test('an image that is mounted by a container is in use', async (context) => {
    if (name === '20.10') return context.skip('image mounts came with Docker 28');
    engine.load(build('data:1', '2026-01-01T00:00:00Z'), build('app:1', '2026-01-01T00:00:00Z'));
    engine.docker(
      'create',
      '--name',
      'mounts',
      '--mount',
      'type=image,source=data:1,target=/data',
      'app:1',
      '/bin/busybox',
      'true',
    );
    expect(await tidied('images', '-a')).toMatchObject({ status: 0, names: ['app:1', 'data:1'] });
  });

  test.each<[string, string[], number, string]>([
    ['a repository that is not there suggests the nearest', ['--keep', '1', 'ap'], 1, 'did you mean app?'],
    [
      'a glob that matches nothing is an error',
      ['images', '-a', 'nothing/**'],
      1,
      'no image matches nothing/**',
    ],
    ['a repository needs -a or a keep option', ['app'], 125, 'Add --keep N'],
    [
      'a --keep-tag that no image has is a slip',
      ['images', '-a', '--keep-tag', 'lastest', 'app'],
      1,
      'no tag here matches --keep-tag lastest',
    ],
    ['--keep x is no number', ['--keep', 'x', 'app'], 125, 'invalid argument "x"'],
    ['--keep -2 is no number', ['--keep', '-2', 'app'], 125, 'invalid argument "-2"'],
    ['an empty repository is an error', ['images', '-a', ''], 125, 'must not be empty'],
    ['an unknown flag is an error', ['images', '--kep', '3'], 125, 'unknown flag: --kep'],
  ])('%s, and nothing is lost', async (_, args, status, message) => {
    engine.load(build('app:1', '2026-01-01T00:00:00Z'));
    const run = await tidied(...args);
    expect(run).toMatchObject({ status, names: ['app:1'] });
    expect(run.stderr).toContain(message);
  });

  test('a swarm service keeps its image, between its tasks too', async () => {
    engine.load(build('app:1', '2026-01-01T00:00:00Z'), build('app:2', '2026-01-02T00:00:00Z'));
    engine.docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
    try {
      engine.docker(
        'service',
        'create',
        '-d',
        '--no-resolve-image',
        '--replicas',
        '0',
        '--name',
        'api',
        'app:1',
      );
      const run = await tidied('images', '-a', 'app');
      expect(run).toMatchObject({ status: 0, names: ['app:1'] });
      expect(run.stdout).toContain('used by swarm service api');
    } finally {
      engine.docker('swarm', 'leave', '--force');
    }
  });

  test('--keep -1 keeps all', async () => {
    engine.load(build('app:1', '2026-01-01T00:00:00Z'), build('app:2', '2026-01-02T00:00:00Z'));
    expect(await tidied('--keep', '-1', 'app')).toMatchObject({ status: 0, names: ['app:1', 'app:2'] });
  });

  test('an inventory can be saved, and planned on with no engine', async () => {
    engine.load(build('app:1', '2026-01-01T00:00:00Z'), build('app:2', '2026-01-02T00:00:00Z'));
    const file = `${engine.config}/inventory.json`;
    expect(await engine.tidy(['inventory', '-o', file])).toMatchObject({ status: 0, stdout: '' });
    const away = await engine.tidy(['plan', '--from', file, '--keep', '1', '-q', 'app'], {
      env: { DOCKER_HOST: 'unix:///nowhere.sock' },
    });
    expect(away).toMatchObject({ status: 0, stdout: 'app:1\n' });
    const here = await engine.tidy(['plan', '--exit-code', '--keep', '1', '-q', 'app']);
    expect(here).toMatchObject({ status: 2, stdout: 'app:1\n' });
  });
});
