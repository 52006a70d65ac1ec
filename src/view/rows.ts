// What templates of --format are given of plans, outcomes, runs, explanations and the like: texts, as the screens show them.
import type { Amount, Df } from '../core/df.ts';
import type { Kind } from '../core/kind.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Action } from '../core/plan.ts';
import { kindOf } from '../core/plan.ts';
import { isQuarantineName } from '../core/quarantine-name.ts';
import { familiarRepository, repositoryOf, shortId, tagOf } from '../core/reference.ts';
import type { Missed } from '../core/replay.ts';
import type { Lost, Suggestion } from '../core/rescue.ts';
import type { Run } from '../core/run.ts';
import type { Scheduled } from '../core/schedule.ts';
import type { Day } from '../core/trend.ts';
import type { Restoring } from '../core/undo.ts';
import { humanDuration, humanSize } from '../core/units.ts';
import type { Explanation, Hold } from '../core/why.ts';
import type {
  CASE_FIELDS,
  DF_FIELDS,
  FINDING_FIELDS,
  HISTORY_FIELDS,
  MISSED_FIELDS,
  PLAN_FIELDS,
  RESCUE_FIELDS,
  RowOf,
  SCHEDULE_FIELDS,
  TREND_FIELDS,
  UNDO_FIELDS,
  WHY_FIELDS,
} from './fields.ts';
import type { Found } from './history-text.ts';
import { freed, resultOf } from './history-text.ts';
import { idOf, short, verbOf } from './plan-columns.ts';
import { spaceText } from './plan-text.ts';
import { costliest } from './replay-text.ts';

/** How times and IDs are told: `now` is RFC 3339, the engine's own. */
export interface Telling {
  readonly now: string;
  readonly noTrunc: boolean;
  /** Of several, the docker context that it is about. */
  readonly context?: string;
}

function age(time: string | undefined, now: string): string {
  const ms = time === undefined ? Number.NaN : Date.parse(now) - Date.parse(time);
  return Number.isNaN(ms) ? 'N/A' : `${humanDuration(Math.max(0, ms))} ago`;
}

const sized = (bytes: number | undefined) => (bytes === undefined ? 'N/A' : humanSize(bytes));
/** A volume's ID is its name, which docker takes only whole. */
const idOfKind = (kind: Kind, id: string, noTrunc: boolean) => idOf(id, noTrunc || kind === 'volume');

/** Of an action, and what came of it. */
export function actionRow(
  action: Action,
  { now, noTrunc, context = '' }: Telling,
  outcome?: Pick<Outcome, 'result' | 'why'>,
): RowOf<typeof PLAN_FIELDS> {
  const kind = kindOf(action);
  const { target, id, created, size, detail = '', because } = action;
  return {
    ID: idOfKind(kind, id, noTrunc),
    Kind: kind,
    Name: noTrunc && target === shortId(id) ? id : target,
    ...nameParts(action),
    Action: verbOf({ action }),
    Size: sized(size),
    Frees: short(action),
    Reason: because.text,
    Detail: detail,
    CreatedAt: created ?? '',
    CreatedSince: age(created, now),
    Result: outcome?.result ?? '',
    Problem: outcome?.why ?? '',
    Context: context,
  };
}

function nameParts(action: Action): { Repository: string; Tag: string } {
  const { target, id } = action;
  if (kindOf(action) !== 'image') return { Repository: '', Tag: '' };
  if (target === shortId(id) || isQuarantineName(target)) return { Repository: '<none>', Tag: '<none>' };
  return {
    Repository: familiarRepository(repositoryOf(target)),
    Tag: target.includes('@') ? '<none>' : tagOf(target),
  };
}

const TYPE = { image: 'Images', container: 'Containers', volume: 'Volumes', cache: 'Build cache' } as const;

const amount = (of: Amount | undefined, none: string) =>
  of
    ? short({
        frees: of.bytes,
        ...(of.about && { about: of.about }),
        ...(of.between && { between: of.between }),
      })
    : none;

export function dfRows({ kinds }: Pick<Df, 'kinds'>): RowOf<typeof DF_FIELDS>[] {
  return kinds.map(({ kind, total, active, size, dangling, unused, policy }) => ({
    Type: TYPE[kind],
    TotalCount: String(total),
    Active: String(active),
    Size: amount(size, 'N/A'),
    Dangling: amount(dangling, '-'),
    Unused: amount(unused, '-'),
    Reclaimable: amount(unused, '-'),
    Policy: amount(policy, '-'),
  }));
}

export function historyRow(run: Found): RowOf<typeof HISTORY_FIELDS> {
  if (!('steps' in run))
    return { ID: run.id, CreatedAt: '', User: '', Result: 'not readable', Freed: '', Command: '' };
  return {
    ID: run.id,
    CreatedAt: run.at,
    User: run.user,
    Result: resultOf(run),
    Freed: freed(run),
    Command: `docker tidy ${run.command.join(' ')}`,
  };
}

/** The actions of a run; one that was not begun, or not finished, is `cancelled`. */
export function runRows({ steps, at }: Run, noTrunc: boolean): RowOf<typeof PLAN_FIELDS>[] {
  return steps.map(({ action, ended }) =>
    actionRow(action, { now: at, noTrunc }, ended ?? { result: 'cancelled' }),
  );
}

export function trendRow({ day, space, images, disk }: Day): RowOf<typeof TREND_FIELDS> {
  const size = (bytes: number | undefined) => (bytes === undefined ? '' : humanSize(bytes));
  return {
    Day: day,
    Images: size(space.image),
    Containers: size(space.container),
    Volumes: size(space.volume),
    Cache: size(space.cache),
    ImageCount: images === undefined ? '' : String(images.total),
    DiskUsed: size(disk && disk.total - disk.free),
    DiskSize: size(disk?.total),
  };
}

/** An image with its surest name, or with each that it may get. */
export function rescueRows(lost: Lost, telling: Telling, every: boolean): RowOf<typeof RESCUE_FIELDS>[] {
  return lost.suggestions.slice(0, every ? undefined : 1).map((one) => rescueRow(lost, one, telling));
}

function rescueRow(
  { id, size, created }: Lost,
  { name, was = '', certainty, reasons, command }: Suggestion,
  { now, noTrunc }: Telling,
): RowOf<typeof RESCUE_FIELDS> {
  return {
    ID: idOf(id, noTrunc),
    Size: humanSize(size),
    CreatedAt: created ?? '',
    CreatedSince: age(created, now),
    Name: name,
    Was: was,
    Certainty: certainty,
    Reason: reasons.join('; '),
    Command: command,
  };
}

export function whyRow(
  { id, kind, name, size, created, holds, kept, removedBy, frees }: Explanation,
  { now, noTrunc }: Telling,
): RowOf<typeof WHY_FIELDS> {
  return {
    ID: idOfKind(kind, id, noTrunc),
    Kind: kind,
    Name: name,
    Size: sized(size),
    CreatedAt: created ?? '',
    CreatedSince: age(created, now),
    Holds: holds.map(({ text }: Hold) => text),
    Kept: kept.map(({ text }) => text),
    RemovedBy: removedBy,
    Frees: frees ? spaceText(frees) : '',
  };
}

/** Of a step that brings something back, and what came of it. */
export function restoringRow(
  step: Restoring,
  noTrunc: boolean,
  restored?: { readonly failed?: string | undefined },
): RowOf<typeof UNDO_FIELDS> {
  const id = 'id' in step ? idOf(step.id, noTrunc) : '';
  const leaves = step.do === 'leave-quarantine';
  const [action = '', kind = ''] = leaves ? ['release', 'image'] : step.do.split('-');
  return {
    ID: id,
    Kind: kind,
    Name: leaves ? id : step.target,
    Action: action,
    From: fromOf(step),
    Result: restored === undefined ? '' : restored.failed === undefined ? 'done' : 'failed',
    Problem: restored?.failed ?? '',
  };
}

function fromOf(step: Restoring): string {
  if (step.do === 'create-volume') return step.backup ?? '';
  if (step.do === 'pull-image') return step.digests.join(', ');
  return step.do === 'load-image' ? 'archive' : '';
}

export function scheduleRow(one: Scheduled): RowOf<typeof SCHEDULE_FIELDS> {
  const { what, calendar, next = '', last = '', scheduler, scope, command } = one;
  return {
    What: what,
    Calendar: calendar,
    Next: next,
    Last: last,
    Scheduler: scheduler,
    Scope: scope,
    Command: command,
  };
}

/** Something wrong in a file. */
interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly severity: string;
  readonly message: string;
}

export function findingRow(finding: Finding): RowOf<typeof FINDING_FIELDS> {
  const { file, line, column, severity, message } = finding;
  return {
    File: file,
    Line: String(line),
    Column: String(column),
    Severity: severity,
    Message: message,
  };
}

/** What came of a case of a policy. */
interface Held {
  readonly name: string;
  readonly source: string;
  readonly ok: boolean;
  readonly differences: readonly string[];
}

export function caseRow({ name, source, ok, differences }: Held): RowOf<typeof CASE_FIELDS> {
  return { Name: name, Source: source, Result: ok ? 'ok' : 'failed', Differences: differences };
}

/** Those that cost most to get back come first. */
export function missedRows(missed: readonly Missed[], noTrunc: boolean): RowOf<typeof MISSED_FIELDS>[] {
  return costliest(missed).map(({ image, name, bytes, by, removed, needed }) => ({
    ID: idOf(image, noTrunc),
    Name: name ?? idOf(image, noTrunc),
    Size: humanSize(bytes),
    By: by,
    Removed: removed,
    Needed: needed,
  }));
}
