// Whether registries have images: only a clear yes counts, and a registry that does not answer is asked once.
import { expect, test } from 'vitest';
import { Cancelled, EngineError } from '../../src/core/errors.ts';
import { askRegistries } from '../../src/engine/ask-registries.ts';
import type { CallOptions, Client } from '../../src/engine/client.ts';

const { signal } = new AbortController();
const at = (name: string, letter = 'a') => `${name}@sha256:${letter.repeat(64)}`;

/** An engine that answers by the path; a number is the status of an error. */
function engine(answer: (path: string) => number | Error | object) {
  const asked: [path: string, auth: string | undefined][] = [];
  const call = async (_: string, path: string, __: object, { headers }: CallOptions) => {
    asked.push([path.slice('/distribution/'.length, path.indexOf('@')), headers?.['X-Registry-Auth']]);
    const found = answer(path);
    if (typeof found === 'number') throw new EngineError(`status ${found}`, { status: found });
    if (found instanceof Error) throw found;
    return found;
  };
  return { asked, client: { call } as unknown as Client };
}

test('what a registry has is there; what it denies or does not know is not', async () => {
  const { client } = engine((path) =>
    path.includes('there') ? {} : path.includes('denied') ? 403 : path.includes('login') ? 401 : 404,
  );
  const names = ['r.io/there', 'r.io/denied', 'r.io/login', 'r.io/gone'].map((name) => at(name));
  expect(
    await askRegistries(
      client,
      names.map((name) => [name]),
      async () => undefined,
      signal,
    ),
  ).toEqual({
    registry: {
      [names[0] as string]: true,
      ...Object.fromEntries(names.slice(1).map((name) => [name, false])),
    },
    notes: [],
  });
});

test('of an image’s digests the first that is there is enough', async () => {
  const { client, asked } = engine((path) => (path.includes('b.io') ? {} : 404));
  const names = ['a.io/x', 'b.io/x', 'c.io/x'].map((name) => at(name));
  const { registry } = await askRegistries(client, [names], async () => undefined, signal);
  expect(registry).toEqual({ [names[0] as string]: false, [names[1] as string]: true });
  expect(asked.map(([name]) => name)).toEqual(['a.io/x', 'b.io/x']);
});

test.each<[string, number | Error]>([
  ['answers with an error', 500],
  ['does not answer', new EngineError('did not answer')],
])('a registry that %s is told once, and not asked for ever', async (_, fault) => {
  const { client, asked } = engine((path) => (path.includes('down.io') ? fault : {}));
  const images = [['a', 'b', 'c', 'd'].map((name) => at(`down.io/${name}`)), [at('up.io/a')]];
  const { registry, notes } = await askRegistries(client, images, async () => undefined, signal);
  expect(Object.values(registry).filter((each) => each === 'not-asked')).toHaveLength(4);
  expect(registry[at('up.io/a')]).toBe(true);
  expect(notes).toEqual([
    expect.stringMatching(/^down\.io could not be asked \(.*\): whether it has its images is not known\.$/),
  ]);
  expect(asked.filter(([name]) => name.startsWith('down.io'))).toHaveLength(2);
});

test('each registry is asked with its own login', async () => {
  const { client, asked } = engine(() => ({}));
  const images = [[at('nginx')], [at('ghcr.io/x/y')]];
  await askRegistries(client, images, async (registry) => `login of ${registry}`, signal);
  expect(asked).toEqual([
    ['nginx', 'login of docker.io'],
    ['ghcr.io/x/y', 'login of ghcr.io'],
  ]);
});

test('cancelling ends it', async () => {
  const { client } = engine(() => new Cancelled('cancelled'));
  await expect(askRegistries(client, [[at('x')]], async () => undefined, signal)).rejects.toThrow(Cancelled);
});
