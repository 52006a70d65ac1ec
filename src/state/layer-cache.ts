// What images are made of, kept from run to run: it never changes, and asking for it takes long. Losing it costs time only.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageBlobs, Layer } from '../core/inventory.ts';
import { makeFolder } from './folder.ts';

/** The version of the file; a file of another one is made anew. */
const VERSION = 2;

/** What is known of images by ID, of layers by chain ID and of blobs by digest. Layers of which only the ID is known are not in `layers`. */
export interface KnownLayers {
  readonly images: Record<string, { readonly layers: readonly string[]; readonly blobs?: ImageBlobs }>;
  readonly layers: Record<string, Layer>;
  readonly blobs: Record<string, number>;
  /** The layers that records of the build cache are, by the records' IDs. */
  readonly records: Record<string, string>;
}

interface Named {
  readonly id: string;
}

export interface LayerCache {
  readonly known: KnownLayers;
  /** Keeps what is known of these images and records and no other. Where the folder cannot be written, the next run asks again. */
  readonly keep: (images: readonly Named[], records: readonly Named[]) => Promise<void>;
}

/** What earlier runs learnt of this engine's images; empty where there is none, or it was damaged. */
export async function openLayerCache(folder: string, engine: string): Promise<LayerCache> {
  const file = join(folder, 'layers', `${(await digestOf(engine)).slice(0, 16)}.json`);
  const known = (await readKnown(file)) ?? { images: {}, layers: {}, blobs: {}, records: {} };
  return { known, keep: async (images, records) => await write(file, only(known, images, records)) };
}

/** First line: the version, and the digest of the second line. */
async function readKnown(file: string): Promise<KnownLayers | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    return text.slice(0, end) === (await header(body)) ? (JSON.parse(body) as KnownLayers) : undefined;
  } catch {
    return undefined;
  }
}

async function header(body: string): Promise<string> {
  return `docker-tidy layers ${VERSION} sha256:${await digestOf(body)}`;
}

/** SHA-256, in hex digits. What it is made with takes its time to load, and not every run that needs this file gets here. */
async function digestOf(text: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(text).digest('hex');
}

function only(known: KnownLayers, images: readonly Named[], cache: readonly Named[]): KnownLayers {
  const kept = images.flatMap(({ id }) => (known.images[id] ? [[id, known.images[id]] as const] : []));
  const records = pick(known.records, new Set(cache.map(({ id }) => id)));
  const layers = new Set([...kept.flatMap(([, image]) => image.layers), ...Object.values(records)]);
  const blobs = new Set(kept.flatMap(([, { blobs: all }]) => (all ? [...all.layers, ...all.others] : [])));
  return {
    images: Object.fromEntries(kept),
    records,
    layers: pick(known.layers, layers),
    blobs: pick(known.blobs, blobs),
  };
}

function pick<T>(from: Readonly<Record<string, T>>, keys: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries([...keys].flatMap((key) => (key in from ? [[key, from[key] as T]] : [])));
}

async function write(file: string, known: KnownLayers): Promise<void> {
  const body = JSON.stringify(known);
  const part = `${file}.${process.pid}.part`;
  try {
    await makeFolder(dirname(file));
    await writeFile(part, `${await header(body)}\n${body}`, { mode: 0o600 });
    await rename(part, file);
  } catch {
    await rm(part, { force: true }).catch(() => {});
  }
}
