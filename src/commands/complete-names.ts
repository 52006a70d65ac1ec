// Names that TAB offers: asked of the engine if it answers at once, else as a run last saw them, else none.
import { homedir } from 'node:os';
import { EngineError, Refusal } from '../core/errors.ts';
import type { Volume } from '../core/inventory.ts';
import { repositoryOf, shortId, tagOf } from '../core/reference.ts';
import { count, humanDuration, humanSize } from '../core/units.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { Glance } from '../engine/glance.ts';
import {
  containersAtGlance,
  imagesAtGlance,
  namelessAtGlance,
  networksAtGlance,
  volumesAtGlance,
} from '../engine/glance-objects.ts';
import { stateFolder } from '../state/folder.ts';
import type { NamedImage } from '../state/names.ts';
import { recallNames } from '../state/names.ts';
import { endpointOf, waitOf } from './endpoint-of.ts';

/** What is named. `objects`: images, containers, networks and volumes; `contexts`: docker's; `removed`: what past runs took; `runs`: those. */
export type Wanted =
  | 'repositories'
  | 'images'
  | 'tags'
  | 'labels'
  | 'labelKeys'
  | 'nameless'
  | 'volumes'
  | 'objects'
  | 'contexts'
  | 'furtherContexts'
  | 'removed'
  | 'runs';

/** A name, and what it is. */
export type Named = readonly [name: string, what: string];

/** Milliseconds after the start of the process by which the engine must have answered, and what it gets in any case. */
const ANSWERED_BY = 120;
const AT_LEAST = 40;

/** Where all is slow, the engine gets as long as the process took to start. */
function soon(env: NodeJS.ProcessEnv): AbortSignal {
  const started = process.uptime() * 1000;
  const left = waitOf(env, 'completion-wait', ANSWERED_BY) - started;
  return AbortSignal.timeout(Math.ceil(Math.max(AT_LEAST, started, left)));
}

/**
 * Names that begin with `typed`, each once; none where the engine is away. What it does not answer before `signal` aborts
 * is not waited for. Names that a shell could take for more are left out: some evaluate what they are offered.
 */
export async function names(
  wanted: Wanted,
  typed: string,
  env: NodeJS.ProcessEnv,
  signal = soon(env),
): Promise<Named[]> {
  try {
    const asked = await askedNames(wanted, typed, env, signal);
    const fit = asked.filter(([name]) => name.startsWith(typed) && /^\w[\w./:@=+,-]*$/.test(name));
    return [...new Map(fit)];
  } catch (error) {
    if (error instanceof EngineError || error instanceof Refusal) return []; // docker could not tell which engine either
    throw error;
  }
}

async function askedNames(
  wanted: Wanted,
  typed: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<readonly Named[]> {
  if (wanted === 'contexts') return [['all', 'every context'], ...(await contexts(env))];
  if (wanted === 'furtherContexts') return await contexts(env);
  const endpoint = await endpointOf({ env });
  const folder = stateFolder(env, homedir(), process.platform);
  const at: At = { endpoint, signal, folder };
  switch (wanted) {
    case 'repositories':
      return repositories(await images(at, typed), typed);
    case 'images':
      return (await images(at, typed)).flatMap(({ tags }) => tags.map((tag): Named => [tag, '']));
    case 'tags':
      return (await images(at, '')).flatMap(({ tags }) => tags.map((tag): Named => [tagOf(tag), '']));
    case 'labels':
    case 'labelKeys':
      return labels(await images(at, ''), wanted === 'labels' && typed.includes('='));
    case 'nameless':
      return known(await namelessAtGlance(endpoint, signal)).map((image) => [
        shortId(image.id),
        `built ${image.created ? humanDuration(Date.now() - Date.parse(image.created)) : 'some time'} ago, ${humanSize(image.size)}`,
      ]);
    case 'volumes':
      return volumes(known(await volumesAtGlance(endpoint, signal)), typed, '');
    case 'objects':
      return await objects(at, typed);
    default: {
      const { removedNames, runNames } = await import('./complete-runs.ts');
      return await (wanted === 'runs' ? runNames : removedNames)(at);
    }
  }
}

async function contexts(env: NodeJS.ProcessEnv): Promise<Named[]> {
  const [{ contextNames }, { configDir }] = await Promise.all([
    import('../config/context-names.ts'),
    import('../config/docker-config.ts'),
  ]);
  const names = await contextNames(configDir({}, env, homedir()));
  return names.map((name): Named => [name, '']);
}

/** What answers are had from, and until when. */
export interface At {
  readonly endpoint: Endpoint;
  readonly signal: AbortSignal;
  readonly folder: string;
}

function known<T>(found: Glance<T[]>): T[] {
  return typeof found === 'string' ? [] : found.answer;
}

/** The registry of what podman built itself, which it lets people leave out. */
const OWN = 'localhost/';

/** An engine that is slow is there: what a run last saw of it likely still holds. */
async function images({ endpoint, signal, folder }: At, typed: string): Promise<readonly NamedImage[]> {
  const found = await imagesAtGlance(endpoint, typed, signal);
  if (typeof found === 'string') return found === 'slow' ? await recallNames(folder, endpoint.host) : [];
  if (!found.podman || OWN.startsWith(typed) || typed.startsWith(OWN)) return found.answer;
  const short = (tag: string) => (tag.startsWith(OWN) ? tag.slice(OWN.length) : tag);
  return found.answer.map(({ tags, labels }) => ({ tags: tags.map(short), labels }));
}

/** Volumes that nobody named are offered only to who begins to type one. */
function volumes(all: readonly Volume[], typed: string, what: string): Named[] {
  return all.filter(({ anonymous }) => typed !== '' || !anonymous).map(({ name }) => [name, what]);
}

/** Repositories, and their images once a tag is begun. */
function repositories(all: readonly NamedImage[], typed: string): Named[] {
  const tags = all.flatMap((image) => image.tags);
  const byName = Map.groupBy(tags, repositoryOf);
  const whole = typed.includes(':') ? tags.map((tag): Named => [tag, 'image']) : [];
  return [...[...byName].map(([name, its]): Named => [name, count(its.length, 'tag')]), ...whole];
}

function labels(all: readonly NamedImage[], withValues: boolean): Named[] {
  const pairs = all.flatMap((image) => Object.entries(image.labels));
  return pairs.map(([key, value]) => [withValues ? `${key}=${value}` : key, '']);
}

async function objects(at: At, typed: string): Promise<Named[]> {
  const { endpoint, signal } = at;
  const [tagged, containers, networks, vols] = await Promise.all([
    images(at, typed),
    containersAtGlance(endpoint, signal),
    networksAtGlance(endpoint, signal),
    volumesAtGlance(endpoint, signal),
  ]);
  return [
    ...tagged.flatMap(({ tags }) => tags.map((tag): Named => [tag, 'image'])),
    ...known(containers).map(({ name, state }): Named => [name, `container, ${state}`]),
    ...known(networks).flatMap(({ name, builtIn }): Named[] => (builtIn ? [] : [[name, 'network']])),
    ...volumes(known(vols), typed, 'volume'),
  ];
}
