// Which images the engine's list does not tell enough of, so that they must be inspected one by one.
import type { Conditions } from './condition.ts';
import type { Image } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { hasLifetime, keepLastLabel } from './label.ts';
import { realTime } from './order.ts';
import type { SortKey } from './reason.ts';
import type { Keep } from './retention.ts';
import { ordersMembers } from './retention.ts';
import { selectedReferences } from './selection.ts';
import type { ImagesAsked } from './verdict.ts';

/**
 * `pulled`, `until`, the grace age and labels about lifetimes need the time of arrival of the candidates, which no list
 * has. `created` is listed in whole seconds: where two candidates were built in the same second, their exact times
 * decide which is newer.
 */
export function needsCloseup(
  images: readonly Image[],
  { selection, retention: { keeps, sort }, conditions }: ImagesAsked,
): Image[] {
  const labelled = images.filter(({ labels }) => keepLastLabel(labels) !== undefined);
  const ordered = ordersMembers(keeps) || labelled.length > 0;
  const aged = agesByArrival(conditions);
  const mortal = images.filter(({ labels }) => hasLifetime(labels));
  if (!aged && !ordered) return mortal;
  const candidates = images.filter(
    (image) =>
      selectedReferences(image, selection).length > 0 ||
      (selection.fits(image) && (aged ? isNameless(image) : selection.groupBy.kind !== 'repository')),
  );
  if (aged || sort === 'pulled') return [...new Set([...candidates, ...mortal])];
  const dated = candidates.filter(({ created }) => realTime(created) !== undefined);
  const bySecond = Map.groupBy(dated, ({ created }) => created);
  const tied = [...bySecond.values()].filter((same) => same.length > 1).flat();
  return [...new Set([...(isTimed(keeps, sort) ? tied : []), ...mortal])];
}

function isTimed(keeps: readonly Keep[], sort: SortKey): boolean {
  return sort !== 'version' || keeps.some(({ rule }) => rule !== 'last');
}

function agesByArrival({ filters, olderThan, grace, by }: Conditions): boolean {
  const byPull = olderThan !== undefined && by === 'pulled';
  return byPull || grace !== undefined || filters.some(({ key }) => key === 'until');
}
