// One look at the engine, as an Inventory. Engines' different spellings of the same fact end here.
import type { ImageInfo, ImageInspectInfo } from 'dockerode';
import pLimit from 'p-limit';
import type { Engine, Image, Inventory } from '../core/inventory.ts';
import { INVENTORY_VERSION } from '../core/inventory.ts';
import { QUARANTINE } from '../core/quarantine-name.ts';
import { atLeast, fullId, isoTime, orMissing } from './answer.ts';
import type { Client } from './client.ts';
import { diskOf } from './disk.ts';
import { observeContainers } from './observe-containers.ts';
import { observeCache, observeNetworks, observeServices, observeVolumes } from './observe-more.ts';

/** What the command at hand needs: asking for less is faster, on the containerd store by far. */
export interface Needs {
  /** `dangling`: nameless images are enough; where listing all is slow the engine filters, and returns no others. */
  readonly images: 'none' | 'dangling' | 'all';
  /** Images for which the list is not enough: inspect them for the exact build date and the time of arrival. */
  readonly inspect: (images: readonly Image[], engine: Engine) => readonly Image[];
  /** When containers that do not run stopped, and what they take. */
  readonly stopped: boolean;
  /** What those that run take, too, for which the engine reads their writable layers. */
  readonly running?: boolean;
  readonly networks: boolean;
  /** `sized`: with what they take, for which the engine reads all of them. */
  readonly volumes: 'none' | 'named' | 'sized';
  readonly cache: boolean;
}

export const NOTHING: Needs = {
  images: 'none',
  inspect: () => [],
  stopped: false,
  networks: false,
  volumes: 'none',
  cache: false,
};

export const EVERYTHING: Needs = {
  images: 'all',
  inspect: (images) => images,
  stopped: true,
  networks: true,
  volumes: 'named',
  cache: true,
};

/** The parts of `GET /info` that are used; dockerode types it as `any`. */
export interface SystemInfo {
  ID?: string;
  Name?: string;
  ServerVersion?: string;
  Driver?: string;
  DriverStatus?: [string, string][] | null;
  Swarm?: { ControlAvailable?: boolean };
  SystemTime?: string;
  LiveRestoreEnabled?: boolean;
  DockerRootDir?: string;
  /** How many there are. */
  Images?: number;
}

/** What the engine tells of itself. */
export async function infoOf(client: Client): Promise<SystemInfo> {
  return await client.call<SystemInfo>('GET', '/info');
}

/**
 * Observes the engine. `now` is for engines that do not tell the time; `told`: what it tells of itself, where that is
 * asked for already. Throws EngineError when it does not answer.
 */
export async function observe(
  client: Client,
  host: string,
  needs: Needs,
  now: Date,
  told = infoOf(client),
): Promise<Inventory> {
  const asked = told.then((info) => engineOf(client, host, info));
  const records = needs.cache && !client.podman ? observeCache(client) : Promise.resolve([]);
  const named = needs.volumes === 'named' ? observeVolumes(client, false) : [];
  const [info, engine, containers, listed, networks, volumes, cache, disk] = await Promise.all([
    told,
    asked,
    observeContainers(client, needs.stopped, needs.running),
    listNeeded(client, needs.images, asked),
    needs.networks ? observeNetworks(client) : [],
    // Before Docker 23 the engine refuses to add up two disk usages at a time.
    needs.volumes === 'sized' ? records.then(() => observeVolumes(client, true)) : named,
    records,
    told.then((info) => diskOf(host, info)),
  ]);
  const danglingOnly = needs.images === 'dangling' && !listsFast(engine);
  return {
    schemaVersion: INVENTORY_VERSION,
    engine,
    takenAt: clockOf(info, now),
    images: await inspectImages(client, listed, needs.inspect(listed, engine)),
    containers,
    services: engine.swarm ? await observeServices(client) : [],
    networks,
    volumes,
    cache,
    layers: {},
    blobs: {},
    ...((danglingOnly || needs.images === 'none') && { partial: true as const }),
    ...(disk && { disk }),
  };
}

/** The engine's own clock, since every date that is compared with it is the engine's. */
function clockOf({ SystemTime = '' }: SystemInfo, now: Date): string {
  const theirs = Date.parse(SystemTime);
  return (Number.isNaN(theirs) ? now : new Date(theirs)).toISOString();
}

/** Graph drivers list a thousand images in 30 ms: then all of them, with the nameless ones that others were built on. */
export function listsFast({ store }: Engine): boolean {
  return store !== 'containerd' && store !== 'podman';
}

function engineOf(client: Client, host: string, info: SystemInfo): Engine {
  const snapshotter = info.DriverStatus?.some(
    ([key, value]) => key === 'driver-type' && /snapshotter/.test(value),
  );
  const driver = info.Driver ?? 'unknown';
  return {
    id: idOf(client, info),
    name: info.Name ?? '',
    host,
    version: info.ServerVersion ?? 'unknown',
    apiVersion: client.apiVersion,
    swarm: info.Swarm?.ControlAvailable === true,
    store: client.podman ? 'podman' : snapshotter ? 'containerd' : driver,
    ...(info.DockerRootDir && { folder: info.DockerRootDir }),
    ...(info.Images !== undefined && { images: info.Images }),
    zone: /(Z|[+-]\d\d:\d\d)$/.exec(info.SystemTime ?? '')?.[0] ?? 'Z',
  };
}

/** What tells this engine from others. podman makes a new ID for every answer. */
export function idOf({ podman }: Pick<Client, 'podman'>, { ID = '', Name = '' }: SystemInfo): string {
  return podman ? `podman on ${Name}` : ID;
}

/** The engine's ID, as in an inventory. */
export async function engineId(client: Client): Promise<string> {
  return idOf(client, await infoOf(client));
}

/** Which engine it is takes as long to tell as which images dangle: both are asked for at once, where it may list slowly. */
async function listNeeded(client: Client, needed: Needs['images'], asked: Promise<Engine>): Promise<Image[]> {
  if (needed === 'none') return [];
  const unwanted = new AbortController();
  const early = needed === 'dangling' && (client.podman || atLeast(client, '1.43')); // no containerd store before
  const dangling = early ? listImages(client, true, unwanted.signal) : undefined;
  dangling?.catch(() => {}); // nobody may want it
  if (needed === 'dangling' && !listsFast(await asked)) {
    const found = await Promise.all([dangling ?? listImages(client, true), listQuarantine(client)]);
    return found.flat();
  }
  unwanted.abort();
  return await listImages(client, false);
}

/** A list by reference leaves out the other names of what it lists. */
async function listQuarantine(client: Client): Promise<Image[]> {
  const query = { filters: JSON.stringify({ reference: [QUARANTINE] }) };
  const list = await client.call<ImageInfo[]>('GET', '/images/json', query);
  const limit = pLimit(16);
  const named = list.map((entry) =>
    limit(async () => {
      const found = await orMissing(client.call<ImageInspectInfo>('GET', `/images/${entry.Id}/json`));
      return found ? [imageOf({ ...entry, RepoTags: found.RepoTags, RepoDigests: found.RepoDigests })] : [];
    }),
  );
  return (await Promise.all(named)).flat();
}

export async function listImages(
  client: Client,
  danglingOnly: boolean,
  signal?: AbortSignal,
): Promise<Image[]> {
  const query = {
    ...(danglingOnly ? { filters: JSON.stringify({ dangling: ['true'] }) } : { all: '1' }), // all: also what links parents to children
    ...(atLeast(client, '1.42') && { 'shared-size': '1' }),
  };
  const list = await client.call<ImageInfo[]>('GET', '/images/json', query, { ...(signal && { signal }) });
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

async function inspectImages(
  client: Client,
  images: readonly Image[],
  chosen: readonly Image[],
): Promise<Image[]> {
  const limit = pLimit(16);
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
  return {
    ...image,
    ...(found.Created && { created: found.Created }),
    ...(known && { arrived }),
  };
}
