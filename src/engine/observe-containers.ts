// Containers as the engine lists them, and what only inspecting one tells.
import type { ContainerInfo, ContainerInspectInfo } from 'dockerode';
import pLimit from 'p-limit';
import type { Container } from '../core/inventory.ts';
import { fullId, isoTime, orMissing, timeOf } from './answer.ts';
import type { Client } from './client.ts';

/** All containers. `stopped`: also when those that do not run stopped, and what they take on disk; `running`: what the others take. */
export async function observeContainers(
  client: Client,
  stopped: boolean,
  running = false,
): Promise<Container[]> {
  const list = await client.call<ContainerInfo[]>('GET', '/containers/json', { all: '1' });
  const limit = pLimit(16);
  return Promise.all(list.map((entry) => limit(() => observeContainer(client, entry, { stopped, running }))));
}

/** The list says a container's image by ID once its tag has moved: the name that it was created by must be inspected. */
async function observeContainer(
  client: Client,
  entry: ContainerInfo,
  wanted: { readonly stopped: boolean; readonly running: boolean },
): Promise<Container> {
  const container = containerOf(entry);
  const sized = container.state === 'running' ? wanted.running : wanted.stopped;
  const moved = /^(sha256:)?[0-9a-f]{12,64}$/.test(container.image);
  return sized || moved ? ((await inspectContainer(client, container, sized)) ?? container) : container;
}

/** When containers that have stopped did so, where neither they nor `known` tell: the list of containers does not. */
export async function finishTimes(
  client: Client,
  containers: readonly Container[],
  known: (id: string) => string | undefined,
): Promise<Container[]> {
  const limit = pLimit(16);
  const isUntold = ({ id, state, finished }: Container) =>
    (state === 'exited' || state === 'dead') && finished === undefined && known(id) === undefined;
  return await Promise.all(
    containers.map((each) =>
      isUntold(each) ? limit(async () => (await inspectContainer(client, each, false)) ?? each) : each,
    ),
  );
}

type Inspected = ContainerInspectInfo & { SizeRw?: number };

/** The container as it is now; `undefined` when it has gone. `sized`: with what it takes, for which the engine reads it all. */
export async function inspectContainer(
  client: Client,
  container: Container,
  sized: boolean,
): Promise<Container | undefined> {
  const found = await orMissing(
    client.call<Inspected>('GET', `/containers/${container.id}/json`, sized ? { size: '1' } : {}),
  );
  if (!found) return undefined;
  const finished = timeOf(found.State?.FinishedAt);
  const size = sized ? (found.SizeRw ?? 0) : undefined; // the engine leaves a zero out
  return {
    ...container,
    state: found.State?.Status ?? container.state,
    image: found.Config?.Image ?? container.image,
    ...(found.Created && { created: found.Created }),
    ...(finished && { finished }),
    ...(size !== undefined && { size }),
  };
}

/** One entry of `GET /containers/json` as a Container. */
export function containerOf(entry: ContainerInfo): Container {
  const created = isoTime(entry.Created * 1000);
  const mounted = (type: string) => (entry.Mounts ?? []).filter(({ Type }) => Type === type);
  const volumes = mounted('volume').flatMap(({ Name }) => Name ?? []);
  return {
    id: entry.Id,
    name: (entry.Names?.[0] ?? entry.Id.slice(0, 12)).replace(/^\//, ''),
    state: entry.State,
    imageId: fullId(entry.ImageID),
    image: entry.Image,
    imageMounts: mounted('image').map(({ Name, Source }) => Name || Source),
    ...(created && { created }),
    labels: entry.Labels ?? {},
    volumes: [...new Set(volumes)],
    folders: mounted('bind').map(({ Source }) => Source),
    networks: networksOf(entry),
  };
}

/** A container that never started may have no network's ID yet: then the name that it was created with tells. */
function networksOf({ NetworkSettings, HostConfig }: ContainerInfo): string[] {
  const settings = Object.entries(NetworkSettings?.Networks ?? {});
  const names = settings.flatMap(([name, network]) => [name, network?.NetworkID ?? '']);
  return [...new Set([...names, HostConfig?.NetworkMode ?? ''])].filter((name) => name !== '');
}
