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
