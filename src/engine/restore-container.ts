// A container made again from what the engine said of it: the same configuration, image, networks and volumes. What it had written is not.
import { Refusal } from '../core/errors.ts';
import { atLeast, isMissing, orMissing } from './answer.ts';
import type { Client } from './client.ts';

type Facts = Readonly<Record<string, unknown>>;

/** The parts of `GET /containers/ID/json` that are used. */
interface Inspected {
  readonly Id?: string;
  readonly Config?: Facts & {
    readonly Image?: string;
    readonly Hostname?: string;
    readonly Volumes?: object | null;
  };
  readonly HostConfig?: Facts & {
    readonly Binds?: readonly string[] | null;
    readonly Mounts?: readonly Mount[];
  };
  readonly Mounts?: readonly MountPoint[];
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, Endpoint>> | null };
}

interface Mount {
  readonly Target?: string;
}

interface MountPoint {
  readonly Type?: string;
  readonly Name?: string;
  readonly Destination?: string;
  readonly RW?: boolean;
}

/** What somebody asked of a connection; the rest of it the engine chose. */
interface Endpoint {
  readonly IPAMConfig?: object | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: object | null;
  readonly GwPriority?: number;
}

/** Makes it, stopped as it was. Throws Refusal where its image is not there; EngineError when the engine refuses. */
export async function createContainer(
  client: Client,
  name: string,
  facts: Facts,
  imageId: string,
): Promise<void> {
  const { Id = '', Config = {}, HostConfig = {}, Mounts = [], NetworkSettings } = facts as Inspected;
  const networks = Object.entries(NetworkSettings?.Networks ?? {}).map(
    ([network, endpoint]) => [network, asked(endpoint, Id)] as const,
  );
  const first = atLeast(client, '1.44') ? networks : networks.slice(0, 1); // before that an engine takes one
  const { Hostname, ...config } = Config;
  const joins = String(HostConfig['NetworkMode'] ?? '').startsWith('container:'); // whose name it has then
  for (const [network] of networks) await mustExist(client, network);
  const body = {
    ...config,
    ...(Hostname !== Id.slice(0, 12) && !joins && { Hostname }),
    Image: await imageFor(client, Config.Image ?? imageId, imageId),
    HostConfig: { ...HostConfig, Binds: bindsOf(HostConfig, Mounts) },
    NetworkingConfig: { EndpointsConfig: Object.fromEntries(first) },
  };
  const made = await client.call<{ Id: string }>('POST', '/containers/create', { name }, { body });
  for (const [network, EndpointConfig] of networks.slice(first.length)) {
    const path = `/networks/${encodeURIComponent(network)}/connect`;
    await client.call('POST', path, {}, { body: { Container: made.Id, EndpointConfig } });
  }
}

/** Engines make a container on a network that is not there, which then cannot start. */
async function mustExist(client: Client, network: string): Promise<void> {
  if (await orMissing(client.call('GET', `/networks/${encodeURIComponent(network)}`))) return;
  throw new Refusal(`its network ${network} is not there`);
}

/** By its name, while that still means the same image; else by ID. */
async function imageFor(client: Client, name: string, id: string): Promise<string> {
  const find = (each: string) =>
    orMissing(client.call<{ Id: string }>('GET', `/images/${encodeURIComponent(each)}/json`));
  try {
    if ((await find(name))?.Id === id) return name;
    if (await find(id)) return id;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  throw new Refusal(`its image ${name} is not there`);
}

/** Anonymous volumes by the names that they have, so that it finds its own again instead of new ones. */
function bindsOf(
  { Binds, Mounts = [] }: NonNullable<Inspected['HostConfig']>,
  points: readonly MountPoint[],
): string[] {
  const given = [...(Binds ?? [])];
  const targets = new Set([
    ...given.map((bind) => bind.split(':')[1]),
    ...Mounts.map(({ Target }) => Target),
  ]);
  const anonymous = points.filter(
    ({ Type, Name, Destination }) => Type === 'volume' && Name && !targets.has(Destination),
  );
  return [
    ...given,
    ...anonymous.map(({ Name, Destination, RW }) => `${Name}:${Destination}${RW === false ? ':ro' : ''}`),
  ];
}

/** Aliases hold the container's own ID, too, which it has no more. */
function asked({ IPAMConfig, Links, Aliases, DriverOpts, GwPriority }: Endpoint, id: string): object {
  return {
    ...(IPAMConfig && { IPAMConfig }),
    ...(Links && { Links }),
    ...(Aliases && { Aliases: Aliases.filter((alias) => alias !== id.slice(0, 12)) }),
    ...(DriverOpts && { DriverOpts }),
    ...(GwPriority && { GwPriority }),
  };
}
