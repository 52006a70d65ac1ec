// One look at the engine, as an Inventory. Engines' different spellings of the same fact end here.
import type { ContainerInfo, ContainerInspectInfo, ImageInfo, ImageInspectInfo } from 'dockerode';
import pLimit from 'p-limit';
import type { Container, Engine, Image, Inventory, Service } from '../core/inventory.ts';
import { INVENTORY_VERSION } from '../core/inventory.ts';
import { atLeast, orMissing } from './answer.ts';
import type { Client } from './client.ts';

/** What the command at hand needs: asking for less is faster, on the containerd store by far. */
export interface Needs {
  /** Only nameless images: the engine filters, and returns no others. */
  readonly danglingOnly: boolean;
  /** Images for which the list is not enough: inspect them for the exact build date and the time of arrival. */
  readonly inspect: (images: readonly Image[]) => readonly Image[];
}

export const EVERYTHING: Needs = { danglingOnly: false, inspect: (images) => images };

/** The parts of `GET /info` that are used; dockerode types it as `any`. */
interface SystemInfo {
  ID?: string;
  Name?: string;
  ServerVersion?: string;
  Driver?: string;
  DriverStatus?: [string, string][] | null;
  Swarm?: { ControlAvailable?: boolean };
}

/** Observes the engine. Throws EngineError when it does not answer. */
export async function observe(client: Client, host: string, needs: Needs, now: Date): Promise<Inventory> {
  const [info, containers, listed] = await Promise.all([
    client.call<SystemInfo>('GET', '/info'),
    observeContainers(client),
    listImages(client, needs),
  ]);
  const images = await inspectImages(client, listed, needs);
  const services = info.Swarm?.ControlAvailable ? await observeServices(client) : [];
  const engine = engineOf(client, host, info);
  return {
    schemaVersion: INVENTORY_VERSION,
    engine,
    takenAt: now.toISOString(),
    images,
    containers,
    services,
  };
}

function engineOf(client: Client, host: string, info: SystemInfo): Engine {
  const snapshotter = info.DriverStatus?.some(
    ([key, value]) => key === 'driver-type' && /snapshotter/.test(value),
  );
  const driver = info.Driver ?? 'unknown';
  return {
    id: info.ID ?? '',
    name: info.Name ?? '',
    host,
    version: info.ServerVersion ?? 'unknown',
    apiVersion: client.apiVersion,
    swarm: info.Swarm?.ControlAvailable === true,
    store: client.podman ? 'podman' : snapshotter ? 'containerd' : driver,
  };
}

async function listImages(client: Client, { danglingOnly }: Needs): Promise<Image[]> {
  const list = await client.call<ImageInfo[]>('GET', '/images/json', {
    ...(danglingOnly ? { filters: JSON.stringify({ dangling: ['true'] }) } : { all: '1' }), // all: also what links parents to children
    ...(atLeast(client, '1.42') && { 'shared-size': '1' }),
  });
  return list.map(imageOf);
}

/** One entry of `GET /images/json`, of any engine, as an Image. */
export function imageOf(entry: ImageInfo): Image {
  const names = [...(entry.RepoTags ?? []), ...(entry.RepoDigests ?? [])].filter(
    (name) => !name.startsWith('<none>'),
  );
  const shared = entry.SharedSize ?? -1;
  const created = isoTime(entry.Created * 1000);
  return {
    id: fullId(entry.Id),
    tags: names.filter((name) => !name.includes('@')),
    digests: [...new Set(names.filter((name) => name.includes('@')))], // the containerd store lists them as tags too
    ...(created && { created }),
    size: entry.Size,
    ...(shared >= 0 && { sharedSize: shared }),
    labels: entry.Labels ?? {},
    ...(entry.ParentId && { parent: fullId(entry.ParentId) }),
  };
}

async function inspectImages(client: Client, images: readonly Image[], needs: Needs): Promise<Image[]> {
  const limit = pLimit(16);
  const chosen = needs.inspect(images);
  const inspected = await Promise.all(chosen.map((image) => limit(() => inspectImage(client, image))));
  const byId = new Map(inspected.map((image) => [image.id, image]));
  return images.map((image) => byId.get(image.id) ?? image);
}

/** dockerode's types know no Metadata. */
type ImageInspected = ImageInspectInfo & { Metadata?: { LastTagTime?: string } };

/** The image with what only inspecting it tells. One that is gone meanwhile stays as listed: its turn is checked again. */
async function inspectImage(client: Client, image: Image): Promise<Image> {
  const found = await orMissing(client.call<ImageInspected>('GET', `/images/${image.id}/json`));
  if (!found) return image;
  const arrived = found.Metadata?.LastTagTime;
  const known = arrived !== undefined && !arrived.startsWith('0001-');
  return { ...image, ...(found.Created && { created: found.Created }), ...(known && { arrived }) };
}

async function observeContainers(client: Client): Promise<Container[]> {
  const list = await client.call<ContainerInfo[]>('GET', '/containers/json', { all: '1' });
  return Promise.all(list.map((entry) => observeContainer(client, entry)));
}

/** The list says a container's image by ID once its tag has moved: the name that it was created by must be inspected. */
async function observeContainer(client: Client, entry: ContainerInfo): Promise<Container> {
  const container = containerOf(entry);
  if (!/^(sha256:)?[0-9a-f]{12,64}$/.test(container.image)) return container;
  const found = await orMissing(client.call<ContainerInspectInfo>('GET', `/containers/${entry.Id}/json`));
  return found?.Config?.Image ? { ...container, image: found.Config.Image } : container;
}

/** One entry of `GET /containers/json` as a Container. */
export function containerOf(entry: ContainerInfo): Container {
  const mounts = (entry.Mounts ?? []).filter(({ Type }) => Type === 'image');
  return {
    id: entry.Id,
    name: (entry.Names?.[0] ?? entry.Id.slice(0, 12)).replace(/^\//, ''),
    state: entry.State,
    imageId: fullId(entry.ImageID),
    image: entry.Image,
    imageMounts: mounts.map(({ Name, Source }) => Name || Source),
  };
}

interface ServiceSpec {
  Name?: string;
  TaskTemplate?: { ContainerSpec?: { Image?: string } };
}

/** The swarm's services; only a manager can tell. */
export async function observeServices(client: Client): Promise<Service[]> {
  const list = await client.call<{ ID: string; Spec?: ServiceSpec; PreviousSpec?: ServiceSpec }[]>(
    'GET',
    '/services',
  );
  return list.map(({ ID, Spec, PreviousSpec }) => ({
    name: Spec?.Name ?? ID,
    images: [Spec, PreviousSpec].flatMap((spec) => spec?.TaskTemplate?.ContainerSpec?.Image ?? []),
  }));
}

/** podman leaves `sha256:` out. */
function fullId(id: string): string {
  return id === '' || id.includes(':') ? id : `sha256:${id}`;
}

function isoTime(ms: number): string | undefined {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
