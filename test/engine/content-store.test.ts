// Manifests in the containerd store's folder: what they tell of an image, and what nobody must believe of them.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { blobsFor, findContentStore, readImage } from '../../src/engine/content-store.ts';
import { folder } from '../support/servers.ts';

const IN_ROOT = 'containerd/daemon/io.containerd.content.v1.content/blobs/sha256';
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const DIFF = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`) as [string, string, string];

/** A store in a folder of its own, and what writes a blob into it and gives its digest. */
function store() {
  const root = folder();
  const at = join(root, IN_ROOT);
  mkdirSync(at, { recursive: true });
  const put = (content: unknown, digest?: string): string => {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    const name = digest ?? digestOf(text);
    writeFileSync(join(at, name.slice(7)), text);
    return name;
  };
  return { root, content: { folder: at }, put };
}

type Put = ReturnType<typeof store>['put'];

/** A manifest of one layer for each of these unpacked digests. */
function manifest(put: Put, diffs: readonly string[], os = 'linux') {
  const layers = diffs.map((diff) => put(`layer ${diff}`));
  const config = put({ os, rootfs: { diff_ids: diffs } });
  const digest = put({ config: { digest: config }, layers: layers.map((layer) => ({ digest: layer })) });
  return { digest, config, layers };
}

describe('an image', () => {
  test('of one manifest has its layers in their order, and the sizes of all that it is made of', async () => {
    const { content, put } = store();
    const { digest, config, layers } = manifest(put, [DIFF[0], DIFF[1]]);
    const image = await readImage(content, digest);
    expect(image?.platforms).toEqual([{ digests: [DIFF[0], DIFF[1]], blobs: layers }]);
    expect(Object.keys(image?.sizes ?? {}).sort()).toEqual([digest, config, ...layers].sort());
    expect(image?.sizes[layers[0] as string]).toBe(`layer ${DIFF[0]}`.length);
    expect(blobsFor(image as never, [DIFF[0], DIFF[1]])).toEqual({ layers, others: [digest, config] });
  });

  test('of two platforms and an attestation has the layers of the one asked for; the rest are its other blobs', async () => {
    const { content, put } = store();
    const amd = manifest(put, [DIFF[0], DIFF[1]]);
    const arm = manifest(put, [DIFF[2]]);
    const attestation = manifest(put, [DIFF[0]], 'unknown');
    const index = put({
      manifests: [
        { digest: amd.digest, platform: { os: 'linux' } },
        { digest: arm.digest, platform: { os: 'linux' } },
        { digest: attestation.digest, platform: { os: 'unknown' } },
      ],
    });
    const image = await readImage(content, index);
    expect(image?.platforms.map(({ digests }) => digests)).toEqual([[DIFF[0], DIFF[1]], [DIFF[2]]]);
    const blobs = blobsFor(image as never, [DIFF[2]]);
    expect(blobs?.layers).toEqual(arm.layers);
    const all = [
      index,
      ...[amd, arm, attestation].flatMap((each) => [each.digest, each.config, ...each.layers]),
    ];
    expect(new Set(blobs?.others)).toEqual(new Set(all.filter((digest) => !arm.layers.includes(digest))));
    expect(blobsFor(image as never, [DIFF[0]])).toBeUndefined();
  });

  test('has no platform whose manifest or layers were not pulled', async () => {
    const { content, put } = store();
    const here = manifest(put, [DIFF[0]]);
    const config = put({ rootfs: { diff_ids: [DIFF[1]] } });
    const missing = `sha256:${'e'.repeat(64)}`;
    const bare = put({ config: { digest: config }, layers: [{ digest: missing }] });
    const index = put({
      manifests: [{ digest: here.digest }, { digest: bare }, { digest: `sha256:${'d'.repeat(64)}` }],
    });
    const image = await readImage(content, index);
    expect(image?.platforms).toEqual([{ digests: [DIFF[0]], blobs: here.layers }]);
    expect(blobsFor(image as never, [DIFF[0]])?.others).not.toContain(missing);
  });

  test('of which nothing is here is not known', async () => {
    expect(await readImage(store().content, DIFF[0])).toBeUndefined();
  });
});

describe('what is not believed', () => {
  test('a manifest whose content is not its digest’s', async () => {
    const { content, put } = store();
    const forged = put({ config: { digest: DIFF[0] }, layers: [] }, DIFF[1]);
    expect(await readImage(content, forged)).toBeUndefined();
  });

  test('a configuration whose content is not its digest’s', async () => {
    const { content, put } = store();
    const layer = put('layer');
    const config = put({ rootfs: { diff_ids: [DIFF[0]] } }, DIFF[1]);
    const image = await readImage(content, put({ config: { digest: config }, layers: [{ digest: layer }] }));
    expect(image?.platforms).toEqual([]);
  });

  test('a configuration of another number of layers', async () => {
    const { content, put } = store();
    const config = put({ rootfs: { diff_ids: [DIFF[0], DIFF[1]] } });
    const image = await readImage(
      content,
      put({ config: { digest: config }, layers: [{ digest: put('layer') }] }),
    );
    expect(image?.platforms).toEqual([]);
  });

  test.each([
    ['../../../../../../../../etc/passwd'],
    ['sha256:../../../../../../../../etc/passwd'],
    [`sha256:${'a'.repeat(63)}/`],
    [`sha512:${'a'.repeat(128)}`],
    [''],
    [7],
    [null],
  ])('the digest %j, which becomes no path and fails nothing', async (digest) => {
    const { root, content, put } = store();
    const inLayers = put({ config: { digest: put({}) }, layers: [{ digest }] });
    const inConfig = put({ config: { digest }, layers: [] });
    const inIndex = put({ manifests: [{ digest }] });
    for (const id of [inLayers, inConfig]) expect(await readImage(content, id)).toBeUndefined();
    expect((await readImage(content, inIndex))?.platforms ?? []).toEqual([]);
    if (typeof digest !== 'string') return;
    expect(await readImage(content, digest)).toBeUndefined();
    expect(await findContentStore(root, [digest])).toBeUndefined();
  });

  test.each([
    ['null'],
    ['7'],
    ['"text"'],
    ['{"layers":7}'],
    ['{"manifests":null,"layers":null}'],
    ['{"layers":[null]}'],
    ['no JSON'],
  ])('a manifest that is %s', async (text) => {
    const { content, put } = store();
    expect((await readImage(content, put(text)))?.platforms ?? []).toEqual([]);
  });

  test('an index that names the next one many times, and so on, is read once each', async () => {
    const { content, put } = store();
    let digest = manifest(put, [DIFF[0]]).digest;
    for (let level = 0; level < 30; level++) digest = put({ level, manifests: [{ digest }, { digest }] });
    expect((await readImage(content, digest))?.platforms).toHaveLength(1);
  });
});

describe('the store', () => {
  test('is found below the engine’s folder by one of its first images', async () => {
    const { root, content, put } = store();
    const { digest } = manifest(put, [DIFF[0]]);
    expect(await findContentStore(root, [DIFF[1], digest])).toEqual(content);
  });

  test('is not another engine’s, which has none of them', async () => {
    const { root, put } = store();
    manifest(put, [DIFF[0]]);
    expect(await findContentStore(root, [DIFF[1]])).toBeUndefined();
    expect(await findContentStore(join(root, 'nowhere'), [DIFF[1]])).toBeUndefined();
    expect(await findContentStore(root, [])).toBeUndefined();
  });
});
