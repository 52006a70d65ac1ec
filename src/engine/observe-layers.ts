// What images are made of: their layers and what each takes. None of it ever changes, so each is asked for once.
import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import type { Image, Layer } from '../core/inventory.ts';
import type { KnownLayers } from '../state/layer-cache.ts';
import { orUnknown } from './answer.ts';
import type { Client } from './client.ts';
import { blobsFor, type ContentStore, readImage } from './content-store.ts';

/** One entry of `GET /images/{id}/history`, newest first. */
interface HistoryEntry {
  Created?: number;
  CreatedBy?: string;
  Size?: number;
}

/** The containerd store reads an image's files for every answer. */
const AT_ONCE = { containerd: 8, others: 16 } as const;

/** Instructions that make no layer. Source: Dockerfile reference; the classic builder writes `/bin/sh -c #(nop)` before them. */
const NO_LAYER =
  /^(\/bin\/sh -c #\(nop\)\s+)?(ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b/;

/**
 * Adds to `known` of which layers these images are made, and what the layers of those take that are `sized`. Says
 * whether it had to ask. `tell`: how many images it knows, of those that it asks about. An image that has gone meanwhile, or whose history does not tell its layers apart, stays unknown.
 */
export async function learnLayers(
  client: Client,
  store: string,
  images: readonly Pick<Image, 'id'>[],
  sized: (image: Pick<Image, 'id'>) => boolean,
  known: KnownLayers,
  content: ContentStore | undefined,
  tell: (done: number, total: number) => void = () => {},
): Promise<boolean> {
  const limit = pLimit(store === 'containerd' ? AT_ONCE.containerd : AT_ONCE.others);
  const unstacked = images.filter(({ id }) => !known.images[id] || (content && !known.images[id].blobs));
  const each = async (of: readonly Pick<Image, 'id'>[], learn: (id: string) => Promise<void>) => {
    let done = 0;
    await Promise.all(of.map(({ id }) => limit(() => learn(id)).then(() => tell(++done, of.length))));
  };
  await each(unstacked, (id) => learnStack(client, id, known, content));
  const unsized = images.filter((image) => sized(image) && !isSized(known, image.id));
  await each(unsized, (id) => learnSizes(client, id, known));
  return unstacked.length + unsized.length > 0;
}

function isSized({ images, layers }: KnownLayers, id: string): boolean {
  return images[id]?.layers.every((layer) => layers[layer]) ?? true;
}

/** From its manifest, where that can be read, else from the engine. */
async function learnStack(
  client: Client,
  id: string,
  known: KnownLayers,
  content: ContentStore | undefined,
): Promise<void> {
  const inspect = async () => {
    const found = await orUnknown(
      client.call<{ RootFS?: { Layers?: string[] | null } }>('GET', `/images/${id}/json`),
    );
    return found && (found.RootFS?.Layers ?? []);
  };
  const read = content && (await readImage(content, id));
  if (read) Object.assign(known.blobs, read.sizes);
  const digests = read?.platforms.length === 1 ? read.platforms[0]?.digests : await inspect();
  if (!digests) return;
  const blobs = read && blobsFor(read, digests);
  known.images[id] = { layers: chainIds(digests), ...(blobs && { blobs }) };
}

async function learnSizes(client: Client, id: string, known: KnownLayers): Promise<void> {
  const stack = known.images[id]?.layers ?? [];
  const history = await orUnknown(client.call<HistoryEntry[]>('GET', `/images/${id}/history`));
  const layers = history && layersOfHistory(history.toReversed(), stack.length);
  layers?.forEach((layer, i) => {
    const id = stack[i] as string;
    known.layers[id] = { ...known.layers[id], ...layer };
  });
}

/** Chain IDs from the digests of layers. Source: OCI image specification 1.1, config.md, "Layer ChainID". */
export function chainIds(digests: readonly string[]): string[] {
  const chain: string[] = [];
  for (const digest of digests) {
    const below = chain.at(-1);
    chain.push(
      below === undefined
        ? digest
        : `sha256:${createHash('sha256').update(`${below} ${digest}`).digest('hex')}`,
    );
  }
  return chain;
}

/**
 * The `n` entries of a history, oldest first, that made layers: those with a size, and as many of the others as there
 * are layers. It does not tell which of those: first come the instructions that may make one. `undefined` where it has
 * too few or too many, or where another choice would give the sizes to other layers.
 */
export function layersOfHistory(history: readonly HistoryEntry[], n: number): Layer[] | undefined {
  const sized = history.filter(({ Size = 0 }) => Size > 0);
  const empty = history.filter(({ Size = 0 }) => Size <= 0);
  const [no, may] = [true, false].map((none) =>
    empty.filter(({ CreatedBy = '' }) => NO_LAYER.test(CreatedBy) === none),
  ) as [HistoryEntry[], HistoryEntry[]];
  const ofMay = Math.min(may.length, Math.max(0, n - sized.length));
  const ofNo = Math.max(0, n - sized.length - ofMay);
  const among = (...chosen: HistoryEntry[]) => {
    const all = new Set([...sized, ...chosen]);
    return history.filter((entry) => all.has(entry));
  };
  const earliest = among(...may.slice(0, ofMay), ...no.slice(0, ofNo));
  const latest = among(...may.slice(may.length - ofMay), ...no.slice(Math.max(0, no.length - ofNo)));
  const isSame = ({ Size = 0 }: HistoryEntry, i: number) => Size === (latest[i]?.Size ?? 0);
  if (earliest.length !== n || !earliest.every(isSame)) return undefined;
  return earliest.map(({ Size = 0, Created, CreatedBy }) => ({
    size: Math.max(0, Size),
    ...(Created !== undefined && { created: Created }),
    ...(CreatedBy && { command: CreatedBy.slice(0, 200) }),
  }));
}
