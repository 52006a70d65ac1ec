// An image as it is just before something is done to it, held against what the plan expects.
import type { ContainerInfo, ImageInspectInfo } from 'dockerode';
import type { Engine, Image } from '../core/inventory.ts';
import type { ImageAction } from '../core/plan.ts';
import { shortId } from '../core/reference.ts';
import { namesOf } from '../core/selection.ts';
import { usersOf } from '../core/usage.ts';
import type { Client } from './client.ts';
import { imageOf } from './observe.ts';
import { containerOf } from './observe-containers.ts';
import { observeServices } from './observe-more.ts';

/** By name or ID. Throws EngineError, with status 404 where there is none. */
export async function inspectImage(client: Client, name: string): Promise<Image> {
  const found = await client.call<ImageInspectInfo>('GET', `/images/${encodeURIComponent(name)}/json`);
  const entry = {
    ...found,
    Created: 0,
    ParentId: found.Parent,
    Labels: found.Config?.Labels,
    SharedSize: -1,
  };
  return imageOf(entry as unknown as Parameters<typeof imageOf>[0]);
}

/** What of an action's expectations does not hold, as a part of a sentence. */
export function changedSince(
  image: Image,
  { id, target, expects }: Pick<ImageAction, 'id' | 'target' | 'expects'>,
): string | undefined {
  if (image.id !== id) return `${target} now names another image, ${shortId(image.id)}`;
  const names = namesOf(image);
  const added = names.find((name) => !expects.names.includes(name));
  if (added) return `the image is also named ${added} now`;
  const lost = expects.names.find((name) => !names.includes(name));
  return lost && `${lost} does not name the image any more`;
}

/** The engine protects what a container uses by ID, but not by name, not what is mounted, and no service's: so look. */
export async function newUser(
  client: Client,
  image: Image,
  { swarm }: Pick<Engine, 'swarm'>,
): Promise<string | undefined> {
  const [list, services] = await Promise.all([
    client.call<ContainerInfo[]>('GET', '/containers/json', { all: '1' }),
    swarm ? observeServices(client) : [],
  ]);
  const users = usersOf({ images: [image], containers: list.map(containerOf), services });
  return users.get(image.id)?.[0]?.text;
}
