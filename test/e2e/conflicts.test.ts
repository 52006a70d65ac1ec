import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const QUESTION = 'continue? [y/N]';

const build = (tags: string, day = 1): HandMade => ({
  tags: tags.split(' '),
  created: `2026-01-0${day}T00:00:00Z`,
  layers: [{ [`f${tags.replaceAll(/\W/g, '-')}`]: tags }],
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let plan: string;

  beforeAll(() => {
    engine = new TestEngine(name, at);
    plan = join(engine.config, 'plan.json');
  });
  beforeEach(() => engine.clearAll());

  const stop = (container: string, image: string, ...options: string[]) => {
    engine.run(container, image, ...options);
    engine.docker('kill', container);
  };
  /** Commits a new image on another, as the classic builder does. */
  const child = (from: string, to: string) => {
    engine.docker(
      'run',
      '--name',
      'maker',
      '--network',
      'none',
      from,
      '/bin/busybox',
      'touch',
      `/tmp/${to.replaceAll(/\W/g, '-')}`,
    );
    engine.docker('commit', 'maker', to);
    engine.docker('rm', 'maker');
  };
  const state = async () => ({ names: await engine.names(), containers: (await engine.others()).containers });

  describe('what docker rmi refuses', () => {
    test.each<[string, () => void, string[], { names: string[]; containers: string[] }, string]>([
      [
        'an image that a running container uses stays, and says who',
        () => engine.run('web', 'app:1'),
        ['-a', 'app'],
        { names: ['app:1'], containers: ['web'] },
        'used by running container web',
      ],
      [
        'an image that a stopped container uses stays, and says how it would go',
        () => stop('old', 'app:1'),
        ['-a', 'app'],
        { names: ['app:1'], containers: ['old'] },
        '1 more image would go together with the stopped containers that hold it: add --with-containers, or docker rm old first.',
      ],
      [
        'with --with-containers the stopped container goes first, then its image',
        () => stop('old', 'app:1'),
        ['-a', 'app', '--with-containers'],
        { names: [], containers: [] },
        'holds app:1; stopped',
      ],
      [
        'a running container is never taken, nor the stopped one that shares its image',
        () => {
          engine.run('web', 'app:1');
          stop('old', 'app:1');
        },
        ['-a', 'app', '--with-containers'],
        { names: ['app:1'], containers: ['old', 'web'] },
        'used by running container web',
      ],
      [
        'a stopped container that is labelled tidy.keep is never taken',
        () => stop('old', 'app:1', '--label', 'tidy.keep=true'),
        ['-a', 'app', '--with-containers'],
        { names: ['app:1'], containers: ['old'] },
        'used by stopped container old',
      ],
      [
        'a container that stopped lately is not taken with --older-than',
        () => stop('old', 'app:1'),
        ['-a', 'app', '--with-containers', '--older-than', '1h'],
        { names: ['app:1'], containers: ['old'] },
        'used by stopped container old',
      ],
      [
        'a container that holds no image which goes is not taken',
        () => {
          engine.load(build('other:1'));
          stop('bystander', 'other:1');
        },
        ['-a', 'app', '--with-containers'],
        { names: ['other:1'], containers: ['bystander'] },
        'app:1',
      ],
      [
        'several tags in one repository: all of them go',
        () => engine.docker('tag', 'app:1', 'app:latest'),
        ['-a', 'app'],
        { names: [], containers: [] },
        'Untagged: app:',
      ],
      [
        'tags in several repositories: only those of the named one go',
        () => engine.docker('tag', 'app:1', 'other:1'),
        ['-a', 'app'],
        { names: ['other:1'], containers: [] },
        'the image stays as other:1',
      ],
      [
        'several tags, of which a running container was made by one: all stay',
        () => {
          engine.docker('tag', 'app:1', 'app:latest');
          engine.run('web', 'app:latest');
        },
        ['-a', 'app'],
        { names: ['app:1', 'app:latest'], containers: ['web'] },
        'used by running container web',
      ],
    ])('%s', async (_, prepare, words, expected, said) => {
      engine.load(build('app:1'));
      prepare();
      const run = await engine.tidy(['images', '-f', ...words]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(await state()).toEqual(expected);
      expect(run.stdout).toContain(said);
    });

    test('an image with a child stays as long as the child does, where the store records it', async () => {
      engine.load(build('base:1'));
      child('base:1', 'child:1');
      const parent = (await engine.get<{ Parent?: string }>('/images/child:1/json')).Parent;
      const run = await engine.tidy(['images', '-af', 'base']);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect((await engine.names()).includes('base:1')).toBe(Boolean(parent));
      engine.docker('run', '--rm', '--network', 'none', 'child:1', '/bin/busybox', 'true');
    });

    test('a chain of ten parents and children in three repositories, with four containers, goes in one run', async () => {
      engine.load(build('one/app:0'));
      const repositories = ['one/app', 'two/app', 'three/app'];
      const nameOf = (n: number) => `${repositories[n % 3]}:${n}`;
      for (let n = 1; n < 10; n++) child(nameOf(n - 1), nameOf(n));
      engine.docker('tag', nameOf(4), 'two/app:also');
      for (const n of [0, 3, 6, 9]) stop(`c${n}`, nameOf(n));
      const run = await engine.tidy(['images', '-af', '--with-containers', ...repositories]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(await state()).toEqual({ names: [], containers: [] });
      expect(await engine.ids()).toEqual([]);
    });
  });

  describe('a saved plan', () => {
    beforeEach(async () => {
      engine.load(build('app:1', 1), build('app:2', 2), build('app:3', 3), build('app:4', 4));
      expect(await engine.tidy(['plan', '--keep', '1', 'app', '-o', plan])).toMatchObject({ status: 0 });
    });

    test('is applied as it was shown, and a second time there is nothing left of it', async () => {
      expect(await engine.tidy(['apply', '-f', plan])).toMatchObject({ status: 0, stderr: '' });
      expect(await engine.names()).toEqual(['app:4']);
      const again = await engine.tidy(['apply', '-f', plan]);
      expect(again).toMatchObject({ status: 0 });
      expect(again.stdout).toContain('0 actions done, 3 skipped');
    });

    test('can only shrink: what is used, retagged, or among the newest by now stays, and nothing joins', async () => {
      engine.docker('create', '--name', 'late', 'app:1', '/bin/busybox');
      engine.docker('rmi', 'app:4');
      engine.load(build('app:0', 1));
      const run = await engine.tidy(['apply', '-f', plan]);
      expect(run).toMatchObject({ status: 0 });
      expect(await engine.names()).toEqual(['app:0', 'app:1', 'app:3']);
      expect(run.stdout).toContain('Skipped: app:3: ');
      expect(run.stdout).toContain('Skipped: app:1: used by created container late');
    });

    test('asks, and n removes nothing', async () => {
      const run = await engine.tidy(['apply', plan], { typed: [{ after: QUESTION, text: 'n\n' }] });
      expect(run).toMatchObject({ status: 130 });
      expect(await engine.names()).toHaveLength(4);
    });

    test.each<[string, (text: string) => string, string]>([
      ['altered', (text) => text.replace('app:1', 'app:4'), 'was changed after it was planned'],
      [
        'of a newer format',
        (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'),
        'update docker tidy',
      ],
      ['no plan', () => '{}', 'is no plan of docker tidy'],
      ['no JSON', () => 'keep 1', 'nor JSON at all'],
    ])('that is %s is refused', async (_, change, why) => {
      writeFileSync(plan, change(readFileSync(plan, 'utf8')));
      const run = await engine.tidy(['apply', '-f', plan]);
      expect(run.status).toBe(1);
      expect(run.stderr).toContain(why);
      expect(await engine.names()).toHaveLength(4);
    });

    test('of another engine is refused', async ({ skip }) => {
      const other = ENGINES.find(([another]) => another !== name)?.[1];
      if (!other) return skip('there is one engine only');
      const run = await engine.tidy(['apply', '-f', plan], { env: { DOCKER_HOST: other.host } });
      expect(run.status).toBe(1);
      expect(run.stderr).toContain('this is another one');
    });

    test('of volumes is not even written', async () => {
      engine.docker('volume', 'create', 'data');
      const run = await engine.tidy(['plan', 'volumes', 'data', '-o', plan]);
      expect(run.status).toBe(1);
      expect(run.stderr).toContain('only docker tidy volumes removes a volume');
      expect((await engine.others()).volumes).toEqual(['data']);
    });
  });

  test('a restart of the engine in the middle is waited for, and the report is what the engine has', async ({
    skip,
  }) => {
    if (!engine.ours) return skip('only engines of our own are restarted');
    engine.load(...Array.from({ length: 30 }, (_, i) => build(`many:${i}`)));
    let restarted = false;
    const run = await engine.tidy(['images', '-af', 'many'], {
      watch: (sofar) => {
        if (restarted || !sofar.includes('Deleted: ')) return;
        restarted = true;
        engine.script('stop');
        engine.script('up');
      },
    });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(await engine.names()).toEqual([]);
    const told = [...run.stdout.matchAll(/^(?:Deleted|Gone): (many:\d+)/gm)].map(([, target]) => target);
    expect(new Set(told).size).toBe(30);
  });

  test.each<[string, () => void]>([
    ['a stopped container', () => stop('one', 'app:1')],
    ['one never started', () => engine.docker('create', '--name', 'one', 'app:1', '/bin/busybox')],
    ['one that is labelled tidy.keep', () => stop('one', 'app:1', '--label', 'tidy.keep=true')],
    [
      'a paused one',
      () => {
        engine.run('one', 'app:1');
        engine.docker('pause', 'one');
      },
    ],
  ])('an image that is held by %s goes by what why says, word for word', async (_, prepare) => {
    engine.load(build('app:1'));
    prepare();
    const [{ freedBy }] = JSON.parse((await engine.tidy(['why', 'app:1', '--format', 'json'])).stdout);
    for (const command of freedBy.split(', then ')) {
      const [, ...words] = command.split(' ');
      if (words[0] === 'tidy') await engine.tidy([...words.slice(1), '-f']);
      else engine.docker(...words);
    }
    expect(await engine.names()).toEqual([]);
  });

  test('why answers for images, containers, networks and volumes, by name and by ID', async () => {
    engine.load(build('app:1'), build('spare:1'));
    engine.docker('network', 'create', 'net');
    engine.docker(
      'run',
      '-d',
      '--name',
      'web',
      '--network',
      'net',
      '-v',
      'data:/data',
      'app:1',
      '/bin/busybox',
      'sleep',
      '3600',
    );
    const id = (await engine.get<{ Id: string }>('/images/app:1/json')).Id;
    const run = await engine.tidy(['why', id.slice(7, 19), 'spare:1', 'web', 'net', 'data']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const [app, spare, web, net, data] = run.stdout.split('\n\n');
    expect(app).toMatch(/^image app:1 [\s\S]*used by running container web[\s\S]*docker stop web/);
    expect(spare).toContain('would go by: docker tidy images -a');
    expect(web).toContain('container web');
    expect(net).toContain('used by running container web');
    expect(data).toContain('mounted by running container web');
    const json = JSON.parse((await engine.tidy(['why', 'web', '--format', 'json'])).stdout);
    expect(json).toMatchObject([{ kind: 'container', name: 'web', removedBy: [] }]);
    const asked = await engine.tidy(['why', '-a', '--older-than', '7d', 'spare:1', 'app:1']);
    expect(asked.stdout).toContain('with -a --older-than 7d: would go: no container uses it');
    expect(asked.stdout).toContain('with -a --older-than 7d: kept: used by running container web');
    const sized = await engine.tidy(['why', '--larger-than', '1GB', 'data']);
    expect(sized.stdout).toContain('0B, not above --larger-than 1GB');
    const refused = await engine.tidy(['why', '--keep', '3', 'web']);
    expect(refused).toMatchObject({ status: 125, stdout: '' });
    expect(refused.stderr).toContain('web is a container, and docker tidy containers says');
    const missing = await engine.tidy(['why', 'wab']);
    expect(missing).toMatchObject({ status: 1 });
    expect(missing.stderr).toContain('did you mean web?');
  });
});
