// Images are saved before they go, on real engines, and come back as the very same ones; what cannot be saved stays.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { loadArchived } from '../../src/engine/archive-image.ts';
import type { Client } from '../../src/engine/client.ts';
import { connect } from '../../src/engine/client.ts';
import { engineId } from '../../src/engine/observe.ts';
import { archivedImage, archiveFolder } from '../../src/state/image-archive.ts';
import { TestEngine } from '../support/engine.ts';
import { endpointAt } from '../support/servers.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let client: Client;
  let id: string;
  let state: string;

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    client = await connect(endpointAt(at.host));
    id = await engineId(client);
    return () => client.close();
  });
  afterAll(() => engine?.clearAll());
  beforeEach(async () => {
    await engine.clearAll();
    state = mkdtempSync(join(tmpdir(), 'docker-tidy-state-'));
    return () => rmSync(state, { recursive: true, force: true });
  });

  const tidy = (args: readonly string[], folder = state) =>
    engine.tidy(args, { env: { DOCKER_TIDY_STATE: folder } });
  const blobs = () => {
    const folder = join(archiveFolder(state, id), 'blobs');
    return readdirSync(folder).map((file) => statSync(join(folder, file)).size);
  };
  const idOf = (image: string) => engine.docker('image', 'inspect', '-f', '{{.Id}}', image);
  const bringBack = async (image: string) => {
    const found = await archivedImage(state, id, image);
    await loadArchived(client, found as NonNullable<typeof found>);
  };
  const says = (image: string, file: string) =>
    engine.docker('run', '--rm', '--network', 'none', image, '/bin/busybox', 'cat', file);
  const made = (tag: string, content: string) =>
    engine.load({
      tags: [tag],
      created: '2026-01-01T00:00:00Z',
      layers: [{ f: content }],
      labels: { of: tag },
    });

  test('saved, deleted, loaded: the same image with the same ID, which runs', async () => {
    made('app:1', 'hello');
    engine.build('built:1', 'echo built > /f', 'echo more > /g');
    const [app, built] = [idOf('app:1'), idOf('built:1')];
    engine.docker('tag', 'app:1', 'other:1');
    expect(await tidy(['images', '-af', '--archive'])).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.ids()).toEqual([]);
    engine.docker('builder', 'prune', '-af'); // which may hold the layers
    expect(await archivedImage(state, id, app)).toMatchObject({ names: ['app:1', 'other:1'] });
    await bringBack(app);
    await bringBack(built);
    expect(await engine.ids()).toEqual([app, built].sort());
    expect([says(app, '/f'), says(built, '/f'), says(built, '/g')]).toEqual(['hello', 'built', 'more']);
    engine.docker('tag', app, 'app:1');
    expect(idOf('app:1')).toBe(app);
  });

  test('a pulled image of several platforms, of which only one is here, comes back with the same ID', async (context) => {
    if (!engine.containerd) return context.skip('other stores have one platform of an image');
    if (!at.host.startsWith('unix:'))
      return context.skip('the registry is started beside engines of our own only');
    const registry = engine.script('registry');
    const tag = `${registry}/multi:1`;
    writeFileSync(join(state, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/busybox\nCOPY f-* /\n');
    copyFileSync(join(at.tools, 'busybox'), join(state, 'busybox'));
    writeFileSync(join(state, 'f-all'), 'hello');
    engine.docker('build', '-q', '--platform', 'linux/amd64,linux/arm64', '-t', tag, state);
    engine.docker('push', '-q', tag);
    await engine.clearAll();
    engine.docker('pull', '-q', tag);
    const multi = idOf(tag);
    expect(await tidy(['images', '-af', '--archive'])).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.ids()).toEqual([]);
    await bringBack(multi);
    expect(says(multi, '/f-all')).toBe('hello');
  });

  test('layers that images share are stored once', async () => {
    made('a:1', 'x');
    expect(await tidy(['images', '-af', '--archive'])).toMatchObject({ status: 0 });
    const one = blobs().reduce((sum, size) => sum + size, 0);
    made('b:1', 'y');
    expect(await tidy(['images', '-af', '--archive'])).toMatchObject({ status: 0 });
    const both = blobs().reduce((sum, size) => sum + size, 0);
    expect(one).toBeGreaterThan(500_000);
    expect(both - one).toBeLessThan(20_000);
  });

  test('a damaged archive is told, and loads nothing; the next run makes it anew', async () => {
    made('app:1', 'hello');
    const app = idOf('app:1');
    await tidy(['images', '-af', '--archive']);
    const folder = join(archiveFolder(state, id), 'blobs');
    for (const file of readdirSync(folder)) truncateSync(join(folder, file), 10);
    await expect(bringBack(app)).rejects.toThrow(/is damaged .*, so nothing was loaded/);
    expect(await engine.ids()).toEqual([]);
    made('app:1', 'hello');
    expect(idOf('app:1')).toBe(app);
    await tidy(['images', '-af', '--archive']);
    await bringBack(app);
    expect(says(app, '/f')).toBe('hello');
  });

  test('what cannot be saved stays with all its names, and is told', async () => {
    made('app:1', 'hello');
    engine.docker('tag', 'app:1', 'other:1');
    const small = join(state, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small]);
    try {
      const run = await tidy(['images', '-af', '--archive'], small);
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/Failed: app:1: about .* are needed, and .* are free/);
    } finally {
      execFileSync('umount', [small]);
    }
    const limited = await tidy(['images', '-af', '--archive', '--archive-max-size', '1kB']);
    expect(limited.status).toBe(1);
    expect(limited.stderr).toMatch(
      /Failed: app:1: its archive would not fit: .*--archive-max-size allows 1kB/,
    );
    expect(await engine.names()).toEqual(['app:1', 'other:1']);
    expect(blobs()).toEqual([]);
  });

  test('a saved plan saves what it said it would; archives that are too old go, and not those of this run', async () => {
    made('app:1', 'hello');
    const app = idOf('app:1');
    const file = join(state, 'plan.json');
    await tidy(['plan', 'images', '-a', '--archive', '-o', file]);
    expect(await tidy(['apply', '-f', file])).toMatchObject({ status: 0 });
    expect(await archivedImage(state, id, app)).toBeDefined();
    made('app:2', 'other');
    const other = idOf('app:2');
    expect(await tidy(['images', '-af', '--archive', '--archive-keep', '0s'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 saved image was saved longer ago than it is to be kept'),
    });
    expect(await archivedImage(state, id, app)).toBeUndefined();
    await bringBack(other);
    expect(says(other, '/f')).toBe('other');
  });

  test('--keep-local-only keeps what neither an archive nor a registry has; --verify-registry asks', async (context) => {
    made('mine:1', 'mine');
    const plan = async (...words: string[]) => {
      const { stdout } = await tidy(['plan', 'images', '-a', '--format', 'json', ...words]);
      const { actions, notes } = JSON.parse(stdout);
      const classes = actions.map(({ target, comeback }: Record<string, string>) => `${target}: ${comeback}`);
      return { classes: classes.sort(), notes };
    };
    expect((await plan()).classes).toEqual(['mine:1: local-only']);
    expect((await plan('--keep-local-only')).classes).toEqual([]);
    expect((await plan('--keep-local-only', '--archive')).classes).toEqual(['mine:1: archived']);
    if (!at.host.startsWith('unix:'))
      return context.skip('the registry is started beside engines of our own only');
    const registry = engine.script('registry');
    const pushed = `${registry}/app:1`;
    made(pushed, 'pushed');
    engine.docker('push', '-q', pushed);
    // on the containerd store what is built here has a digest, of which its name’s registry is asked, if it can be reached
    const mine = engine.containerd ? /^mine:1: (local-only|not-asked)$/ : /^mine:1: local-only$/;
    expect((await plan('--verify-registry')).classes).toEqual([
      `${pushed}: pullable`,
      expect.stringMatching(mine),
    ]);
    expect((await plan('--verify-registry', '--keep-local-only')).classes).toEqual([`${pushed}: pullable`]);
    expect((await plan()).classes[0]).toBe(`${pushed}: ${engine.containerd ? 'local-only' : 'pullable'}`);
    const stored = join(engine.script('dir'), 'registry');
    rmSync(join(stored, 'docker/registry/v2/repositories/app'), { recursive: true });
    expect((await plan('--verify-registry')).classes[0]).toBe(`${pushed}: local-only`);
  });
});

const PODMAN = Object.entries(inject('engines')).filter(([name]) => name.startsWith('podman'));

describe.each(PODMAN)('on %s', (name, at) => {
  test('saved, deleted, loaded: the same image with the same ID', async () => {
    const engine = new TestEngine(name, at);
    const client = await connect(endpointAt(at.host));
    const state = mkdtempSync(join(tmpdir(), 'docker-tidy-state-'));
    onTestFinished(async () => {
      client.close();
      rmSync(state, { recursive: true, force: true });
      await engine.clear();
    });
    await engine.clear();
    engine.load({ tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: [{ f: 'hello' }] });
    const [id = ''] = await engine.ids();
    const env = { DOCKER_TIDY_STATE: state };
    expect(await engine.tidy(['images', '-af', '--archive'], { env })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await engine.ids()).toEqual([]);
    const full = id.startsWith('sha256:') ? id : `sha256:${id}`;
    const found = await archivedImage(state, await engineId(client), full);
    await loadArchived(client, found as NonNullable<typeof found>);
    expect(await engine.ids()).toEqual([id]);
  });
});
