// Which members of a group stay: rules that can only keep, each a row; the union of what they keep stays.
import type { CalendarSpan, Period } from './calendar.ts';
import { before, isNoSpan, periodOf } from './calendar.ts';
import type { LabelFilter } from './filter.ts';
import { hasLabel } from './filter.ts';
import { keepLastLabel } from './label.ts';
import type { Member, Ordered } from './order.ts';
import { order, realTime } from './order.ts';
import type { Reason, SortKey } from './reason.ts';
import { reason } from './reason.ts';
import { tagOf } from './reference.ts';
import type { Group } from './selection.ts';

/** How a rule was given, for sentences about it: `--keep 3`; of a policy `keep.last 3`, and where that stands, `tidy.yaml:12`. */
export interface Given {
  readonly from: string;
  readonly source?: string;
}

/** The newest so many (-1: all), of each hour, day … if it is a period. */
export interface KeepCount extends Given {
  readonly rule: 'last' | Period;
  readonly count: number;
}

/** What is less than a span older than the group's newest; with a period, the newest of each only. */
export interface KeepWithin extends Given {
  readonly rule: 'within';
  readonly period?: Period;
  readonly span: CalendarSpan;
  /** The span as it was written. */
  readonly text: string;
}

export interface KeepTag extends Given {
  readonly rule: 'tag';
  readonly text: string;
  readonly matches: (tag: string) => boolean;
}

export interface KeepLabelled extends Given, LabelFilter {
  readonly rule: 'label';
}

/** Images whose every layer lies under another image that stays: see `verdict.ts`, since it depends on what else stays. */
export interface KeepBases extends Given {
  readonly rule: 'bases';
}

export type Keep = KeepCount | KeepWithin | KeepTag | KeepLabelled | KeepBases;

/** The keep options of a command, or the keep part of a policy's rule. None: the selection alone decides. */
export interface Retention {
  readonly keeps: readonly Keep[];
  readonly sort: SortKey;
  /** The time zone that calendar periods are counted in, as `Europe/Berlin`. */
  readonly zone: string;
}

export const NO_RETENTION: Retention = { keeps: [], sort: 'created', zone: 'UTC' };

/** Why each kept member stays, and why each other member does not, in the words of the rules asked for. */
export interface Retained {
  readonly kept: ReadonlyMap<Member, readonly Reason[]>;
  readonly beyond: ReadonlyMap<Member, Reason>;
  /** All members, newest first; those whose place is not known come last. */
  readonly ordered: readonly Member[];
}

type Kept = (readonly [Member, Reason])[];

/** What rules see: a group, in the order that ranks count in, and in the order of time. */
interface Seen {
  readonly group: Group;
  readonly ranked: Ordered;
  readonly timed: Ordered;
  readonly sort: SortKey;
  readonly zone: string;
  readonly now: number;
}

/** A rule sees a group and says what it keeps. It cannot say that anything goes. */
type Rule<K extends Keep> = (seen: Seen, keep: K) => Kept;

const keepLast: Rule<KeepCount> = ({ ranked: { newestFirst, unknown }, sort }, { count, ...given }) => {
  if (count === -1)
    return [...newestFirst, ...unknown.keys()].map((member) => [member, reason.keepAll(given)]);
  const newest = newestFirst.slice(0, count);
  return newest.map((member, i) => [member, reason.amongNewest(i + 1, newestFirst.length, sort, given)]);
};

/** The first of each period, newest first; and the oldest of all while the count is not used up. */
const keepPeriod: Rule<KeepCount> = ({ timed: { newestFirst }, sort, zone }, keep) => {
  const { count } = keep;
  const period = keep.rule as Period;
  const kept: Kept = [];
  let last: string | undefined;
  for (const [i, member] of newestFirst.entries()) {
    if (count !== -1 && kept.length >= count) break;
    const name = periodOf(timeOf(member, sort), period, zone);
    if (name !== last) kept.push([member, reason.newestOf(name, keep)]);
    else if (i === newestFirst.length - 1) kept.push([member, reason.oldestOf(keep)]);
    last = name;
  }
  return kept;
};

/** Counts back from the newest member that is not dated in the future; with none such, all stay. */
const keepWithin: Rule<KeepWithin> = ({ timed: { newestFirst }, sort, zone, now }, keep) => {
  const { period, span } = keep;
  const newest = newestFirst.map((member) => timeOf(member, sort)).find((time) => time < now);
  const start = newest === undefined ? Number.NEGATIVE_INFINITY : before(newest, span, zone);
  const within = newestFirst.filter((member) => timeOf(member, sort) > start);
  if (!period) return within.map((member) => [member, reason.within(keep)]);
  let last: string | undefined;
  return within.flatMap((member): Kept => {
    const name = periodOf(timeOf(member, sort), period, zone);
    const isOldest = member === newestFirst.at(-1);
    const why = name !== last ? reason.newestOf(name, keep) : isOldest ? reason.oldestOf(keep) : undefined;
    last = name;
    return why ? [[member, why]] : [];
  });
};

const keepTag: Rule<KeepTag> = ({ group }, { text, matches, ...given }) =>
  group.members.flatMap((member): Kept => {
    const tag = member.references.map(tagOf).find(matches);
    return tag === undefined ? [] : [[member, reason.tagKept(tag, text, given)]];
  });

const keepLabelled: Rule<KeepLabelled> = ({ group }, { key, value, ...given }) =>
  group.members
    .filter(({ image }) => hasLabel(image.labels, { key, ...(value !== undefined && { value }) }))
    .map((member) => [member, reason.labelKept(`${key}=${member.image.labels[key]}`, given)]);

function timeOf({ image }: Member, sort: SortKey): number {
  return realTime(sort === 'pulled' ? image.arrived : image.created) as number;
}

function keptBy(seen: Seen, keep: Keep): Kept {
  switch (keep.rule) {
    case 'last':
      return keepLast(seen, keep);
    case 'within':
      return isNoSpan(keep.span) ? [] : keepWithin(seen, keep);
    case 'tag':
      return keepTag(seen, keep);
    case 'label':
      return keepLabelled(seen, keep);
    case 'bases':
      return [];
    default:
      return keepPeriod(seen, keep);
  }
}

/** Whether a rule asks for an order or a time, so that what has no place in it must stay. */
function ordering(keep: Keep): 'rank' | 'time' | undefined {
  if (keep.rule === 'within') return isNoSpan(keep.span) ? undefined : 'time';
  if (!('count' in keep) || keep.count === 0 || (keep.rule === 'last' && keep.count === -1)) return undefined;
  return keep.rule === 'last' ? 'rank' : 'time';
}

/** Whether a rule may keep anything at all: `--keep 0` does not. */
export function keepsAny(keep: Keep): boolean {
  if ('count' in keep) return keep.count !== 0;
  return keep.rule !== 'within' || !isNoSpan(keep.span);
}

/** Whether what is newer decides what stays. */
export function ordersMembers(keeps: readonly Keep[]): boolean {
  return keeps.some((keep) => ordering(keep) !== undefined);
}

/** Judges one group at `now` (milliseconds). What is counted are distinct images: two tags on one image are one. */
export function retain(group: Group, retention: Retention, now: number): Retained {
  const { keeps, sort, zone } = retention;
  const ranked = order(group.members, sort);
  const timed = sort === 'version' ? order(group.members, 'created') : ranked;
  const seen = { group, ranked, timed, sort, zone, now };
  const kept = new Map<Member, Reason[]>();
  for (const [member, why] of group.retained ? allKept(seen, keeps) : [])
    kept.set(member, [...(kept.get(member) ?? []), why]);
  const members = [...ranked.newestFirst, ...[...ranked.unknown.keys()].sort(byId)];
  const beyond = new Map<Member, Reason>();
  for (const [i, member] of members.entries()) {
    const rank = i < ranked.newestFirst.length ? i + 1 : undefined;
    const why = group.retained && !kept.has(member) && beyondReason(group, retention, rank);
    if (why) beyond.set(member, why);
  }
  return { kept, beyond, ordered: members };
}

/** What lacks the label that images are grouped by has no place among them: it stays. */
function allKept(seen: Seen, keeps: readonly Keep[]): Kept {
  const { members, lacks, keepLast = 0 } = seen.group;
  if (lacks !== undefined && keeps.length > 0)
    return members.map((member) => [member, reason.unlabelled(lacks)]);
  const most = Math.max(keepLast, ...members.map(({ image }) => keepLastLabel(image.labels) ?? 0));
  const orders = [...keeps.map(ordering), ...(most > 0 ? ['rank'] : [])];
  return [
    ...keeps.flatMap((keep) => keptBy(seen, keep)),
    ...keptByLabel(seen, most),
    ...(orders.includes('rank') ? seen.ranked.unknown : []),
    ...(orders.includes('time') && (!orders.includes('rank') || seen.timed !== seen.ranked)
      ? seen.timed.unknown
      : []),
  ];
}

/**
 * `tidy.keep-last=N` on any of a group's images: so many of the newest stay, `most` being the largest N of all. So does the
 * newest that says so, since a run that removed it would leave the next one nothing to keep the others by.
 */
function keptByLabel({ ranked: { newestFirst }, sort }: Seen, most: number): Kept {
  const given = { from: '', source: `label tidy.keep-last=${most}` };
  const says = newestFirst.findIndex(({ image }) => keepLastLabel(image.labels) === most);
  return newestFirst.flatMap((member, i): Kept => {
    const isKept = i < most || (i === says && most > 0);
    return isKept ? [[member, reason.amongNewest(i + 1, newestFirst.length, sort, given)]] : [];
  });
}

/** Why a member goes, by the rules that it would have had to fulfil. */
function beyondReason(group: Group, { keeps, sort }: Retention, rank?: number): Reason | undefined {
  if (keeps.length === 0) return undefined;
  const ordered = keeps.filter((keep) => 'count' in keep || keep.rule === 'within');
  if (ordered.length > 0)
    return rank === undefined ? undefined : reason.beyondNewest(rank, group.name, ordered, sort);
  return reason.keptByNone(keeps);
}

function byId(a: Member, b: Member): number {
  return a.image.id < b.image.id ? -1 : 1;
}
