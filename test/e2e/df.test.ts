// docker tidy df against the plans it foretells, and against the disk.
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Df } from '../../src/core/df.ts';
import { TestEngine } from '../support/engine.ts';
import { clearDisk, diskUsed, settle } from '../support/space-disk.ts';
import { makeSteps } from '../support/space-make.ts';
import { randomSet } from '../support/space-random.ts';

const ENGINES = Object.entries(inject('engines')).filter(
  ([name, { host }]) => !name.startsWith('podman') && host.includes(`/run/${name}/`),
);
const NOISE = 200_000;

test.skipIf(ENGINES.length > 0)('needs real engines of its own', ({ skip }) =>
  skip('none can be started here'),
);

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let empty: number;
  const df = async (...words: string[]) => {
    const run = await engine.tidy(['df', ...words, '--format', 'json']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    return JSON.parse(run.stdout) as Df;
  };
  const kind = (found: Df, wanted: string) => found.kinds.find((each) => each.kind === wanted);

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    await clearDisk(engine);
    await settle(engine);
    empty = await diskUsed(engine);
    engine.load(
      { tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: [{ a: 'x'.repeat(3_000_000) }] },
      {
        tags: ['app:2'],
        created: '2026-01-01T00:00:00Z',
        layers: [{ a: 'x'.repeat(3_000_000) }, { b: 'y'.repeat(500_000) }],
      },
      { tags: ['other:1'], created: '2026-01-01T00:00:00Z', layers: [{ c: 'z'.repeat(1_000_000) }] },
    );
    await settle(engine);
  });
  afterAll(() => clearDisk(engine));

  test('images take what the disk says they do, each layer once', async () => {
    const real = (await diskUsed(engine)) - empty;
    const size = kind(await df(), 'image')?.size?.bytes ?? 0;
    expect(Math.abs(size - real), `said ${size}, real ${real}`).toBeLessThanOrEqual(
      Math.max(real * 0.01, NOISE),
    );
  });

  test('each level is what its plan says, volumes are sized only when asked, and --volumes accounts for the disk', async () => {
    const { steps } = randomSet({ seed: 11, number: 1, engine: name });
    const built = makeSteps(engine, at.tools, steps);
    engine.run('web', 'app:1', '-v', 'data:/data');
    await settle(engine, built);
    const found = await df();
    for (const [level, ...words] of [['dangling'], ['unused', 'all', '-a']] as const) {
      const plan = JSON.parse((await engine.tidy(['plan', ...words, '--format', 'json'])).stdout);
      expect([level, found.total[level].bytes]).toEqual([level, plan.frees]);
    }
    expect(kind(found, 'container')).toMatchObject({ active: 1 });
    expect(found.volumes).toEqual([{ name: 'data', users: ['mounted by running container web'] }]);
    expect(found).not.toHaveProperty('dataRoot');
    const sized = await df('--volumes');
    expect(sized.volumes).toMatchObject([{ name: 'data', size: expect.any(Number) }]);
    const real = await diskUsed(engine);
    expect(Math.abs((sized.dataRoot ?? 0) - real)).toBeLessThanOrEqual(NOISE);
    expect(sized.unaccounted?.bytes).toBe(Math.max(0, (sized.dataRoot ?? 0) - sized.total.size.bytes));
  });

  test('the text fits its terminal, and says that volumes were not sized', async () => {
    const { stdout } = await engine.tidy(['df']);
    expect(stdout).toMatch(/^TYPE +TOTAL +ACTIVE +SIZE +DANGLING +UNUSED\n/);
    expect(stdout).toContain('other:1');
  });
});

describe.each(Object.entries(inject('engines')).filter(([name]) => name.startsWith('podman')))(
  'on %s',
  (name, at) => {
    test('what podman tells is shown', async () => {
      const engine = new TestEngine(name, at);
      await engine.clearAll();
      engine.load({ tags: ['localhost/app:1'], created: '2026-01-01T00:00:00Z', layers: [{ a: 'x' }] });
      const run = await engine.tidy(['df', '--format', 'json']);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      const { images, cache, kinds } = JSON.parse(run.stdout) as Df;
      expect(images).toMatchObject([{ name: 'localhost/app:1', alone: { about: true } }]);
      expect([cache.every(({ records }) => records === 0), kinds[0]]).toMatchObject([true, { total: 1 }]);
      await engine.clearAll();
    });
  },
);
