// Which images the engine's list does not tell enough of, so that they must be inspected one by one.
import type { Conditions } from './condition.ts';
import type { Image } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { realTime } from './order.ts';
import type { ImagesAsked } from './plan-images.ts';
import { selectedReferences } from './selection.ts';

/**
 * `pulled`, `until` and the grace age need the time of arrival of every candidate, which no list has.
 * `created` is listed in whole seconds: where two candidates were built in the same second, their exact times decide
 * which is newer.
 */
export function needsCloseup(
  images: readonly Image[],
  { selection, retention: { last, sort }, conditions }: ImagesAsked,
): Image[] {
  const ordered = last !== undefined && last >= 1;
  const aged = agesByArrival(conditions);
  if (!aged && (!ordered || sort === 'version')) return [];
  const candidates = images.filter(
    (image) =>
      selectedReferences(image, selection).length > 0 ||
      (selection.fits(image) && (aged ? isNameless(image) : selection.groupBy.kind !== 'repository')),
  );
  if (aged || sort === 'pulled') return candidates;
  const dated = candidates.filter(({ created }) => realTime(created) !== undefined);
  const bySecond = Map.groupBy(dated, ({ created }) => created);
  return [...bySecond.values()].filter((same) => same.length > 1).flat();
}

function agesByArrival({ filters, olderThan, grace, by }: Conditions): boolean {
  const byPull = olderThan !== undefined && by === 'pulled';
  return byPull || grace !== undefined || filters.some(({ key }) => key === 'until');
}
