// Out of quarantine again: the name there goes, and never the image with it.
import { Refusal } from '../core/errors.ts';
import { isQuarantineName } from '../core/quarantine-name.ts';
import { shortId } from '../core/reference.ts';
import type { Restoring } from '../core/undo.ts';
import { fullId } from './answer.ts';
import type { Client } from './client.ts';
import { inspectImage } from './look-up-image.ts';
import { giveName, holderOf, takeName } from './quarantine.ts';
import { withEmptyImage } from './volume-peek.ts';

/**
 * Takes an image out of quarantine once it has its names again; one that never had any loses this one, too, and is
 * dangling as before. Throws Refusal where that would delete it, EngineError, Cancelled.
 */
export async function leaveQuarantine(
  client: Client,
  { id, target, nameless }: Extract<Restoring, { do: 'leave-quarantine' }>,
  signal: AbortSignal,
): Promise<void> {
  const image = await inspectImage(client, id);
  if (!image.tags.includes(target)) return;
  if (image.tags.some((name) => !isQuarantineName(name))) return await takeName(client, id, target);
  if (!nameless)
    throw new Refusal(`${shortId(id)} has no other name, and is left in quarantine: docker tag it first`);
  await moveNameAway(client, id, target, signal);
}

/** An engine deletes an image with its last name. A name that is given to another image leaves the first one nameless. */
async function moveNameAway(client: Client, id: string, name: string, signal: AbortSignal): Promise<void> {
  await withEmptyImage(client, signal, async (empty) => {
    await giveName(client, empty, name);
    if ((await holderOf(client, id)) !== id) throw new Refusal(`${shortId(id)} is not there any more`);
    if ((await holderOf(client, name)) === fullId(empty))
      await client.call('DELETE', `/images/${encodeURIComponent(name)}`, { noprune: '1' });
  });
}
