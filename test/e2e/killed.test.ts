// A run that is killed with SIGKILL at any of its calls leaves a journal from which undo, and the same command again, both end right.
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { BINARY, TestEngine } from '../support/engine.ts';
import type { KillAt } from '../support/killing-proxy.ts';
import { killingProxy } from '../support/killing-proxy.ts';

const ENGINES = Object.entries(inject('engines')).filter(
  ([name, { host }]) => !name.startsWith('podman') && host.startsWith('unix:'),
);
const COMMAND = ['all', '-a', '--keep-tag', 'stays', '-f'];
const CALLS = [1, 2, 3, 4];
const CASES = CALLS.flatMap((call) => (['before', 'after'] as const).map((when): KillAt => ({ call, when })));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    writeFileSync(join(engine.config, 'config.json'), '{}');
    rmSync(join(engine.config, '.local/state/docker-tidy'), { recursive: true, force: true });
    engine.load({ tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: [{ a: '1' }] });
    engine.docker('tag', 'app:1', 'app:2');
    engine.docker('tag', 'app:1', 'other:stays');
    engine.docker('network', 'create', '--label', 'of=tests', 'lan');
    engine.docker('create', '--name', 'job', '--network', 'lan', 'app:1', '/bin/busybox', 'true');
  });
  afterEach(() => rmSync(join(engine.config, 'proxy.sock'), { force: true }));

  const state = async () => {
    const { containers, networks } = await engine.others();
    return { containers, networks, names: await engine.names() };
  };

  /** Runs the command through the proxy; says whether it was killed. */
  const killed = async (when: KillAt): Promise<boolean> => {
    const path = join(engine.config, 'proxy.sock');
    let child: ReturnType<typeof spawn> | undefined;
    const proxy = await killingProxy(at.host.slice('unix://'.length), path, when, () => child);
    child = spawn(BINARY, ['tidy', ...COMMAND], {
      env: { ...engine.env, DOCKER_HOST: `unix://${path}` },
      stdio: 'ignore',
    });
    const signal = await new Promise<string | null>((resolve) => child?.on('close', (_, by) => resolve(by)));
    proxy.close();
    return signal === 'SIGKILL';
  };

  test.each(CASES)('killed $when call $call', async (when) => {
    const before = await state();
    const done = { containers: [], networks: [], names: ['other:stays'] };
    expect(await killed(when)).toBe(true);
    const undone = await engine.tidy(['undo', '-f']);
    const nothing = /there is no run on this engine that could be taken back/.test(undone.stderr);
    expect([undone.status, nothing]).toEqual(nothing ? [1, true] : [0, false]);
    expect(await state()).toEqual(before);

    const again = await engine.tidy(COMMAND);
    expect(again.status).toBe(0);
    expect(await state()).toEqual(done);
    expect((await engine.tidy(['undo', '-f'])).status).toBe(0);
    expect(await state()).toEqual(before);
  });
});
