// Names of what an engine has, asked for at a glance.
import type { ContainerInfo, ImageInfo } from 'dockerode';
import type { Container, Disk, Image, Network, Volume } from '../core/inventory.ts';
import { diskOf } from './disk.ts';
import type { Endpoint } from './endpoint.ts';
import type { Glance } from './glance.ts';
import { glance } from './glance.ts';
import { idOf, imageOf, type SystemInfo } from './observe.ts';
import { containerOf } from './observe-containers.ts';
import { type NetworkInfo, networkOf, type VolumeInfo, volumeOf } from './observe-more.ts';

/** So many slashes may follow what was typed: the engine's globs do not cross one. */
const DEEPEST = 4;

/**
 * Images, of these alone whose names begin so (on podman perhaps after `localhost/`), where that can be asked: the
 * containerd store takes milliseconds for each image that it tells of. Source: moby, FamiliarMatch of the filter `reference`.
 */
export async function imagesAtGlance(
  endpoint: Endpoint,
  prefix: string,
  signal: AbortSignal,
): Promise<Glance<Image[]>> {
  const reference = [prefix, `localhost/${prefix}`].flatMap((start) =>
    Array.from({ length: DEEPEST }, (_, deep) => `${start}*${'/*'.repeat(deep)}`),
  );
  const narrow = /^[\w.:/-]+$/.test(prefix);
  return await images(endpoint, narrow ? { filters: { reference } } : {}, signal);
}

/** Images without a name. */
export async function namelessAtGlance(endpoint: Endpoint, signal: AbortSignal): Promise<Glance<Image[]>> {
  return await images(endpoint, { filters: { dangling: ['true'] } }, signal);
}

async function images(endpoint: Endpoint, query: object, signal: AbortSignal): Promise<Glance<Image[]>> {
  return as(await glance<ImageInfo[]>(endpoint, '/images/json', { ...query }, signal), (list) =>
    list.map(imageOf),
  );
}

/** All containers. */
export async function containersAtGlance(
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Glance<Container[]>> {
  return as(await glance<ContainerInfo[]>(endpoint, '/containers/json', { all: '1' }, signal), (list) =>
    list.map(containerOf),
  );
}

/** The container with that ID, or the beginning of one: its name and state. */
export async function containerAtGlance(
  endpoint: Endpoint,
  id: string,
  signal: AbortSignal,
): Promise<Glance<Pick<Container, 'name' | 'state'>>> {
  const found = await glance<{ Name?: string; State?: { Status?: string } }>(
    endpoint,
    `/containers/${id}/json`,
    {},
    signal,
  );
  return as(found, ({ Name = '', State }) => ({ name: Name.replace(/^\//, ''), state: State?.Status ?? '' }));
}

/** All volumes. */
export async function volumesAtGlance(endpoint: Endpoint, signal: AbortSignal): Promise<Glance<Volume[]>> {
  const found = await glance<{ Volumes?: VolumeInfo[] | null }>(endpoint, '/volumes', {}, signal);
  return as(found, ({ Volumes }) => (Volumes ?? []).map(volumeOf));
}

/** All networks; what is connected to them is not looked up. */
export async function networksAtGlance(endpoint: Endpoint, signal: AbortSignal): Promise<Glance<Network[]>> {
  return as(await glance<NetworkInfo[]>(endpoint, '/networks', {}, signal), (list) => list.map(networkOf));
}

/** The engine's ID, as in an inventory, and its disk where that can be seen. */
export async function engineAtGlance(
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Glance<{ readonly id: string; readonly disk?: Disk }>> {
  const found = await glance<SystemInfo>(endpoint, '/info', {}, signal);
  if (typeof found === 'string') return found;
  const { podman, answer } = found;
  const disk = await diskOf(endpoint.host, answer);
  return { podman, answer: { id: idOf({ podman }, answer), ...(disk && { disk }) } };
}

function as<T, U>(found: Glance<T>, of: (answer: T) => U): Glance<U> {
  return typeof found === 'string' ? found : { ...found, answer: of(found.answer) };
}
