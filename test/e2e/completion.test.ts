// TAB in the shells that people use, and what docker's own protocol gives to those that are not here (PowerShell).
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { SHELLS } from '../support/shells.ts';

// The CLI of Docker 20.10 asks no plugin what TAB may offer; podman has none.
const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    await engine.clearAll();
    const created = '2026-01-02T00:00:00Z';
    engine.load(
      { tags: ['whale:v1', 'whale:v2'], created, layers: [{ whale: '1' }] },
      { tags: ['registry.example/deep/whale:v3'], created, layers: [{ whale: '3' }] },
    );
    engine.docker('create', '--name', 'whalers', 'whale:v1', '/bin/busybox');
    engine.docker('volume', 'create', 'whaledata');
    engine.docker('network', 'create', 'whalenet');
    // However busy the machine that tests it: what is offered in time is not what is tried here.
    writeFileSync(join(engine.config, 'config.json'), '{"plugins": {"tidy": {"completion-wait": "1m"}}}');
  });

  /** What docker answers a shell, by word. */
  const offered = async (words: readonly string[], env: Record<string, string> = {}) => {
    const { status, stdout } = await engine.words(['__complete', 'tidy', ...words], { env });
    expect(status).toBe(0);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]);
  };

  test.each<[string[], string[]]>([
    [
      ['images', 'wh'],
      ['whale', ':4'],
    ],
    [['wh'], ['why', 'whale', ':4']],
    [
      ['images', 'registry.example/'],
      ['registry.example/deep/whale', ':4'],
    ],
    [
      ['images', 'whale:'],
      ['whale:v1', 'whale:v2', ':4'],
    ],
    [
      ['volumes', 'wh'],
      ['whaledata', ':4'],
    ],
    [
      ['--keep-tag', 'v'],
      ['v1', 'v2', 'v3', ':4'],
    ],
  ])('after docker tidy %j docker offers %j', async (words, wanted) => {
    expect((await offered(words)).sort()).toEqual(wanted.sort());
  });

  test('why takes objects of every kind, and says what each is', async () => {
    const { stdout } = await engine.words(['__complete', 'tidy', 'why', 'whale']);
    expect(stdout.trimEnd().split('\n').sort()).toEqual([
      ':4',
      'whale:v1\timage',
      'whale:v2\timage',
      'whaledata\tvolume',
      'whalenet\tnetwork',
      'whalers\tcontainer, created',
    ]);
  });

  test('a run is offered to those that take it back, and what it took', async () => {
    engine.load({ tags: ['lost:v1'], created: '2026-01-03T00:00:00Z', layers: [{ lost: '1' }] });
    expect(await engine.tidy(['images', '-af', 'lost'])).toMatchObject({ status: 0 });
    const [run = ''] = await offered(['undo', '']);
    expect(run).toMatch(/^\d{8}T\d+Z-[0-9a-f]{4}$/);
    expect(await offered(['history', run.slice(0, 8)])).toEqual([run, ':36']);
    expect(await offered(['restore', ''])).toEqual(['lost:v1', ':4']);
    expect(await engine.tidy(['history', run])).toMatchObject({ status: 0 });
  });

  test('with the engine away nothing is offered, and nothing said', async () => {
    for (const words of [
      ['images', ''],
      ['why', 'wh'],
      ['undo', ''],
    ]) {
      const away = await engine.words(['__complete', 'tidy', ...words], {
        env: { DOCKER_HOST: 'unix:///nowhere.sock' },
      });
      expect(away).toMatchObject({ status: 0, stdout: ':4\n' });
      expect(away.stderr).not.toMatch(/nowhere|connect|error/i);
    }
  });

  const LINES: [line: string, becomes: string][] = [
    ['docker tidy im', 'images'],
    ['docker tidy images --keep-t', '--keep-tag'],
    ['docker tidy images wha', 'whale'],
    ['docker tidy why whale:v2', 'whale:v2'],
    ['docker tidy images --filter dang', 'dangling='],
    ['docker tidy images --filter dangling=t', 'dangling=true'],
    ['docker tidy --sort=ver', '--sort=version'],
    ['docker tidy policy check t', 'tidy.yaml'],
  ];

  test.skipIf(name.endsWith('containerd')).each(SHELLS)('in %s TAB completes the line', (_, tabs) => {
    const cwd = mkdtempSync(join(tmpdir(), 'docker-tidy-tab-'));
    writeFileSync(join(cwd, 'tidy.yaml'), '');
    const lines = LINES.map(([line]) => line);
    const became = tabs(lines, { env: engine.env, cwd }).map((words, i) => [lines[i], ...words]);
    expect(became).toEqual(LINES);
  });
});
