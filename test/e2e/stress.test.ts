// While docker tidy works others load, tag, build, run and remove: what it was told to keep never goes missing, and what it
// reports is what the engine has. STRESS_SECONDS makes it longer.
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const SECONDS = Number(process.env['STRESS_SECONDS'] ?? 12);

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

interface Reported {
  readonly outcomes: readonly {
    readonly kind: string;
    readonly id: string;
    readonly target: string;
    readonly result: string;
    readonly why?: string;
  }[];
}

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(() => engine.clearAll());

  test(`for ${SECONDS} seconds`, { timeout: (SECONDS + 120) * 1000 }, async () => {
    let n = 0;
    const load = (tag: string) =>
      engine.load({
        tags: [tag],
        created: '2026-01-01T00:00:00Z',
        layers: [{ [`layer${n++}`]: `${name} ${n}` }],
      });
    load('app:keep');
    load('seed:1');
    const end = Date.now() + SECONDS * 1000;
    const failures: string[] = [];
    const loop = async (work: (turn: number) => Promise<void>) => {
      for (let turn = 0; Date.now() < end; turn++) await work(turn);
    };
    const docker = (...words: string[]) => engine.words(words);

    const running = loop(async () => {
      const run = await docker('run', '--rm', '--network', 'none', 'app:keep', '/bin/busybox', 'true');
      if (run.status !== 0) failures.push(`docker run: ${run.stderr}`);
    });
    const tagging = loop(async (turn) => {
      await docker('tag', 'app:keep', `app:${turn}`);
      await docker('tag', 'seed:1', `seed:${turn}`);
      if (turn % 3 === 0) await docker('rmi', `app:${turn}`);
    });
    const building = loop(async (turn) => {
      load(`churn:${turn}`);
      await docker('create', '--name', `c${turn}`, `churn:${turn}`, '/bin/busybox', 'true');
      await docker('commit', `c${turn}`, `child:${turn}`);
      await docker('rm', `c${turn}`);
    });
    const removed: string[] = [];
    const tidying = loop(async () => {
      const run = await engine.tidy([
        'all',
        '-af',
        '--keep-tag',
        'keep',
        '--grace',
        '30s',
        '--format',
        'json',
      ]);
      const images = await engine.tidy(['images', '-af', '--keep-tag', 'keep', '--format', 'json']);
      for (const { status, stdout, stderr } of [run, images]) {
        if (status !== 0 && status !== 1) failures.push(`docker tidy: ${status} ${stderr}`);
        const { outcomes } = JSON.parse(stdout) as Reported;
        const failed = outcomes.filter(({ result }) => result === 'failed');
        failures.push(...failed.map(({ target, why }) => `docker tidy: ${target}: ${why}`));
        const done = outcomes.filter(
          ({ kind, result }) => result === 'done' && /^delete-(image|container)$/.test(kind),
        );
        removed.push(...done.map(({ id }) => id));
      }
    });
    await Promise.all([running, tagging, building, tidying]);

    expect(failures).toEqual([]);
    expect(removed.length).toBeGreaterThan(0);
    const containers = (await engine.get<{ Id: string }[]>('/containers/json?all=1')).map(({ Id }) => Id);
    const left = new Set([...(await engine.ids()), ...containers]);
    expect(removed.filter((id) => left.has(id))).toEqual([]);
    expect(await engine.names()).toContain('app:keep');
    engine.docker('run', '--rm', '--network', 'none', 'app:keep', '/bin/busybox', 'true');
  });
});
