// An image that lost its name, closer: what only inspecting it and its history tell. And the name that it gets again.
import type { ImageInspectInfo } from 'dockerode';
import pLimit from 'p-limit';
import { EngineError, Refusal } from '../core/errors.ts';
import type { Image } from '../core/inventory.ts';
import { isQuarantineName } from '../core/quarantine-name.ts';
import { parseReference, shortId } from '../core/reference.ts';
import type { Traits } from '../core/rescue-neighbour.ts';
import { fullId, isMissing, orMissing, orUnknown } from './answer.ts';
import type { Client } from './client.ts';
import { takeName } from './quarantine.ts';

/** One entry of `GET /images/{id}/history`, newest first. */
interface HistoryEntry {
  CreatedBy?: string;
  Tags?: string[] | null;
}

/** What these images are run with and were made by, by ID. One that has gone meanwhile is left out. */
export async function learnTraits(client: Client, ids: Iterable<string>): Promise<Map<string, Traits>> {
  const limit = pLimit(8);
  const asked = [...new Set(ids)].map((id) => limit(async () => [id, await traitsOf(client, id)] as const));
  return new Map((await Promise.all(asked)).flatMap(([id, traits]) => (traits ? [[id, traits]] : [])));
}

async function traitsOf(client: Client, id: string): Promise<Traits | undefined> {
  const [found, history = []] = await Promise.all([
    orUnknown(client.call<ImageInspectInfo>('GET', `/images/${id}/json`)),
    orUnknown(client.call<HistoryEntry[]>('GET', `/images/${id}/history`)),
  ]);
  if (!found) return undefined;
  const { Labels: _, Image: __, Hostname: ___, ...config } = found.Config ?? {};
  const words = (value: string | string[] | null | undefined) => [value ?? []].flat();
  return {
    steps: history.toReversed().flatMap(({ CreatedBy }) => CreatedBy || []),
    builtOn: history.slice(1).flatMap(({ Tags }) => Tags ?? []),
    runs: [...words(config.Entrypoint), ...words(config.Cmd)],
    config: JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/**
 * Gives the image this name, as `repository:tag`, and takes it out of quarantine if it was there; unless either has changed meanwhile. The engine would move the name
 * away from another image without a word, so that it is looked up just before. Throws Refusal, or EngineError when the engine refuses.
 */
export async function giveName(client: Client, { id }: Pick<Image, 'id'>, name: string): Promise<void> {
  const gone = `${shortId(id)} was not named ${name}: it was removed meanwhile`;
  const image = await lookUp(client, id);
  if (!image) throw new Refusal(gone);
  const other = image.names.find((each) => !isQuarantineName(each));
  if (other !== undefined) throw new Refusal(`${shortId(id)} was not named ${name}: it is ${other} by now`);
  const owner = await lookUp(client, name);
  if (owner) throw new Refusal(takenBy(name, owner.id));
  const { repository = '', tag = '' } = parseReference(name) ?? {};
  try {
    await client.call('POST', `/images/${id}/tag`, { repo: repository, tag });
  } catch (error) {
    throw isMissing(error) ? new Refusal(gone, { cause: error }) : error;
  }
  const now = await lookUp(client, name);
  if (now?.id !== id)
    throw new EngineError(`the engine took the name ${name}, but it does not name ${shortId(id)}: try again`);
  const left = image.names.filter((each) => isQuarantineName(each) && !each.includes('@'));
  for (const each of left) await takeName(client, id, each);
}

/** What is said of a name that another image has. */
export function takenBy(name: string, owner: string): string {
  return `nothing was changed: ${name} is the name of ${shortId(owner)}, which keeps it; choose another name, as ${name}-old`;
}

/** While others prune, the containerd store says of images that they are missing which are not: missing is what is so twice. */
async function lookUp(client: Client, name: string): Promise<{ id: string; names: string[] } | undefined> {
  const ask = () =>
    orMissing(client.call<ImageInspectInfo>('GET', `/images/${encodeURIComponent(name)}/json`));
  const found = (await ask()) ?? (await ask());
  if (!found) return undefined;
  const names = [...(found.RepoTags ?? []), ...(found.RepoDigests ?? [])];
  return { id: fullId(found.Id), names: names.filter((each) => !each.startsWith('<none>')) };
}
