// What images and the build cache take on the engine's disk, measured by the engine itself.
import type { Engine } from '../core/inventory.ts';
import type { Measure } from '../core/reclaimed.ts';
import { atLeast } from './answer.ts';
import type { Client } from './client.ts';
import { diskOf } from './disk.ts';
import type { SystemInfo } from './observe.ts';

/** Where the figure takes 5 ms an image, so many are worth waiting for. */
const MEASURED = 200;

/** What can be measured. What fails here must not fail the run: it is only the closing line. */
export async function measureSpace(client: Client, { store, host }: Engine): Promise<Measure> {
  try {
    const info = await client.call<SystemInfo>('GET', '/info');
    const layers = await layersSize(client, store, info);
    const disk = await diskOf(host, info);
    return { ...(layers !== undefined && { layers }), ...(disk && { free: disk.free }) };
  } catch {
    return {};
  }
}

/**
 * Bytes of all layers and of the build cache that shares none of them (what an image leaves behind the cache still
 * holds); on the containerd store of all snapshots and blobs, whose figure had no blobs before API 1.48. `undefined`
 * where the engine has no such figure, or takes long to tell: podman says something else, and before API 1.42 asking
 * would also size every volume.
 */
async function layersSize(
  client: Client,
  store: string,
  { Images = 0 }: SystemInfo,
): Promise<number | undefined> {
  const containerd = store === 'containerd';
  if (store === 'podman' || !atLeast(client, containerd ? '1.48' : '1.42')) return undefined;
  if (containerd && Images > MEASURED) return undefined;
  const { LayersSize, BuildCache } = await client.call<{
    LayersSize?: number;
    BuildCache?: { Shared?: boolean; Size?: number }[] | null;
  }>('GET', '/system/df', { type: containerd ? 'image' : ['image', 'build-cache'] }, { timeout: 0 });
  const own = (BuildCache ?? []).filter(({ Shared }) => !Shared);
  return LayersSize === undefined ? undefined : own.reduce((sum, { Size = 0 }) => sum + Size, LayersSize);
}
