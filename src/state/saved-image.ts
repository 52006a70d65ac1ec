// Whether what an engine handed out as an image is all of it, so that loading it gives the very same image.
// Source: Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format"; OCI image layout 1.1.
import { BrokenTar } from './tar.ts';

/** One file of it. */
interface SavedEntry {
  readonly name: string;
  /** The SHA-256 of its content; absent for a folder, a link and an empty file. */
  readonly sha256?: string;
}

/** One image of `manifest.json`. */
interface Manifest {
  readonly Config?: string;
  readonly Layers?: readonly string[] | null;
}

const IN_LAYOUT = /^blobs\/sha256\/([0-9a-f]{64})$/;

/**
 * Checks the entries of a tar that should be the image with this ID. `read` gives the content of one as text.
 *
 * @throws BrokenTar that says what is missing or is not what it should be; what `read` throws.
 */
export async function checkSaved<E extends SavedEntry>(
  id: string,
  entries: readonly E[],
  read: (entry: E) => Promise<string>,
): Promise<void> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  for (const { name, sha256 } of entries) {
    const said = IN_LAYOUT.exec(name)?.[1];
    if (said !== undefined && sha256 !== undefined && said !== sha256)
      throw new BrokenTar(`${name} is not what its name says`);
  }
  const find = (name: string): E => {
    const entry = byName.get(name);
    if (!entry) throw new BrokenTar(`${name} is missing`);
    return entry;
  };
  const manifests = parse<Manifest[]>(await read(find('manifest.json')));
  if (!Array.isArray(manifests) || manifests.length === 0)
    throw new BrokenTar('manifest.json names no image');
  for (const manifest of manifests) await checkImage(manifest, find, read);
  const hex = id.replace(/^sha256:/, '');
  if (manifests.some(({ Config = '' }) => find(Config).sha256 === hex)) return;
  const top = byName.get(`blobs/sha256/${hex}`);
  if (top?.sha256 !== hex || !(await isRunnable(top, byName, read)))
    throw new BrokenTar(`it holds another image than ${id}`);
}

/** A manifest of an OCI layout, or an index of several. */
interface Document {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest?: string };
  readonly layers?: readonly { readonly digest: string }[];
}

/**
 * The containerd store knows an image by its manifest, or by the index of those for several platforms and of what tells
 * about them. Whether one manifest is there with all that it needs.
 */
async function isRunnable<E extends SavedEntry>(
  entry: E,
  byName: ReadonlyMap<string, E>,
  read: (entry: E) => Promise<string>,
): Promise<boolean> {
  const at = (digest: string) => byName.get(`blobs/${digest.replace(':', '/')}`);
  const { manifests, config, layers = [] } = parse<Document>(await read(entry));
  if (!manifests) return [config?.digest ?? '', ...layers.map(({ digest }) => digest)].every(at);
  for (const { digest } of manifests) {
    const manifest = at(digest);
    if (manifest && (await isRunnable(manifest, byName, read))) return true;
  }
  return false;
}

async function checkImage<E extends SavedEntry>(
  { Config = '', Layers }: Manifest,
  find: (name: string) => E,
  read: (entry: E) => Promise<string>,
): Promise<void> {
  const layers = (Layers ?? []).map(find);
  const config = parse<{ rootfs?: { diff_ids?: readonly string[] | null } }>(await read(find(Config)));
  const digests = config.rootfs?.diff_ids ?? [];
  if (digests.length !== layers.length)
    throw new BrokenTar(`${Config} tells of ${digests.length} layers, and ${layers.length} are there`);
  for (const [i, { name, sha256 }] of layers.entries()) {
    const known = sha256 !== undefined && !IN_LAYOUT.test(name); // those may be packed, and were checked by their names
    if (known && digests[i] !== `sha256:${sha256}`) throw new BrokenTar(`${name} is not what ${Config} says`);
  }
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw new BrokenTar(`a part of it is no JSON (${(error as Error).message})`);
  }
}
