// Which images the engine's list does not tell enough of, so that they must be inspected one by one.
import type { Image } from './inventory.ts';
import { realTime } from './order.ts';
import type { Retention } from './retention.ts';
import type { Selection } from './selection.ts';
import { selectedReferences } from './selection.ts';

/**
 * `pulled` needs the time of arrival of every candidate, which no list has. `created` is listed in whole seconds:
 * where two candidates were built in the same second, their exact times decide which is newer.
 */
export function needsCloseup(
  images: readonly Image[],
  selection: Selection,
  { last, sort }: Retention,
): Image[] {
  if (last === undefined || last < 1 || sort === 'version') return [];
  const candidates = images.filter(
    (image) => selectedReferences(image, selection).length > 0 || selection.groupBy.kind !== 'repository',
  );
  if (sort === 'pulled') return candidates;
  const dated = candidates.filter(({ created }) => realTime(created) !== undefined);
  const bySecond = Map.groupBy(dated, ({ created }) => created);
  return [...bySecond.values()].filter((same) => same.length > 1).flat();
}
