// What is left of a population on an engine, read through its API, by the test's names; and an engine made empty.
import type { Made, Thing } from './population.ts';
import type { EngineApi } from './population-api.ts';

interface Listed {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
}

const PREDEFINED = ['bridge', 'host', 'none'];

/** Every thing that is still there, sorted: containers, networks, volumes, images (hidden ones, too), their names, cache records. */
export async function survivors(api: EngineApi, made: Made): Promise<Thing[]> {
  const [containers, networks, volumes, images, cache] = await Promise.all([
    api.get<Listed[]>('/containers/json?all=1'),
    ownNetworks(api),
    volumeNames(api),
    api.get<Listed[]>('/images/json?all=1'),
    cacheRecords(api),
  ]);
  const named = (id: string): Thing => made.names.get(id) ?? `image ? ${id}`;
  const ids = [...[...containers, ...networks, ...images].map(({ Id }) => Id), ...volumes];
  return [...ids.map(named), ...images.flatMap(namesOf), ...cache].sort();
}

/** Tags, and a digest where no tag names the repository, by its repository. */
function namesOf({ RepoTags, RepoDigests }: Listed): Thing[] {
  const real = (names: readonly string[] | null) =>
    (names ?? []).filter((name) => !name.startsWith('<none>'));
  const tags = real(RepoTags).filter((name) => !name.includes('@'));
  const repositories = [...new Set([...real(RepoTags), ...real(RepoDigests)].filter((n) => n.includes('@')))]
    .map((name) => name.split('@')[0] as string)
    .filter((repository) => !tags.some((tag) => tag.replace(/:[^:/]*$/, '') === repository));
  return [...tags, ...new Set(repositories.map((repository) => `${repository}@`))].map(
    (name): Thing => `name ${name}`,
  );
}

async function ownNetworks(api: EngineApi): Promise<{ Id: string }[]> {
  const networks = await api.get<{ Id: string; Name: string }[]>('/networks');
  return networks.filter(({ Name }) => !PREDEFINED.includes(Name));
}

async function volumeNames(api: EngineApi): Promise<string[]> {
  const { Volumes } = await api.get<{ Volumes: { Name: string }[] | null }>('/volumes');
  return (Volumes ?? []).map(({ Name }) => Name);
}

/** Records by what they say of themselves, counted: BuildKit changes the ID of one when it finishes it. */
async function cacheRecords(api: EngineApi): Promise<Thing[]> {
  const { BuildCache } = await api.get<{ BuildCache: { Type: string; Description: string }[] | null }>(
    '/system/df?type=build-cache',
  );
  const counts = new Map<string, number>();
  return (BuildCache ?? []).map(({ Type, Description }): Thing => {
    const what = `${Type} ${Description.replace(/build-context-\w+/, '…')}`;
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    return `cache ${what} #${count}`;
  });
}

/** Removes everything: the engine is the test's own. */
export async function emptyEngine(api: EngineApi): Promise<void> {
  const gone = { ok: [404, 409] };
  const ids = async (path: string) => (await api.get<{ Id: string }[]>(path)).map(({ Id }) => Id);
  await Promise.all(
    (await ids('/containers/json?all=1')).map((id) => api.call('DELETE', `/containers/${id}?force=1`, gone)),
  );
  await Promise.all([
    ...(await ownNetworks(api)).map(({ Id }) => api.call('DELETE', `/networks/${Id}`, gone)),
    ...(await volumeNames(api)).map((name) => api.call('DELETE', `/volumes/${name}?force=1`, gone)),
  ]);
  for (
    let images = await ids('/images/json?all=1');
    images.length > 0;
    images = await ids('/images/json?all=1')
  )
    for (const id of images) await api.call('DELETE', `/images/${id}?force=1`, gone);
  await api.call('POST', '/build/prune?all=1');
}
