// Age and size as conditions: rules that keep what is too young or too small, for every kind of object alike.
import type { Cutoff, Filter, LabelFilter } from './filter.ts';
import { cutoffs, hasLabel } from './filter.ts';
import type { Engine } from './inventory.ts';
import { realTime } from './order.ts';
import type { Reason } from './reason.ts';
import { moment, reason } from './reason.ts';

/** References and labels that a policy file protects, each with the reason that users read. */
export interface Protection {
  readonly references: readonly { readonly matches: (reference: string) => boolean; readonly why: Reason }[];
  readonly labels: readonly (LabelFilter & { readonly why: Reason })[];
}

/** What only what is old or large enough must fulfil. Spans in milliseconds, sizes in bytes. */
export interface Conditions {
  readonly filters: readonly Filter[];
  readonly olderThan?: { readonly span: number; readonly from: string };
  /** The age of an image for `olderThan`: since it was built, or since it came to this host. */
  readonly by: 'created' | 'pulled';
  readonly largerThan?: { readonly bytes: number; readonly from: string };
  readonly grace?: { readonly span: number; readonly from: string };
  /** What a policy protects. */
  readonly protection?: Protection;
}

export const NO_CONDITIONS: Conditions = { filters: [], by: 'created' };

/** The moments that bound an object's age, by how they were asked for. */
export interface Limits {
  readonly until: readonly Cutoff[];
  readonly olderThan: readonly Cutoff[];
  readonly grace: readonly Cutoff[];
  readonly now: number;
}

/** The conditions as moments. Throws UsageError for a filter that is no time. */
export function limitsAt(
  { filters, olderThan, grace }: Conditions,
  { engine, takenAt }: { readonly engine: Pick<Engine, 'zone'>; readonly takenAt: string },
): Limits {
  const now = Date.parse(takenAt);
  const ago = (span: { span: number; from: string } | undefined): Cutoff[] =>
    span && span.span > 0 ? [{ before: now - span.span, ...span }] : [];
  return {
    until: cutoffs(filters, now, engine.zone),
    olderThan: ago(olderThan),
    grace: ago(grace),
    now,
  };
}

/** A moment of an object's life and the word for it: `stopped`, `created`, `built`, `last used`. */
export interface Since {
  readonly word: string;
  readonly time: string | undefined;
}

/**
 * Why an object stays that is not old enough; of one whose age is not known, that. At most one reason: of several limits
 * the one that keeps it longest.
 */
export function tooYoung({ word, time }: Since, limits: readonly Cutoff[], now: number): Reason[] {
  if (limits.length === 0) return [];
  const at = realTime(time);
  if (at === undefined) return [reason.unknownAge(word, time, (limits[0] as Cutoff).from)];
  const [longest] = limits
    .filter(({ before }) => at > before)
    .map(({ span, from }) => ({ from, end: endOf(at, span) }))
    .sort((a, b) => b.end - a.end); // Infinity less Infinity counts as equal
  if (!longest) return [];
  return [reason.youngerThan(word, Math.max(0, now - at), longest.from, moment(longest.end))];
}

/** When what began at `at` is as old as that, in the whole seconds that `until` counts in; for a date, never. */
function endOf(at: number, span = Number.POSITIVE_INFINITY): number {
  return (Math.ceil(at / 1000) + Math.ceil(span / 1000)) * 1000;
}

/** All limits, for objects that have one age. */
export function allOf({ until, olderThan, grace }: Limits): Cutoff[] {
  return [...until, ...olderThan, ...grace];
}

/** Why an object stays that is not large enough, or whose size is not known. */
export function tooSmall(size: number | undefined, { largerThan }: Conditions): Reason[] {
  if (!largerThan || (size !== undefined && size > largerThan.bytes)) return [];
  return [reason.smallerThan(size, largerThan.from)];
}

/** What a policy protects: by its names, which images have, and by its labels. */
export function keptByPolicy(
  labels: Readonly<Record<string, string>>,
  { protection }: Conditions,
  names: readonly string[] = [],
): Reason[] {
  if (!protection) return [];
  return [
    ...protection.references.filter(({ matches }) => names.some(matches)),
    ...protection.labels.filter((label) => hasLabel(labels, label)),
  ].map(({ why }) => why);
}
