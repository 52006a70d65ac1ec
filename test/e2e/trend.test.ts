// What runs see of an engine is its trend: counts and sizes that the engine itself has, with nothing asked for them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Day } from '../../src/core/trend.ts';
import { TestEngine } from '../support/engine.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28.5'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

const created = '2026-01-01T00:00:00Z';
const MEGABYTE = 2 ** 20;

describe.each(ENGINES)('on %s', (name, at) => {
  let engine: TestEngine;
  const state = mkdtempSync(join(tmpdir(), 'docker-tidy-trend-'));
  const env = { DOCKER_TIDY_STATE: state };

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    await engine.clearAll();
  });
  afterAll(async () => {
    rmSync(state, { recursive: true, force: true });
    await engine.clearAll();
  });

  const days = async () =>
    (
      JSON.parse((await engine.tidy(['history', '--trend', '--format', 'json'], { env })).stdout) as {
        days: Day[];
      }
    ).days;

  test('a plan and df tell how many images there are and what they take, each layer once', async () => {
    expect(await days()).toEqual([]);
    const shared = { shared: Buffer.alloc(MEGABYTE, name) };
    engine.load(
      ...['a', 'b', 'c'].map((tag) => ({ tags: [`app:${tag}`], created, layers: [shared, { own: tag }] })),
    );
    expect((await engine.tidy(['plan', '-a'], { env })).status).toBe(0);
    const [planned] = await days();
    expect(planned?.images).toEqual({
      total: 3,
      repositories: { app: 3 },
    });
    const before = (await engine.tidy(['df', '--format', 'json'], { env })).stdout;
    const [today, ...others] = await days();
    expect(others).toEqual([]);
    const { kinds } = JSON.parse(before) as { kinds: { kind: string; size: { bytes: number } }[] };
    const bytes = kinds.find(({ kind }) => kind === 'image')?.size.bytes ?? 0;
    const image = today?.space.image ?? 0;
    expect(image).toBeGreaterThan(MEGABYTE);
    expect(Math.abs(image - bytes)).toBeLessThan(MEGABYTE); // layer by layer folders and blocks come on top
    const shown = await engine.tidy(['history', '--trend'], { env });
    expect(shown.stdout).toMatch(/^Images +\d/m);
    expect((await engine.tidy(['history', '--trend', '--format', 'csv'], { env })).stdout).toContain(
      `,${image},`,
    );
  });
});
