// An image is removed after its archive was made, and comes back as the very same one: the faults of engines and archives.
import { existsSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import { archiveImage, loadArchived } from '../../src/engine/archive-image.ts';
import type { CallOptions, Client } from '../../src/engine/client.ts';
import { archivedImage, archiveFolder } from '../../src/state/image-archive.ts';
import { imageArchive } from '../support/image-archive.ts';

const TAR = imageArchive([
  { created: '2026-01-01T00:00:00Z', layers: [{ f: 'x'.repeat(9000) }, { g: 'y' }] },
]);
const ID = `sha256:${/"Config":"([0-9a-f]{64})\.json"/.exec(TAR.toString('latin1'))?.[1]}`;
const IMAGE = { id: ID, names: ['app:1'], size: TAR.length };
const { signal } = new AbortController();

/** An engine with images by ID, as it hands them out; `load` is what it does with a tar, and says. */
function engine(images: Map<string, Buffer>, load: (tar: Buffer) => string = () => '') {
  const calls: string[] = [];
  const loaded: Buffer[] = [];
  const client = {
    call: async (_: string, path: string) => {
      const id = path.split('/')[2] as string;
      if (images.has(id)) return { Id: id };
      throw new EngineError('No such image', { status: 404 });
    },
    read: async (
      method: string,
      path: string,
      _: object,
      { body }: CallOptions,
      work: (answer: { headers: object; body: AsyncIterable<Buffer> }) => Promise<unknown>,
    ) => {
      calls.push(`${method} ${path}`);
      const answer = (bytes: Buffer | string) =>
        work({ headers: {}, body: Readable.from([Buffer.from(bytes)]) });
      if (method === 'GET') return await answer(images.get(path.split('/')[2] as string) as Buffer);
      const tar = await buffer(body as Readable);
      loaded.push(tar);
      return await answer(load(tar));
    },
  };
  return { calls, loaded, client: client as unknown as Client };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docker-tidy-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const at = () => ({ folder, engine: 'ENGINE' });
const archived = async () => {
  const found = await archivedImage(folder, 'ENGINE', ID);
  if (!found) throw new Error('not archived');
  return found;
};
const blobs = () => join(archiveFolder(folder, 'ENGINE'), 'blobs');

describe('archiving', () => {
  test('asks for the image by its ID, and once only while the archive is whole', async () => {
    const { client, calls } = engine(new Map([[ID, TAR]]));
    const first = await archiveImage(client, IMAGE, at(), {}, signal);
    const again = await archiveImage(client, { ...IMAGE, names: ['app:2'] }, at(), {}, signal);
    expect(calls).toEqual([`GET /images/${ID}/get`]);
    expect(await archived()).toMatchObject({ names: ['app:2'], savedAt: again.savedAt });
    expect(Date.parse(again.savedAt)).toBeGreaterThanOrEqual(Date.parse(first.savedAt));
  });

  test('is done again where the archive is damaged', async () => {
    const { client, calls } = engine(new Map([[ID, TAR]]));
    await archiveImage(client, IMAGE, at(), {}, signal);
    truncateSync(join(blobs(), readdirSync(blobs())[0] as string), 3);
    await archiveImage(client, IMAGE, at(), {}, signal);
    expect(calls).toHaveLength(2);
    await loadArchived(engine(new Map([[ID, TAR]])).client, await archived());
  });

  test('fails in words that say what to do where the engine does not hand out all of it', async () => {
    const { client } = engine(new Map([[ID, TAR.subarray(0, 5000)]]));
    const archiving = archiveImage(client, IMAGE, at(), {}, signal);
    await expect(archiving).rejects.toThrow(EngineError);
    await expect(archiving).rejects.toThrow(
      /did not hand out all of image [0-9a-f]{12} \(it ends in the middle\)/,
    );
    expect(existsSync(blobs()) && readdirSync(blobs())).toEqual([]);
  });
});

describe('loading', () => {
  beforeEach(
    async () => void (await archiveImage(engine(new Map([[ID, TAR]])).client, IMAGE, at(), {}, signal)),
  );

  test('sends the very tar that was archived', async () => {
    const images = new Map<string, Buffer>();
    const { client, calls, loaded } = engine(images, (tar) => {
      images.set(ID, tar);
      return '{"stream":"Loaded image ID"}\r\n';
    });
    await loadArchived(client, await archived());
    expect(calls).toEqual(['POST /images/load']);
    expect(loaded[0]?.equals(TAR)).toBe(true);
  });

  test('is not done where the engine has the image', async () => {
    const { client, calls } = engine(new Map([[ID, TAR]]));
    await loadArchived(client, await archived());
    expect(calls).toEqual([]);
  });

  test.each<[string, (file: string) => void]>([
    ['missing', (file) => rmSync(file)],
    ['damaged', (file) => truncateSync(file, 5)],
  ])('of an archive with a blob that is %s loads nothing', async (_, damage) => {
    damage(join(blobs(), readdirSync(blobs()).at(-1) as string));
    const { client, calls } = engine(new Map());
    await expect(loadArchived(client, await archived())).rejects.toThrow(
      /damaged \(.*\), so nothing was loaded/,
    );
    expect(calls).toEqual([]);
  });

  test('fails with what the engine says of it, though its status was good', async () => {
    const { client } = engine(
      new Map(),
      () => '{"stream":"x"}\n{"errorDetail":{},"error":"no space left on device"}\n',
    );
    await expect(loadArchived(client, await archived())).rejects.toThrow(
      'the engine could not load the archived image: no space left on device',
    );
  });

  test('fails where the engine made another image of it', async () => {
    const { client } = engine(new Map(), () => '');
    await expect(loadArchived(client, await archived())).rejects.toThrow(/does not have that image/);
  });
});
