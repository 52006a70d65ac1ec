// Which of two images is the newer one, by build date, arrival or version. What cannot be told is `undefined`.
import compare from 'semver/functions/compare.js';
import valid from 'semver/functions/valid.js';
import type { Image } from './inventory.ts';
import type { Reason, SortKey } from './reason.ts';
import { reason } from './reason.ts';
import { tagOf } from './reference.ts';

/** An image with those of its references that belong to one group. */
export interface Member {
  readonly image: Image;
  readonly references: readonly string[];
}

/** A group's members, newest first, and those whose place cannot be told, with the reason. */
export interface Ordered {
  readonly newestFirst: readonly Member[];
  readonly unknown: ReadonlyMap<Member, Reason>;
}

/**
 * Build dates before this are conventions, not dates: 1970 (SOURCE_DATE_EPOCH=0), 1980 (zip's epoch: buildpacks,
 * Nix) and year 1 (Go's zero time).
 */
const FIRST_REAL_DATE = Date.parse('1981-01-01T00:00:00Z');

/** An RFC 3339 time in milliseconds; `undefined` when absent or a made-up date. */
export function realTime(time: string | undefined): number | undefined {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return ms >= FIRST_REAL_DATE ? ms : undefined;
}

/**
 * Newest first. Members that are equal by `sort` follow in descending order of their tags (natural order: v1.10
 * above v1.9), then of their IDs, so that the result does not depend on the order of the input.
 */
export function order(members: readonly Member[], sort: SortKey): Ordered {
  const unknown = new Map<Member, Reason>();
  const known: Member[] = [];
  for (const member of members) {
    const why = unknownReason(member, sort);
    if (why) unknown.set(member, why);
    else known.push(member);
  }
  const primary = sort === 'version' ? versionOrder(known) : timeOrder(known, sort);
  const newestFirst = known.sort(
    (a, b) => primary(a, b) || naturally(a, b) || (a.image.id < b.image.id ? 1 : -1),
  );
  return { newestFirst, unknown };
}

function unknownReason({ image, references }: Member, sort: SortKey): Reason | undefined {
  if (sort === 'created')
    return realTime(image.created) === undefined ? reason.unknownCreated(image.created) : undefined;
  if (sort === 'pulled') return realTime(image.arrived) === undefined ? reason.unknownPulled() : undefined;
  return versionsIn(references).length === 0
    ? reason.unknownVersion(references.map(tagOf).join(', '))
    : undefined;
}

type Compare<T> = (a: T, b: T) => number;

function timeOrder(members: readonly Member[], sort: 'created' | 'pulled'): Compare<Member> {
  const time = ({ image }: Member) => realTime(sort === 'pulled' ? image.arrived : image.created) as number;
  const times = new Map(members.map((member) => [member, time(member)]));
  return (a, b) => (times.get(b) as number) - (times.get(a) as number);
}

/** By the highest version among a member's tags. */
function versionOrder(members: readonly Member[]): Compare<Member> {
  const highest = new Map(
    members.map((m) => [m, versionsIn(m.references).sort(compareVersions).at(-1) ?? '']),
  );
  return (a, b) => compareVersions(highest.get(b) as string, highest.get(a) as string);
}

/**
 * Ascending. Dotted numbers go by semver's rules (`v1.10` is 1.10.0, `1.0-rc1` below `1.0`, further numbers count), and
 * stand above what is no dotted number (`build-10`), which goes in natural order. One order for all tags, so that an
 * image's place never depends on which others are there.
 */
function compareVersions(a: string, b: string): number {
  const [left, right] = [asVersion(a), asVersion(b)];
  if (!left || !right) return Number(Boolean(left)) - Number(Boolean(right)) || natural(a, b);
  return (
    compare(left.main, right.main) || natural(left.further, right.further) || compare(left.full, right.full)
  );
}

function naturally(a: Member, b: Member): number {
  const highest = ({ references }: Member) => references.map(tagOf).sort(natural).at(-1) ?? '';
  return natural(highest(b), highest(a));
}

let collator: Intl.Collator | undefined;

/** Made when the first two are compared: making it takes longer than comparing thousands. */
function natural(a: string, b: string): number {
  if (a === b) return 0;
  collator ??= new Intl.Collator('en', { numeric: true });
  return collator.compare(a, b);
}

/** Tags that can be ordered as versions: with a digit, and not a commit's hash. */
function versionsIn(references: readonly string[]): string[] {
  return references.map(tagOf).filter((tag) => /\d/.test(tag) && !isHash(tag));
}

function isHash(tag: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(tag) && /[a-f]/.test(tag);
}

interface Version {
  readonly main: string;
  /** Numbers beyond the third: `.4` of `1.2.3.4`. */
  readonly further: string;
  readonly full: string;
}

/** `v1`, `1.10`, `1.10.0-rc.1` and `1.2.3.4`; `undefined` for what is no dotted number. */
function asVersion(tag: string): Version | undefined {
  const match = /^v?(\d+)(\.\d+)?(\.\d+)?((?:\.\d+)*)([-+].*)?$/.exec(tag);
  if (!match) return undefined;
  const [, major, minor = '.0', patch = '.0', further = '', rest = ''] = match;
  const main = valid(`${major}${minor}${patch}`, { loose: true });
  const full = valid(`${major}${minor}${patch}${rest}`, { loose: true });
  return main && full ? { main, further, full } : undefined;
}
