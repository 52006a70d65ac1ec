// Images in quarantine: those that lost their names to one of ours, and go when their time is over.
import { NO_CONDITIONS } from './condition.ts';
import type { Image } from './inventory.ts';
import { isInQuarantine, isQuarantineName, QUARANTINE, quarantineEnd } from './quarantine-name.ts';
import type { Reason } from './reason.ts';
import { moment, reason } from './reason.ts';
import { NO_RETENTION } from './retention.ts';
import { namesOf } from './selection.ts';
import type { ImagesAsked, Verdict } from './verdict.ts';

/** An image that has a name in quarantine. */
export interface Quarantined {
  readonly image: Image;
  /** Those names. */
  readonly names: readonly string[];
  /** A name that it has besides: somebody wants it again. */
  readonly other?: string;
  /** Until when it stays, in milliseconds: the latest that a name says. Absent where one cannot be read. */
  readonly until?: number;
}

/** Those of them that have no other name. */
export function nameOnlyThere(images: readonly Image[]): Image[] {
  return quarantined(images).flatMap(({ image, other }) => (other === undefined ? image : []));
}

/** All images in quarantine, the first to go first. */
export function quarantined(images: readonly Image[]): Quarantined[] {
  return images
    .filter(isInQuarantine)
    .map((image): Quarantined => {
      const names = image.tags.filter(isQuarantineName);
      const other = namesOf(image).find((name) => !isQuarantineName(name));
      const ends = names.map((name) => quarantineEnd(name, image.id));
      const known = ends.filter((end) => end !== undefined);
      return {
        image,
        names,
        ...(other !== undefined && { other }),
        ...(known.length === ends.length && { until: Math.max(...known) }),
      };
    })
    .sort((a, b) => (a.until ?? 0) - (b.until ?? 0) || (a.image.id < b.image.id ? -1 : 1));
}

/**
 * What judges images in quarantine: use, protection, labels and what was built on them, as everything; of a policy only
 * what holds for all its rules, since they belong to none any more. How long they stay was said when they were put there.
 */
export function quarantineAsked([first]: readonly ImagesAsked[]): ImagesAsked | undefined {
  if (!first) return undefined;
  const { selection, conditions, rule } = first;
  const { quarantine: _, ...given } = conditions;
  const { protection, grace, localOnly } = conditions;
  const common = {
    ...NO_CONDITIONS,
    ...(protection && { protection }),
    ...(grace && { grace }),
    ...(localOnly && { localOnly }),
  };
  return { selection, retention: NO_RETENTION, conditions: rule ? common : given };
}

/**
 * The verdicts on all that are in quarantine. `stays`: what keeps an image whatever is asked. Who asks for all images of the
 * quarantine's own repository, by its name and not by a glob that means it, too, does not want them to wait.
 */
export function judgeQuarantined(
  images: readonly Image[],
  asked: ImagesAsked,
  stays: (image: Image, asked: ImagesAsked) => Reason[],
  now: number,
): Verdict[] {
  const { all, patterns, fits } = asked.selection;
  const emptied = all && patterns.some(({ text }) => text === QUARANTINE);
  return quarantined(images)
    .filter(({ image }) => fits(image))
    .map((each) => {
      const { image, names } = each;
      const member = { image, references: names };
      return {
        asked,
        group: QUARANTINE,
        member,
        ...fateOf(each, () => stays(image, asked), emptied ? undefined : now),
      };
    });
}

function fateOf(
  { image, names, other, until }: Quarantined,
  stays: () => Reason[],
  now: number | undefined,
): Pick<Verdict, 'because' | 'kept'> {
  if (other !== undefined) return { because: reason.leavesQuarantine(other), kept: [] };
  const end = until === undefined ? undefined : moment(until);
  if (until === undefined || end === undefined) {
    const why = reason.strangeQuarantine(names[0] as string);
    return { because: why, kept: [why] };
  }
  if (now === undefined) return { because: reason.quarantineEmptied(end), kept: stays() };
  const because = reason.quarantineOver(end);
  if (now < until) return { because, kept: [reason.inQuarantine(end, image.was?.run)] };
  return { because, kept: stays() };
}
