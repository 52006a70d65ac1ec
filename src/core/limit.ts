// The most that one plan may remove: a larger one is a slip until somebody says otherwise.
import type { Inventory } from './inventory.ts';
import type { Action } from './plan.ts';
import { count } from './units.ts';

/** So many objects, or a share of those that there are, in percent. */
export interface Limit {
  readonly most: number;
  readonly share: boolean;
  /** How it was given: `--max-remove 40%`. */
  readonly from: string;
}

/** Reads `50` or `40%`; `undefined` for what is neither. */
export function parseLimit(text: string, from: string): Limit | undefined {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const most = Number(match?.[1]);
  const share = match?.[2] === '%';
  if (!match || (share ? most > 100 : !Number.isSafeInteger(most))) return undefined;
  return { most, share, from };
}

/** What fractions of a percent may lose as numbers: 33.3% of 1000 are 333. */
const ROUNDING = 1e-6;

/**
 * Why a plan is refused that removes more than a limit says; `undefined` where it does not. What counts are images,
 * containers, networks and volumes that go entirely: a name that is taken off an image is none, and neither is a record
 * of the build cache. A share is one of all objects of the kinds that the plan removes.
 */
export function beyondLimit(
  { engine, images, containers, networks, volumes }: Inventory,
  actions: readonly Pick<Action, 'kind'>[],
  limits: readonly Limit[],
): string | undefined {
  const there: Partial<Record<Action['kind'], number>> = {
    'delete-image': engine.images ?? images.length, // not all may be listed
    quarantine: engine.images ?? images.length,
    'delete-container': containers.length,
    'delete-network': networks.filter(({ builtIn }) => !builtIn).length,
    'delete-volume': volumes.length,
  };
  const counted = actions.filter(({ kind }) => there[kind] !== undefined);
  const of = [...new Set(counted.map(({ kind }) => kind))].reduce((sum, kind) => sum + (there[kind] ?? 0), 0);
  const over = limits.find(({ most, share }) =>
    share ? counted.length * 100 - most * of > ROUNDING : counted.length > most,
  );
  if (!over) return undefined;
  const what = over.share ? `${counted.length} of ${of} objects` : count(counted.length, 'object');
  return `it would remove ${what}, more than ${over.from} allows`;
}
