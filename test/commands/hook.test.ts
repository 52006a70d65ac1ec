// Hints after docker's own commands: only where there is something to say, in time, and not twice.
import { writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import type { Done } from '../../src/commands/hook.ts';
import { hintAfter } from '../../src/commands/hook.ts';
import { hook } from '../../src/plugin/hooks.ts';
import { folder, onSocket } from '../support/servers.ts';

const HELD =
  'Error response from daemon: conflict: unable to delete app:v1 (must be forced) - container c1fb9479e8f0 is using its referenced image 1cfbb158eccd';
const removal: Done = { command: 'rmi', error: HELD, quiet: false };
const build: Done = { command: 'build', error: '', quiet: false };
const never = new AbortController().signal;

/** An engine with these nameless images and this container. */
const engineWith = async (images: number, container?: string): Promise<NodeJS.ProcessEnv> => ({
  DOCKER_CONFIG: '/nowhere',
  DOCKER_TIDY_STATE: folder(),
  DOCKER_HOST: await onSocket(({ url = '' }, response) => {
    const list = Array.from({ length: images }, (_, i) => ({ Id: `sha256:${i}`, Created: 0, Size: 1e6 }));
    const known = url.includes('/images/') ? list : url.includes('/info') ? { ID: 'e' } : undefined;
    const asked = url.includes('/containers/') && container ? { Name: `/${container}` } : known;
    response.writeHead(asked ? 200 : 404).end(JSON.stringify(asked ?? {}));
  }),
});

test('who holds an image is told by name, and once', async () => {
  const env = await engineWith(0, 'web');
  expect(await hintAfter(removal, env, never)).toContain('app:v1 stays: the container web');
  expect(await hintAfter(removal, env, never)).toBeUndefined();
});

test('a container that this engine does not know is another engine’s, and nothing is said', async () => {
  expect(await hintAfter(removal, await engineWith(0), never)).toBeUndefined();
});

test('images that pile up are told once, after whichever command', async () => {
  const env = await engineWith(12);
  expect(await hintAfter(build, env, never)).toContain('12 images have no name');
  expect(await hintAfter({ ...build, command: 'pull' }, env, never)).toBeUndefined();
});

test('nothing is said after what went well, what was to be quiet, or failed for another reason', async () => {
  const env = await engineWith(12, 'web');
  expect(await hintAfter({ ...removal, error: '' }, env, never)).toBeUndefined();
  expect(await hintAfter({ ...build, quiet: true }, env, never)).toBeUndefined();
  expect(await hintAfter({ ...build, error: 'no such file' }, env, never)).toBeUndefined();
  expect(await hintAfter({ ...removal, error: 'No such image: x' }, env, never)).toBeUndefined();
});

test('nothing is said where it could not be noted that it was', async () => {
  const file = `${folder()}/file`;
  writeFileSync(file, '');
  const env = { ...(await engineWith(12)), DOCKER_TIDY_STATE: file };
  expect(await hintAfter(build, env, never)).toBeUndefined();
});

test('an answer that comes too late is no hint', async () => {
  const env = await engineWith(12);
  expect(await hintAfter(build, env, AbortSignal.abort())).toBeUndefined();
});

test('what docker asks is answered in its own words, and what cannot be read by nothing', async () => {
  const asked = JSON.stringify({ RootCmd: 'rmi', Flags: {}, CommandError: HELD.replace('app:v1', 'a{{b') });
  const config = folder();
  writeFileSync(`${config}/config.json`, '{"plugins": {"tidy": {"hint-wait": "100h"}}}');
  const env = { ...(await engineWith(0, 'web')), DOCKER_CONFIG: config };
  const answer = JSON.parse(await hook(asked, env)) as { Type: number; Template: string };
  expect(answer.Type).toBe(0);
  expect(answer.Template).toMatch(/^a\{\{"\{\{"\}\}b stays: the container web/);
  for (const other of ['', 'null', '[]', '{"RootCmd":1}']) expect(await hook(other, env)).toBe('');
});

test('a process that took too long to start says nothing', async () => {
  vi.spyOn(process, 'uptime').mockReturnValue(0.101);
  expect(await hook(JSON.stringify({ RootCmd: 'build', Flags: {} }), await engineWith(12))).toBe('');
  vi.restoreAllMocks();
});
