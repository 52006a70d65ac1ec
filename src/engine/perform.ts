// One action, one engine call: what the plan expects is looked up again just before, and the engine is never forced.
import type { ContainerInfo, ImageInspectInfo, ImageRemoveInfo } from 'dockerode';
import type { Image } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action } from '../core/plan.ts';
import { shortId } from '../core/reference.ts';
import { namesOf } from '../core/selection.ts';
import { usersOf } from '../core/usage.ts';
import { saysKeep } from '../core/verdict.ts';
import { isConflict, isMissing } from './answer.ts';
import type { Client } from './client.ts';
import { containerOf, imageOf } from './observe.ts';

/** Deleting a large image may take minutes. */
const DELETE_TIMEOUT = 15 * 60 * 1000;

/** Checks that the action's expectations still hold, then does it. Never throws. */
export async function perform(client: Client, action: Action): Promise<Outcome> {
  try {
    const changed = await changedSince(client, action);
    if (changed) return { action, result: 'changed', why: changed };
    return await remove(client, action);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (isMissing(error)) return { action, result: 'gone', why: 'it was removed meanwhile' };
    return { action, result: isConflict(error) ? 'conflict' : 'failed', why };
  }
}

async function changedSince(client: Client, action: Action): Promise<string | undefined> {
  const byName = action.kind === 'untag';
  const image = await inspect(client, byName ? action.target : action.id);
  if (image.id !== action.id) return `${action.target} now names another image, ${shortId(image.id)}`;
  const names = namesOf(image);
  const added = names.find((name) => !action.expects.names.includes(name));
  if (added) return `the image is also named ${added} now`;
  const lost = action.expects.names.find((name) => !names.includes(name));
  if (lost) return `${lost} does not name the image any more`;
  return newUser(client, image);
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

/** The engine protects what a container uses by ID, but not by name, and not what is mounted: so look. */
async function newUser(client: Client, image: Image): Promise<string | undefined> {
  const list = await client.call<ContainerInfo[]>('GET', '/containers/json', { all: '1' });
  const users = usersOf({ images: [image], containers: list.map(containerOf), services: [] });
  return users.get(image.id)?.[0]?.text;
}

async function remove(client: Client, action: Action): Promise<Outcome> {
  const deletes = action.kind === 'delete-image';
  const name = encodeURIComponent(deletes ? action.id : action.target);
  const query = deletes && (await keptParent(client, action.id)) ? { noprune: '1' } : {};
  const answer = await client.call<ImageRemoveInfo[]>('DELETE', `/images/${name}`, query, {
    timeout: DELETE_TIMEOUT,
  });
  const deleted = answer.some(({ Deleted }) => Deleted === action.id || `sha256:${Deleted}` === action.id);
  if (deletes && !deleted)
    return { action, result: 'conflict', why: 'the engine untagged it, but still needs the image' };
  return { action, result: 'done' };
}

/** The engine deletes nameless parents with their last child, whatever their labels say: unless one says to keep it. */
async function keptParent(client: Client, id: string): Promise<boolean> {
  let image = await inspect(client, id);
  while (image.parent) {
    try {
      image = await inspect(client, image.parent);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    if (namesOf(image).length > 0) return false;
    if (saysKeep(image)) return true;
  }
  return false;
}
