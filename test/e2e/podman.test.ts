// podman through its Docker API: the same job, with its short names.
import { expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';

const at = inject('engines')['podman5'];

test('on podman a short name means localhost/name, and the newest stay', async ({ skip }) => {
  if (!at) return skip('podman cannot be started here');
  const engine = new TestEngine('podman5', at);
  await engine.clear();
  const build = (n: number) => ({
    tags: [`localhost/app:${n}`],
    created: `2026-01-0${n}T00:00:00Z`,
    layers: [{ f: `${n}` }],
  });
  engine.load(build(1), build(2), build(3));
  expect(await engine.tidy(['--keep', '1', '-f', 'app'])).toMatchObject({ status: 0, stderr: '' });
  expect(await engine.names()).toEqual(['localhost/app:3']);
});

test('on podman a whole tidy takes stopped containers and free networks, and no volume', async ({ skip }) => {
  if (!at) return skip('podman cannot be started here');
  const engine = new TestEngine('podman5', at);
  await engine.clear();
  engine.load({ tags: ['localhost/app:1'], created: '2026-01-01T00:00:00Z', layers: [{ f: '1' }] });
  for (const network of ['free', 'joined']) engine.docker('network', 'create', network);
  engine.docker('volume', 'create', 'named');
  engine.docker('create', '--name', 'old', '-v', 'named:/data', 'localhost/app:1', '/bin/busybox', 'true');
  engine.docker(
    'create',
    '--name',
    'kept',
    '--label',
    'tidy.keep=true',
    '--network',
    'joined',
    'localhost/app:1',
    '/bin/busybox',
  );
  try {
    expect(await engine.tidy(['all', '-f'])).toMatchObject({ status: 0, stderr: '' });
    const { containers, volumes } = await engine.others();
    expect([containers, volumes]).toEqual([['kept'], ['named']]);
    const networks = engine.docker('network', 'ls', '--format', '{{.Name}}').split('\n');
    expect(networks).toContain('joined');
    expect(networks).not.toContain('free');
    const cache = await engine.tidy(['cache', '-f']);
    expect(cache).toMatchObject({ status: 0 });
    expect(cache.stdout).toContain('podman has no build cache');
  } finally {
    await engine.clear();
    engine.docker('network', 'rm', 'joined');
    engine.docker('volume', 'rm', 'named');
  }
});
