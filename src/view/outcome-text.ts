// What came of a plan, line by line as it happens, and the closing lines.

import type { Outcome } from '../core/outcome.ts';
import type { Space } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { spaceText } from './plan-text.ts';

/** The line for one action; `undefined` for one whose turn never came. Quiet: only names that went, and problems. */
export function outcomeLine({ action, result, why }: Outcome, quiet = false): string | undefined {
  const { kind, target, id } = action;
  if (quiet && result !== 'conflict' && result !== 'failed')
    return result === 'done' ? printable(target) : undefined;
  const text = {
    done: kind === 'untag' ? `Untagged: ${target}` : `Deleted: ${target} (${id})`,
    gone: `Gone: ${target}: ${why}`,
    changed: `Skipped: ${target}: ${why}`,
    conflict: `Conflict: ${target}: ${why}`,
    failed: `Failed: ${target}: ${why}`,
    cancelled: undefined,
  }[result];
  return text === undefined ? undefined : printable(text);
}

/** Whether the line belongs on standard error. */
export function isProblem({ result }: Outcome): boolean {
  return result === 'conflict' || result === 'failed';
}

/** The last lines: what was not done, when there is any, and the space that came free. */
export function closing(outcomes: readonly Outcome[], reclaimed: Space): string {
  const number = (...results: Outcome['result'][]) =>
    outcomes.filter(({ result }) => results.includes(result)).length;
  const parts = [
    [number('changed', 'gone'), 'skipped'],
    [number('conflict'), 'in conflict'],
    [number('failed'), 'failed'],
    [number('cancelled'), 'not started'],
  ].flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`]));
  const summary = parts.length === 0 ? '' : `${count(number('done'), 'action')} done, ${parts.join(', ')}.\n`;
  return `${summary}Total reclaimed space: ${spaceText(reclaimed)}\n`;
}
