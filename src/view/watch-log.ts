// What a watch tells as it goes: a line each, as text or as JSON.
import type { Outcome } from '../core/outcome.ts';
import type { Plan, QuarantineAction } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { untilText } from '../core/quarantine-name.ts';
import type { Reclaimed } from '../core/reclaimed.ts';
import { count } from '../core/units.ts';
import type { Line } from '../core/watch-look.ts';
import { called } from './outcome-text.ts';
import { countOf } from './plan-columns.ts';
import { spaceText } from './plan-text.ts';

/** A line with its newline. Times are in UTC. */
export function logLine({ level, event, message, facts }: Line, format: 'text' | 'json', now: Date): string {
  if (format === 'json')
    return `${JSON.stringify({ time: now.toISOString(), level, event, message, ...facts })}\n`;
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const mark = level === 'info' ? '' : `${level}: `;
  return `${time} ${mark}${message.split('\n').map(printable).join(' ')}\n`;
}

/** So many names are told in a text. */
const NAMED = 10;

/** What a run did, and what went wrong; `undefined` where there was nothing to do. `carried` is absent where the plan was refused. */
export function runLine({ refused }: Pick<Plan, 'refused'>, carried: Carried | undefined): Line | undefined {
  if (refused !== undefined || !carried)
    return { level: 'error', event: 'refused', message: `nothing was removed: ${refused}` };
  const { outcomes, reclaimed } = carried;
  const went = outcomes.filter(({ result }) => result === 'done');
  const wrong = outcomes.filter(({ result }) => result === 'failed' || result === 'conflict');
  if (went.length === 0 && wrong.length === 0) return undefined;
  const held = went.filter(isQuarantined);
  const removed = went.filter((outcome) => !isQuarantined(outcome));
  const parts = [
    ...(removed.length > 0
      ? [`removed ${numbers(removed)}${names(removed)}; ${spaceText(reclaimed)} came free`]
      : []),
    ...(held.length > 0 ? [quarantinedText(held)] : []),
    ...wrong.map(({ action, why }) => `${called(action)} stays: ${why}`),
  ];
  const { frees, about } = reclaimed;
  return {
    level: wrong.length > 0 ? 'error' : 'info',
    event: 'removed',
    message: parts.join('; '),
    facts: { freed: frees, ...(about && { about }), outcomes: outcomes.map(outcomeFacts) },
  };
}

interface Carried {
  readonly outcomes: readonly Outcome[];
  readonly reclaimed: Reclaimed;
}

type Quarantined = Outcome & { readonly action: QuarantineAction };

function isQuarantined(outcome: Outcome): outcome is Quarantined {
  return outcome.action.kind === 'quarantine';
}

/** `quarantined 2 images until 2026-12-05 09:30Z (app:1, app:2)`: they are still there, and no space came free by them. */
function quarantinedText(held: readonly Quarantined[]): string {
  const last = held.map(({ action: { until } }) => until).reduce((a, b) => (a > b ? a : b));
  return `quarantined ${countOf('image', held.length)} until ${untilText(last)}${names(held)}`;
}

function outcomeFacts({ action, result, why }: Outcome) {
  const { kind, target, id, because } = action;
  const until = action.kind === 'quarantine' ? { until: action.until } : {};
  return { kind, target, id, ...until, because: because.text, result, ...(why !== undefined && { why }) };
}

/** `2 images, 1 container and 1 name`. */
function numbers(went: readonly Outcome[]): string {
  const gone = went.filter(({ action: { kind } }) => kind !== 'untag');
  const byKind = Map.groupBy(gone, ({ action }) => kindOf(action));
  const untagged = went.length - gone.length;
  const parts = [
    ...[...byKind].map(([kind, of]) => countOf(kind, of.length)),
    ...(untagged > 0 ? [count(untagged, 'name')] : []),
  ];
  return parts.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

/** Records of the build cache have no names that anybody knows. */
function names(went: readonly Outcome[]): string {
  const targets = went
    .filter(({ action }) => action.kind !== 'prune-cache')
    .map(({ action }) => called(action));
  if (targets.length === 0) return '';
  const more = targets.length - NAMED;
  return ` (${[...targets.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(', ')})`;
}
