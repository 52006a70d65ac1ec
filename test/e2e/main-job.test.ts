// The main job on every engine: keep the newest N, what is in use and what another repository names.
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { humanSize } from '../../src/core/units.ts';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const QUESTION = 'continue? [y/N]';

const build = (n: number, more: Partial<HandMade> = {}): HandMade => ({
  tags: [`myapp:1.${n}`],
  created: `2026-01-0${n}T00:00:00Z`,
  layers: [{ [`build${n}`]: Buffer.alloc(300_000, `build ${n}`) }],
  ...more,
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });

  /** Six builds: the oldest runs, the second is also named in another repository. */
  beforeEach(async () => {
    await engine.clear();
    engine.load(...[1, 2, 3, 4, 5, 6].map((n) => build(n)));
    engine.docker('tag', 'myapp:1.2', 'registry.example:5000/other/app:stable');
    engine.run('web', 'myapp:1.1');
  });

  const LEFT = ['myapp:1.1', 'myapp:1.4', 'myapp:1.5', 'myapp:1.6', 'registry.example:5000/other/app:stable'];

  test('plan lists exactly what goes and changes nothing; the run then does exactly that; a second has nothing to do', async () => {
    const before = await engine.ids();
    const planned = await engine.tidy(['plan', '--format', 'json', '--keep', '3', 'myapp']);
    expect(planned).toMatchObject({ status: 0, stderr: '' });
    const plan = JSON.parse(planned.stdout);
    expect(
      plan.actions.map(({ kind, target }: { kind: string; target: string }) => `${kind} ${target}`),
    ).toEqual(['delete-image myapp:1.3', 'untag myapp:1.2']);
    expect(plan.kept.map(({ target }: { target: string }) => target)).toEqual([
      'myapp:1.6',
      'myapp:1.5',
      'myapp:1.4',
      'myapp:1.1',
    ]);
    expect(await engine.ids()).toEqual(before);

    const done = await engine.tidy(['--keep', '3', '-f', 'myapp']);
    expect(done.status).toBe(0);
    expect(done.stdout).toContain('Deleted: myapp:1.3');
    expect(done.stdout).toContain('Untagged: myapp:1.2');
    expect(plan.about).toBeUndefined();
    // what else happens on the disk meanwhile may stand behind it
    expect(done.stdout).toMatch(
      new RegExp(`^Total reclaimed space: ${humanSize(plan.frees)}( \\(.*\\))?$`, 'm'),
    );
    expect(await engine.names()).toEqual(LEFT);
    expect(await engine.ids()).toHaveLength(before.length - 1);

    const again = await engine.tidy(['--keep', '3', '-f', 'myapp']);
    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).toContain('Nothing to remove');
    expect(await engine.names()).toEqual(LEFT);
  });

  test('y at the question goes ahead', async () => {
    const run = await engine.tidy(['--keep', '3', 'myapp'], { typed: [{ after: QUESTION, text: 'y\n' }] });
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Total reclaimed space:');
    expect(await engine.names()).toEqual(LEFT);
  });

  test.each([
    ['n', 'n\n'],
    ['nothing', '\n'],
    ['yes, which is not y', 'yes\n'],
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('%s at the question removes nothing, with status 130', async (_, text) => {
    const before = [await engine.names(), await engine.ids()];
    const run = await engine.tidy(['--keep', '1', 'myapp'], { typed: [{ after: QUESTION, text }] });
    expect(run.status).toBe(130);
    expect(run.stdout).toContain('cancelled: nothing was removed');
    expect([await engine.names(), await engine.ids()]).toEqual(before);
  });

  test('what happens while the question is open is heard: a container, a removed keeper, a retag', async () => {
    const meanwhile = () => {
      engine.docker('create', '--name', 'late', 'myapp:1.3', '/bin/busybox', 'true');
      engine.docker('rmi', 'myapp:1.6');
      engine.docker('tag', 'myapp:1.5', 'myapp:1.2');
    };
    const run = await engine.tidy(['--keep', '2', 'myapp'], {
      typed: [{ after: QUESTION, text: 'y\n', first: meanwhile }],
    });
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Skipped: myapp:1.3: used by created container late');
    expect(await engine.names()).toEqual([
      'myapp:1.1',
      'myapp:1.2',
      'myapp:1.3',
      'myapp:1.4',
      'myapp:1.5',
      'registry.example:5000/other/app:stable',
    ]);
  });

  test('what came to be built on an image while the question was open keeps it, where the store records that; and it runs', async () => {
    const meanwhile = () => {
      engine.docker(
        'run',
        '--name',
        'made',
        '--network',
        'none',
        'myapp:1.3',
        '/bin/busybox',
        'touch',
        '/tmp/made',
      );
      engine.docker('commit', 'made', 'child:1');
      engine.docker('rm', 'made');
    };
    const run = await engine.tidy(['--keep', '3', 'myapp'], {
      typed: [{ after: QUESTION, text: 'y\n', first: meanwhile }],
    });
    const parent = (await engine.get<{ Parent?: string }>('/images/child:1/json')).Parent;
    expect((await engine.names()).includes('myapp:1.3')).toBe(Boolean(parent)); // where the store records what it was built on
    if (parent) expect(run.stdout).toContain('Skipped: myapp:1.3: parent of child:1, which stays');
    engine.docker('run', '--rm', '--network', 'none', 'child:1', '/bin/busybox', 'true');
  });

  test('with no terminal and no -f it refuses, with status 1', async () => {
    const before = await engine.names();
    const run = await engine.tidy(['--keep', '3', 'myapp']);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('Add -f');
    expect(await engine.names()).toEqual(before);
  });

  test('Ctrl-C in the middle finishes the calls in flight, and tells what was done and what was not', async () => {
    engine.load(
      ...Array.from({ length: 40 }, (_, i) =>
        build(1, { tags: [`many:${i}`], created: '2026-02-01T00:00:00Z', layers: [{ [`f${i}`]: 'x' }] }),
      ),
    );
    const run = await engine.tidy(['--keep', '0', '-a', 'many'], {
      typed: [
        { after: QUESTION, text: 'y\n' },
        { after: 'Deleted: ', text: '\x03' },
      ],
    });
    const deleted = [...run.stdout.matchAll(/^(?:\^C)?Deleted: (many:\d+)/gm)].map(
      (match) => match[1] as string,
    );
    const left = (await engine.names()).filter((tag) => tag.startsWith('many:'));
    expect(deleted.length).toBeGreaterThan(0);
    expect([...deleted, ...left].sort()).toEqual(Array.from({ length: 40 }, (_, i) => `many:${i}`).sort());
    if (left.length > 0) {
      expect(run.status).toBe(130);
      expect(run.stdout).toContain(`${left.length} not started`);
    }
  });

  test('without a terminal docker passes the interruption on, and the run ends with a true report', async () => {
    engine.load(
      ...Array.from({ length: 40 }, (_, i) =>
        build(1, { tags: [`many:${i}`], created: '2026-02-01T00:00:00Z', layers: [{ [`f${i}`]: 'x' }] }),
      ),
    );
    let sent = false;
    const run = await engine.tidy(['--keep', '0', '-a', '-f', 'many'], {
      watch: (sofar, kill) => {
        if (!sent && sofar.includes('Deleted: ')) kill('SIGINT');
        sent = sent || sofar.includes('Deleted: ');
      },
    });
    const deleted = [...run.stdout.matchAll(/^(?:\^C)?Deleted: (many:\d+)/gm)].map(
      (match) => match[1] as string,
    );
    const left = (await engine.names()).filter((tag) => tag.startsWith('many:'));
    expect([...deleted, ...left].sort()).toEqual(Array.from({ length: 40 }, (_, i) => `many:${i}`).sort());
  });
});
