// What a ledger may forget: what is long gone, and the days of what was used long ago.
import type { Ledger, LedgerImage } from './last-use.ts';
import { isThere } from './last-use.ts';

/** So many images that are gone are remembered, and so long, in days; names that were used, and containers; and uses by the day. */
const REMEMBERED = { gone: 5_000, days: 400, names: 5_000, containers: 30, daily: 60 } as const;
const DAY = 86_400_000;

/** The ledger without what is long gone, at `now` (a moment as in it). What is there is never dropped. */
export function bounded(ledger: Ledger, now: string): Ledger {
  const ago = (span: number) => new Date(Date.parse(now) - span * DAY).toISOString();
  const [there, gone] = split(Object.entries(ledger.images), ([, image]) => isThere(image));
  const recent = gone
    .filter(([, { went }]) => (went.at(-1) ?? '') > ago(REMEMBERED.days))
    .sort(([, a], [, b]) => ((a.went.at(-1) ?? '') > (b.went.at(-1) ?? '') ? -1 : 1))
    .slice(0, REMEMBERED.gone);
  const names = Object.entries(ledger.names)
    .filter(([, { at }]) => at > ago(REMEMBERED.days))
    .sort(([, a], [, b]) => (a.at > b.at ? -1 : 1))
    .slice(0, REMEMBERED.names);
  const containers = Object.entries(ledger.containers).filter(
    ([, { at }]) => at > ago(REMEMBERED.containers),
  );
  const images = Object.fromEntries(
    [...there, ...recent].map(([id, image]) => [id, rolledUp(image, ago(REMEMBERED.daily))]),
  );
  const layers = new Set(Object.values(images).flatMap(({ layers: own = [] }) => own));
  return {
    ...ledger,
    images,
    names: Object.fromEntries(names),
    containers: Object.fromEntries(containers),
    layers: Object.fromEntries(Object.entries(ledger.layers).filter(([id]) => layers.has(id))),
  };
}

/** Uses of long ago, one a week. */
function rolledUp(image: LedgerImage, since: string): LedgerImage {
  if ((image.uses[0] ?? since) >= since) return image;
  const weeks = new Map(
    image.uses.map((at) => [at < since ? Math.floor(Date.parse(at) / (7 * DAY)) : at, at]),
  );
  return { ...image, uses: [...weeks.values()] };
}

function split<T>(all: readonly T[], test: (each: T) => boolean): [yes: T[], no: T[]] {
  return [all.filter(test), all.filter((each) => !test(each))];
}
