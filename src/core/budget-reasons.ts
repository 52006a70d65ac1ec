// Why a budget takes something: what it frees, when it was last used, how well it could come back, and what for.
import type { Candidate } from './budget.ts';
import type { Goals } from './budget-goals.ts';
import type { Life } from './budget-value.ts';
import { comebackOf } from './comeback.ts';
import type { Holdings } from './holdings.ts';
import type { Inventory } from './inventory.ts';
import type { Space } from './plan.ts';
import { freedBy } from './price.ts';
import { span } from './reason.ts';
import { humanSize } from './units.ts';

/** What is told of one that goes. */
interface Facts {
  readonly frees: Space;
  readonly life: Life;
  readonly comeback: string | undefined;
}

/** Cache goes after images, as a plan has them. */
export function factsOf(
  inventory: Inventory,
  holdings: Holdings,
  gone: readonly Candidate[],
): Map<string, Facts> {
  const inOrder = [...gone.filter(({ image }) => image), ...gone.filter(({ image }) => !image)];
  const { each } = freedBy(
    holdings,
    inOrder.map(({ id }) => id),
  );
  return new Map(
    inOrder.map(({ id, life, image }, i) => {
      const comeback = image ? comebackOf(image, inventory) : undefined;
      return [id, { frees: each[i] as Space, life, comeback }];
    }),
  );
}

/** That something goes for good is told of whatever does. */
export function factsText(facts: Facts | undefined, frees: boolean): string {
  if (!facts) return '';
  const { life, comeback } = facts;
  return [
    ...(frees ? [freesText(facts.frees)] : []),
    lifeText(life),
    ...(comeback === 'pullable' || comeback === 'archived' ? [comeback] : []),
  ].join(', ');
}

function freesText({ frees, about }: Space): string {
  return `frees ${about ? 'about ' : ''}${humanSize(frees)}`;
}

function lifeText({ word, idle, by }: Life): string {
  return `${word} ${span(idle)} ago${by === undefined ? '' : ` by ${by}`}`;
}

/** `needed to get from 52GB to 50GB`. */
export function needed({ crossed }: Goals): string {
  const steps = crossed.map(({ rule, mark, now }) =>
    rule === 'max-used-space'
      ? `from ${humanSize(now)} to ${humanSize(mark.end)}`
      : `from ${humanSize(now)} free to ${humanSize(mark.end)}`,
  );
  return `needed to get ${steps.join(' and ')}`;
}
