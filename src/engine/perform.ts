// One action, one engine call: what the plan expects is looked up again just before, and the engine is never forced.
import type { ContainerInfo, ImageInspectInfo, ImageRemoveInfo } from 'dockerode';
import { EngineError } from '../core/errors.ts';
import type { Engine, Image } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action } from '../core/plan.ts';
import { shortId } from '../core/reference.ts';
import { namesOf } from '../core/selection.ts';
import { usersOf } from '../core/usage.ts';
import { saysKeep } from '../core/verdict.ts';
import { isConflict, isMissing, orMissing } from './answer.ts';
import type { Client } from './client.ts';
import { containerOf, imageOf, observeServices } from './observe.ts';

/** Deleting a large image may take minutes. */
const DELETE_TIMEOUT = 15 * 60 * 1000;

/** Checks that the action's expectations still hold, then does it. Never throws. */
export async function perform(
  client: Client,
  action: Action,
  engine: Pick<Engine, 'swarm'>,
): Promise<Outcome> {
  try {
    return await attempt(client, action, engine);
  } catch (error) {
    return isMissing(error) ? await again(client, action, engine) : failure(action, error);
  }
}

/** While others prune, the containerd store says of images that they are missing which are not: gone is what is missing twice. */
async function again(client: Client, action: Action, engine: Pick<Engine, 'swarm'>): Promise<Outcome> {
  try {
    return await attempt(client, action, engine);
  } catch (error) {
    if (isMissing(error)) return { action, result: 'gone', why: 'it was removed meanwhile' };
    return failure(action, error);
  }
}

function failure(action: Action, error: unknown): Outcome {
  const why = error instanceof Error ? error.message : String(error);
  const lost = error instanceof EngineError && error.status === undefined;
  return { action, result: isConflict(error) ? 'conflict' : 'failed', why, ...(lost && { lost }) };
}

async function attempt(client: Client, action: Action, engine: Pick<Engine, 'swarm'>): Promise<Outcome> {
  const image = await inspect(client, action.kind === 'untag' ? action.target : action.id);
  const changed = changedSince(image, action) ?? (await newUser(client, image, engine));
  return changed ? { action, result: 'changed', why: changed } : await remove(client, action, image, engine);
}

function changedSince(image: Image, { id, target, expects }: Action): string | undefined {
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

async function remove(
  client: Client,
  action: Action,
  image: Image,
  engine: Pick<Engine, 'swarm'>,
): Promise<Outcome> {
  const deletes = action.kind === 'delete-image';
  const name = encodeURIComponent(deletes ? action.id : action.target);
  const query = deletes && (await keptParent(client, image, engine)) ? { noprune: '1' } : {};
  const answer = await client.call<ImageRemoveInfo[]>('DELETE', `/images/${name}`, query, {
    timeout: DELETE_TIMEOUT,
  });
  const deleted = answer.some(({ Deleted }) => Deleted === action.id || `sha256:${Deleted}` === action.id);
  if (deletes && !deleted)
    return { action, result: 'conflict', why: 'the engine untagged it, but still needs the image' };
  return { action, result: 'done' };
}

/** The engine deletes nameless parents with their last child, whatever their labels say, and what mounts them. */
async function keptParent(
  client: Client,
  { parent }: Image,
  engine: Pick<Engine, 'swarm'>,
): Promise<boolean> {
  const image = parent ? await orMissing(inspect(client, parent)) : undefined;
  if (!image || namesOf(image).length > 0) return false;
  if (saysKeep(image) || (await newUser(client, image, engine))) return true;
  return await keptParent(client, image, engine);
}
