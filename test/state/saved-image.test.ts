// Whether an engine handed out all of an image: in its own format, and in that of the containerd store.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkSaved } from '../../src/state/saved-image.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** An OCI layout as the containerd store gives it, with an index over one platform that is here and one that is not. */
function layout(without: (name: string) => boolean = () => false) {
  const files = new Map<string, string>();
  const blob = (text: string) => {
    files.set(`blobs/sha256/${sha256(text)}`, text);
    return `sha256:${sha256(text)}`;
  };
  const layer = blob('packed layer');
  const config = blob(JSON.stringify({ rootfs: { diff_ids: [`sha256:${sha256('layer')}`] } }));
  const manifest = blob(JSON.stringify({ config: { digest: config }, layers: [{ digest: layer }] }));
  const elsewhere = `sha256:${sha256('not here')}`;
  const id = blob(JSON.stringify({ manifests: [{ digest: elsewhere }, { digest: manifest }] }));
  const path = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  files.set('manifest.json', JSON.stringify([{ Config: path(config), Layers: [path(layer)] }]));
  const names = { layer: path(layer), config: path(config), manifest: path(manifest), index: path(id) };
  const entries = [...files]
    .filter(([name]) => !without(name))
    .map(([name, text]) => ({ name, text, sha256: sha256(text) }));
  return { id, manifest, names, entries };
}

const check = (id: string, entries: ReturnType<typeof layout>['entries']) =>
  checkSaved(id, entries, async ({ text }) => text);

test('an image of several platforms is whole with one of them; so is one by its manifest', async () => {
  const { id, manifest, entries } = layout();
  await check(id, entries);
  await check(manifest, entries);
});

test.each(['layer', 'config', 'manifest', 'index'] as const)('without its %s it is not', async (part) => {
  const { id, names } = layout();
  const { entries } = layout((name) => name === names[part]);
  await expect(check(id, entries)).rejects.toThrow(/is missing|another image/);
});

test('a part that is not what its name says is found', async () => {
  const { id, names, entries } = layout();
  const changed = entries.map((entry) =>
    entry.name === names.layer ? { ...entry, sha256: sha256('x') } : entry,
  );
  await expect(check(id, changed)).rejects.toThrow(/is not what its name says/);
});

test.each([
  ['no manifest.json', []],
  ['one that is no JSON', [{ name: 'manifest.json', text: '{', sha256: 'x' }]],
  ['one that names nothing', [{ name: 'manifest.json', text: '[]', sha256: 'x' }]],
])('%s is no image', async (_, entries) => {
  await expect(check(`sha256:${'0'.repeat(64)}`, entries)).rejects.toThrow(/missing|no JSON|names no image/);
});
