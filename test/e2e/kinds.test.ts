// Containers, networks, the build cache, and all of them: what goes, what stays, on every engine.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const QUESTION = 'continue? [y/N]';

const build = (
  tags: string,
  labels: Record<string, string> = {},
  created = '2026-01-01T00:00:00Z',
): HandMade => ({
  tags: tags.split(' ').filter(Boolean),
  created,
  labels,
  layers: [{ [`f${tags.replaceAll(/\W/g, '-')}`]: `${tags} ${JSON.stringify(labels)}` }],
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    writeFileSync(join(engine.config, 'config.json'), '{}');
    engine.load(build('app:1'));
  });

  const stop = (container: string, ...options: string[]) => {
    engine.run(container, 'app:1', ...options);
    engine.docker('kill', container);
  };
  const create = (container: string, ...options: string[]) =>
    engine.docker('create', '--name', container, ...options, 'app:1', '/bin/busybox', 'sleep', '3600');

  describe('containers', () => {
    test('stopped and never started ones go, as planned; running and paused ones stay; volumes stay and are named', async () => {
      engine.run('web', 'app:1');
      engine.run('asleep', 'app:1');
      engine.docker('pause', 'asleep');
      stop('old', '-v', 'named:/data', '-v', '/anonymous');
      create('new', '-v', 'named:/data');
      const before = await engine.others();

      const planned = await engine.tidy(['plan', 'containers', '--format', 'json']);
      const plan = JSON.parse(planned.stdout);
      expect(
        plan.actions.map(({ kind, target }: { kind: string; target: string }) => `${kind} ${target}`),
      ).toEqual(['delete-container new', 'delete-container old']);
      expect(plan.kept).toMatchObject([
        { kind: 'container', target: 'asleep', reasons: [{ text: 'it is paused' }] },
      ]);
      expect(await engine.others()).toEqual(before);

      const done = await engine.tidy(['containers', '-f']);
      expect(done).toMatchObject({ status: 0, stderr: '' });
      expect(await engine.others()).toEqual({ ...before, containers: ['asleep', 'web'] });
      expect(done.stdout).toContain('2 volumes not in use any more, and left alone: ');
      expect(done.stdout).toContain('named');
      engine.docker('unpause', 'asleep');
    });

    test('the age counts since a container stopped', async () => {
      engine.run('late', 'app:1');
      stop('early');
      const { State } = await engine.get<{ State: { FinishedAt: string } }>('/containers/early/json');
      const moment = new Date(Date.parse(State.FinishedAt) + 1).toISOString();
      engine.docker('kill', 'late');
      const done = await engine.tidy(['containers', '-f', '--filter', `until=${moment}`]);
      expect(done).toMatchObject({ status: 0 });
      expect((await engine.others()).containers).toEqual(['late']); // which prune would take: it was created before
      expect((await engine.tidy(['containers', '-f', '--older-than', '1h'])).stdout).toContain(
        'Nothing to remove',
      );
    });

    test('one that is started while the question is open stays', async () => {
      stop('one');
      stop('two');
      const run = await engine.tidy(['containers'], {
        typed: [{ after: QUESTION, text: 'y\n', first: () => engine.docker('start', 'one') }],
      });
      expect(run.status).toBe(0);
      expect(run.stdout).toContain('Skipped: one: ');
      expect((await engine.others()).containers).toEqual(['one']);
    });

    test('n removes none; without a terminal -f is needed', async () => {
      stop('one');
      expect(await engine.tidy(['containers'], { typed: [{ after: QUESTION, text: 'n\n' }] })).toMatchObject({
        status: 130,
      });
      expect(await engine.tidy(['containers'])).toMatchObject({ status: 1 });
      expect((await engine.others()).containers).toEqual(['one']);
    });

    test('a label protects, and so does config.json’s pruneFilters', async () => {
      stop('one', '--label', 'keep');
      stop('two', '--label', 'tidy.keep=true');
      stop('three');
      writeFileSync(join(engine.config, 'config.json'), JSON.stringify({ pruneFilters: ['label!=keep'] }));
      expect(await engine.tidy(['containers', '-f'])).toMatchObject({ status: 0 });
      expect((await engine.others()).containers).toEqual(['one', 'two']);
    });
  });

  describe('networks', () => {
    test('a stopped container keeps its networks, and starts again; free ones go', async () => {
      for (const network of ['used', 'waiting', 'never', 'free']) engine.docker('network', 'create', network);
      engine.docker(
        'run',
        '-d',
        '--name',
        'web',
        '--network',
        'used',
        'app:1',
        '/bin/busybox',
        'sleep',
        '3600',
      );
      engine.docker(
        'run',
        '-d',
        '--name',
        'old',
        '--network',
        'waiting',
        'app:1',
        '/bin/busybox',
        'sleep',
        '3600',
      );
      engine.docker('kill', 'old');
      create('new', '--network', 'never');
      const done = await engine.tidy(['networks', '-f']);
      expect(done).toMatchObject({ status: 0, stderr: '' });
      expect((await engine.others()).networks).toEqual(['never', 'used', 'waiting']);
      engine.docker('start', 'old');
      engine.docker('start', 'new');
    });

    test('one that a container joins while the question is open stays', async () => {
      engine.docker('network', 'create', 'net');
      const join = () => void create('late', '--network', 'net');
      const run = await engine.tidy(['networks'], { typed: [{ after: QUESTION, text: 'y\n', first: join }] });
      expect(run.stdout).toContain('Skipped: net: created container late is on it');
      expect((await engine.others()).networks).toEqual(['net']);
    });

    test('a compose project that still has containers keeps its networks', async () => {
      engine.docker('network', 'create', '--label', 'com.docker.compose.project=shop', 'shop_back');
      engine.docker('network', 'create', '--label', 'com.docker.compose.project=gone', 'gone_back');
      stop('shop-web-1', '--label', 'com.docker.compose.project=shop');
      expect(await engine.tidy(['networks', '-f'])).toMatchObject({ status: 0 });
      expect((await engine.others()).networks).toEqual(['shop_back']);
    });
  });

  describe('the build cache', () => {
    test('what images share stays, all of the rest goes; -a and the image’s removal take it, too', async () => {
      engine.build('built:1', 'echo a > /a', 'dd if=/dev/zero of=/b bs=1M count=3 2>/dev/null');
      const before = await engine.get<{ BuildCache: { ID: string; Shared: boolean }[] }>('/system/df');
      const shared = before.BuildCache.filter(({ Shared }) => Shared)
        .map(({ ID }) => ID)
        .sort();
      const done = await engine.tidy(['cache', '-f']);
      expect(done).toMatchObject({ status: 0, stderr: '' });
      expect((await engine.others()).cache).toEqual(shared);
      engine.docker('rmi', 'built:1');
      expect(await engine.tidy(['cache', '-f'])).toMatchObject({ status: 0, stderr: '' });
      expect((await engine.others()).cache).toEqual([]);
    });

    test('-a takes what images share; the image stays whole', async () => {
      engine.build('built:1', 'echo a > /a');
      expect(await engine.tidy(['cache', '-af'])).toMatchObject({ status: 0, stderr: '' });
      expect((await engine.others()).cache).toEqual([]);
      engine.docker('run', '--rm', '--network', 'none', 'built:1', '/bin/busybox', 'cat', '/a');
    });

    test('only as much goes as it takes, the least recently used first', async () => {
      engine.build('one:1', 'dd if=/dev/zero of=/one bs=1M count=4 2>/dev/null');
      engine.build('two:1', 'dd if=/dev/zero of=/two bs=1M count=4 2>/dev/null');
      engine.docker('rmi', 'one:1', 'two:1');
      const sizes = async () =>
        (await engine.get<{ BuildCache: { Size: number; Description: string }[] }>('/system/df')).BuildCache;
      const total = (await sizes()).reduce((sum, { Size }) => sum + Size, 0);
      const bound = total - 3_000_000;
      expect(await engine.tidy(['cache', '-f', '--max-used-space', `${bound}B`])).toMatchObject({
        status: 0,
        stderr: '',
      });
      const left = await sizes();
      expect(left.reduce((sum, { Size }) => sum + Size, 0)).toBeLessThanOrEqual(bound);
      expect(left.map(({ Description }) => Description).filter((text) => text.includes('/two'))).toHaveLength(
        1,
      );
      expect((await engine.tidy(['cache', '-f', '--min-free-space', '1MB'])).stdout).toContain(
        'Nothing to remove',
      );
      expect(await sizes()).toHaveLength(left.length);
      expect(await engine.tidy(['cache', '-f', '--keep-storage', '0'])).toMatchObject({ status: 0 });
      expect((await engine.others()).cache).toEqual([]);
    });

    test('a label, which the engine’s own prune ignores, is refused, or leaves the cache alone in a whole tidy', async () => {
      engine.build('built:1', 'echo a > /a');
      engine.docker('rmi', 'built:1');
      const before = (await engine.others()).cache;
      expect(before).not.toEqual([]);
      const refused = await engine.tidy(['cache', '-af', '--filter', 'label=nope=1']);
      expect(refused).toMatchObject({ status: 125 });
      expect(refused.stderr).toContain('the build cache has no labels');
      const whole = await engine.tidy(['all', '-af', '--filter', 'label=nope=1']);
      expect(whole).toMatchObject({ status: 0 });
      expect(whole.stdout).toContain('The build cache stays');
      expect((await engine.others()).cache).toEqual(before);
    });

    test('what is used again after the plan stays', async () => {
      engine.build('built:1', 'echo a > /a');
      engine.docker('rmi', 'built:1');
      const again = () => {
        engine.build('built:1', 'echo a > /a');
        engine.docker('rmi', 'built:1');
      };
      const run = await engine.tidy(['cache'], { typed: [{ after: QUESTION, text: 'y\n', first: again }] });
      expect(run.status).toBe(0);
      expect(run.stdout).toContain('Skipped: ');
      engine.build('built:1', 'echo a > /a');
    });
  });

  describe('everything', () => {
    const populate = () => {
      engine.load(build('', {}, '2026-01-02T00:00:00Z'), build('spare:1'));
      stop('old', '-v', 'named:/data');
      engine.docker('network', 'create', 'joined');
      engine.docker('network', 'create', 'free');
      create('waiting', '--network', 'joined');
      engine.run('web', 'app:1');
      engine.build('built:1', 'echo a > /a');
      engine.docker('rmi', 'built:1');
    };

    test('docker tidy plans what docker system prune does, item by item, does that, and has nothing to do then', async () => {
      populate();
      const before = await engine.others();
      const planned = await engine.tidy(['plan', '--format', 'json', '--exit-code']);
      expect(planned.status).toBe(2);
      const kinds = JSON.parse(planned.stdout).actions.map(({ kind }: { kind: string }) => kind);
      expect([...new Set(kinds)].sort()).toEqual([
        'delete-container',
        'delete-image',
        'delete-network',
        'prune-cache',
      ]);
      expect(await engine.others()).toEqual(before);
      const done = await engine.tidy(['-f']);
      expect(done).toMatchObject({ status: 0, stderr: '' });
      expect(await engine.others()).toMatchObject({
        containers: ['web'],
        networks: [],
        volumes: ['named'],
        cache: [],
      });
      expect(await engine.names()).toEqual(['app:1', 'spare:1']);
      expect((await engine.tidy(['-f'])).stdout).toMatch(/^Nothing to remove/m);
    });

    test('docker tidy all -a takes unused images, too, and those that stopped containers held', async () => {
      populate();
      engine.docker('tag', 'spare:1', 'held:1');
      engine.docker('create', '--name', 'holder', 'held:1', '/bin/busybox');
      expect(await engine.tidy(['all', '-af'])).toMatchObject({ status: 0, stderr: '' });
      expect(await engine.names()).toEqual(['app:1']);
      expect((await engine.others()).volumes).toEqual(['named']);
    });

    test('a condition holds for every kind: nothing younger than it goes', async () => {
      populate();
      const [before, names] = [await engine.others(), await engine.names()];
      const run = await engine.tidy(['all', '-f', '--filter', 'until=1h']);
      expect(run).toMatchObject({ status: 0 });
      expect(await engine.others()).toEqual(before);
      if (engine.containerd) expect(await engine.names()).toEqual(names); // the other store tells no arrival, and prune goes by the build date there
      expect(await engine.tidy(['all', '-af', '--grace', '1h'])).toMatchObject({ status: 0 });
      expect(await engine.others()).toEqual(before);
    });

    test.each([
      [['all', '--filter', 'reference=app'], 'docker tidy images can'],
      [['networks', '--larger-than', '1GB'], 'unknown flag: --larger-than'],
      [['containers', 'web'], 'takes no arguments'],
      [['containers', '--filter', 'until=soon'], 'it is a duration'],
      [['images', '-a', '--older-than', '10'], 'it is a duration'],
      [['cache', '--max-used-space', 'much'], 'it is a size'],
    ])('%j is a usage error', async (words, why) => {
      const run = await engine.tidy([...words, '-f']);
      expect(run.status).toBe(125);
      expect(run.stderr).toContain(why);
    });
  });

  test('a swarm service keeps its network and its volume, between its tasks too; the swarm’s own networks stay', async () => {
    engine.docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
    try {
      for (const network of ['mesh', 'spare']) engine.docker('network', 'create', '-d', 'overlay', network);
      engine.docker('volume', 'create', 'data');
      const options = [
        '--replicas',
        '0',
        '--network',
        'mesh',
        '--mount',
        'type=volume,source=data,target=/data',
      ];
      engine.docker('service', 'create', '-d', '--no-resolve-image', ...options, '--name', 'api', 'app:1');
      const before = await engine.others();
      expect(await engine.tidy(['all', '-f'])).toMatchObject({ status: 0, stderr: '' });
      expect(await engine.others()).toEqual({
        ...before,
        networks: before.networks.filter((network) => network !== 'spare'),
      });
      const run = await engine.tidy(['volumes', 'data', '--confirm', 'data', '--no-backup']);
      expect(run.stderr).toContain('--confirm data names no volume that would go');
      expect((await engine.others()).volumes).toEqual(['data']);
    } finally {
      engine.docker('swarm', 'leave', '--force');
    }
  });

  test('an image with any of several label! stays, on both stores', async () => {
    engine.load(build('a:1', { x: '1' }), build('b:1', { y: '1' }), build('c:1', { z: '1' }));
    expect(
      await engine.tidy(['images', '-af', '--filter', 'label!=x', '--filter', 'label!=y']),
    ).toMatchObject({ status: 0 });
    expect(await engine.names()).toEqual(['a:1', 'b:1']);
  });

  test('reference, before and since select as in docker images', async () => {
    engine.load(
      build('a:1', {}, '2026-01-02T00:00:00Z'),
      build('b:1', {}, '2026-01-03T00:00:00Z'),
      build('c:1', {}, '2026-01-04T00:00:00Z'),
    );
    const planned = async (...filters: string[]) =>
      (await engine.tidy(['plan', 'images', '-aq', ...filters.flatMap((filter) => ['--filter', filter])]))
        .stdout;
    expect(await planned('before=c:1', 'since=a:1')).toBe('b:1\n');
    expect(await planned('reference=a', 'reference=c:*')).toBe('a:1\nc:1\n');
    expect(await planned('dangling=true')).toBe('');
    const missing = await engine.tidy(['plan', 'images', '-a', '--filter', 'before=nothing:1']);
    expect(missing).toMatchObject({ status: 1 });
    expect(missing.stderr).toContain('no image is named nothing:1');
  });
});
