// Which images the engine's list does not tell enough of, so that they must be inspected one by one.
import { before } from './calendar.ts';
import type { Conditions } from './condition.ts';
import type { Image } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { hasLifetime, keepLastLabel } from './label.ts';
import { realTime } from './order.ts';
import type { SortKey } from './reason.ts';
import type { Keep } from './retention.ts';
import { keepsAny, ordersMembers } from './retention.ts';
import { selectedReferences } from './selection.ts';
import type { ImagesAsked } from './verdict.ts';

/**
 * `pulled`, `until`, the grace age and labels about lifetimes need the time of arrival of the candidates, which no list
 * has. `created` is listed in whole seconds: where two candidates were built in the same second, their exact times
 * decide which is newer, and where one was built a span before the other, whether it is within that. `byUse`: the time of
 * arrival stands for a last use that is not known.
 */
export function needsCloseup(
  images: readonly Image[],
  { selection, retention: { keeps, sort, zone }, conditions }: ImagesAsked,
  byUse = false,
): Image[] {
  const labelled = images.filter(({ labels }) => keepLastLabel(labels) !== undefined);
  const ordered = ordersMembers(keeps) || labelled.length > 0;
  const aged = byUse || agesByArrival(conditions);
  const mortal = images.filter(({ labels }) => hasLifetime(labels));
  if (!aged && !ordered) return mortal;
  const candidates = images.filter(
    (image) =>
      selectedReferences(image, selection).length > 0 ||
      (selection.fits(image) && (aged ? isNameless(image) : selection.groupBy.kind !== 'repository')),
  );
  if (aged || sort === 'pulled') return [...new Set([...candidates, ...mortal])];
  return [...new Set([...(isTimed(keeps, sort) ? undecided(candidates, keeps, zone) : []), ...mortal])];
}

/** Images of which whole seconds do not tell the newer one, nor whether one is within a span of the other. */
function undecided(candidates: readonly Image[], keeps: readonly Keep[], zone: string): Image[] {
  const dated = candidates.filter(({ created }) => realTime(created) !== undefined);
  const bySecond = Map.groupBy(dated, ({ created }) => Math.floor((realTime(created) as number) / 1000));
  const tied = [...bySecond.values()].filter((same) => same.length > 1).flat();
  const spans = keeps.filter((keep) => keep.rule === 'within').filter(keepsAny);
  const edges = spans.flatMap(({ span }) =>
    [...bySecond].flatMap(([second, same]) => {
      const start = before(second * 1000, span, zone) / 1000;
      const there = [Math.floor(start), Math.ceil(start)].flatMap((each) => bySecond.get(each) ?? []);
      return there.length > 0 ? [...same, ...there] : [];
    }),
  );
  return [...tied, ...edges];
}

function isTimed(keeps: readonly Keep[], sort: SortKey): boolean {
  return sort !== 'version' || keeps.some(({ rule }) => rule !== 'last');
}

function agesByArrival({ filters, olderThan, grace, by }: Conditions): boolean {
  const byPull = olderThan !== undefined && by === 'pulled';
  return byPull || grace !== undefined || filters.some(({ key }) => key === 'until');
}
