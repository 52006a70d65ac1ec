// Where a backup's tar comes from: where the volume's folder can be read here (volume-near.ts) GNU tar makes it, which
// keeps nearly all (volume-tar.ts), else the engine does.
//
// What Docker's archive keeps (tried on 20.10 and 28.5, both stores): names of any bytes and length, owners of any
// number, modes with setuid and sticky, symlinks, hard links, devices, fifos, empty folders, the root folder's own
// owner and mode, times in whole seconds, and of the extended attributes security.capability alone. It leaves out,
// without a word: all other extended attributes, so also POSIX ACLs; sockets; fractions of a second; the holes of
// sparse files, which become zeros; files that the engine itself cannot read (a disk that fails).
// podman's says that all belongs to root: its own `podman volume export` does not.
import type { Client } from './client.ts';
import type { Answer } from './reading.ts';
import { readArchive } from './volume-archive.ts';
import { type NearVolume, nearFolder } from './volume-near.ts';
import { canTar, withTar } from './volume-tar.ts';

/** What no backup keeps. */
const NEVER_KEPT = ['times of access, change and birth', 'flags of chattr'];
const NOT_BY_ENGINE = [
  'extended attributes but security.capability (so no ACLs)',
  'sockets',
  'fractions of a second',
  'holes of sparse files',
];
/** Between two pieces of the volume: a driver may have to fetch it from far away. */
const PATIENCE = 120_000;

/** Where the volume's content comes from, again and again the same. */
export interface Source {
  /** Who makes the tar: GNU tar of the volume's folder on this machine, or the engine. */
  readonly by: 'folder' | 'engine';
  /** The content as a tar, its root as `./`. */
  read<T>(work: (body: Answer['body']) => Promise<T>): Promise<T>;
  /** What of the volume is not in the tar; known when it was read. */
  notKept(): readonly string[];
}

export async function sourceOf(
  client: Client,
  container: string,
  volume: NearVolume & { readonly Name: string },
  signal: AbortSignal,
): Promise<Source> {
  const options = { signal, timeout: PATIENCE };
  const folder = await nearFolder(client, container, volume, options);
  if (folder !== undefined && (await canTar(folder, signal)))
    return folderSource(volume.Name, folder, signal);
  return {
    by: 'engine',
    read: (work) => readArchive(client, container, '.', options, work),
    notKept: () => [...NOT_BY_ENGINE, ...NEVER_KEPT],
  };
}

function folderSource(name: string, folder: string, signal: AbortSignal): Source {
  let sockets = false;
  return {
    by: 'folder',
    read: async (work) => {
      const { result, left } = await withTar(name, folder, signal, work);
      sockets = left.sockets;
      return result;
    },
    notKept: () => [...(sockets ? ['sockets'] : []), ...NEVER_KEPT],
  };
}
