// Networks, volumes, the build cache and a swarm's services, as the engine tells them.
import pLimit from 'p-limit';
import type { CacheRecord, Network, Service, Volume } from '../core/inventory.ts';
import { atLeast, orMissing, timeOf } from './answer.ts';
import type { Client } from './client.ts';

/** A network as the engine tells it. */
export interface NetworkInfo {
  Id: string;
  Name: string;
  Driver?: string;
  Scope?: string;
  Created?: string;
  Labels?: Record<string, string> | null;
  Ingress?: boolean;
  ConfigOnly?: boolean;
  Containers?: Record<string, { Name?: string }> | null;
}

/** Networks that the engine makes itself. Source: moby, runconfig IsPreDefinedNetwork and a swarm's gateway; podman's default. */
const BUILT_IN: readonly string[] = ['bridge', 'host', 'none', 'default', 'nat', 'docker_gwbridge', 'podman'];

/** All networks. What is connected to one only inspecting it tells. */
export async function observeNetworks(client: Client): Promise<Network[]> {
  const list = await client.call<NetworkInfo[]>('GET', '/networks');
  const limit = pLimit(16);
  return Promise.all(
    list.map((entry) =>
      limit(async () => {
        const network = networkOf(entry);
        return network.builtIn ? network : ((await inspectNetwork(client, entry.Id)) ?? network);
      }),
    ),
  );
}

/** The network as it is now; `undefined` when it has gone. */
export async function inspectNetwork(client: Client, id: string): Promise<Network | undefined> {
  const found = await orMissing(client.call<NetworkInfo>('GET', `/networks/${id}`));
  return found && networkOf(found);
}

export function networkOf(entry: NetworkInfo): Network {
  const created = timeOf(entry.Created);
  return {
    id: entry.Id,
    name: entry.Name,
    driver: entry.Driver ?? '',
    scope: entry.Scope ?? 'local',
    ...(created && { created }),
    labels: entry.Labels ?? {},
    builtIn: BUILT_IN.includes(entry.Name) || entry.Ingress === true || entry.ConfigOnly === true,
    attached: Object.entries(entry.Containers ?? {}).map(([id, { Name }]) => Name || id.slice(0, 12)),
  };
}

/** A volume as the engine tells it. */
export interface VolumeInfo {
  Name: string;
  Driver: string;
  Mountpoint?: string;
  CreatedAt?: string;
  Labels?: Record<string, string> | null;
  Options?: Record<string, string> | null;
  UsageData?: { Size?: number } | null;
}

/** All volumes. `sized`: with what they take, for which the engine adds up their files, which may take long. */
export async function observeVolumes(client: Client, sized: boolean): Promise<Volume[]> {
  const { Volumes } = await client.call<{ Volumes?: VolumeInfo[] | null }>('GET', '/volumes');
  const sizes = sized ? await volumeSizes(client) : new Map<string, number>();
  return (Volumes ?? []).map((entry) => {
    const size = sizes.get(entry.Name) ?? -1;
    return { ...volumeOf(entry), ...(size >= 0 && { size }) };
  });
}

/** Docker 20.10 leaves out volumes that it cannot mount: only the list has them all. */
async function volumeSizes(client: Client): Promise<Map<string, number>> {
  const query = typed(client, 'volume');
  const df = await client.call<{ Volumes?: VolumeInfo[] | null }>('GET', '/system/df', query, { timeout: 0 });
  return new Map((df.Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1]));
}

/** Before API 1.42 the engine always adds up everything. */
function typed(client: Client, type: string): Record<string, string> {
  return atLeast(client, '1.42') ? { type } : {};
}

/** The volume as it is now; `undefined` when it has gone. */
export async function inspectVolume(client: Client, name: string): Promise<Volume | undefined> {
  const found = await orMissing(client.call<VolumeInfo>('GET', `/volumes/${encodeURIComponent(name)}`));
  return found && volumeOf(found);
}

/** A volume as the engine lists it. Docker 20.10 puts no label on an anonymous one: only its name of 64 hex digits tells. */
export function volumeOf(entry: VolumeInfo): Volume {
  const labels = entry.Labels ?? {};
  const created = timeOf(entry.CreatedAt);
  return {
    name: entry.Name,
    driver: entry.Driver,
    ...(created && { created }),
    labels,
    options: entry.Options ?? {},
    mountpoint: entry.Mountpoint ?? '',
    anonymous: 'com.docker.volume.anonymous' in labels || /^[0-9a-f]{64}$/.test(entry.Name),
  };
}

interface CacheInfo {
  ID: string;
  Parent?: string;
  Parents?: string[] | null;
  /** Docker 26.1 writes the key with a space. */
  ' Parents'?: string[] | null;
  Type?: string;
  Description?: string;
  InUse?: boolean;
  Shared?: boolean;
  Size?: number;
  CreatedAt?: string;
  LastUsedAt?: string | null;
}

/** All records of the build cache. `timeout` in milliseconds; without one it takes as long as it takes. */
export async function observeCache(client: Client, timeout = 0): Promise<CacheRecord[]> {
  const { BuildCache } = await client.call<{ BuildCache?: CacheInfo[] | null }>(
    'GET',
    '/system/df',
    typed(client, 'build-cache'),
    { timeout },
  );
  return (BuildCache ?? []).map(recordOf);
}

function recordOf(entry: CacheInfo): CacheRecord {
  const parents = entry.Parents ?? entry[' Parents'] ?? (entry.Parent ? entry.Parent.split(',') : []);
  const [created, lastUsed] = [timeOf(entry.CreatedAt), timeOf(entry.LastUsedAt)];
  return {
    id: entry.ID,
    type: entry.Type ?? '',
    description: entry.Description ?? '',
    parents,
    inUse: entry.InUse === true,
    shared: entry.Shared === true,
    size: entry.Size ?? 0,
    ...(created && { created }),
    ...(lastUsed && { lastUsed }),
  };
}

interface ServiceSpec {
  Name?: string;
  TaskTemplate?: {
    ContainerSpec?: { Image?: string; Mounts?: { Type?: string; Source?: string }[] | null };
    Networks?: { Target?: string }[] | null;
  };
  Networks?: { Target?: string }[] | null;
}

interface ServiceInfo {
  ID: string;
  Spec?: ServiceSpec;
  PreviousSpec?: ServiceSpec;
  Endpoint?: { VirtualIPs?: { NetworkID?: string }[] | null };
}

/** The swarm's services; only a manager can tell. */
export async function observeServices(client: Client): Promise<Service[]> {
  const list = await client.call<ServiceInfo[]>('GET', '/services');
  return list.map(serviceOf);
}

function serviceOf({ ID, Spec, PreviousSpec, Endpoint }: ServiceInfo): Service {
  const specs = [Spec, PreviousSpec].filter((spec) => spec !== undefined);
  const tasks = specs.flatMap(({ TaskTemplate }) => TaskTemplate ?? []);
  const targets = [...specs, ...tasks].flatMap(({ Networks }) => Networks ?? []);
  const mounts = tasks.flatMap(({ ContainerSpec }) => ContainerSpec?.Mounts ?? []);
  return {
    name: Spec?.Name ?? ID,
    images: tasks.flatMap(({ ContainerSpec }) => ContainerSpec?.Image ?? []),
    networks: [
      ...targets.flatMap(({ Target }) => Target ?? []),
      ...(Endpoint?.VirtualIPs ?? []).flatMap(({ NetworkID }) => NetworkID ?? []),
    ],
    volumes: mounts.filter(({ Type }) => Type === 'volume').flatMap(({ Source }) => Source ?? []),
  };
}
