// A volume's folder on this machine: where it can be read as it is, nothing is lost on the way through the engine, and
// the engine has nothing to do. Only where it is surely the volume's, and we may read all that is in it.
import { constants } from 'node:fs';
import { lstat, open, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Entry } from '../core/telltale.ts';
import type { Client } from './client.ts';
import { diskOf } from './disk.ts';
import type { SystemInfo } from './observe.ts';
import { type ArchiveOptions, statPath } from './volume-archive.ts';

/** What is asked of a volume here. */
export interface NearVolume {
  readonly Driver?: string;
  readonly Mountpoint?: string;
  readonly Options?: Record<string, string> | null;
}

/** With a user namespace, owners in the folder are not those that containers see. */
const REMAPPED = /\bname=(rootless|userns)\b/;

/**
 * The folder of a local volume without options, whose engine runs on this machine as we do: as root, with the same
 * users. A folder of the same path can also be another engine's, where ours is in a container or a virtual machine; so
 * the engine is asked, through a container that mounts the volume, whether the root's stat is the same.
 */
export async function nearFolder(
  client: Client,
  container: string,
  { Driver = 'local', Mountpoint, Options }: NearVolume,
  options: ArchiveOptions,
): Promise<string | undefined> {
  if (client.podman || Driver !== 'local' || Object.keys(Options ?? {}).length > 0 || !Mountpoint)
    return undefined;
  if (!client.host.startsWith('unix:') || !(await maySeeAll())) return undefined;
  type Info = SystemInfo & { readonly SecurityOptions?: readonly string[] | null };
  const info = await client.call<Info>('GET', '/info', {}, options);
  if (info.SecurityOptions?.some((each) => REMAPPED.test(each)) || !(await diskOf(client.host, info)))
    return undefined;
  const [told, seen] = [await statPath(client, container, '.', options), await rootStat(Mountpoint)];
  if (!told || !seen || told.mode !== seen.mode || told.size !== seen.size) return undefined;
  return nanoseconds(told.mtime) === seen.mtime ? Mountpoint : undefined;
}

/** CAP_DAC_READ_SEARCH, to read all files, and CAP_SYS_ADMIN, without which some attributes are not even listed. */
const RIGHTS = (1n << 2n) | (1n << 21n);

/** Root, of all this machine's users and with root's rights: not in a user namespace, or what a container has of them. */
async function maySeeAll(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    const [users, status] = await Promise.all(
      ['uid_map', 'status'].map((file) => readFile(`/proc/self/${file}`, 'utf8')),
    );
    const rights = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status ?? '')?.[1] ?? 0}`);
    return /^\s*0\s+0\s+4294967295\s*$/.test(users ?? '') && (rights & RIGHTS) === RIGHTS;
  } catch {
    return false;
  }
}

/** As the engine tells it. */
async function rootStat(folder: string) {
  const stat = await lstat(folder, { bigint: true }).catch(() => undefined);
  if (!stat?.isDirectory()) return undefined;
  return { mode: goMode(Number(stat.mode)), size: Number(stat.size), mtime: stat.mtimeNs };
}

/** A folder's mode in the bits of Go's io/fs.FileMode: ModeDir, ModeSetuid, ModeSetgid, ModeSticky. */
function goMode(mode: number): number {
  const bit = (ours: number, theirs: number) => ((mode & ours) === 0 ? 0 : 2 ** theirs);
  return 2 ** 31 + bit(0o4000, 23) + bit(0o2000, 22) + bit(0o1000, 20) + (mode & 0o777);
}

function nanoseconds(time: string): bigint | undefined {
  const [, seconds = '', fraction = '', zone = ''] = /^([\d:T-]+)(?:\.(\d{1,9}))?(.*)$/.exec(time) ?? [];
  const at = Date.parse(seconds + zone);
  return Number.isNaN(at) ? undefined : BigInt(at) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** What is at a path of the folder; with how it begins, of a file no larger than `small`. No link leads out of it. */
export async function entryIn(folder: string, path: string, small: number): Promise<Entry | undefined> {
  try {
    const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(join(folder, path)))]);
    if (parent !== root && !parent.startsWith(`${root}/`)) return undefined;
    const file = join(folder, path);
    const stat = await lstat(file);
    if (stat.isDirectory()) return { type: 'folder' };
    if (!stat.isFile()) return { type: 'other' };
    return { type: 'file', ...(stat.size <= small && { head: await headOf(file) }) };
  } catch {
    return undefined;
  }
}

/** As many bytes as of an entry of an archive (state/tar.ts). */
const HEAD = 64;

async function headOf(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead).toString('latin1');
  } finally {
    await handle.close();
  }
}
