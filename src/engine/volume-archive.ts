// The engine's own view of what a volume holds: its archive API on a container that mounts the volume (volume-peek.ts).
// For each request the engine mounts the volume and unmounts it, which are two of the few events that it remembers.
import { EngineError } from '../core/errors.ts';
import type { Client } from './client.ts';
import type { Answer } from './reading.ts';

/** Where the volume is in the container. */
export const PEEK_FOLDER = '/v';

export interface ArchiveOptions {
  /** For each piece of the answer. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** The tar of what is at a path of the volume; of its root with the path `.`, as `./`. */
export async function readArchive<T>(
  client: Client,
  container: string,
  path: string,
  options: ArchiveOptions,
  work: (body: Answer['body']) => Promise<T>,
): Promise<T> {
  return await client.read('GET', ...archive(container, path), options, ({ body }) => work(body));
}

/** What the engine tells of a path. */
export interface PathStat {
  /** Bits of Go's io/fs.FileMode. */
  readonly mode: number;
  readonly size: number;
  /** RFC 3339, with nanoseconds. */
  readonly mtime: string;
}

/** An empty object: an engine, or a proxy, that does not tell. */
const NOTHING = 'e30=';

/** What the engine says is at a path, undefined for nothing. */
export async function statPath(
  client: Client,
  container: string,
  path: string,
  options: ArchiveOptions,
): Promise<PathStat | undefined> {
  try {
    const told = await client.read('HEAD', ...archive(container, path), options, async ({ headers }) =>
      String(headers['x-docker-container-path-stat'] ?? NOTHING),
    );
    const stat = JSON.parse(Buffer.from(told, 'base64').toString()) as Partial<PathStat>;
    return stat.mode === undefined ? undefined : (stat as PathStat);
  } catch (error) {
    // Not there; or, with another status, behind a symlink that leads nowhere.
    if (error instanceof EngineError && error.status !== undefined) return undefined;
    throw error;
  }
}

function archive(container: string, path: string) {
  return [`/containers/${container}/archive`, { path: `${PEEK_FOLDER}/${path}` }] as const;
}
