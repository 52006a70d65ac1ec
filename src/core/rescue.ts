// What an image without a name was, and free names for it, ordered by how sure they are.
import type { Container, Image } from './inventory.ts';
import { quarantined } from './quarantine.ts';
import { moment } from './reason.ts';
import { canonicalReference, parseReference, repositoryOf, shortId, tagOf } from './reference.ts';
import type { Certainty, Clue, PastName } from './rescue-clue.ts';
import { clueOfRun, cluesOfContainers, cluesOfLabels } from './rescue-clue.ts';
import type { TraitsById } from './rescue-neighbour.ts';
import { basesOf, candidatesFor, clueOfNeighbour } from './rescue-neighbour.ts';

/** All that is known beside the image. Images have their layers, where these could be learnt. */
export interface Surroundings {
  readonly images: readonly Image[];
  readonly containers: readonly Container[];
  /** The newest first. */
  readonly past: readonly PastName[];
  readonly traits: TraitsById;
  /** The engine's own time, RFC 3339. */
  readonly now: string;
}

/** A name that is free, as `repository:tag`, with the reasons for it. */
export interface Suggestion {
  readonly name: string;
  /** The name that it likely had, which may be another image's by now; absent where nothing tells. */
  readonly was?: string;
  readonly certainty: Certainty;
  readonly reasons: readonly string[];
  /** What gives it that name. */
  readonly command: string;
}

/** What is told of an image without a name. Times are RFC 3339, sizes bytes. */
export interface Lost {
  readonly id: string;
  readonly created?: string;
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Named images below it, the nearest first. */
  readonly builtOn: readonly string[];
  /** Its entrypoint and command. */
  readonly runs: readonly string[];
  /** The last command of its history. */
  readonly lastStep?: string;
  /** Until when it is in quarantine; the run that put it there can be undone. */
  readonly quarantined?: string;
  /** Names of containers. */
  readonly usedBy: readonly string[];
  /** The surest first; at least one. */
  readonly suggestions: readonly Suggestion[];
}

export function lostOf(image: Image, around: Surroundings): Lost {
  const { id, created, size, labels } = image;
  const traits = around.traits.get(id);
  const bases = basesOf(image, around.images);
  const builtOn = [...new Set([...bases.flatMap(({ tags }) => tags[0] ?? []), ...(traits?.builtOn ?? [])])];
  const lastStep = traits?.steps.at(-1);
  return {
    id,
    ...(created !== undefined && { created }),
    size,
    labels,
    builtOn,
    runs: traits?.runs ?? [],
    ...quarantineOf(image),
    ...(lastStep !== undefined && { lastStep }),
    usedBy: around.containers.filter(({ imageId }) => imageId === id).map(({ name }) => name),
    suggestions: suggestionsFor(image, cluesFor(image, bases, around), builtOn[0], around.images),
  };
}

function quarantineOf(image: Image): Pick<Lost, 'quarantined'> {
  const until = quarantined([image])[0]?.until;
  const end = until === undefined ? undefined : moment(until);
  return end === undefined ? {} : { quarantined: end };
}

function cluesFor(image: Image, bases: readonly Image[], around: Surroundings): Clue[] {
  const { images, containers, past, traits, now } = around;
  return [
    ...past.filter(({ id }) => id === image.id).flatMap((each) => clueOfRun(each, now)),
    ...cluesOfContainers(image, containers),
    ...clueOfNeighbour(image, candidatesFor(image, images), bases, traits),
    ...cluesOfLabels(image, bases),
  ];
}

const ORDER: readonly Certainty[] = ['sure', 'likely', 'maybe'];

/** One suggestion a name, with all its reasons. Without any clue some name that is free. */
function suggestionsFor(
  image: Image,
  clues: readonly Clue[],
  base: string | undefined,
  images: readonly Image[],
): Suggestion[] {
  const owners = ownersOf(images);
  const sorted = ORDER.flatMap((certainty) => clues.filter((clue) => clue.certainty === certainty));
  const byName = Map.groupBy(sorted, ({ name }) => name);
  const found = [...byName].map(([was, all]): Suggestion => {
    const name = freeName(was, owners);
    const owner = owners.get(canonicalReference(was) ?? was);
    const taken = owner ? [`${was} itself is taken by ${shortId(owner.id)}`] : [];
    const reasons = [...new Set(all.map(({ because }) => because)), ...taken];
    return { name, was, certainty: all[0]?.certainty ?? 'maybe', reasons, command: commandOf(image, name) };
  });
  return found.length > 0 ? found : [anyName(image, base, owners)];
}

function anyName(image: Image, base: string | undefined, owners: ReadonlyMap<string, Image>): Suggestion {
  const name = freeName(`rescued:${shortId(image.id)}`, owners);
  const known = base === undefined ? '' : `, only that it was built on ${base}`;
  const reasons = [`nothing tells what it was${known}: any name that is free will do`];
  return { name, certainty: 'maybe', reasons, command: commandOf(image, name) };
}

function commandOf({ id }: Image, name: string): string {
  return `docker tidy rescue ${shortId(id)} ${name}`;
}

/** Images by their names in full spelling. */
function ownersOf(images: readonly Image[]): Map<string, Image> {
  return new Map(
    images.flatMap((image) => image.tags.map((tag) => [canonicalReference(tag) ?? tag, image] as const)),
  );
}

/** A tag has 128 characters at most. */
const ROOM = 120;

/** The name, or the first of `-old`, `-old-2` … that no image has. */
function freeName(name: string, owners: ReadonlyMap<string, Image>): string {
  const [repository, tag] = [repositoryOf(name), tagOf(name).slice(0, ROOM)];
  const isTaken = (one: string) => owners.has(canonicalReference(one) ?? one);
  let free = name;
  for (let n = 1; isTaken(free); n++) free = `${repository}:${tag}-old${n === 1 ? '' : `-${n}`}`;
  return free;
}

/** The name to give, as `repository:tag`; `undefined` where it is none. */
export function nameToGive(text: string): string | undefined {
  const reference = parseReference(text);
  if (!reference || reference.digest !== undefined) return undefined;
  return `${reference.repository}:${reference.tag ?? 'latest'}`;
}

/** Images that stay as they are when one is named so: the one that has the name now. */
export function ownerOf(name: string, images: readonly Image[]): Image | undefined {
  return ownersOf(images).get(canonicalReference(name) ?? name);
}
