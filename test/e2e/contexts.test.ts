// One command line on several engines: one list, one question, one exit status, and what fails on one is told.
import { existsSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines'));
const DOCKERS = ENGINES.filter(([name]) => !name.startsWith('podman'));
const QUESTION = 'continue? [y/N]';

const build = (repository: string, n: number): HandMade => ({
  tags: [`${repository}:${n}`],
  created: `2026-01-0${n}T00:00:00Z`,
  layers: [{ [`${repository}-${n}`]: Buffer.alloc(100_000, `${repository} ${n}`) }],
});

const builds = (repository: string, most = 3) =>
  Array.from({ length: most }, (_, i) => build(repository, i + 1));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(DOCKERS)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
    engine.docker('context', 'create', 'one', '--docker', `host=${at.host}`);
    engine.docker('context', 'create', 'same', '--docker', `host=${at.host}`);
    engine.docker('context', 'create', 'dead', '--docker', 'host=unix:///nonexistent/docker.sock');
  });
  beforeEach(async () => {
    await engine.clearAll();
    engine.load(...builds('app'));
  });

  test('an engine that does not answer is told, the other is tidied, and the status is 1', async () => {
    const plan = await engine.tidy(['plan', '--contexts', 'one,dead', '--keep', '1', 'app']);
    expect(plan.status).toBe(1);
    expect(plan.stdout).toMatch(/^one \(.*docker\.sock\)$/m);
    expect(plan.stdout).toMatch(/^one +\S+ +\S+ +2 images to delete, 1 image kept$/m);
    expect(plan.stdout).toMatch(/^dead +- +- +failed: .*nonexistent/m);
    expect(await engine.names()).toEqual(['app:1', 'app:2', 'app:3']);
    const run = await engine.tidy(['--contexts', 'one,dead', '--keep', '1', '-f', 'app']);
    expect(run.status).toBe(1);
    expect(run.stdout).toContain('one: Deleted: app:1');
    expect(run.stdout).toMatch(/^one +\S+ +\S+.* 2 actions done$/m);
    expect(await engine.names()).toEqual(['app:3']);
  });

  test('two contexts of one engine are one engine: it is tidied once, and counted once', async () => {
    const run = await engine.tidy(['images', '--contexts', 'one,same', '--keep', '1', '-f', 'app']);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^same +- +- +the same engine as one$/m);
    expect(run.stdout).not.toMatch(/^in all/m);
    expect(await engine.names()).toEqual(['app:3']);
  });

  test('"all" is every context there is, with the one that DOCKER_HOST names', async () => {
    const plan = await engine.tidy(['plan', 'images', '--contexts', 'all', '-a', '--format', 'json']);
    expect(plan.status).toBe(1);
    const { contexts } = JSON.parse(plan.stdout);
    expect(contexts.map(({ context }: { context: string }) => context)).toEqual([
      'default',
      'dead',
      'one',
      'same',
    ]);
    expect(contexts[0].plan).toMatchObject({ digest: expect.stringMatching(/^sha256:/) });
    expect(contexts[0].plan.actions).toHaveLength(3);
    expect(contexts[1]).toEqual({ context: 'dead', failed: true, why: expect.stringMatching(/nonexistent/) });
    expect(contexts[2]).toEqual({ context: 'one', failed: false, why: 'the same engine as default' });
  });

  test.skipIf(existsSync('/var/run/docker.sock'))(
    '"all" where the default context has no engine is no failure for that',
    async () => {
      const env = { DOCKER_HOST: '' };
      engine.docker('context', 'rm', 'dead');
      const plan = await engine.tidy(['plan', 'images', '--contexts', 'all', '-a'], { env });
      engine.docker('context', 'create', 'dead', '--docker', 'host=unix:///nonexistent/docker.sock');
      expect(plan.status).toBe(0);
      expect(plan.stdout).toMatch(/^default +- +- +no engine here: there is no \/var\/run\/docker.sock$/m);
      expect(plan.stdout).toMatch(/^one .* 3 images to delete, 0 images kept$/m);
    },
  );

  test('the question is asked once; n removes nothing, and after y it is looked at again', async () => {
    const words = ['--contexts', 'one,same', '--keep', '1', 'app'];
    const no = await engine.tidy(words, { typed: [{ after: QUESTION, text: 'n\n' }] });
    expect(no.status).toBe(130);
    const alone = await engine.tidy(words);
    expect(alone.status).toBe(1);
    expect(alone.stderr).toContain('there is no terminal to ask on');
    expect(await engine.names()).toHaveLength(3);
    const run = await engine.tidy(words, {
      typed: [{ after: QUESTION, text: 'y\n', first: () => engine.run('web', 'app:2') }],
    });
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^one: Skipped: app:2: /m);
    expect(await engine.names()).toEqual(['app:2', 'app:3']);
  });

  test('names, templates and JSON tell the context; with -q only names go to standard output', async () => {
    const template = '{{.Context}} {{.Name}} {{.Result}}';
    const words = ['--contexts', 'one', '--keep', '1', 'app'];
    const names = await engine.tidy(['plan', '-q', ...words]);
    expect(names.stdout).toBe('one: app:2\none: app:1\n');
    const rows = await engine.tidy(['plan', '--format', template, ...words]);
    expect(rows.stdout).toBe('one app:2 \none app:1 \n');
    const done = await engine.tidy(['-f', '--format', 'json', ...words]);
    expect(JSON.parse(done.stdout).contexts[0]).toMatchObject({
      context: 'one',
      plan: { engine: { host: at.host } },
      outcomes: [
        { target: 'app:2', result: 'done' },
        { target: 'app:1', result: 'done' },
      ],
    });
    expect(await engine.names()).toEqual(['app:3']);
  });

  test('--exit-code tells whether there is anything to remove anywhere', async () => {
    const status = async (...words: string[]) =>
      (await engine.tidy(['plan', '--exit-code', '--contexts', 'one,same', ...words])).status;
    expect(await status('--keep', '1', 'app')).toBe(2);
    expect(await status('--keep', '3', 'app')).toBe(0);
  });

  test.each<[string, string[], number, RegExp]>([
    [
      'a context that there is not',
      ['--contexts', 'one,daed'],
      1,
      /no docker context daed: did you mean dead\?/,
    ],
    ['an empty name', ['--contexts', 'one,'], 125, /names with commas/],
    ['volumes', ['volumes', '--contexts', 'one'], 125, /unknown flag: --contexts/],
    ['-i', ['-i', '--contexts', 'one'], 125, /-i, which picks on one engine/],
    ['a saved plan', ['plan', '-o', 'plan.json', '--contexts', 'one'], 125, /-o, which saves/],
    ['a saved inventory', ['plan', '--from', 'x.json', '--contexts', 'one'], 125, /--from/],
    ['a name that no engine has', ['--contexts', 'one,same', '--keep', '1', 'appp'], 1, /did you mean app\?/],
  ])('%s is refused, and nothing is removed', async (_, words, status, said) => {
    const run = await engine.tidy([...words, '-f'].filter((word) => word !== '-f' || words[0] !== 'plan'));
    expect(run.status).toBe(status);
    expect(`${run.stdout}${run.stderr}`).toMatch(said);
    expect(await engine.names()).toHaveLength(3);
  });

  test("docker's own --context beside it is refused", async () => {
    const run = await engine.words(['--context', 'one', 'tidy', '--contexts', 'one', '-f']);
    expect([run.status, run.stderr]).toEqual([125, expect.stringMatching(/contradict each other/)]);
  });
});

describe.skipIf(ENGINES.length < 2)('on two engines at a time', () => {
  const [first, second] = ENGINES as [(typeof ENGINES)[number], (typeof ENGINES)[number]];
  let one: TestEngine;
  let two: TestEngine;

  beforeAll(() => {
    one = new TestEngine(...first);
    two = new TestEngine(...second);
    one.docker('context', 'create', 'one', '--docker', `host=${one.host}`);
    one.docker('context', 'create', 'two', '--docker', `host=${two.host}`);
  });
  beforeEach(async () => {
    await Promise.all([one.clearAll(), two.clear()]);
    one.load(...builds('app'));
    two.load(...builds('app', 2), ...builds('other', 1));
  });

  test('both are tidied by one line, and the table has both and the sum; a second run has nothing to do', async () => {
    const words = ['images', '--contexts', 'one,two', '--keep', '1', '-f', 'app'];
    const run = await one.tidy(words);
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(run.stdout).toMatch(/^one: Deleted: app:1/m);
    expect(run.stdout).toMatch(/^two: Deleted: (localhost\/|docker\.io\/library\/)?app:1/m);
    expect(run.stdout).toMatch(/^one .* 2 actions done$/m);
    expect(run.stdout).toMatch(/^two .* 1 action done$/m);
    expect(run.stdout).toMatch(/^in all +\S+/m);
    expect(await one.names()).toEqual(['app:3']);
    expect(await two.names()).toHaveLength(2);
    const again = await one.tidy(words);
    expect(again.status).toBe(0);
    expect(again.stdout).not.toContain('Deleted');
  });

  test('a name that only one of them has is no failure on the other', async () => {
    const run = await one.tidy(['--contexts', 'one,two', '-a', '-f', 'other']);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^one +- +- +no image matches other/m);
    expect(await one.names()).toHaveLength(3);
    expect(await two.names()).toHaveLength(2);
  });
});
