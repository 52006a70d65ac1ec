// Which members of a group stay: rules that can only keep, each a row; the union of what they keep stays.
import type { Member } from './order.ts';
import { order } from './order.ts';
import type { Reason, SortKey } from './reason.ts';
import { reason } from './reason.ts';
import { tagOf } from './reference.ts';
import type { Group } from './selection.ts';

export interface TagGlob {
  readonly text: string;
  readonly matches: (tag: string) => boolean;
}

/** The keep options of a command. All absent: retention keeps nothing, and the selection alone decides. */
export interface Retention {
  /** Newest images to keep of each group; -1 keeps all. */
  readonly last?: number;
  readonly tags: readonly TagGlob[];
  readonly sort: SortKey;
}

/** Why each kept member stays, and why each other member does not, in the words of the rules asked for. */
export interface Retained {
  readonly kept: ReadonlyMap<Member, readonly Reason[]>;
  readonly beyond: ReadonlyMap<Member, Reason>;
  /** All members, newest first; those whose place is not known come last. */
  readonly ordered: readonly Member[];
}

/** A rule sees a group and says what it keeps. It cannot say that anything goes. */
type Rule = (group: Group, retention: Retention, ordered: ReturnType<typeof order>) => [Member, Reason][];

const keepLast: Rule = ({ lacks }, { last, sort }, { newestFirst, unknown }) => {
  if (last === undefined || lacks !== undefined) return [];
  if (last === -1) return [...newestFirst, ...unknown.keys()].map((member) => [member, reason.keepAll()]);
  const newest = newestFirst.slice(0, last);
  return newest.map((member, i) => [member, reason.amongNewest(i + 1, newestFirst.length, sort)]);
};

/** What cannot be ordered stays, as long as the order decides anything. */
const keepUnknown: Rule = ({ lacks }, { last }, { unknown }) =>
  last === undefined || last <= 0 || lacks !== undefined ? [] : [...unknown];

const keepTag: Rule = ({ members }, { tags }) =>
  members.flatMap((member) =>
    member.references.map(tagOf).flatMap((tag): [Member, Reason][] => {
      const glob = tags.find((candidate) => candidate.matches(tag));
      return glob ? [[member, reason.tagKept(tag, glob.text)]] : [];
    }),
  );

/** What lacks the label that images are grouped by has no place among them: it stays. */
const keepUnlabelled: Rule = ({ members, lacks }, { last, tags }) =>
  lacks === undefined || (last === undefined && tags.length === 0)
    ? []
    : members.map((member) => [member, reason.unlabelled(lacks)]);

const RULES: readonly Rule[] = [keepUnlabelled, keepLast, keepUnknown, keepTag];

/** Judges one group. What is counted are distinct images: two tags on one image are one. */
export function retain(group: Group, retention: Retention): Retained {
  const ordered = order(group.members, retention.sort);
  const kept = new Map<Member, Reason[]>();
  for (const rule of group.retained ? RULES : []) {
    for (const [member, why] of rule(group, retention, ordered))
      kept.set(member, [...(kept.get(member) ?? []), why]);
  }
  const { newestFirst, unknown } = ordered;
  const members = [...newestFirst, ...[...unknown.keys()].sort(byId)];
  const beyond = new Map<Member, Reason>();
  for (const [i, member] of members.entries()) {
    const why = beyondReason(group, retention, i < newestFirst.length ? i + 1 : undefined);
    if (why && !kept.has(member)) beyond.set(member, why);
  }
  return { kept, beyond, ordered: members };
}

function beyondReason(group: Group, { last, tags, sort }: Retention, rank?: number): Reason | undefined {
  if (!group.retained) return undefined;
  if (last !== undefined)
    return rank === undefined ? undefined : reason.beyondNewest(rank, group.name, last, sort);
  return tags.length > 0 ? reason.noTagKept() : undefined;
}

function byId(a: Member, b: Member): number {
  return a.image.id < b.image.id ? -1 : 1;
}
