// What is told of one row of the list to pick from: what it is, why it goes or stays, and what hangs on it.
import { goesForGood } from '../core/comeback.ts';
import type { Picking } from '../core/pick.ts';
import { numbersBelow, whyOf } from '../core/pick.ts';
import type { PickRow } from '../core/pick-rows.ts';
import { entryOf } from '../core/pick-rows.ts';
import { shortId } from '../core/reference.ts';
import { count, humanDuration, humanSize } from '../core/units.ts';
import { spaceText, titleOf } from './plan-text.ts';

/** Sentences, one a line. */
export function detailsOf(state: Picking, row: PickRow): string[] {
  if (row.is === 'group') {
    const below = numbersBelow(state, state.cursor);
    return [`${titleOf(row.group)}: ${count(below.length, 'row')} that can be picked.`];
  }
  const facts = `${row.name}: ${factsOf(state, row)}`;
  if (row.is === 'kept') return [facts, ...whyOf(row).map((why) => `Stays: ${why}.`)];
  const told = goesForGood(state.plan, row.action);
  return [
    facts,
    `Goes: ${whyOf(row).join('; ')}${told && `; ${told}`}.`,
    ...(row.action.frees > 0 ? [`Frees ${spaceText(row.action)} if all that is planned goes.`] : []),
    ...listed('Only after', state, state.needs.of[row.number] ?? []),
    ...listed('Without it stay', state, dependents(state, row.number)),
  ];
}

function factsOf({ plan }: Picking, row: Exclude<PickRow, { is: 'group' }>): string {
  const { id, size, created, detail } = entryOf(row);
  const ms = created === undefined ? Number.NaN : Date.parse(plan.takenAt) - Date.parse(created);
  return [
    shortId(id),
    ...(detail && !row.name.includes(detail) ? [detail] : []),
    ...(Number.isNaN(ms) ? [] : [`created ${humanDuration(Math.max(0, ms))} ago`]),
    ...(size === undefined ? [] : [humanSize(size)]),
  ].join(', ');
}

function dependents({ needs }: Picking, number: number): number[] {
  return needs.of.flatMap((others, other) => (others.includes(number) ? [other] : []));
}

function listed(words: string, { plan }: Picking, numbers: readonly number[]): string[] {
  if (numbers.length === 0) return [];
  const names = numbers.map((number) => plan.actions[number]?.target);
  return [`${words}: ${[...new Set(names)].join(', ')}.`];
}
