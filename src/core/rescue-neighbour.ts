// The image that has a lost one's name now: built by the same steps, on the same layers, soon after it.
import type { Image } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { span } from './reason.ts';
import { shortId, tagOf } from './reference.ts';
import type { Clue } from './rescue-clue.ts';
import { named } from './rescue-clue.ts';

/** What only a closer look at an image tells. */
export interface Traits {
  /** The commands of its history, oldest first. */
  readonly steps: readonly string[];
  /** Names of the images that its lower layers are, where the engine tells. */
  readonly builtOn: readonly string[];
  /** Its entrypoint and command. */
  readonly runs: readonly string[];
  /** All that it is run with, as one text to compare. */
  readonly config: string;
}

export type TraitsById = ReadonlyMap<string, Traits>;

/** How many images are looked at closer for one that lost its name. */
const CLOSER = 12;

/** Named images that may have taken an image's name, the likeliest first: what shares most layers, then what is nearest in time. */
export function candidatesFor(lost: Image, images: readonly Image[]): Image[] {
  const bases = new Set(basesOf(lost, images));
  return images
    .filter((image) => image.tags.length > 0 && image.id !== lost.id && !bases.has(image))
    .map((image) => ({ image, shared: sharedLayers(lost, image), gap: gapBetween(lost, image) }))
    .sort(
      (a, b) =>
        b.shared - a.shared || distance(a.gap) - distance(b.gap) || (a.image.id < b.image.id ? -1 : 1),
    )
    .slice(0, CLOSER)
    .map(({ image }) => image);
}

/** Named images that it was built on, the nearest first: all of their layers are its lowest. */
export function basesOf(image: Image, images: readonly Image[]): Image[] {
  const depth = ({ layers = [] }: Image) => layers.length;
  return images
    .filter((other) => !isNameless(other) && depth(other) > 0 && depth(other) < depth(image))
    .filter((other) => image.layers?.[depth(other) - 1] === other.layers?.at(-1))
    .sort((a, b) => depth(b) - depth(a));
}

/** A layer's ID stands for all below it, too. */
function sharedLayers({ layers: a = [] }: Image, { layers: b = [] }: Image): number {
  const differs = a.findIndex((layer, i) => layer !== b[i]);
  return differs < 0 ? a.length : differs;
}

/** Milliseconds from the one's build to the other's; `undefined` where a date is not known or made up. */
function gapBetween(from: Image, to: Image): number | undefined {
  const [a, b] = [from, to].map(({ created }) => Date.parse(created ?? ''));
  const isReal = (ms: number | undefined): ms is number => ms !== undefined && ms >= FIRST_REAL;
  return isReal(a) && isReal(b) ? b - a : undefined;
}

/** Builders that hide the date write 1970 or 1980; there was no docker before 2013. */
const FIRST_REAL = Date.parse('2000-01-01T00:00:00Z');

/** What was built before is twice as far. */
function distance(gap: number | undefined): number {
  if (gap === undefined) return Number.MAX_SAFE_INTEGER;
  return gap >= 0 ? gap : -2 * gap;
}

/** The clue that the likeliest candidate gives, if any is alike enough. `candidates` as `candidatesFor` has them. */
export function clueOfNeighbour(
  lost: Image,
  candidates: readonly Image[],
  bases: readonly Image[],
  traits: TraitsById,
): Clue[] {
  const [best] = candidates
    .map((image) => likenessOf(lost, image, bases, traits))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score); // stable: of equals the nearest
  if (!best) return [];
  const { image, sure } = best;
  return named(mutableTag(image.tags), sure ? 'likely' : 'maybe', because(lost, best));
}

interface Likeness {
  readonly image: Image;
  readonly shared: number;
  readonly gap: number | undefined;
  readonly same: readonly string[];
  readonly score: number;
  readonly sure: boolean;
}

/** A score of 0 is not alike: to be built on the same base says nothing. */
function likenessOf(lost: Image, image: Image, bases: readonly Image[], traits: TraitsById): Likeness {
  const [mine, theirs] = [traits.get(lost.id), traits.get(image.id)];
  const shared = sharedLayers(lost, image);
  const own = shared - (bases[0]?.layers?.length ?? 0);
  const gap = gapBetween(lost, image);
  const steps = sameSteps(mine, theirs);
  const config = mine !== undefined && mine.config === theirs?.config;
  const labels = sameLabels(lost, image);
  const isAlike = steps || own > 0 || (shared > 0 && config && labels);
  const points = [steps && 4, own > 0 && 2, shared > 0 && 1, config && 1, labels && 1, (gap ?? 0) >= 0 && 2];
  return {
    image,
    shared,
    gap,
    same: [
      ...(steps ? ['the same build steps'] : []),
      ...(config ? ['the same configuration'] : []),
      ...(labels ? ['the same labels'] : []),
    ],
    score: isAlike ? points.reduce<number>((sum, n) => sum + (n || 0), 0) : 0,
    sure: (gap ?? 0) >= 0 && shared > 0 && (steps || (bases.length > 0 && own > 0)),
  };
}

/** The classic builder writes the digest of what it copies into the command. */
function sameSteps(a: Traits | undefined, b: Traits | undefined): boolean {
  const plain = ({ steps }: Traits) =>
    steps.map((step) => step.replaceAll(/\b(file|dir|multi):[0-9a-f]{64}/g, '$1')).join('\n');
  return a !== undefined && b !== undefined && a.steps.length > 0 && plain(a) === plain(b);
}

/** The same keys: a revision or a date differs from build to build. */
function sameLabels({ labels: a }: Image, { labels: b }: Image): boolean {
  const [left, right] = [a, b].map((labels) => Object.keys(labels).sort().join('\n'));
  return left !== '' && left === right;
}

/** `app:v1, built 5 minutes after it, has the same build steps and 3 of its 4 layers`. */
function because({ layers = [] }: Image, { image, shared, gap, same }: Likeness): string {
  const name = mutableTag(image.tags);
  const when =
    gap === undefined || gap === 0
      ? ''
      : `, built ${span(Math.abs(gap))} ${gap > 0 ? 'after' : 'before'} it,`;
  const all = shared === layers.length ? 'all of its layers' : `${shared} of its ${layers.length} layers`;
  const has = [...same, ...(shared > 0 ? [all] : [])].join(', ').replace(/, (?=[^,]*$)/, ' and ');
  return `${name} (${shortId(image.id)})${when} has ${has}`;
}

/** Of several tags the one that moves from build to build: `latest` before any other word, and that before a version. */
function mutableTag(tags: readonly string[]): string {
  const rank = (name: string) => (tagOf(name) === 'latest' ? 0 : /^v?\d/.test(tagOf(name)) ? 2 : 1);
  const [first] = tags.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return first ?? '';
}
