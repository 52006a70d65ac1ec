// The question after picking: what goes, in numbers.
import type { Action, Plan } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';
import { count } from '../core/units.ts';
import { countOf } from './plan-columns.ts';
import { spaceText } from './plan-text.ts';

/** `Remove 2 containers, 3 images and 1 name, which frees 1.2GB? [y/N] ` */
export function pickQuestion(plan: Plan): string {
  const byWord = Map.groupBy(plan.actions, ({ kind }) => kind);
  const parts = [...byWord].map(([kind, actions]) => numberOf(kind, actions));
  const list = parts.join(', ').replace(/, (?=[^,]*$)/, ' and ');
  const frees = plan.frees > 0 ? `, which frees ${spaceText(plan)}` : '';
  return `Remove ${list}${frees}? [y/N] `;
}

function numberOf(kind: Action['kind'], actions: readonly Action[]): string {
  if (kind === 'untag') return count(actions.length, 'name');
  const number = countOf(kindOf({ kind }), actions.length);
  return kind === 'quarantine' ? `${number} (to quarantine)` : number;
}
