// How full the engine's disk is. No engine tells; it can be seen only where its data is on this machine.
import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Disk } from '../core/inventory.ts';
import type { SystemInfo } from './observe.ts';

/** The disk of an engine that is reached by a local socket, has this machine's name, and whose folder is here. */
export async function diskOf(
  host: string,
  { Name, DockerRootDir }: Pick<SystemInfo, 'Name' | 'DockerRootDir'>,
): Promise<Disk | undefined> {
  if (!host.startsWith('unix:') || !DockerRootDir || Name !== hostname()) return undefined;
  try {
    const { bavail, blocks, bsize } = await statfs(DockerRootDir);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return undefined; // the engine runs in a virtual machine, or we in a container: its folder is not here
  }
}
