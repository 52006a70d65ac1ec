// The containerd store's blobs, where its folder can be read here: manifests, which no API of the engine shows. A blob's
// name is the digest of its content, so what is found under that name is the right one, whoever's folder it is.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageBlobs } from '../core/inventory.ts';

/** The folder of blobs by SHA-256. */
export interface ContentStore {
  readonly folder: string;
}

/** Relative to the engine's own folder, and where containerd runs by itself. Source: containerd, docs/content-flow.md. */
const PLACES = {
  own: 'containerd/daemon/io.containerd.content.v1.content/blobs/sha256',
  system: '/var/lib/containerd/io.containerd.content.v1.content/blobs/sha256',
} as const;

/** Images that are looked for in a folder before it is another engine's. */
const TRIED = 3;

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly os?: string };
}

/** An index, a manifest or an image's configuration: the parts of them that tell what it is made of. Go writes null for an empty list. */
interface Document {
  /** Attestations are manifests of an unknown platform. Source: BuildKit, docs/attestations/attestation-storage.md. */
  readonly manifests?: readonly Descriptor[] | null;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[] | null;
  readonly rootfs?: { readonly diff_ids?: readonly string[] | null };
}

/** The content store that has one of these images; `undefined` where none can be read here. */
export async function findContentStore(
  rootFolder: string | undefined,
  ids: readonly string[],
): Promise<ContentStore | undefined> {
  for (const folder of [...(rootFolder ? [join(rootFolder, PLACES.own)] : []), PLACES.system]) {
    for (const id of ids.slice(0, TRIED)) if (await read({ folder }, id)) return { folder };
  }
  return undefined;
}

/** What was read of an image: its platforms whose configuration is here, and the bytes of every blob that is here. */
export interface PackedImage {
  readonly platforms: readonly Platform[];
  readonly sizes: Readonly<Record<string, number>>;
}

interface Platform {
  /** Of its layers, unpacked, lowest first. */
  readonly digests: readonly string[];
  /** Its layers packed, in the same order. */
  readonly blobs: readonly string[];
}

/** Reads an image's index, manifests and configurations. `undefined` where they are not here, or are of another shape. */
export async function readImage(store: ContentStore, id: string): Promise<PackedImage | undefined> {
  const sizes: Record<string, number> = {};
  const platforms: Platform[] = [];
  const seen = new Set<string>(); // an index may name one a thousand times, and so may that
  const visit = async (digest: string, os?: string): Promise<boolean> => {
    const document = seen.has(digest) ? undefined : await read(store, digest);
    seen.add(digest);
    if (!document) return false; // of another platform, and not here
    const { config } = document;
    const layers = document.layers ?? [];
    for (const blob of [digest, ...(config ? [config.digest] : []), ...layers.map((layer) => layer.digest)])
      sizes[blob] = await sizeOf(store, blob);
    for (const manifest of document.manifests ?? []) await visit(manifest.digest, manifest.platform?.os);
    const configuration = config && os !== 'unknown' && (await read(store, config.digest));
    const digests = configuration && (configuration.rootfs?.diff_ids ?? []);
    if (
      digests &&
      digests.length === layers.length &&
      layers.every(({ digest: blob }) => (sizes[blob] ?? 0) > 0)
    )
      platforms.push({ digests, blobs: layers.map((layer) => layer.digest) });
    return true;
  };
  return (await visit(id).catch(() => false)) ? { platforms, sizes } : undefined;
}

/** The blobs of an image of these layers, unpacked. `undefined` where that platform of it is not here. */
export function blobsFor(
  { platforms, sizes }: PackedImage,
  digests: readonly string[],
): ImageBlobs | undefined {
  const layers = platforms.find((platform) => platform.digests.join() === digests.join())?.blobs;
  if (!layers) return undefined;
  const own = new Set(layers);
  return {
    layers,
    others: Object.keys(sizes).filter((digest) => !own.has(digest) && (sizes[digest] ?? 0) > 0),
  };
}

/** 0 for a blob that is not here. */
async function sizeOf({ folder }: ContentStore, digest: string): Promise<number> {
  return await stat(join(folder, nameOf(digest))).then(
    ({ size }) => size,
    () => 0,
  );
}

/** `undefined` for what is not here, is not what its name says, or is no JSON. */
async function read({ folder }: ContentStore, digest: string): Promise<Document | undefined> {
  try {
    const bytes = await readFile(join(folder, nameOf(digest)));
    const sum = createHash('sha256').update(bytes).digest('hex');
    return sum === nameOf(digest) ? JSON.parse(bytes.toString()) : undefined;
  } catch {
    return undefined;
  }
}

/** The hex digits of a digest, which are its file's name; nothing else may become a path. */
function nameOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex === undefined) throw new Error(`${digest} is no SHA-256`);
  return hex;
}
