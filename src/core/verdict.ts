// The verdict on every candidate: it goes only if it was selected and no rule keeps it.
import type { Bases } from './bases.ts';
import { baseReason, basesAmong, basesRule } from './bases.ts';
import type { Within } from './budget.ts';
import { comebackOf, registriesNotAsked } from './comeback.ts';
import type { Conditions, Limits, Since } from './condition.ts';
import { limitsAt, tooSmall, tooYoung } from './condition.ts';
import type { Image, Inventory } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { keepLastLabel, keptByLabels } from './label.ts';
import type { Member } from './order.ts';
import { realTime } from './order.ts';
import { keptByPolicy } from './protection.ts';
import { judgeQuarantined, quarantineAsked } from './quarantine.ts';
import { isInQuarantine, nameKnown } from './quarantine-name.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import type { KeepBases, Retention } from './retention.ts';
import { retain } from './retention.ts';
import type { Group, Selection } from './selection.ts';
import { lonelyDigests, NAMELESS, namesOf, select, takesNameless } from './selection.ts';
import { usersOf } from './usage.ts';

/** Candidates, and the rules that judge them: a command's, or those of one rule of a policy. */
export interface ImagesAsked {
  readonly selection: Selection;
  readonly retention: Retention;
  readonly conditions: Conditions;
  /** The policy's rule that these are of, and where it stands. */
  readonly rule?: { readonly name: string; readonly source: string };
}

/** One candidate of one group. `kept` empty: its references of this group go, because of `because`. */
export interface Verdict {
  readonly asked: ImagesAsked;
  readonly group: string;
  readonly member: Member;
  readonly kept: readonly Reason[];
  readonly because: Reason;
  /** The rule by which it stays under what stays. */
  readonly bases?: KeepBases;
}

/**
 * Judges every member of every group that is asked for, in the groups' order, newest first within each; then the
 * nameless images that become dangling by that. A name of an image is asked for once at most. `budget`: what may stay of
 * all that would go.
 */
export function judge(
  inventory: Inventory,
  all: readonly ImagesAsked[],
  budget?: Pick<Within, 'stays'>,
): Verdict[] {
  const users = usersOf(inventory);
  const now = Date.parse(inventory.takenAt);
  const ended = quarantineAsked(all);
  const everything = [...all, ...(ended ? [ended] : [])];
  const limits = new Map(everything.map((asked) => [asked, limitsAt(asked.conditions, inventory)]));
  const stays: Stays = (image, asked) => [
    ...always(image, users, asked.conditions, now),
    ...conditional(image, asked.conditions, limits.get(asked) as Limits),
    ...forGood(image, inventory, asked.conditions),
    ...unquarantinable(image, asked.conditions),
  ];
  const judged = all.flatMap((asked) =>
    select(inventory, asked.selection).flatMap((group) => judgeGroup(group, asked, stays, now)),
  );
  const dangling = (image: Image, child: Verdict) => between(image, child, all, stays);
  const inQuarantine = ended ? judgeQuarantined(inventory.images, ended, stays, now) : [];
  const settled = settle(inventory.images, [...judged, ...inQuarantine], dangling);
  if (!budget) return settled;
  const whole = wholeImagesThatGo(settled);
  const within = (verdict: Verdict): Verdict => {
    const { id } = verdict.member.image;
    return verdict.kept.length > 0 ? verdict : { ...verdict, kept: budget.stays(id, whole.has(id)) };
  };
  return settle(inventory.images, [...judged.map(within), ...inQuarantine], (image, child) => {
    const verdict = dangling(image, child);
    return verdict && within(verdict);
  });
}

/** The images that would go with all their names, in the order of the inventory; those in quarantine go anyway. */
export function imagesThatMayGo(inventory: Inventory, asked: readonly ImagesAsked[]): Image[] {
  const whole = wholeImagesThatGo(judge(inventory, asked));
  return inventory.images.filter((image) => whole.has(image.id) && !isInQuarantine(image));
}

/** What keeps an image from whatever is asked. */
type Stays = (image: Image, asked: ImagesAsked) => Reason[];

function judgeGroup(group: Group, asked: ImagesAsked, stays: Stays, now: number): Verdict[] {
  // One without a name that stays anyway takes no place: it may join late, when what was built on it has gone. What its
  // label says of the others still counts.
  const members = group.members.filter(
    ({ image, references }) => references.length > 0 || stays(image, asked).length === 0,
  );
  const keepLast = Math.max(0, ...group.members.map(({ image }) => keepLastLabel(image.labels) ?? 0));
  const { kept, beyond } = retain({ ...group, members, keepLast }, asked.retention, now);
  const bases = basesRule([asked.retention]);
  return retain(group, asked.retention, now).ordered.map((member) => ({
    asked,
    group: group.name,
    member,
    kept: [...stays(member.image, asked), ...(kept.get(member) ?? [])],
    because: beyond.get(member) ?? reason.byRule(plainReason(member, asked, now), asked.rule),
    ...(bases && { bases }),
  }));
}

/**
 * The verdict on a nameless image all of whose children go: by the rules of the last of them, and of the rule that it
 * belongs to itself. One that may not be taken for a child's sake stays, without a word.
 */
function between(
  image: Image,
  { asked, member: child }: Verdict,
  all: readonly ImagesAsked[],
  stays: Stays,
): Verdict | undefined {
  if (!asked.selection.fits(image)) return undefined;
  const claims = all.filter(({ selection }) => selection.claims?.(image, undefined));
  if (claims.some(({ selection }) => !takesNameless(image, selection))) return undefined;
  const because = reason.danglingThen(nameKnown(child.image));
  const judges = [...new Set([asked, ...claims])];
  const kept = judges.flatMap((each) => stays(image, each));
  const bases = basesRule(judges.map(({ retention }) => retention));
  const member = { image, references: [] };
  return { asked, group: NAMELESS, member, kept, because, ...(bases && { bases }) };
}

/**
 * What stays keeps all that it was built on, and if asked what it has the layers of; a nameless image whose children all go
 * becomes dangling, and is judged, too. The one may undo the other, until nothing changes: fewer go each time.
 */
function settle(
  images: readonly Image[],
  judged: readonly Verdict[],
  judgeBetween: (image: Image, child: Verdict) => Verdict | undefined,
): Verdict[] {
  let bases: Bases = new Map();
  for (let verdicts = keepDigests(judged); ; ) {
    const whole = wholeImagesThatGo(verdicts);
    const along = becomeDangling(images, verdicts, whole, (image, child) => {
      const verdict = judgeBetween(image, child);
      return verdict && keepBase(verdict, bases);
    });
    const goes = new Set([
      ...whole,
      ...along.filter(({ kept }) => kept.length === 0).map((v) => v.member.image.id),
    ]);
    const found = basesAmong(images, askingFor([...verdicts, ...along]), goes);
    bases = new Map([...bases, ...found]);
    const next = keepDigests(keepParents(images, judged, goes).map((verdict) => keepBase(verdict, bases)));
    if (found.size === 0 && wholeImagesThatGo(next).size === whole.size) return [...next, ...along];
    verdicts = next;
  }
}

/** Images that go or lose a name, and would not if they lay under one that stays. */
function askingFor(verdicts: readonly Verdict[]): Image[] {
  return verdicts.filter(({ bases, kept }) => bases && kept.length === 0).map((v) => v.member.image);
}

function keepBase(verdict: Verdict, found: Bases): Verdict {
  const { bases, member, kept } = verdict;
  if (!bases || !found.has(member.image.id)) return verdict;
  return { ...verdict, kept: [...kept, baseReason(found.get(member.image.id), bases)] };
}

/** The verdicts on nameless images that have children now, and will have none: from the last one down. */
function becomeDangling(
  images: readonly Image[],
  judged: readonly Verdict[],
  goes: ReadonlySet<string>,
  judgeBetween: (image: Image, child: Verdict) => Verdict | undefined,
): Verdict[] {
  const childrenById = Map.groupBy(images, ({ parent }) => parent);
  const gone = new Set(goes);
  const verdicts: Verdict[] = [];
  const byId = new Map(images.map((image) => [image.id, image]));
  const lastOf = new Map(judged.map((verdict) => [verdict.member.image.id, verdict]));
  for (const id of gone) {
    const child = lastOf.get(id);
    const parent = byId.get(child?.member.image.parent ?? '');
    if (!child || !parent || gone.has(parent.id) || !isNameless(parent)) continue;
    if (!childrenById.get(parent.id)?.every((each) => gone.has(each.id))) continue;
    const verdict = judgeBetween(parent, child);
    if (verdict) verdicts.push(verdict);
    if (verdict?.kept.length !== 0) continue;
    lastOf.set(parent.id, verdict);
    gone.add(parent.id); // and so on with what that one was built on
  }
  return verdicts;
}

function plainReason({ references, image }: Member, { conditions }: ImagesAsked, now: number): Reason {
  const why = references.length === 0 ? reason.dangling() : reason.unused();
  const { word, time, more = '' } = lastUse(image);
  const at = conditions.unusedFor && realTime(time);
  return at === undefined ? why : reason.unusedSince(why, word, Math.max(0, now - at), more);
}

/**
 * What keeps an image that is too young or too small. `until` counts from the build or from the arrival, whichever was
 * later: the overlay2 store's prune looks at the one, the containerd store's at the other, and ours takes nothing that
 * either would keep.
 */
function conditional(image: Image, conditions: Conditions, limits: Limits): Reason[] {
  const { until, olderThan, unusedFor, grace, now } = limits;
  const [built, arrived] = birthsOf(image);
  return [
    ...tooYoung(latestOf(image), [...until, ...grace], now),
    ...lately(image, grace, now),
    ...tooYoung(conditions.by === 'pulled' ? arrived : built, olderThan, now),
    ...tooYoung(lastUse(image), unusedFor, now),
    ...tooSmall(image.size, conditions),
    ...(conditions.dated ? ageless(built, conditions.dated.from) : []),
  ];
}

/**
 * What keeps an image that was pulled, loaded or used within the grace age. overlay2 does not tell when an image arrived that
 * was built elsewhere: what is pulled to be run in a moment would go before, by the age of its build.
 */
function lately(image: Image, grace: Limits['grace'], now: number): Reason[] {
  const recorded = image.used?.by !== undefined || image.used?.gap === true;
  return [
    ...(recorded ? [lastUse(image)] : []),
    ...(image.came === undefined ? [] : [{ word: 'came here or was used', time: image.came }]),
  ]
    .flatMap((since) => tooYoung(since, grace, now))
    .slice(0, 1);
}

/** What keeps an image that could not come back. */
function forGood(image: Image, inventory: Inventory, { localOnly }: Conditions): Reason[] {
  if (!localOnly) return [];
  const found = comebackOf(image, inventory);
  if (found === 'not-asked') return [reason.notAsked(registriesNotAsked(image, inventory), localOnly.from)];
  return found === 'local-only' ? [reason.localOnly(localOnly.from)] : [];
}

/** What keeps an image that quarantine would take a name from for good. */
function unquarantinable(image: Image, { quarantine }: Conditions): Reason[] {
  if (!quarantine || lonelyDigests(image).length === 0) return [];
  return [reason.namedByDigest(quarantine.from)];
}

function ageless({ word, time }: Since, from: string): Reason[] {
  return realTime(time) === undefined ? [reason.unknownAge(word, time, from)] : [];
}

function birthsOf({ created, arrived }: Image): [built: Since, arrived: Since] {
  return [
    { word: 'built', time: created },
    { word: 'came here', time: arrived },
  ];
}

/** Its last use; of one that nobody is known to have used, from when on that is known. */
export function lastUse({ used }: Pick<Image, 'used'>): Since {
  const { at: time, by, gap } = used ?? { at: undefined };
  if (time === undefined || by !== undefined)
    return { word: 'last used', time, ...(by !== undefined && { more: ` by ${by}` }) };
  return gap
    ? { word: 'events missed until', time, more: ', no use known since' }
    : { word: 'first seen by docker tidy', time, more: ', no use known since' };
}

function latestOf(image: Image): Since {
  const [built, arrived] = birthsOf(image);
  return arrived.time !== undefined && !isBefore(arrived.time, built.time) ? arrived : built;
}

function isBefore(a: string, b: string | undefined): boolean {
  return b !== undefined && Date.parse(a) < Date.parse(b);
}

/** What keeps an image whatever is asked. */
function always(
  image: Image,
  users: ReadonlyMap<string, readonly Reason[]>,
  conditions: Conditions,
  now: number,
): Reason[] {
  const pinned = lonelyDigests(image).length > 1;
  const { was = { names: [], digests: [] } } = image;
  const names = [...image.tags, ...image.digests, ...was.names, ...was.digests];
  return [
    ...(users.get(image.id) ?? []),
    ...keptByPolicy(image.labels, conditions.protection, [...names, image.id]),
    ...keptByLabels(image.labels, latestOf(image), now, true),
    ...(pinned ? [reason.severalDigests()] : []),
  ];
}

/** What an image that stays was built on stays too, all the way down. */
function keepParents(
  images: readonly Image[],
  verdicts: readonly Verdict[],
  goes: ReadonlySet<string>,
): Verdict[] {
  const byId = new Map(images.map((image) => [image.id, image]));
  const children = new Map<string, Set<Image>>();
  for (const image of images) {
    if (goes.has(image.id)) continue;
    const seen = new Set([image.id]);
    for (let id = image.parent; id && !seen.has(id); id = byId.get(id)?.parent) {
      seen.add(id);
      children.set(id, (children.get(id) ?? new Set()).add(image));
    }
  }
  return verdicts.map((verdict) => {
    const built = children.get(verdict.member.image.id);
    return built ? { ...verdict, kept: [...verdict.kept, parentOf(built)] } : verdict;
  });
}

/** A digest goes only together with its image: while another name stays, so does the digest. */
function keepDigests(verdicts: readonly Verdict[]): Verdict[] {
  const whole = wholeImagesThatGo(verdicts);
  return verdicts.map((verdict) => {
    const { image, references } = verdict.member;
    const digests = lonelyDigests(image);
    const stuck =
      verdict.kept.length === 0 && references.length > 0 && references.every((r) => digests.includes(r));
    return stuck && !whole.has(image.id) ? { ...verdict, kept: [reason.digestStays(image.tags)] } : verdict;
  });
}

function parentOf(children: ReadonlySet<Image>): Reason {
  const named = [...children].filter((image) => !isNameless(image));
  const names = (named.length > 0 ? named : [...children]).map(nameKnown).sort();
  return reason.parentOf(names[0] as string, names.length - 1);
}

/** Images all of whose names go: only these are deleted; others lose names and stay. A name is in one group only. */
export function wholeImagesThatGo(verdicts: readonly Verdict[]): Set<string> {
  const staying = new Map<string, number>(); // how many names each image that loses any has left
  for (const { member, kept } of verdicts) {
    if (kept.length > 0) continue;
    const { image, references } = member;
    staying.set(image.id, (staying.get(image.id) ?? namesOf(image).length) - references.length);
  }
  return new Set([...staying].flatMap(([id, left]) => (left === 0 ? [id] : [])));
}
