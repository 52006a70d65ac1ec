// `docker tidy rescue` against an engine that answers: what is refused, shown, and done; with journals of past runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { rescue } from '../../src/commands/rescue.ts';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { id } from '../support/builders.ts';
import { engine, folder, onSocket } from '../support/servers.ts';

const LOST = `sha256:${'ab1'.padEnd(64, '0')}`;
const TWIN = `sha256:${'ab2'.padEnd(64, '0')}`;
const STEP = id('step');
const NAMED = id('named');
const OTHERS = [
  {
    Id: NAMED,
    RepoTags: ['app:v1'],
    RepoDigests: [],
    Created: 1_767_400_000,
    Size: 5,
    Labels: {},
    ParentId: STEP,
  },
  { Id: id('pinned'), RepoTags: [], RepoDigests: [`pin@${id('d')}`], Created: 0, Size: 5, Labels: {} },
];
const nameless = (Id: string, Created: number) => ({
  Id,
  RepoTags: null,
  RepoDigests: null,
  Created,
  Size: 5,
});
const IMAGES = [...OTHERS, nameless(LOST, 1_767_300_000), nameless(TWIN, 1_767_200_000), nameless(STEP, 0)];

/** Runs it; says what was printed, and what was asked that changes the engine. `images`: what the engine lists. */
async function ran(line: string, images: readonly object[] = IMAGES, journal?: readonly object[]) {
  const calls: string[] = [];
  let name: string | undefined;
  const host = await onSocket(
    engine((request, response) => {
      const path = decodeURIComponent(request.url ?? '').replace(/^\/v[\d.]+/, '');
      if (request.method !== 'GET') calls.push(`${request.method} ${path}`);
      if (path.includes('/tag?')) name = LOST;
      const inspected = /^\/images\/(sha256:\w+)\/json/.exec(path)?.[1];
      const answer = path.startsWith('/info')
        ? { ID: 'ENGINE', Driver: 'overlay2', SystemTime: '2026-01-10T00:00:00Z' }
        : path.startsWith('/images/json')
          ? images
          : path.startsWith('/containers/json') || path.endsWith('/history')
            ? []
            : inspected
              ? { Id: inspected, RootFS: { Layers: [] }, Config: {} }
              : path.startsWith('/images/') && name && { Id: name, RepoTags: [] };
      response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(answer || { message: 'no such thing' }));
    }),
  );
  const state = folder();
  if (journal) {
    mkdirSync(join(state, 'ENGINE', 'runs'), { recursive: true });
    writeFileSync(
      join(state, 'ENGINE', 'runs', 'R1.jsonl'),
      journal.map((entry) => JSON.stringify(entry)).join('\n'),
    );
    writeFileSync(join(state, 'ENGINE', 'runs', 'R0.jsonl'), 'damaged');
  }
  let text = '';
  const stdout = {
    write: (more: string) => {
      text += more;
    },
  };
  const words = line.split(' ').filter(Boolean);
  const invocation = {
    ...parseArguments(['rescue', ...words]),
    words,
    globals: { host },
    env: { DOCKER_HOST: host, DOCKER_TIDY_STATE: state, DOCKER_CONFIG: state },
    cancelled: new AbortController().signal,
    stdout,
    stderr: stdout,
  };
  const run = rescue(invocation as unknown as Invocation);
  const status = await run.catch((error: Error) => error);
  return { status, text, calls };
}

test.each([
  ['', 'takes an IMAGE'],
  ['--list ab1', 'or --list alone'],
  ['ab1 app:v2 more', 'takes an IMAGE'],
  ['ab1 App:V2', 'App:V2 is no name for an image'],
  [`ab1 app@${id('d')}`, 'is no name for an image'],
  ['--format yaml --list', 'invalid argument "yaml"'],
])('%j is a usage error: %s', async (line, message) => {
  const { status } = await ran(line);
  expect(status).toBeInstanceOf(UsageError);
  expect((status as Error).message).toContain(message);
});

test.each([
  ['ab app:v2', 'no image here is ab'],
  ['ab1000000001', 'did you mean ab1000000000?'],
  ['app:v11 app:v2', 'did you mean app:v1?'],
  ['zzzzzzzzzzzzzzzz', 'docker tidy rescue --list shows those without a name'],
  ['app:v1', 'docker tag app:v1 NAME:TAG gives it another'],
  [`pin@${id('d')} app:v2`, `has a name (pin@${id('d')})`],
  ['ab1 app:v1', `app:v1 is the name of ${NAMED.slice(7, 19)}, which keeps it`],
  ['ab1 docker.io/library/app:v1', 'which keeps it'],
])('%j is refused: %s, and the engine stays as it is', async (line, message) => {
  const { status, calls } = await ran(line);
  expect(status).toBeInstanceOf(Refusal);
  expect((status as Error).message).toContain(message);
  expect(calls).toEqual([]);
});

test('the beginning of two IDs is refused, with both', async () => {
  const { status } = await ran('ab0', [
    nameless(`sha256:${'ab01'.padEnd(64, '0')}`, 0),
    nameless(`sha256:${'ab02'.padEnd(64, '0')}`, 0),
  ]);
  expect((status as Error).message).toMatch(/^ab0 is not one image: it may be <none> \(sha256:ab01.*ab02/);
});

test('a name is given by the beginning of the ID', async () => {
  const { status, text, calls } = await ran('ab1 app');
  expect([status, text]).toEqual([0, 'ab1000000000 is app:latest now.\n']);
  expect(calls).toEqual([`POST /images/${LOST}/tag?repo=app&tag=latest`]);
  const json = await ran('ab1 app:v2 --format json');
  expect(JSON.parse(json.text)).toEqual({ id: LOST, name: 'app:v2' });
});

test('without a name nothing changes, and past runs tell; a journal that is damaged does not hide the others', async () => {
  const action = { kind: 'untag', target: 'app:v0', id: LOST, expects: { names: ['app:v0'] } };
  const at = '2026-01-09T00:00:00Z';
  const journal = [
    { type: 'run', schemaVersion: 1, id: 'R1', at, command: ['-f'], actions: [action] },
    { type: 'begun', action: 0, at, facts: {} },
    { type: 'ended', action: 0, at, result: 'done' },
  ];
  const { status, text, calls } = await ran('ab1', IMAGES, journal);
  expect([status, calls]).toEqual([0, []]);
  expect(text).toContain('docker tidy rescue ab1000000000 app:v0\n  sure: untagged by run R1, 24 hours ago');
  const json = await ran('ab1 --format json', IMAGES, journal);
  expect(JSON.parse(json.text)).toMatchObject({
    id: LOST,
    suggestions: [{ name: 'app:v0', certainty: 'sure' }],
  });
});

test('a step between images, which no list shows, can be named, too', async () => {
  expect((await ran(STEP)).text).toContain(`docker tidy rescue ${STEP.slice(7, 19)} rescued:`);
});

test('--list has dangling images alone, the newest first; none at all is no error', async () => {
  const { text, calls } = await ran('--list');
  expect(text.match(/^[0-9a-f]{12}/gm)).toEqual(['ab1000000000', 'ab2000000000']);
  expect(calls).toEqual([]);
  const json = JSON.parse((await ran('--list --format json')).text) as { id: string }[];
  expect(json.map((each) => each.id)).toEqual([LOST, TWIN]);
  expect(await ran('--list', OTHERS)).toMatchObject({
    status: 0,
    text: 'Nothing to rescue: no image has lost its name.\n',
  });
  expect((await ran('--list --format json', OTHERS)).text).toBe('[]\n');
});
