// Quarantine on every engine: names go and the images stay, until their time is over; undo gives the names back, with no network.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Plan } from '../../src/core/plan.ts';
import { BINARY, TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';
import { killingProxy } from '../support/killing-proxy.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const PLACE = 'docker-tidy.invalid/quarantine';

const built = (name: string, day: number): HandMade => ({
  tags: [name],
  created: `2026-01-0${day}T00:00:00Z`,
  layers: [{ [`day-${day}`]: name }],
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
    forget();
    engine.load(built('app:1', 1), built('app:2', 2), built('app:3', 3));
  });

  const forget = () =>
    rmSync(join(engine.config, '.local/state/docker-tidy'), { recursive: true, force: true });
  const done = async (...args: string[]) => {
    const ran = await engine.tidy(args);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    return ran.stdout;
  };
  const idOf = (image: string) => engine.docker('image', 'inspect', '--format', '{{.Id}}', image);
  const short = (id: string) => id.replace('sha256:', '').slice(0, 12);
  const plan = async (...args: string[]) =>
    JSON.parse(await done('plan', ...args, '--format', 'json')) as Plan;
  /** The names that are there; one in quarantine without its date. */
  const names = async () =>
    (await engine.names()).map((each) => each.replace(/:until-\d{8}T\d{6}Z-/, ':')).sort();
  const there = (id: string) => `${PLACE}:${short(id)}`;
  const expired = (id: string) => `${PLACE}:until-20260101T000000Z-${short(id)}`;

  test('images lose their names and stay, take no place among the newest, and get the names back', async () => {
    const before = { names: await engine.names(), ids: await engine.ids() };
    const [one, two] = [idOf('app:1'), idOf('app:2')];
    engine.docker('tag', 'app:1', 'other:1');
    const ran = await done('images', '--keep', '1', '--quarantine', '7d', '-f', 'app');
    expect(ran).toContain('no space comes free before');
    expect(ran).toContain('Total reclaimed space: 0B');
    expect(await names()).toEqual(['app:3', 'other:1', there(two)].sort());
    await done('images', '-a', '--quarantine', '7d', '-f', 'other');
    expect(await names()).toEqual(['app:3', there(one), there(two)].sort());

    const later = await plan('--keep', '1', 'app');
    expect(later).toMatchObject({ actions: [], frees: 0 });
    const reasons = later.kept.map(({ id, reasons: [why] }) => [id, why?.text]);
    expect(reasons).toContainEqual([
      two,
      expect.stringMatching(/^in quarantine until .* docker tidy undo \S+ gives its names back$/),
    ]);
    expect(reasons).toContainEqual([idOf('app:3'), expect.stringContaining('newest of 1')]);
    engine.docker('image', 'prune', '-f');
    expect(await engine.ids()).toEqual(before.ids);

    await done('undo', '-f');
    await done('undo', '-f');
    expect(await engine.names()).toEqual([...before.names, 'other:1'].sort());
    expect(await engine.ids()).toEqual(before.ids);
  });

  test('a dangling image is there, too, and is dangling again when it comes back', async () => {
    const id = idOf('app:1');
    engine.load(built('app:1', 9));
    const ids = await engine.ids();
    await done('images', '--quarantine', '7d', '-f');
    expect(await names()).toEqual(['app:1', 'app:2', 'app:3', there(id)].sort());
    engine.docker('image', 'prune', '-f');
    expect((await plan('images')).kept).toMatchObject([{ id }]);
    const row = await done('undo', '-f', '--format', '{{.Action}} {{.Kind}} {{.Name}} {{.Result}}');
    expect(row).toBe(`release image ${short(id)} done\n`);
    expect(await names()).toEqual(['<none>', 'app:1', 'app:2', 'app:3']);
    expect(await engine.ids()).toEqual(ids);
  });

  test('when its time is over an image goes, archived if asked, and comes back by its old names', async () => {
    const [one, two] = [idOf('app:1'), idOf('app:2')];
    await done('images', '--keep', '1', '--quarantine', '1s', '-f', 'app');
    engine.docker('create', '--name', 'job', two, '/bin/busybox', 'true');
    await sleep(2000);
    const gone = await done('images', '--archive', '-f');
    expect(gone).toContain('used by created container job');
    expect(await names()).toEqual(['app:3', there(two)].sort());
    engine.docker('rm', 'job');
    await done('undo', '-f');
    expect(await names()).toEqual(['app:1', 'app:3', there(two)].sort());
    expect(idOf('app:1')).toBe(one);
  });

  test('named by the quarantine’s repository it goes at once, and no other with it', async () => {
    const one = idOf('app:1');
    await done('images', '-a', '--quarantine', '7d', '-f', 'app:1');
    expect(await plan('images', '-a', 'docker-tidy.invalid/**')).toMatchObject({ actions: [] });
    expect(await done('images', '-a', '-f', PLACE)).toContain('and named to go now');
    expect(await engine.ids()).not.toContain(one);
    expect(await names()).toEqual(['app:2', 'app:3']);
  });

  test('without the journal it still goes when its time is over; one that got a name again only leaves', async () => {
    const [one, two] = [idOf('app:1'), idOf('app:2')];
    engine.docker('tag', one, expired(one));
    engine.docker('rmi', 'app:1');
    engine.docker('tag', two, expired(two));
    await done('images', '-f');
    expect(await engine.names()).toEqual(['app:2', 'app:3']);
    expect(await engine.ids()).not.toContain(one);
  });

  const CALLS = [1, 2].flatMap((call) => (['before', 'after'] as const).map((when) => ({ call, when })));
  test.skipIf(!at.host.startsWith('unix:'))(
    'killed at any call it is taken back, and done again',
    async () => {
      const [one, two] = [idOf('app:1'), idOf('app:2')];
      const before = { names: await engine.names(), ids: await engine.ids() };
      const command = [
        'images',
        '-a',
        '--keep-tag',
        '2',
        '--keep-tag',
        '3',
        '--quarantine',
        '7d',
        '-f',
        'app',
      ];
      for (const when of CALLS) {
        forget();
        const path = join(engine.config, 'proxy.sock');
        let child: ReturnType<typeof spawn> | undefined;
        const proxy = await killingProxy(at.host.slice('unix://'.length), path, when, () => child);
        const env = { ...engine.env, DOCKER_HOST: `unix://${path}` };
        child = spawn(BINARY, ['tidy', ...command], { env, stdio: 'ignore' });
        const signal = await new Promise((resolve) => child?.on('close', (_, by) => resolve(by)));
        proxy.close();
        rmSync(path, { force: true });
        expect([when, signal]).toEqual([when, 'SIGKILL']);
        expect(await engine.ids()).toEqual(before.ids);

        const undone = await engine.tidy(['undo', '-f']);
        expect(undone.stderr).toMatch(
          /^(Error: there is no run on this engine that could be taken back\n)?$/,
        );
        expect(await engine.names()).toEqual(before.names);
        await engine.tidy(command);
        expect(await names()).toEqual(['app:2', 'app:3', there(one)].sort());
        await done('undo', '-f');
        expect(await engine.names()).toEqual(before.names);
      }
      expect(idOf('app:2')).toBe(two);
    },
  );
});
