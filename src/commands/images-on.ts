// What a request for images means on one engine's inventory: names that it has not are refused, with what may be meant.
import type { Conditions } from '../core/condition.ts';
import { NotThere, Refusal } from '../core/errors.ts';
import { hasLabel, labelsFit, referenceFilters } from '../core/filter.ts';
import type { Image, Inventory } from '../core/inventory.ts';
import { realTime } from '../core/order.ts';
import type { Naming } from '../core/pattern.ts';
import { parsePattern } from '../core/pattern.ts';
import { familiarRepository, repositoryOf, tagOf } from '../core/reference.ts';
import type { Selection } from '../core/selection.ts';
import type { ImagesAsked } from '../core/verdict.ts';
import type { ImagesRequest } from './images-request.ts';
import { COMMAND_WORDS, nearest } from './nearest.ts';

/** The request on this engine. Throws Refusal for a repository, glob, tag or label that none of its images has. */
export function askedOn(inventory: Inventory, request: ImagesRequest): ImagesAsked {
  const { all, keeps, repositories, groupBy, retention, conditions } = request;
  const naming: Naming = { localhost: inventory.engine.store === 'podman' };
  const patterns = repositories.map((text) => parsePattern(text, naming));
  const names = inventory.images.flatMap(({ tags, digests }) => [...tags, ...digests]);
  for (const { text, matches } of patterns) {
    if (!names.some(matches)) throw new NotThere(noMatch(text, names, inventory.images));
  }
  refuseIdleKeeps(inventory, request);
  const references = referenceFilters(conditions.filters, naming.localhost);
  const fits = fitsOn(inventory, conditions.filters, naming);
  return { selection: { all, keeps, patterns, groupBy, references, fits }, retention, conditions };
}

/** Whether an image has the labels that are asked for, and was built before or after the images that are named. */
export function fitsOn(
  { images }: Inventory,
  filters: Conditions['filters'],
  naming: Naming,
): Selection['fits'] {
  const built = (key: 'before' | 'since') =>
    filters
      .filter((filter) => filter.key === key)
      .map(({ value, from }) => realTime(named(images, value, from, naming).created));
  const [before, since] = [built('before'), built('since')];
  return ({ labels, created }) => {
    const at = realTime(created);
    const ordered = (other: number | undefined, sign: number) =>
      at !== undefined && other !== undefined && (at - other) * sign > 0;
    return (
      labelsFit(labels, filters) &&
      before.every((other) => ordered(other, -1)) &&
      since.every((other) => ordered(other, 1))
    );
  };
}

function named(images: readonly Image[], name: string, from: string, naming: Naming): Image {
  const byId = images.filter(
    ({ id }) => id === name || (/^[0-9a-f]{4,64}$/.test(name) && id.startsWith(`sha256:${name}`)),
  );
  const whole = name.includes('@') || tagOf(name) !== '' ? name : `${name}:latest`;
  const { matches } = byId.length > 0 ? { matches: () => false } : parsePattern(whole, naming);
  const found = [...byId, ...images.filter(({ tags, digests }) => [...tags, ...digests].some(matches))];
  if (found.length === 1) return found[0] as Image;
  throw new Refusal(
    `nothing was removed: ${found.length === 0 ? 'no image is' : 'several images are'} named ${name}, of ${from}`,
  );
}

/** A keep option that keeps nothing on the whole engine is a slip, and a dangerous one: nothing is removed on it. */
function refuseIdleKeeps({ images }: Inventory, { keeps, retention, groupBy }: ImagesRequest): void {
  const tags = [...new Set(images.flatMap((image) => image.tags.map(tagOf)))];
  for (const keep of tags.length > 0 ? retention.keeps : []) {
    if (keep.rule === 'label' && !images.some(({ labels }) => hasLabel(labels, keep)))
      throw new Refusal(`nothing was removed: no image here carries the label of ${keep.from}`);
    if (keep.rule !== 'tag' || tags.some(keep.matches)) continue;
    const near = nearest(keep.text, tags);
    throw new Refusal(
      `nothing was removed: no tag here matches --keep-tag ${keep.text}${near ? `: did you mean ${near}?` : ''}`,
    );
  }
  if (keeps && groupBy.kind === 'label' && !images.some(({ labels }) => labels[groupBy.key] !== undefined)) {
    throw new Refusal(`nothing was removed: no image carries the label ${groupBy.key} of --group-by`);
  }
}

function noMatch(text: string, names: readonly string[], images: Inventory['images']): string {
  const deep = text.replaceAll(/\*+/g, '**');
  if (deep !== text && names.some(parsePattern(deep).matches)) {
    return `no image matches ${text}, where * stops at / and :. Did you mean ${deep}?`;
  }
  if (images.some(({ id }) => id === text || id.startsWith(`sha256:${text}`))) {
    return `no image matches ${text}: images are named by repository here, not by ID`;
  }
  const repositories = [...new Set(names.map((name) => familiarRepository(repositoryOf(name))))];
  const near = nearest(text, [...repositories, ...COMMAND_WORDS]);
  return `no image matches ${text}${near ? `: did you mean ${near}?` : '. Run docker images to see what there is'}`;
}
