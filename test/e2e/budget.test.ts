// Budgets on real engines: what goes is what was expected, and the disk has what was asked, within one image's size.
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { clearDisk, diskUsed, settle } from '../support/space-disk.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const MB = 1_000_000;

interface Planned {
  readonly actions: readonly { readonly target: string; readonly because: { readonly text: string } }[];
  readonly notes: readonly string[];
}

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await clearDisk(engine);
  });

  /** What `docker tidy df` counts of some kinds, in bytes. */
  const used = async (...kinds: string[]) => {
    const { stdout } = await engine.tidy(['df', '--format', 'json']);
    const df = JSON.parse(stdout) as { kinds: { kind: string; size?: { bytes: number } }[] };
    return df.kinds
      .filter(({ kind }) => kinds.includes(kind))
      .reduce((sum, { size }) => sum + (size?.bytes ?? 0), 0);
  };
  const onDisk = async () => {
    await settle(engine);
    return await diskUsed(engine);
  };
  /** Layers of so many megabytes, which no store can pack. */
  const data = (megabytes: number) => ({ data: randomBytes(megabytes * MB) });

  test('as much goes as it takes, what came first and really frees something; the disk agrees', async () => {
    const base = data(4);
    const load = async (
      tag: string,
      days: number,
      ...layers: (typeof base | { [file: string]: string })[]
    ) => {
      engine.load({ tags: [tag], created: new Date(Date.now() - days * 86_400_000).toISOString(), layers });
      if (engine.containerd) await pause(400); // which alone says when an image was loaded
    };
    await load('same:1', 90, base, { note: 'what web:1 has, too' });
    await load('web:1', 80, base);
    await load('a:1', 40, data(3));
    await load('b:1', 30, data(2));
    await load('c:1', 10, data(3));
    engine.run('web', 'web:1');
    const most = (await used('image')) - (engine.containerd ? 8 : 4) * MB; // packed and unpacked
    const before = await onDisk();
    const plan = JSON.parse(
      (await engine.tidy(['plan', 'images', '--max-used-space', String(most), '--format', 'json'])).stdout,
    ) as Planned;
    expect(plan.actions.map(({ target }) => target)).toEqual(['a:1', 'b:1']);
    expect(plan.actions[0]?.because.text).toMatch(
      /^frees .*MB, (came here|built) .* ago: needed to get from .*MB to .*MB$/,
    );
    expect(plan.notes.join()).toContain(`--max-used-space ${most} is met`);

    const done = await engine.tidy(['images', '--max-used-space', String(most), '-f']);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.names()).toEqual(['c:1', 'same:1', 'web:1']);
    expect(await used('image')).toBeLessThanOrEqual(most);
    const freed = before - (await onDisk());
    expect(freed).toBeGreaterThanOrEqual((engine.containerd ? 8 : 4) * MB * 0.99);
    expect(freed).toBeLessThan((engine.containerd ? 12 : 6) * MB); // less than without b:1, the smaller one
  });

  test('images and build cache together: what frees nothing alone goes together, and no more than that', async () => {
    const write = 'dd if=/dev/urandom of=/data bs=1000000 count=3';
    engine.build('app:1', write, 'echo 1');
    await pause(1000);
    engine.build('app:2', `${write} `, 'echo 2');
    await settle(engine, name === '20.10' ? undefined : Date.now());
    const most = (await used('image', 'cache')) - 3 * MB;
    const before = await onDisk();
    const done = await engine.tidy(['all', '--max-used-space', String(most), '-f']);
    expect(done).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.names()).toContain('app:2');
    expect(await used('image', 'cache')).toBeLessThanOrEqual(most);
    const freed = before - (await onDisk());
    expect(freed).toBeGreaterThanOrEqual(3 * MB * 0.99);
    expect(freed).toBeLessThan(7 * MB);
  });
});
