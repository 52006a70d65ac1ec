// What a plan tells of an object of each kind, as the columns of a table.
import type { Kind } from '../core/kind.ts';
import type { Action, Kept, Plan, Space } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';
import { isQuarantineName } from '../core/quarantine-name.ts';
import { shortId } from '../core/reference.ts';
import { NAMELESS } from '../core/selection.ts';
import { count, humanDuration, humanSize } from '../core/units.ts';

/** One object: with `action` it goes, else it stays. */
export type Row =
  | { readonly action: Action; readonly kept?: never }
  | { readonly kept: Kept; readonly action?: never };

export function factsOf(row: Row): Action | Kept {
  return row.action ?? row.kept;
}

export function kindOfRow({ action, kept }: Row): Kind {
  return action ? kindOf(action) : (kept as Kept).kind;
}

/** `keep`, `untag`, `quarantine` or `delete`. */
export function verbOf({ action }: Row): 'keep' | 'untag' | 'quarantine' | 'delete' {
  if (!action) return 'keep';
  return action.kind === 'untag' || action.kind === 'quarantine' ? action.kind : 'delete';
}

export type Column = readonly [
  header: string,
  cell: (entry: Action | Kept, plan: Plan, noTrunc: boolean) => string,
];

const NAME = (header: string): Column => [header, ({ target }) => target];
const ID = (header: string): Column => [header, ({ id }, _, noTrunc) => idOf(id, noTrunc)];

/** An ID as it is shown. */
export function idOf(id: string, noTrunc: boolean): string {
  return noTrunc ? id : shortId(id);
}
const DETAIL = (header: string): Column => [
  header,
  ({ detail = '' }, _, noTrunc) => (noTrunc || detail.length <= 40 ? detail : `${detail.slice(0, 39)}…`),
];
const CREATED: Column = ['CREATED', ({ created }, { takenAt }) => age(created, takenAt)];
const SIZE: Column = ['SIZE', ({ size }) => (size === undefined ? 'N/A' : humanSize(size))];

/** What it frees when its turn comes: nothing where an image stays by another name, or shares all that it has. */
export const FREES: Column = ['FREES', (entry) => ('frees' in entry ? short(entry) : '')];

/** In a column: `12MB`, `~12MB` where it is about, `12MB+` where nothing bounds it. */
export function short({ frees, about, between }: Space): string {
  if (between?.[1] === Number.POSITIVE_INFINITY) return `${humanSize(between[0])}+`;
  return `${about ? '~' : ''}${humanSize(frees)}`;
}

/** The columns between the verb and the reason. */
export const COLUMNS: Readonly<Record<Kind, readonly Column[]>> = {
  container: [NAME('CONTAINER'), ID('CONTAINER ID'), DETAIL('IMAGE'), SIZE],
  network: [NAME('NETWORK'), ID('NETWORK ID'), DETAIL('DRIVER'), CREATED],
  image: [['IMAGE', imageName], ID('IMAGE ID'), CREATED, SIZE, FREES],
  cache: [ID('CACHE ID'), DETAIL('DESCRIPTION'), SIZE, FREES],
  volume: [['VOLUME', volumeName], CREATED, SIZE, ['WHAT IT IS', ({ detail = '' }) => detail]],
};

/** Nobody named an anonymous one: its name is as long as an ID. */
function volumeName({ target }: Action | Kept, _: Plan, noTrunc: boolean): string {
  return !noTrunc && /^[0-9a-f]{64}$/.test(target) ? `${target.slice(0, 12)}…` : target;
}

/** One in quarantine by what it was called, where that is known. */
function imageName({ target, id, detail }: Action | Kept): string {
  if (target === shortId(id)) return NAMELESS;
  return isQuarantineName(target) ? (detail ?? shortId(id)) : target;
}

/** The word for objects of a kind, after their number. */
const NOUN: Readonly<Record<Kind, string>> = {
  container: 'container',
  network: 'network',
  image: 'image',
  cache: 'cache record',
  volume: 'volume',
};

/** `1 image`, `2 cache records`. */
export function countOf(kind: Kind, n: number): string {
  return count(n, NOUN[kind]);
}

/** How long ago, as docker prints it. */
function age(time: string | undefined, now: string): string {
  const ms = time === undefined ? Number.NaN : Date.parse(now) - Date.parse(time);
  return Number.isNaN(ms) ? 'N/A' : `${humanDuration(Math.max(0, ms))} ago`;
}
