// A plan as a list to pick from: groups by what they free, in each what goes by what it frees, then what stays.
import type { Kind } from './kind.ts';
import { KINDS } from './kind.ts';
import type { Action, Kept, Plan } from './plan.ts';
import { kindOf } from './plan.ts';
import { isQuarantineName } from './quarantine-name.ts';
import { shortId } from './reference.ts';
import { count } from './units.ts';

/** The title of a group. */
export interface GroupRow {
  readonly is: 'group';
  readonly kind: Kind;
  readonly group: string;
}

/** What goes, by its number in the plan. */
interface ActionRow {
  readonly is: 'action';
  readonly number: number;
  readonly action: Action;
  readonly name: string;
}

/** What stays, and cannot be picked. */
interface KeptRow {
  readonly is: 'kept';
  readonly kept: Kept;
  readonly name: string;
}

export type EntryRow = ActionRow | KeptRow;
export type PickRow = GroupRow | EntryRow;

export function rowsOf(plan: Plan): PickRow[] {
  const entries: EntryRow[] = [
    ...plan.actions.map(
      (action, number): EntryRow => ({ is: 'action', number, action, name: nameOf(action) }),
    ),
    ...keptRows(plan.kept),
  ];
  const groups = [
    ...Map.groupBy(entries, (row) => JSON.stringify([kindOfRow(row), entryOf(row).group])).values(),
  ];
  const freed = new Map(groups.map((rows) => [rows, sum(rows)]));
  return groups
    .map((rows) => ({ rows, first: rows[0] as EntryRow, frees: freed.get(rows) as number }))
    .sort((a, b) => b.frees - a.frees || Number(goes(b)) - Number(goes(a)) || byName(a.first, b.first))
    .flatMap(({ rows, first }) => [
      { is: 'group' as const, kind: kindOfRow(first), group: entryOf(first).group },
      ...sorted(rows),
    ]);
}

function goes({ rows }: { readonly rows: readonly EntryRow[] }): boolean {
  return rows.some(({ is }) => is === 'action');
}

function byName(a: EntryRow, b: EntryRow): number {
  const kinds = KINDS.indexOf(kindOfRow(a)) - KINDS.indexOf(kindOfRow(b));
  return kinds || (entryOf(a).group < entryOf(b).group ? -1 : 1);
}

/** What is about one object stays together, in the plan's order. */
function sorted(rows: readonly EntryRow[]): EntryRow[] {
  const going = rows.filter(({ is }) => is === 'action');
  const objects = [...Map.groupBy(going, (row) => entryOf(row).id).values()];
  return [...objects.sort((a, b) => sum(b) - sum(a)).flat(), ...rows.filter(({ is }) => is === 'kept')];
}

function sum(rows: readonly EntryRow[]): number {
  return rows.reduce((bytes, row) => bytes + (row.is === 'action' ? row.action.frees : 0), 0);
}

export function entryOf(row: EntryRow): Action | Kept {
  return row.is === 'action' ? row.action : row.kept;
}

export function kindOfRow(row: EntryRow): Kind {
  return row.is === 'action' ? kindOf(row.action) : row.kept.kind;
}

/** One in quarantine by what it was called, where that is known; a cache record with what made it. */
function nameOf({ target, id, detail, kind }: Action | Kept): string {
  if (kind === 'prune-cache' || kind === 'cache') return [shortId(id), detail].filter(Boolean).join(' ');
  return isQuarantineName(target) ? (detail ?? shortId(id)) : target;
}

/** Records of the build cache that stay have no names that anybody knows: one row for each reason. */
function keptRows(kept: readonly Kept[]): EntryRow[] {
  const row = (one: Kept, name: string): EntryRow => ({ is: 'kept', kept: one, name });
  const records = kept.filter(({ kind }) => kind === 'cache');
  const others = kept.filter(({ kind }) => kind !== 'cache');
  return [
    ...others.map((one) => row(one, nameOf(one))),
    ...[...Map.groupBy(records, ({ reasons }) => reasons[0]?.rule).values()].map((alike) => {
      const size = alike.reduce((bytes, one) => bytes + (one.size ?? 0), 0);
      return row({ ...(alike[0] as Kept), size }, count(alike.length, 'record'));
    }),
  ];
}
