// What image layers take on the engine's disk, measured by the engine itself.
import type { Engine } from '../core/inventory.ts';
import { atLeast } from './answer.ts';
import type { Client } from './client.ts';

/**
 * Bytes of all layers, or `undefined` where the engine has no such figure: the containerd store counts snapshots
 * without their compressed content, podman says something else, and before API 1.42 asking would also size every
 * volume, which can take minutes. What fails here must not fail the run: it is only the closing line.
 */
export async function measureSpace(client: Client, { store }: Engine): Promise<number | undefined> {
  if (store === 'containerd' || store === 'podman' || !atLeast(client, '1.42')) return undefined;
  try {
    const { LayersSize } = await client.call<{ LayersSize?: number }>('GET', '/system/df', { type: 'image' });
    return LayersSize;
  } catch {
    return undefined;
  }
}
