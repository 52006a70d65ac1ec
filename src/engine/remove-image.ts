// One name off an image, or an image: looked up again just before, by name for the one and by ID for the other.
import type { ImageRemoveInfo } from 'dockerode';
import type { Engine } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { DeletionAction } from '../core/plan.ts';
import { namesOf } from '../core/selection.ts';
import type { Client } from './client.ts';
import { changedSince, inspectImage, newUser } from './look-up-image.ts';
import type { Note } from './perform.ts';

/** Deleting a large image may take minutes. */
const DELETE_TIMEOUT = 15 * 60 * 1000;

/**
 * Does it, unless the image has other names by now, or a user. `resumed`: an attempt broke off in the middle, and may have
 * taken the last name already. Throws EngineError when the engine refuses.
 */
export async function removeImage(
  client: Client,
  action: DeletionAction,
  engine: Pick<Engine, 'swarm'>,
  note: Note,
  resumed = false,
): Promise<Outcome> {
  const image = await inspectImage(client, action.kind === 'untag' ? action.target : action.id);
  const halfway = resumed && action.kind === 'delete-image' && namesOf(image).length === 0;
  const changed =
    (halfway ? undefined : changedSince(image, action)) ?? (await newUser(client, image, engine));
  if (changed) return { action, result: 'changed', why: changed };
  const { names: tags, digests } = action.was ?? { names: image.tags, digests: image.digests };
  await note({ image: { ...image, tags, digests } });
  return await remove(client, action);
}

async function remove(client: Client, action: DeletionAction): Promise<Outcome> {
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
