// What layers take on the disk, where their folders can be read here. Graph drivers tell the bytes of the files, and a
// disk gives whole blocks: for the many small files of a distribution's packages a tenth more, or a third.
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Layer } from '../core/inventory.ts';
import type { KnownLayers } from '../state/layer-cache.ts';
import { orUnknown } from './answer.ts';
import type { Client } from './client.ts';

interface Inspected {
  GraphDriver?: { Name?: string; Data?: { LowerDir?: string; UpperDir?: string } | null } | null;
}

/** Files between two looks at the clock. */
const AT_ONCE = 2_000;

/** Bytes of a block as `lstat` counts them. Source: POSIX, sys/stat.h leaves it open; Linux, stat(2): 512. */
const BLOCK = 512;

/**
 * Adds to `known` what the layers of these images take on the disk, until `deadline` (milliseconds since 1970). A layer's
 * folder has a name that no other engine has, so that one which is there is the right one. Says whether it found any.
 */
export async function learnDisk(
  client: Client,
  ids: readonly string[],
  known: KnownLayers,
  deadline: number,
): Promise<boolean> {
  const limit = pLimit(4);
  const reading = pLimit(1); // images have layers in common
  const lacking = ids.filter((id) =>
    known.images[id]?.layers.some((layer) => lacksDisk(known.layers[layer])),
  );
  const learnt = await Promise.all(
    lacking.map((id) =>
      limit(async () => {
        if (Date.now() >= deadline) return false;
        const inspected = await orUnknown(client.call<Inspected>('GET', `/images/${id}/json`));
        return await reading(() =>
          readStack(known.images[id]?.layers ?? [], foldersOf(inspected), known.layers, deadline),
        );
      }),
    ),
  );
  return learnt.includes(true);
}

/** Says whether it read any. */
async function readStack(
  stack: readonly string[],
  folders: readonly string[],
  layers: KnownLayers['layers'],
  deadline: number,
): Promise<boolean> {
  if (folders.length !== stack.length) return false;
  let any = false;
  for (const [i, layer] of stack.entries()) {
    const seen = layers[layer];
    if (!lacksDisk(seen)) continue;
    const found = await diskUsage(folders[i] as string, deadline);
    if (found === undefined) break;
    layers[layer] = { ...seen, ...found };
    any = true;
  }
  return any;
}

/** A layer of no bytes has no files to speak of. */
function lacksDisk(layer: Layer | undefined): boolean {
  return layer === undefined || (layer.disk === undefined && layer.size > 0);
}

/** The layers' folders, lowest first. Source: moby, daemon/graphdriver/overlay2, GetMetadata. */
function foldersOf(inspected: Inspected | undefined): string[] {
  const { Name, Data } = inspected?.GraphDriver ?? {};
  if (Name !== 'overlay2' || !Data?.UpperDir) return [];
  return [...(Data.LowerDir?.split(':').toReversed() ?? []), Data.UpperDir];
}

/**
 * The bytes of all files in a folder, as the engine counts them, and of all blocks; hard links once. `undefined` where it
 * cannot be read, or not in time. Source: moby, pkg/directory, Size.
 */
export async function diskUsage(
  folder: string,
  deadline: number,
): Promise<Pick<Layer, 'size' | 'disk'> | undefined> {
  const links = new Set<number>();
  const folders = [folder];
  let [size, disk, files] = [0, 0, 0];
  try {
    for (const path of folders) {
      for (const name of readdirSync(path)) {
        const file = join(path, name);
        const stats = lstatSync(file);
        if (stats.isDirectory()) folders.push(file);
        else if (stats.nlink > 1) {
          if (links.has(stats.ino)) continue;
          links.add(stats.ino);
        }
        if (!stats.isDirectory()) size += stats.size;
        disk += stats.blocks * BLOCK;
        if (++files % AT_ONCE > 0) continue;
        if (Date.now() >= deadline) return undefined;
        await setImmediate(); // Ctrl-C is heard in between
      }
    }
    return { size, disk };
  } catch {
    return undefined;
  }
}
