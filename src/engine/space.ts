// What image layers take on the engine's disk, measured by the engine itself.
import type { Engine } from '../core/inventory.ts';
import { atLeast } from './answer.ts';
import type { Client } from './client.ts';

/**
 * Bytes of all layers and of the build cache that shares none of them (what an image leaves behind the cache still
 * holds), or `undefined` where the engine has no such figure: the containerd store counts snapshots without their
 * compressed content, podman says something else, and before API 1.42 asking would also size every volume, which can
 * take minutes. What fails here must not fail the run: it is only the closing line.
 */
export async function measureSpace(client: Client, { store }: Engine): Promise<number | undefined> {
  if (store === 'containerd' || store === 'podman' || !atLeast(client, '1.42')) return undefined;
  try {
    const { LayersSize, BuildCache } = await client.call<{
      LayersSize?: number;
      BuildCache?: { Shared?: boolean; Size?: number }[] | null;
    }>('GET', '/system/df', { type: ['image', 'build-cache'] }, { timeout: 0 });
    const own = (BuildCache ?? []).filter(({ Shared }) => !Shared);
    return LayersSize === undefined ? undefined : own.reduce((sum, { Size = 0 }) => sum + Size, LayersSize);
  } catch {
    return undefined;
  }
}
