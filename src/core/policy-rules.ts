// From the rules of a policy to candidates and their judges: each name of an image belongs to the first rule that it meets.
import type { Conditions } from './condition.ts';
import { narrowed } from './condition.ts';
import { hasLabel } from './filter.ts';
import type { Image, Inventory } from './inventory.ts';
import { danglingImages, isNameless } from './inventory.ts';
import { realTime } from './order.ts';
import type { Naming } from './pattern.ts';
import { parsePattern } from './pattern.ts';
import type { Match, PolicyRule } from './policy.ts';
import { isInQuarantine } from './quarantine-name.ts';
import { registryOf } from './reference.ts';
import type { Keep } from './retention.ts';
import type { ImagesAsked } from './verdict.ts';

/** What the command line adds to every rule: it can only narrow what goes, and add what stays. */
export interface Narrowing {
  readonly conditions: Conditions;
  readonly keeps: readonly Keep[];
  readonly fits: (image: Image) => boolean;
  readonly zone: string;
}

/** Whether a name (`undefined`: none) of an image meets a match. An age that is not known meets every one. */
type Meets = (image: Image, reference: string | undefined) => boolean;

/** The rules in their order, as what planning images takes. `now`: milliseconds, when the inventory was taken. */
export function askedByRules(
  rules: readonly PolicyRule[],
  more: Narrowing,
  naming: Naming,
  now: number,
): ImagesAsked[] {
  const meets = rules.map(({ match }) => meeting(match, naming, now));
  return rules.map((rule, i) => ({
    selection: {
      all: rule.removes === 'all',
      keeps: rule.removes === 'beyond',
      nameless: rule.removes !== 'nothing',
      patterns: [],
      references: [],
      fits: more.fits,
      claims: (image, reference) => meets.findIndex((each) => each(image, reference)) === i,
      groupBy: rule.groupBy,
    },
    rule: { name: rule.name, source: rule.source },
    retention: { keeps: [...rule.keeps, ...more.keeps], sort: rule.sort, zone: more.zone },
    conditions: { ...narrowed(rule.conditions, more.conditions), ...dated(rule) },
  }));
}

/** An image whose age a match asks for and nobody knows belongs to that rule, and stays. */
function dated({ match, name, source }: PolicyRule): Pick<Conditions, 'dated'> {
  const asks = match.olderThan !== undefined || match.youngerThan !== undefined;
  return asks ? { dated: { from: `match of ${name} (${source})` } } : {};
}

function meeting(match: Match, naming: Naming, now: number): Meets {
  const patterns = match.references.map(({ text }) => parsePattern(text, naming));
  return (image, reference) =>
    (match.dangling === undefined || match.dangling === isNameless(image)) &&
    (patterns.length === 0 ||
      patterns.some(({ matches }) => reference !== undefined && matches(reference))) &&
    isFrom(match.registries, reference) &&
    match.labels.every((label) => hasLabel(image.labels, label)) &&
    !match.withoutLabels.some((label) => hasLabel(image.labels, label)) &&
    image.size > (match.largerThan ?? -1) &&
    image.size < (match.smallerThan ?? Number.POSITIVE_INFINITY) &&
    isAged(match, image, now);
}

function isFrom(registries: readonly string[], reference: string | undefined): boolean {
  return registries.length === 0 || (reference !== undefined && registries.includes(registryOf(reference)));
}

function isAged({ olderThan, youngerThan }: Match, { created }: Image, now: number): boolean {
  const at = realTime(created);
  if (at === undefined) return true;
  const age = now - at;
  return age >= (olderThan ?? Number.NEGATIVE_INFINITY) && age < (youngerThan ?? Number.POSITIVE_INFINITY);
}

/** The rule that a name of an image (`undefined`: none) belongs to. `now` as for planning. */
export function ruleFinder(
  rules: readonly PolicyRule[],
  naming: Naming,
  now: number,
): (image: Image, reference: string | undefined) => PolicyRule | undefined {
  const meets = rules.map(({ match }) => meeting(match, naming, now));
  return (image, reference) => rules[meets.findIndex((each) => each(image, reference))];
}

/** How many images have a name, or none at all, that belongs to no rule: they stay. */
export function outsideRules(
  { images: all }: Pick<Inventory, 'images'>,
  asked: readonly ImagesAsked[],
): number {
  const images = all.filter((image) => !isInQuarantine(image));
  const claimed = (image: Image, reference?: string) =>
    asked.some(({ selection }) => selection.claims?.(image, reference));
  const nameless = danglingImages(images).filter((image) => !claimed(image));
  return nameless.length + images.filter((image) => image.tags.some((tag) => !claimed(image, tag))).length;
}
