// Age and size as conditions: rules that keep what is too young or too small, for every kind of object alike.
import { UsageError } from './errors.ts';
import type { Cutoff, Filter } from './filter.ts';
import { cutoffs } from './filter.ts';
import type { Engine } from './inventory.ts';
import { realTime } from './order.ts';
import type { Protection } from './protection.ts';
import type { Reason } from './reason.ts';
import { moment, reason } from './reason.ts';

/** What only what is old or large enough must fulfil. Spans in milliseconds, sizes in bytes. */
export interface Conditions {
  readonly filters: readonly Filter[];
  readonly olderThan?: { readonly span: number; readonly from: string };
  /** The age of an image for `olderThan`: since it was built, or since it came to this host. */
  readonly by: 'created' | 'pulled';
  /** Since an image was last used; for containers and the build cache the same as `olderThan`. */
  readonly unusedFor?: { readonly span: number; readonly from: string };
  readonly largerThan?: { readonly bytes: number; readonly from: string };
  readonly grace?: { readonly span: number; readonly from: string };
  /** The age of an image must be known, since a policy's rule goes by it. */
  readonly dated?: { readonly from: string };
  /** Images that nothing but this disk is known to have stay. */
  readonly localOnly?: { readonly from: string };
  /** Images that are to go are put into quarantine for so long first. */
  readonly quarantine?: { readonly span: number; readonly from: string };
  /** What a policy protects. */
  readonly protection?: Protection;
}

export const NO_CONDITIONS: Conditions = { filters: [], by: 'created' };

/** The moments that bound an object's age, by how they were asked for. */
export interface Limits {
  readonly until: readonly Cutoff[];
  readonly olderThan: readonly Cutoff[];
  readonly unusedFor: readonly Cutoff[];
  readonly grace: readonly Cutoff[];
  readonly now: number;
}

/** The conditions as moments. Throws UsageError for a filter that is no time. */
export function limitsAt(
  { filters, olderThan, unusedFor, grace }: Conditions,
  { engine, takenAt }: { readonly engine: Pick<Engine, 'zone'>; readonly takenAt: string },
): Limits {
  const now = Date.parse(takenAt);
  const ago = (span: { span: number; from: string } | undefined): Cutoff[] =>
    span && span.span > 0 ? [{ before: now - span.span, ...span }] : [];
  return {
    until: cutoffs(filters, now, engine.zone),
    olderThan: ago(olderThan),
    unusedFor: ago(unusedFor),
    grace: ago(grace),
    now,
  };
}

/** A moment of an object's life and the word for it: `stopped`, `created`, `built`, `last used`; and what follows its age. */
export interface Since {
  readonly word: string;
  readonly time: string | undefined;
  readonly more?: string;
}

/**
 * Why an object stays that is not old enough; of one whose age is not known, that. At most one reason: of several limits
 * the one that keeps it longest.
 */
export function tooYoung({ word, time, more }: Since, limits: readonly Cutoff[], now: number): Reason[] {
  if (limits.length === 0) return [];
  const at = realTime(time);
  if (at === undefined) return [reason.unknownAge(word, time, (limits[0] as Cutoff).from)];
  const [longest] = limits
    .filter(({ before }) => at > before)
    .map(({ span, from }) => ({ from, end: endOf(at, span) }))
    .sort((a, b) => b.end - a.end); // Infinity less Infinity counts as equal
  if (!longest) return [];
  return [reason.youngerThan({ word, age: Math.max(0, now - at), more }, longest.from, moment(longest.end))];
}

/** When what began at `at` is as old as that, in the whole seconds that `until` counts in; for a date, never. */
function endOf(at: number, span = Number.POSITIVE_INFINITY): number {
  return (Math.ceil(at / 1000) + Math.ceil(span / 1000)) * 1000;
}

/** All limits, for objects that have one age. */
export function allOf({ until, olderThan, unusedFor, grace }: Limits): Cutoff[] {
  return [...until, ...olderThan, ...unusedFor, ...grace];
}

/** Why an object stays that is not large enough, or whose size is not known. */
export function tooSmall(size: number | undefined, { largerThan }: Conditions): Reason[] {
  if (!largerThan || (size !== undefined && size > largerThan.bytes)) return [];
  return [reason.smallerThan(size, largerThan.from)];
}

/**
 * Both conditions: an object must fulfil the one and the other. Throws UsageError where they count an image's age from
 * different moments.
 */
export function narrowed(a: Conditions, b: Conditions): Conditions {
  if (a.olderThan && b.olderThan && a.by !== b.by)
    throw new UsageError(
      `${a.olderThan.from} counts since images were ${a.by}, ${b.olderThan.from} since they were ${b.by}: give --by ${a.by}`,
    );
  const longer = (one: Span | undefined, other: Span | undefined) =>
    (one?.span ?? -1) >= (other?.span ?? -1) ? one : other;
  const olderThan = longer(a.olderThan, b.olderThan);
  const unusedFor = longer(a.unusedFor, b.unusedFor);
  const grace = longer(a.grace, b.grace);
  const quarantine = longer(a.quarantine, b.quarantine);
  const largerThan = (a.largerThan?.bytes ?? -1) >= (b.largerThan?.bytes ?? -1) ? a.largerThan : b.largerThan;
  return {
    ...a,
    ...b,
    filters: [...a.filters, ...b.filters],
    by: a.olderThan ? a.by : b.by,
    ...(olderThan && { olderThan }),
    ...(unusedFor && { unusedFor }),
    ...(grace && { grace }),
    ...(quarantine && { quarantine }),
    ...(largerThan && { largerThan }),
  };
}

interface Span {
  readonly span: number;
  readonly from: string;
}
