// The closed list of why docker tidy keeps what prune removes. Each is a section of docs/differences.md.
import type { Thing } from '../support/population.ts';
import type { Census, ContainerFacts, ImageFacts } from '../support/population-census.ts';
import { FUTURE } from '../support/population-random.ts';
import type { Outcome } from './case.ts';
import { labelFilters, labelsOf, matching, untilOf } from './filtered.ts';

export interface Seen extends Outcome {
  readonly engine: string;
  readonly census: Census;
}

/** What a thing that stayed is: its kind and name, the image that it is or names, its labels. */
export interface Kept {
  readonly kind: string;
  readonly name: string;
  readonly image?: ImageFacts;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Difference {
  readonly id: string;
  /** Whether it is why docker tidy kept the thing. */
  explains(kept: Kept, seen: Seen): boolean;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'tidy-keep',
    explains: ({ labels }) => 'tidy.keep' in labels,
  },
  {
    id: 'label-not-any',
    explains: ({ labels }, seen) => {
      const not = labelFilters(seen.command, 'label!');
      return not.length > 1 && not.some((filter) => matching(labels, filter));
    },
  },
  {
    id: 'made-up-date',
    explains: ({ image }, { command }) =>
      untilOf(command) !== undefined && typeof image?.created === 'string' && image.created < '1981',
  },
  {
    id: 'built-or-arrived',
    explains: ({ image }, { command, census }) => {
      const until = untilOf(command);
      const named = image && census.named.get(image.name);
      if (until === undefined || image === undefined) return false;
      if (image.created === FUTURE) return true;
      return named !== undefined && (typeof until === 'string' || until.after < named);
    },
  },
  {
    id: 'digest-pin',
    explains: ({ image }, { command }) => image?.by === 'pin' && !command.all,
  },
  {
    id: 'names-of-what-is-used',
    explains: ({ kind, image }, seen) =>
      kind === 'name' && staying(seen).some((container) => container.image === image?.name),
  },
  {
    id: 'image-mount',
    explains: ({ image }, seen) =>
      image !== undefined &&
      staying(seen).some(
        // The image that it mounts, or the one that has the name now.
        ({ mounts, step }) => [mounts, seen.census.tags.get(step.mounts ?? '')].includes(image.name),
      ),
  },
  {
    id: 'moved-tag',
    explains: ({ image }, seen) =>
      staying(seen).some((container) => {
        const now = seen.census.tags.get(container.step.image) ?? container.image;
        return now !== container.image && [now, container.image].includes(image?.name as string);
      }),
  },
  {
    id: 'parent-of-what-stays',
    explains: ({ image }, { census, tidied }) =>
      [...census.images.values()].some(
        ({ name }) => tidied.has(`image ${name}`) && ancestors(census, name).includes(image?.name as string),
      ),
  },
  {
    id: 'between-images',
    explains: ({ kind, image }, { census, command, engine }) =>
      kind === 'image' &&
      (labelFilters(command, 'label').length + labelFilters(command, 'label!').length > 0 ||
        (engine.endsWith('containerd') && !command.all)) &&
      [...census.images.values()].some(({ name }) => ancestors(census, name).includes(image?.name as string)),
  },
  {
    id: 'age-since-finished',
    explains: ({ kind, name }, { command: { until }, census }) => {
      const container = kind === 'container' ? census.containers.get(name) : undefined;
      return container !== undefined && typeof until === 'object' && container.finished > until.after;
    },
  },
  {
    id: 'network-of-stopped-container',
    explains: ({ kind, name }, seen) =>
      kind === 'network' && staying(seen).some(({ step }) => step.networks.includes(name)),
  },
  {
    id: 'network-of-a-project',
    explains: ({ kind, labels }, seen) =>
      kind === 'network' &&
      PROJECT in labels &&
      staying(seen).some((container) => PROJECT in container.labels),
  },
  {
    id: 'used-by-what-stays',
    explains: ({ image }, seen) =>
      staying(seen).some((c) => c.image === image?.name && !seen.pruned.has(`container ${c.name}`)),
  },
  {
    id: 'labels-and-the-cache',
    explains: ({ kind }, { command }) => kind === 'cache' && labelFilters(command, 'label').length > 0,
  },
  {
    id: 'cache-shared-at-first',
    explains: ({ kind }, { command }) =>
      kind === 'cache' && ['bare', 'all'].includes(command.scope) && !command.all,
  },
  {
    id: 'configured-filters',
    explains: ({ labels }, { command, engine }) =>
      engine !== '20.10' &&
      command.configured.some(
        (text) => text.startsWith('label') && matching(labels, text) !== text.startsWith('label='),
      ),
  },
];

/**
 * A bug of prune on the containerd store, mended by moby#52338: under `label!=k=v` it keeps every image without the
 * label k. docker tidy has the meaning that is documented, as all other stores and later engines do.
 */
export function isMendedBug(thing: Thing, { engine, command, census }: Seen): boolean {
  const { kind, name } = parts(thing);
  const image = imageOf(kind, name, census);
  if (!engine.endsWith('containerd') || image === undefined) return false;
  return labelFilters(command, 'label!').some((filter) => {
    const [, key, value] = /^label!=([^=]*)(?:=(.*))?$/s.exec(filter) ?? [];
    return value !== undefined && key !== undefined && !(key in image.labels);
  });
}

const PROJECT = 'com.docker.compose.project';

/** The differences that explain why the thing stayed. */
export function reasonsFor(thing: Thing, seen: Seen): string[] {
  const { kind, name } = parts(thing);
  const image = imageOf(kind, name, seen.census);
  const kept = { kind, name, labels: labelsOf(kind, name, seen.census, image), ...(image && { image }) };
  return DIFFERENCES.filter(({ explains }) => explains(kept, seen)).map(({ id }) => id);
}

function parts(thing: Thing): { kind: string; name: string } {
  const space = thing.indexOf(' ');
  return { kind: thing.slice(0, space), name: thing.slice(space + 1) };
}

function imageOf(kind: string, name: string, { images, tags }: Census): ImageFacts | undefined {
  if (kind === 'image') return images.get(name);
  if (kind !== 'name') return undefined;
  return name.endsWith('@')
    ? [...images.values()].find(({ by }) => by === 'pin')
    : images.get(tags.get(name) as string);
}

/** The containers that docker tidy left. */
function staying({ census, tidied }: Seen): ContainerFacts[] {
  return [...census.containers.values()].filter(({ name }) => tidied.has(`container ${name}`));
}

function ancestors({ images }: Census, name: string): string[] {
  const parent = images.get(name)?.parent;
  return parent === undefined ? [] : [parent, ...ancestors({ images } as Census, parent)];
}
