// A tag that was moved away: what is left is told by the name that it lost, and gets one again; nothing else changes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

/** A build of app:v1, on a layer that all builds have. */
const build = (day: number, more: Partial<HandMade> = {}): HandMade => ({
  tags: ['app:v1'],
  created: `2026-01-0${day}T00:00:00Z`,
  layers: [{ library: 'the same' }, { app: `of day ${day}` }],
  ...more,
});

interface Listed {
  readonly id: string;
  readonly suggestions: readonly {
    readonly name: string;
    readonly was?: string;
    readonly certainty: string;
  }[];
}

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(() => engine.clearAll());

  const short = (id: string) => id.replace('sha256:', '').slice(0, 12);
  const idOf = async (reference: string) =>
    (await engine.get<{ Id: string }>(`/images/${reference}/json`)).Id;
  const list = async () =>
    JSON.parse((await engine.tidy(['rescue', '--list', '--format', 'json'])).stdout) as Listed[];
  /** Builds, and moves the tag on to a second build. Returns the first one's ID. */
  const moved = async (...more: Parameters<typeof build>[1][]) => {
    engine.load(build(1, more[0]));
    const id = await idOf('app:v1');
    engine.load(build(2, more[1]));
    expect(await idOf('app:v1')).not.toBe(id);
    return id;
  };

  test('an image whose tag was loaded anew is told by that tag, and gets a free name', async () => {
    const id = await moved();
    const next = await idOf('app:v1');
    expect(await engine.names()).toEqual(['<none>', 'app:v1']);
    const shown = await engine.tidy(['rescue', short(id)]);
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toContain(
      `docker tidy rescue ${short(id)} app:v1-old\n  likely: app:v1 (${short(next)}), built 24 hours after it`,
    );
    expect(shown.stdout).toContain(`app:v1 itself is taken by ${short(next)}`);
    expect(await list()).toMatchObject([{ id, suggestions: [{ name: 'app:v1-old', was: 'app:v1' }] }]);
    expect(await engine.names()).toEqual(['<none>', 'app:v1']);

    const given = await engine.tidy(['rescue', short(id), 'app:v1-old']);
    expect(given).toEqual({ status: 0, stdout: `${short(id)} is app:v1-old now.\n`, stderr: '' });
    expect(await engine.names()).toEqual(['app:v1', 'app:v1-old']);
    expect([await idOf('app:v1-old'), await idOf('app:v1')]).toEqual([id, next]);
    expect((await engine.tidy(['images', '-f'])).stdout).toContain('Nothing to remove');
  });

  test('a name that another image has is refused, and both stay as they are', async () => {
    const id = await moved();
    const next = await idOf('app:v1');
    const refused = await engine.tidy(['rescue', short(id), 'app:v1']);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain(
      `app:v1 is the name of ${short(next)}, which keeps it; choose another name`,
    );
    expect(await engine.names()).toEqual(['<none>', 'app:v1']);
    expect(await idOf('app:v1')).toBe(next);
  });

  test('an image that has a name, an unknown one, and no image at all are refused', async () => {
    engine.load(build(1));
    const named = await engine.tidy(['rescue', 'app:v1', 'app:v2']);
    expect([named.status, named.stderr]).toEqual([1, expect.stringContaining('docker tag app:v1 NAME:TAG')]);
    const unknown = await engine.tidy(['rescue', 'app:v11']);
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('did you mean app:v1?')]);
    expect((await engine.tidy(['rescue'])).status).toBe(125);
    expect(await engine.names()).toEqual(['app:v1']);
  });

  test('a tag moved by docker tag: the container that runs from it tells the name', async () => {
    engine.load(build(1), build(2, { tags: ['app:v2'] }));
    const id = await idOf('app:v1');
    engine.run('web', 'app:v1');
    engine.docker('tag', 'app:v2', 'app:v1');
    expect(await engine.names()).toEqual(['<none>', 'app:v1', 'app:v2']);
    const { stdout } = await engine.tidy(['rescue', short(id)]);
    expect(stdout).toContain('  sure: container web was made from it by this name');
    expect(stdout).toContain('  used by: web\n');
    expect((await engine.tidy(['rescue', short(id), 'app:kept'])).status).toBe(0);
    expect(await idOf('app:kept')).toBe(id);
    expect((await engine.others()).containers).toEqual(['web']);
  });

  test('a run that took a name off it is told, with the name, which is free now', async () => {
    const state = mkdtempSync(join(tmpdir(), 'docker-tidy-rescue-'));
    const env = { DOCKER_TIDY_STATE: state };
    engine.load(build(1, { tags: ['app:v0', 'other:1'] }), build(2));
    const id = await idOf('app:v0');
    const run = await engine.tidy(['images', '-af', '--keep-tag', 'v1', 'app'], { env });
    expect(run.stdout).toContain('Untagged: app:v0');
    engine.docker('tag', 'app:v1', 'other:1');
    expect(await engine.names()).toEqual(['<none>', 'app:v1', 'other:1']);
    const { stdout } = await engine.tidy(['rescue', short(id)], { env });
    expect(stdout).toMatch(
      new RegExp(`docker tidy rescue ${short(id)} app:v0\n  sure: untagged by run \\w+-\\w+, `),
    );
    expect((await engine.tidy(['rescue', short(id), 'app:v0'], { env })).status).toBe(0);
    expect(await idOf('app:v0')).toBe(id);
    rmSync(state, { recursive: true });
  });

  // The containerd store forgets an image whose tag a build takes: nothing is left to rescue, and none is shown.
  test('a tag that a build takes leaves an image to rescue on a graph driver, and none on containerd', async () => {
    engine.build('app:v1', 'echo 1 >/one');
    const id = await idOf('app:v1');
    engine.build('app:v1', 'echo 2 >/one');
    const left = await list();
    if (engine.containerd) {
      expect([left, await engine.names()]).toEqual([[], ['app:v1']]);
      return;
    }
    expect(left).toMatchObject([{ id, suggestions: [{ name: 'app:v1-old', was: 'app:v1' }] }]);
    expect((await engine.tidy(['rescue', short(id), 'app:v1-old'])).status).toBe(0);
    expect(await engine.names()).toEqual(['app:v1', 'app:v1-old']);
  });

  test('an image that Compose built is told by project and service', async () => {
    const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
    const id = await moved({ labels }, { tags: ['app:v1'] });
    const names = (await list()).flatMap((each) =>
      each.suggestions.map((one) => `${one.certainty} ${one.name}`),
    );
    expect(names).toContain('likely shop-web:latest');
    expect((await engine.tidy(['rescue', short(id), 'shop-web'])).status).toBe(0);
    expect(await engine.names()).toEqual(['app:v1', 'shop-web:latest']);
  });
});
