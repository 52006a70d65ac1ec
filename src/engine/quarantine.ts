// Into quarantine: the new name first, then a look, then the old one goes. An image that has a name never is without one.
import type { Engine, Image } from '../core/inventory.ts';
import type { Outcome } from '../core/outcome.ts';
import type { QuarantineAction } from '../core/plan.ts';
import { isQuarantineName } from '../core/quarantine-name.ts';
import { parseReference } from '../core/reference.ts';
import { namesOf } from '../core/selection.ts';
import { fullId, orMissing } from './answer.ts';
import type { Client } from './client.ts';
import { changedSince, inspectImage, newUser } from './look-up-image.ts';
import type { Note } from './perform.ts';

/**
 * Gives the image its name in quarantine and takes its last other one, unless the image has other names by now, or a
 * user. `resumed`: an attempt broke off in the middle, and may have done a part of it. Throws EngineError when the engine
 * refuses.
 */
export async function putIntoQuarantine(
  client: Client,
  action: QuarantineAction,
  engine: Pick<Engine, 'swarm'>,
  note: Note,
  resumed = false,
): Promise<Outcome> {
  const { id, as } = action;
  const image = withoutName(await inspectImage(client, id), as);
  const halfway = resumed && namesOf(image).length === 0;
  const changed =
    (halfway ? undefined : changedSince(image, action)) ?? (await newUser(client, image, engine));
  if (changed) return { action, result: 'changed', why: changed };
  await note({ image });
  if ((await holderOf(client, as)) !== id) await giveName(client, id, as);
  if ((await holderOf(client, as)) !== id)
    return {
      action,
      result: 'failed',
      why: `the engine took the name ${as}, but it does not name the image`,
    };
  for (const name of image.tags) await takeName(client, id, name);
  const now = await inspectImage(client, id);
  const left = now.tags.find((name) => name !== as);
  if (left) return { action, result: 'changed', why: `the image is also named ${left} now` };
  return { action, result: 'done' };
}

function withoutName(image: Image, name: string): Image {
  return {
    ...image,
    tags: image.tags.filter((tag) => tag !== name),
    digests: image.digests.filter((digest) => !isQuarantineName(digest)),
  };
}

/** The ID of the image that has a name; `undefined` where none has. */
export async function holderOf(client: Client, name: string): Promise<string | undefined> {
  const path = `/images/${encodeURIComponent(name)}/json`;
  const found = await orMissing(client.call<{ Id: string }>('GET', path));
  return found && fullId(found.Id);
}

/** The engine moves it away from another image without a word. */
export async function giveName(client: Client, id: string, name: string): Promise<void> {
  const { repository = '', tag = '' } = parseReference(name) ?? {};
  await client.call('POST', `/images/${encodeURIComponent(id)}/tag`, { repo: repository, tag });
}

/** One that names another image by now is left alone. */
export async function takeName(client: Client, id: string, name: string): Promise<void> {
  if ((await holderOf(client, name)) !== id) return;
  await client.call('DELETE', `/images/${encodeURIComponent(name)}`, { noprune: '1' });
}
