// One name off an image, or an image: looked up again just before, by name for the one and by ID for the other.
import type { ContainerInfo, ImageInspectInfo, ImageRemoveInfo } from 'dockerode';
import type { Engine, Image } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { ImageAction } from '../core/plan.ts';
import { shortId } from '../core/reference.ts';
import { namesOf } from '../core/selection.ts';
import { usersOf } from '../core/usage.ts';
import type { Client } from './client.ts';
import { imageOf } from './observe.ts';
import { containerOf } from './observe-containers.ts';
import { observeServices } from './observe-more.ts';
import type { Note } from './perform.ts';

/** Deleting a large image may take minutes. */
const DELETE_TIMEOUT = 15 * 60 * 1000;

/**
 * Does it, unless the image has other names by now, or a user. `resumed`: an attempt broke off in the middle, and may have
 * taken the last name already. Throws EngineError when the engine refuses.
 */
export async function removeImage(
  client: Client,
  action: ImageAction,
  engine: Pick<Engine, 'swarm'>,
  note: Note,
  resumed = false,
): Promise<Outcome> {
  const image = await inspect(client, action.kind === 'untag' ? action.target : action.id);
  const halfway = resumed && action.kind === 'delete-image' && namesOf(image).length === 0;
  const changed =
    (halfway ? undefined : changedSince(image, action)) ?? (await newUser(client, image, engine));
  if (changed) return { action, result: 'changed', why: changed };
  await note({ image });
  return await remove(client, action);
}

function changedSince(image: Image, { id, target, expects }: ImageAction): string | undefined {
  if (image.id !== id) return `${target} now names another image, ${shortId(image.id)}`;
  const names = namesOf(image);
  const added = names.find((name) => !expects.names.includes(name));
  if (added) return `the image is also named ${added} now`;
  const lost = expects.names.find((name) => !names.includes(name));
  return lost && `${lost} does not name the image any more`;
}

async function inspect(client: Client, name: string): Promise<Image> {
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

/** The engine protects what a container uses by ID, but not by name, not what is mounted, and no service's: so look. */
async function newUser(
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

async function remove(client: Client, action: ImageAction): Promise<Outcome> {
  const deletes = action.kind === 'delete-image';
  const name = encodeURIComponent(deletes ? action.id : action.target);
  const query = { noprune: '1' }; // else nameless parents go along, which have lines of their own in the plan, or stay
  const answer = await client.call<ImageRemoveInfo[]>('DELETE', `/images/${name}`, query, {
    timeout: DELETE_TIMEOUT,
  });
  const deleted = answer.some(({ Deleted }) => Deleted === action.id || `sha256:${Deleted}` === action.id);
  if (deletes && !deleted)
    return { action, result: 'conflict', why: 'the engine untagged it, but still needs the image' };
  return { action, result: 'done' };
}
