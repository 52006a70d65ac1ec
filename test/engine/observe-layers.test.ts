// What images are made of, from what engines tell: chain IDs, and histories whose entries are not all layers.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import type { Client } from '../../src/engine/client.ts';
import { chainIds, layersOfHistory, learnLayers } from '../../src/engine/observe-layers.ts';
import type { KnownLayers } from '../../src/state/layer-cache.ts';

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('a chain ID', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string];

  test('of the first layer is its digest, of another that of the chain ID below it, a blank, and its digest', () => {
    expect(chainIds([])).toEqual([]);
    expect(chainIds([a])).toEqual([a]);
    expect(chainIds([a, b, c])).toEqual([a, sha256(`${a} ${b}`), sha256(`${sha256(`${a} ${b}`)} ${c}`)]);
  });

  test('tells the same layer on different ones apart', () => {
    expect(chainIds([a, c])[1]).not.toBe(chainIds([b, c])[1]);
    expect(chainIds([a, a])).toHaveLength(2);
    expect(new Set(chainIds([a, a, a])).size).toBe(3);
  });
});

describe('of a history, oldest first,', () => {
  const entry = (CreatedBy: string, Size = 0) => ({ CreatedBy, Size, Created: 1_780_000_000 });
  const sizes = (n: number, ...history: ReturnType<typeof entry>[]) =>
    layersOfHistory(history, n)?.map(({ size }) => size);
  const commands = (n: number, ...history: ReturnType<typeof entry>[]) =>
    layersOfHistory(history, n)?.map(({ command }) => command);

  test('the entries with a size are the layers, with when and by what they were made', () => {
    const history = [
      entry('ADD rootfs.tar / # buildkit', 5),
      entry('CMD ["sh"]'),
      entry('RUN make # buildkit', 3),
    ];
    expect(layersOfHistory(history, 2)).toEqual([
      { size: 5, created: 1_780_000_000, command: 'ADD rootfs.tar / # buildkit' },
      { size: 3, created: 1_780_000_000, command: 'RUN make # buildkit' },
    ]);
  });

  test('what never makes a layer is none, as BuildKit and as the classic builder write it', () => {
    const made = [entry('COPY a /', 5), entry('WORKDIR /app')];
    for (const nothing of [
      'ENV A=1',
      'CMD ["sh"]',
      'EXPOSE 80',
      'LABEL a=b',
      'USER 1000',
      'ENTRYPOINT ["a"]',
    ])
      for (const written of [nothing, `/bin/sh -c #(nop)  ${nothing}`])
        expect(commands(2, entry(written), ...made, entry(written))).toEqual(['COPY a /', 'WORKDIR /app']);
  });

  test('a command that only looks like an instruction may be a layer', () => {
    expect(sizes(2, entry('COPY a /', 5), entry('ENVIRONMENT'), entry('ENV A=1'))).toEqual([5, 0]);
    expect(commands(2, entry('COPY a /', 5), entry('ENVIRONMENT'), entry('ENV A=1'))).toContain(
      'ENVIRONMENT',
    );
  });

  test('a RUN that writes nothing is a layer of no bytes', () => {
    expect(sizes(3, entry('COPY a /', 5), entry('RUN true # buildkit'), entry('COPY b /', 3))).toEqual([
      5, 0, 3,
    ]);
  });

  test('an image of nothing has no layers', () => {
    expect(layersOfHistory([], 0)).toEqual([]);
    expect(layersOfHistory([entry('CMD ["sh"]')], 0)).toEqual([]);
  });

  test('with fewer entries than layers, or more with a size, nothing is told', () => {
    expect(layersOfHistory([], 1)).toBeUndefined();
    expect(layersOfHistory([entry('COPY a /', 5)], 2)).toBeUndefined();
    expect(layersOfHistory([entry('COPY a /', 5), entry('COPY b /', 3)], 1)).toBeUndefined();
  });

  test('of several entries without a size of which not all are layers, nothing is told if sizes depend on which', () => {
    const [first, second] = [entry('COPY a /', 5), entry('COPY b /', 3)];
    expect(sizes(3, first, entry('RUN true'), second, entry('RUN touch b'))).toBeUndefined();
    expect(sizes(3, first, entry('RUN true'), entry('RUN touch b'), second)).toEqual([5, 0, 3]);
    expect(sizes(4, first, entry('RUN true'), second, entry('RUN touch b'))).toEqual([5, 0, 3, 0]);
    expect(sizes(2, first, entry('RUN true'), second, entry('RUN touch b'))).toEqual([5, 3]);
    expect(sizes(3, first, entry('ENV A=1'), second, entry('RUN touch b'))).toEqual([5, 3, 0]);
    expect(sizes(3, first, entry('ENV A=1'), second, entry('ENV B=1'))).toBeUndefined();
  });

  test('a command is kept short, and one that is missing is absent', () => {
    expect(layersOfHistory([entry('R'.repeat(10_000), 5)], 1)?.[0]?.command).toHaveLength(200);
    expect(layersOfHistory([{ Size: 5 }], 1)).toEqual([{ size: 5 }]);
  });
});

describe('learning', () => {
  const [a, b] = ['a', 'b'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string];
  const nothing = (): KnownLayers => ({ images: {}, layers: {}, blobs: {}, records: {} });
  const all = () => true;

  /** An engine with these answers, which notes what it was asked; anything else is a 404. */
  function engine(answers: Record<string, unknown>) {
    const asked: string[] = [];
    const call = async (method: string, path: string) => {
      asked.push(`${method} ${path}`);
      if (path in answers) return answers[path];
      throw new EngineError('No such image', { status: 404 });
    };
    return { asked, client: { apiVersion: '1.51', podman: false, call } as unknown as Client };
  }
  const app = {
    '/images/app/json': { RootFS: { Layers: [a, b] } },
    '/images/app/history': [
      { CreatedBy: 'RUN make', Size: 3, Created: 2 },
      { CreatedBy: 'COPY a /', Size: 5, Created: 1 },
    ],
  };

  test('an image’s layers and their sizes takes two calls, and none the next time', async () => {
    const { asked, client } = engine(app);
    const known = nothing();
    expect(await learnLayers(client, 'overlay2', [{ id: 'app' }], all, known, undefined)).toBe(true);
    const [first, second] = chainIds([a, b]) as [string, string];
    expect(known.images).toEqual({ app: { layers: [first, second] } });
    expect(known.layers).toEqual({
      [first]: { size: 5, created: 1, command: 'COPY a /' },
      [second]: { size: 3, created: 2, command: 'RUN make' },
    });
    expect(asked).toEqual(['GET /images/app/json', 'GET /images/app/history']);
    expect(await learnLayers(client, 'overlay2', [{ id: 'app' }], all, known, undefined)).toBe(false);
    expect(asked).toHaveLength(2);
  });

  test('the history is asked only of images whose sizes are wanted', async () => {
    const { asked, client } = engine({ ...app, '/images/other/json': { RootFS: { Layers: [a] } } });
    const known = nothing();
    const images = [{ id: 'app' }, { id: 'other' }];
    await learnLayers(client, 'containerd', images, ({ id }) => id === 'app', known, undefined);
    expect(asked.filter((call) => call.endsWith('/history'))).toEqual(['GET /images/app/history']);
    expect(known.images['other']?.layers).toEqual([a]);
  });

  test('nothing is asked about layers that another image told', async () => {
    const { asked, client } = engine({ ...app, '/images/twin/json': { RootFS: { Layers: [a, b] } } });
    const known = nothing();
    await learnLayers(client, 'overlay2', [{ id: 'app' }], all, known, undefined);
    await learnLayers(client, 'overlay2', [{ id: 'twin' }], all, known, undefined);
    expect(asked.at(-1)).toBe('GET /images/twin/json');
  });

  test('an image without layers has a stack of none, and its history is not asked for', async () => {
    const { asked, client } = engine({
      '/images/none/json': { RootFS: { Layers: null } },
      '/images/bare/json': {},
    });
    const known = nothing();
    await learnLayers(client, 'overlay2', [{ id: 'none' }, { id: 'bare' }], all, known, undefined);
    expect(known).toEqual({ ...nothing(), images: { none: { layers: [] }, bare: { layers: [] } } });
    expect(asked).toEqual(['GET /images/none/json', 'GET /images/bare/json']);
  });

  test('the size of a layer is added to what its folder took, where that is known', async () => {
    const { client } = engine(app);
    const known = nothing();
    known.layers[a] = { size: 5, disk: 4096 };
    await learnLayers(client, 'overlay2', [{ id: 'app' }], all, known, undefined);
    expect(known.layers[a]).toEqual({ size: 5, disk: 4096, created: 1, command: 'COPY a /' });
  });

  test('what the engine fails to tell of an image leaves it unknown: a plan can do without', async () => {
    const broken = {
      apiVersion: '1.51',
      podman: false,
      call: async (_: string, path: string) => {
        if (path.startsWith('/images/app')) return app[path as keyof typeof app];
        throw new EngineError('content digest sha256:…: not found', { status: 500 });
      },
    } as unknown as Client;
    const known = nothing();
    await learnLayers(broken, 'overlay2', [{ id: 'broken' }, { id: 'app' }], all, known, undefined);
    expect(Object.keys(known.images)).toEqual(['app']);
  });

  test('an image that has gone stays unknown, one of a strange history without sizes, and neither fails anything', async () => {
    const { client } = engine({
      '/images/odd/json': { RootFS: { Layers: [a, b] } },
      '/images/odd/history': [{ CreatedBy: 'one', Size: 3 }],
      '/images/halfway/json': { RootFS: { Layers: [b] } },
    });
    const known = nothing();
    const images = ['gone', 'odd', 'halfway'].map((id) => ({ id }));
    await learnLayers(client, 'overlay2', images, all, known, undefined);
    expect(Object.keys(known.images).sort()).toEqual(['halfway', 'odd']);
    expect(known.layers).toEqual({});
  });
});
