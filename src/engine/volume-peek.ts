// A way into volumes without running anything: a container of an empty image, made and never started. All of it is
// labelled as ours and removed again; what a killed run left is found by the label, and nothing else ever goes.
import { randomBytes } from 'node:crypto';
import { EngineError } from '../core/errors.ts';
import { isMissing } from './answer.ts';
import type { Client } from './client.ts';
import { PEEK_FOLDER } from './volume-archive.ts';
import { isAbandoned, newMark } from './volume-mark.ts';
import type { NearVolume } from './volume-near.ts';

/** On the image, the containers, and a volume that came to be by accident. Its value says whose it is. */
export const PEEK_LABEL = 'tidy.peek';

/** What the engine knows of a volume: `GET /volumes/NAME`. */
export interface KnownVolume extends NearVolume {
  readonly Name: string;
  readonly CreatedAt?: string;
  readonly Labels?: Record<string, string> | null;
  readonly Scope?: string;
  readonly ClusterVolume?: unknown;
}

/** One volume in reach. */
export interface Peek {
  /** The container's ID: `GET /containers/ID/archive` reads the volume below PEEK_FOLDER. */
  readonly container: string;
  readonly volume: KnownVolume;
}

/** Making a container waits for the driver to find its volume, which may be far away. */
const TIMEOUT = 30_000;
const TAR_END = Buffer.alloc(1024);

/**
 * Imports an empty image for `work`, and removes it after, whatever happens. What killed runs left goes first.
 *
 * @throws what `work` throws; EngineError where the engine takes no image; Cancelled.
 */
export async function withEmptyImage<T>(
  client: Client,
  signal: AbortSignal,
  work: (image: string) => Promise<T>,
): Promise<T> {
  await removeLeftovers(client, signal);
  const image = await importEmpty(client, signal);
  try {
    return await work(image);
  } finally {
    // A container that could not be removed holds it: both are found by the next run.
    await client.call('DELETE', `/images/${image}`, {}, { timeout: TIMEOUT }).catch(() => {});
  }
}

/** No name, so that it is in nobody's way, and any prune takes what a killed run left. */
async function importEmpty(client: Client, signal: AbortSignal): Promise<string> {
  const query = { fromSrc: '-', changes: `LABEL ${PEEK_LABEL}=${newMark()}` };
  const options = { signal, timeout: TIMEOUT, body: TAR_END };
  return await client.read('POST', '/images/create', query, options, async ({ body }) => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    const last = Buffer.concat(chunks).toString().trim().split('\n').at(-1) as string;
    const { status, error } = JSON.parse(last) as { status?: string; error?: string };
    // It began to answer before it failed.
    if (!status) throw new EngineError(`Error response from daemon: ${error ?? last}`, { status: 500 });
    return status;
  });
}

/**
 * Makes a container that mounts the volume, read-only unless it is to be `writable`, for `work`, and removes it after, whatever happens. It is
 * never started, and nothing is copied into the volume. The engine mounts the volume for each request alone.
 *
 * @throws EngineError where there is no such volume, or it cannot be looked at; what `work` throws; Cancelled.
 */
export async function withPeek<T>(
  client: Client,
  image: string,
  name: string,
  signal: AbortSignal,
  work: (peek: Peek) => Promise<T>,
  writable = false,
): Promise<T> {
  const volume = await knownVolume(client, name, signal);
  const mark = newMark();
  const container = await create(client, image, name, mark, writable);
  let remade = false;
  try {
    remade = await wasRemade(client, name, mark);
    if (remade) throw new EngineError(`get ${name}: no such volume`, { status: 404 });
    signal.throwIfAborted();
    return await work({ container, volume });
  } finally {
    await remove(client, container);
    if (remade) await client.call('DELETE', `/volumes/${encodeURIComponent(name)}`).catch(() => {});
  }
}

async function knownVolume(client: Client, name: string, signal: AbortSignal): Promise<KnownVolume> {
  const path = `/volumes/${encodeURIComponent(name)}`;
  const volume = await client.call<KnownVolume>('GET', path, {}, { signal, timeout: TIMEOUT });
  const { Driver = 'local', Options } = volume;
  if (volume.ClusterVolume) throw new EngineError('a cluster volume is only for swarm services');
  // It would show the folder below the mount: an empty volume.
  const mounted = Driver !== 'local' || ['type', 'device', 'o'].some((option) => Options?.[option]);
  if (client.podman && mounted)
    throw new EngineError('podman shows what such a volume holds only while a container runs on it');
  return volume;
}

/** Not cancelled in the middle: it would be there, and nobody would know. */
async function create(
  client: Client,
  image: string,
  volume: string,
  mark: string,
  writable: boolean,
): Promise<string> {
  const VolumeOptions = { NoCopy: true, Labels: { [PEEK_LABEL]: mark } };
  const mount = { Type: 'volume', Source: volume, Target: PEEK_FOLDER, ReadOnly: !writable, VolumeOptions };
  const body = {
    Image: image,
    Cmd: ['/never-started'],
    Labels: { [PEEK_LABEL]: mark },
    NetworkDisabled: true,
    HostConfig: { NetworkMode: 'none', Mounts: [mount], LogConfig: { Type: 'none' } },
  };
  const name = `docker-tidy-peek-${randomBytes(6).toString('hex')}`;
  try {
    const options = { body, timeout: TIMEOUT };
    return (await client.call<{ Id: string }>('POST', '/containers/create', { name }, options)).Id;
  } catch (error) {
    // Without an answer it may have been made all the same.
    if (error instanceof EngineError && error.status === undefined)
      await remove(client, name).catch(() => {});
    throw error;
  }
}

/** A volume that went away just before is made anew by the container, with our label: one that is there never gets it. */
async function wasRemade(client: Client, name: string, mark: string): Promise<boolean> {
  const path = `/volumes/${encodeURIComponent(name)}`;
  const { Labels } = await client.call<KnownVolume>('GET', path, {}, { timeout: TIMEOUT });
  return Labels?.[PEEK_LABEL] === mark;
}

/** It never ran, so that no force is needed. With `v`, an engine would remove anonymous volumes with it. */
async function remove(client: Client, container: string): Promise<void> {
  try {
    await client.call('DELETE', `/containers/${container}`, { v: '0' }, { timeout: TIMEOUT });
  } catch (error) {
    if (isMissing(error)) return;
    const why = error instanceof Error ? error.message : String(error);
    throw new EngineError(
      `the container by which docker tidy looks into the volume could not be removed (${why}): \`docker rm ${container.slice(0, 12)}\``,
      { cause: error },
    );
  }
}

interface Labelled {
  readonly Id: string;
  readonly Labels?: Record<string, string> | null;
  /** Unix time in seconds. */
  readonly Created: number;
  /** Of a container. */
  readonly State?: string;
}

/**
 * Removes what docker tidy made to look into volumes and a killed run left: it would hold its volume. What another
 * run is using now stays. Nothing is told when that fails: it is tried again by the next run.
 *
 * @throws Cancelled.
 */
export async function removeLeftovers(client: Client, signal: AbortSignal): Promise<void> {
  const filters = JSON.stringify({ label: [PEEK_LABEL] });
  const found = async (kind: 'containers' | 'images') => {
    const list = client.call<Labelled[]>('GET', `/${kind}/json`, { all: '1', filters }, { signal });
    return (await list.catch(() => [])).filter(isLeftover);
  };
  const removed = async (kind: 'containers' | 'images') => {
    for (const { Id } of await found(kind)) await client.call('DELETE', `/${kind}/${Id}`).catch(() => {});
  };
  await removed('containers');
  await removed('images');
  signal.throwIfAborted();
}

function isLeftover({ Labels, Created, State = 'created' }: Labelled): boolean {
  return State === 'created' && isAbandoned(Labels?.[PEEK_LABEL] ?? '', new Date(Created * 1000));
}
