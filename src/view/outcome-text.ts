// What came of a plan, line by line as it happens, and the closing lines.

import type { Outcome } from '../core/outcome.ts';
import type { Action } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { isQuarantineName, untilText } from '../core/quarantine-name.ts';
import type { Reclaimed } from '../core/reclaimed.ts';
import { shortId } from '../core/reference.ts';
import { NAMELESS } from '../core/selection.ts';
import { count, humanSize } from '../core/units.ts';
import { spaceText } from './plan-text.ts';

/** The line for one action; `undefined` for one whose turn never came. Quiet: only names that went, and problems. */
export function outcomeLine({ action, result, why, backup }: Outcome, quiet = false): string | undefined {
  if (quiet && result !== 'conflict' && result !== 'failed')
    return result === 'done' ? printable(action.target) : undefined;
  const target = called(action);
  const text = {
    done: doneText(action, backup),
    gone: `Gone: ${target}: ${why}`,
    changed: `Skipped: ${target}: ${why}${backup === undefined ? '' : ` (its backup is ${backup.file})`}`,
    conflict: `Conflict: ${target}: ${why}`,
    failed: `Failed: ${target}: ${why}`,
    cancelled: undefined,
  }[result];
  return text === undefined ? undefined : printable(text);
}

function doneText(action: Action, backup: Outcome['backup']): string {
  if (action.kind === 'untag') return `Untagged: ${action.target}`;
  if (action.kind === 'quarantine') return `Quarantined until ${untilText(action.until)}: ${named(action)}`;
  return `Deleted: ${named(action)}${backup === undefined ? '' : `, backed up to ${backedUp(backup)}`}`;
}

function backedUp({ file, without }: NonNullable<Outcome['backup']>): string {
  return without === undefined ? file : `${file} (without ${without})`;
}

/** An object as its kind is told apart: images need no word, since their names say what they are. */
function named(action: Action): string {
  const { id } = action;
  const target = called(action);
  const kind = kindOf(action);
  const word = kind === 'image' ? '' : kind === 'cache' ? 'cache record ' : `${kind} `;
  return `${word}${target}${target === id ? '' : ` (${id})`}`;
}

/** One in quarantine by what it was called, as in the plan. */
export function called({ target, id, detail }: Action): string {
  if (!isQuarantineName(target)) return target;
  return detail === undefined || detail === NAMELESS ? shortId(id) : detail;
}

/** Whether the line belongs on standard error. */
export function isProblem({ result }: Outcome): boolean {
  return result === 'conflict' || result === 'failed';
}

/** The last lines: what was not done, when there is any, and the space that came free. */
export function closing(outcomes: readonly Outcome[], reclaimed: Reclaimed): string {
  const summary = outcomes.every(({ result }) => result === 'done') ? '' : `${inNumbers(outcomes)}.\n`;
  return `${summary}${volumesNote(outcomes)}Total reclaimed space: ${reclaimedText(reclaimed)}\n`;
}

/** How much was done, and how much was not, as a sentence without its full stop. */
export function inNumbers(outcomes: readonly Outcome[]): string {
  const number = (...results: Outcome['result'][]) =>
    outcomes.filter(({ result }) => results.includes(result)).length;
  const parts = [
    [number('changed', 'gone'), 'skipped'],
    [number('conflict'), 'in conflict'],
    [number('failed'), 'failed'],
    [number('cancelled'), 'not started'],
  ].flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`]));
  return [`${count(number('done'), 'action')} done`, ...parts].join(', ');
}

/** What became of volumes that nothing uses any more: a line, or nothing. */
export function volumesNote(outcomes: readonly Outcome[]): string {
  const left = volumesLeft(outcomes);
  if (left.length === 0) return '';
  const they = left.length === 1 ? 'it holds' : 'they hold';
  return `${printable(`${count(left.length, 'volume')} not in use any more, and left alone: ${left.join(', ')}. docker tidy plan volumes shows what ${they}`)}.\n`;
}

/** What came free, and what the plan or the disk said where that is something else. */
export function reclaimedText(reclaimed: Reclaimed): string {
  const { promised, disk } = reclaimed;
  const planned = promised === undefined ? '' : ` (the plan said ${humanSize(promised)})`;
  const free =
    disk === undefined
      ? ''
      : ` (the disk has ${humanSize(Math.abs(disk))} ${disk < 0 ? 'less' : 'more'} free)`;
  return `${spaceText(reclaimed)}${planned}${free}`;
}

/** Volumes that were mounted by containers that went, and by nothing else. */
function volumesLeft(outcomes: readonly Outcome[]): string[] {
  const containers = outcomes.filter(({ action }) => action.kind === 'delete-container');
  const of = (went: boolean) =>
    containers
      .filter(({ result }) => (result === 'done' || result === 'gone') === went)
      .flatMap(({ action }) => (action.kind === 'delete-container' ? action.leaves : []));
  const held = of(false);
  return [...new Set(of(true))].filter((name) => !held.includes(name)).sort();
}
