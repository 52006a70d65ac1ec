// A name that is given: only to an image that still has none, and never away from another; faults of the engine are told.
import { expect, test } from 'vitest';
import { EngineError, Refusal } from '../../src/core/errors.ts';
import type { Client } from '../../src/engine/client.ts';
import { giveName, learnTraits } from '../../src/engine/rescue-image.ts';
import { id } from '../support/builders.ts';

const LOST = { id: id('lost') };
const OTHER = { Id: id('other'), RepoTags: ['app:v1'] };
const NAMELESS = { Id: LOST.id, RepoTags: [], RepoDigests: ['<none>@<none>'] };
const TAG = `POST /images/${LOST.id}/tag`;
const SELF = `GET /images/${LOST.id}/json`;
const NAME = 'GET /images/shop/app:v1/json';

/** An engine that gives these answers in turn, the last one again and again; anything else is a 404. Notes what changes it. */
function engine(answers: Readonly<Record<string, readonly unknown[]>>) {
  const left = new Map(Object.entries(answers).map(([key, all]) => [key, [...all]]));
  const calls: string[] = [];
  const call = async (method: string, path: string, query: object = {}) => {
    const key = `${method} ${decodeURIComponent(path)}`;
    if (method !== 'GET') calls.push(`${key} ${JSON.stringify(query)}`);
    const all = left.get(key) ?? [];
    const answer = all.length > 1 ? all.shift() : all[0];
    if (answer instanceof Error) throw answer;
    if (answer === undefined) throw new EngineError('no such image', { status: 404 });
    return answer;
  };
  return { calls, client: { call } as unknown as Client };
}
const MISSING = new EngineError('no such image', { status: 404 });

test('an image without a name gets a free one by one call', async () => {
  const { client, calls } = engine({
    [SELF]: [NAMELESS],
    [NAME]: [MISSING, MISSING, { Id: LOST.id, RepoTags: ['shop/app:v1'] }],
    [TAG]: [''],
  });
  await giveName(client, LOST, 'shop/app:v1');
  expect(calls).toEqual([`${TAG} {"repo":"shop/app","tag":"v1"}`]);
});

test.each<[string, Record<string, unknown[]>, string]>([
  ['is gone meanwhile', {}, 'it was removed meanwhile'],
  ['has a name meanwhile', { [SELF]: [{ ...NAMELESS, RepoTags: ['x:1'] }] }, 'it is x:1 by now'],
  [
    'would take the name from another',
    { [SELF]: [NAMELESS], [NAME]: [OTHER] },
    `shop/app:v1 is the name of ${OTHER.Id.slice(7, 19)}, which keeps it`,
  ],
  [
    'would take it from one that the engine does not find at first',
    { [SELF]: [NAMELESS], [NAME]: [MISSING, OTHER] },
    'which keeps it',
  ],
])('an image that %s is refused, and nothing is called', async (_, answers, message) => {
  const { client, calls } = engine({ ...answers, [TAG]: [''] });
  const given = giveName(client, LOST, 'shop/app:v1');
  await expect(given).rejects.toThrow(message);
  await expect(given).rejects.toBeInstanceOf(Refusal);
  expect(calls).toEqual([]);
});

test('an image that goes at the last moment is told as gone', async () => {
  const { client } = engine({ [SELF]: [NAMELESS], [TAG]: [MISSING] });
  await expect(giveName(client, LOST, 'shop/app:v1')).rejects.toThrow(/was not named .* removed meanwhile/);
});

test('what the engine says when it refuses is told in its own words', async () => {
  const refuses = new EngineError('Error response from daemon: read-only', { status: 500 });
  const { client } = engine({ [SELF]: [NAMELESS], [TAG]: [refuses] });
  await expect(giveName(client, LOST, 'shop/app:v1')).rejects.toBe(refuses);
});

test('an engine that says yes and names another is not believed', async () => {
  const { client } = engine({ [SELF]: [NAMELESS], [NAME]: [MISSING, MISSING, OTHER], [TAG]: [''] });
  await expect(giveName(client, LOST, 'shop/app:v1')).rejects.toThrow('does not name');
});

test('an image is told by its history and configuration; one that is gone is left out, a history that fails is empty', async () => {
  const at = (name: string, what: string) => `GET /images/${id(name)}/${what}`;
  const Config = { Entrypoint: ['node'], Cmd: ['a.js'], Labels: { a: 'b' }, Env: ['X=1'] };
  const history = [
    { CreatedBy: 'COPY . .', Tags: ['app:1'] },
    { CreatedBy: 'RUN x', Tags: null },
    { CreatedBy: 'FROM', Tags: ['node:22'] },
  ];
  const { client } = engine({
    [at('a', 'json')]: [{ Config }],
    [at('a', 'history')]: [history],
    [at('b', 'json')]: [{ Config: { ...Config, Labels: null } }],
    [at('b', 'history')]: [new EngineError('it fails', { status: 500 })],
  });
  const found = await learnTraits(client, [id('a'), id('b'), id('gone')]);
  expect([...found.keys()]).toEqual([id('a'), id('b')]);
  expect(found.get(id('a'))).toMatchObject({
    steps: ['FROM', 'RUN x', 'COPY . .'],
    builtOn: ['node:22'],
    runs: ['node', 'a.js'],
  });
  expect(found.get(id('b'))).toMatchObject({ steps: [], config: found.get(id('a'))?.config });
});
