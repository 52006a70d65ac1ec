// What the engine's data folder takes on the disk, read file by file, where it is on this machine.
import type { BigIntStats } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Client } from './client.ts';
import type { SystemInfo } from './observe.ts';

/** What a block is to stat, whatever the file system's are. */
const BLOCK = 512n;

/** Files that are looked at side by side; no more than that are in memory. */
const AT_ONCE = 64;

/**
 * Bytes on the disk of the folder and all in it, hard links once, other file systems not: what `du -sx` says.
 * `undefined` where the engine is elsewhere, or some of it must not be read.
 */
export async function dataRootSize(
  client: Client,
  host: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { DockerRootDir, Name } = await client.call<SystemInfo>('GET', '/info');
  if (!host.startsWith('unix:') || !DockerRootDir || Name !== hostname()) return undefined;
  try {
    return await sizeOfFolder(DockerRootDir, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (['EACCES', 'EPERM', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

export async function sizeOfFolder(root: string, signal: AbortSignal): Promise<number> {
  const top = await lstat(root, { bigint: true });
  const linked = new Set<bigint>(); // of files with several links only
  let bytes = top.blocks * BLOCK;
  const folders = [root];
  const look = async (path: string) => {
    const stats = await orGone(lstat(path, { bigint: true }));
    if (!stats || stats.dev !== top.dev || seen(linked, stats)) return;
    bytes += stats.blocks * BLOCK;
    if (stats.isDirectory()) folders.push(path);
  };
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await orGone(opendir(folder, { bufferSize: AT_ONCE }));
    const batch: Promise<void>[] = [];
    for await (const { name } of entries ?? []) {
      if (batch.push(look(join(folder, name))) < AT_ONCE) continue;
      await Promise.all(batch.splice(0));
      signal.throwIfAborted();
    }
    await Promise.all(batch);
  }
  return Number(bytes);
}

function seen(linked: Set<bigint>, stats: BigIntStats): boolean {
  if (stats.isDirectory() || stats.nlink === 1n) return false;
  if (linked.has(stats.ino)) return true;
  linked.add(stats.ino);
  return false;
}

/** An engine at work removes files while they are read. */
async function orGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
