// The verdict on every candidate: it goes only if it was selected and no rule keeps it.
import type { Conditions, Limits } from './condition.ts';
import { limitsAt, tooSmall, tooYoung } from './condition.ts';
import type { Image, Inventory } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { keepLabel } from './label.ts';
import type { Member } from './order.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { shortId } from './reference.ts';
import type { Retention } from './retention.ts';
import { retain } from './retention.ts';
import type { Group } from './selection.ts';
import { lonelyDigests, NAMELESS, namesOf } from './selection.ts';
import { usersOf } from './usage.ts';

/** One candidate of one group. `kept` empty: its references of this group go, because of `because`. */
export interface Verdict {
  readonly group: string;
  readonly member: Member;
  readonly kept: readonly Reason[];
  readonly because: Reason;
}

/**
 * Judges every member of every group, in the groups' order, newest first within each; then the nameless images that
 * become dangling by that. `fits`: which of these are meant at all.
 */
export function judge(
  inventory: Inventory,
  groups: readonly Group[],
  retention: Retention,
  conditions: Conditions,
  fits: (image: Image) => boolean,
): Verdict[] {
  const users = usersOf(inventory);
  const limits = limitsAt(conditions, inventory);
  const stays = (image: Image) => [...always(image, users), ...conditional(image, conditions, limits)];
  const judged = groups.flatMap((group) => {
    // One without a name that stays anyway takes no place: it may join late, when what was built on it has gone.
    const members = group.members.filter(
      ({ image, references }) => references.length > 0 || stays(image).length === 0,
    );
    const { kept, beyond } = retain({ ...group, members }, retention);
    return retain(group, retention).ordered.map((member) => ({
      group: group.name,
      member,
      kept: [...stays(member.image), ...(kept.get(member) ?? [])],
      because: beyond.get(member) ?? plainReason(member),
    }));
  });
  return settle(inventory.images, judged, (image, child) =>
    fits(image) ? between(image, child, stays) : undefined,
  );
}

/** The verdict on a nameless image all of whose children go. */
function between(image: Image, child: Image, stays: (image: Image) => Reason[]): Verdict {
  const because = reason.danglingThen(child.tags[0] ?? shortId(child.id));
  return { group: NAMELESS, member: { image, references: [] }, kept: stays(image), because };
}

/**
 * What stays keeps all that it was built on; a nameless image whose children all go becomes dangling, and is judged, too.
 * The one may undo the other, until nothing changes.
 */
function settle(
  images: readonly Image[],
  judged: readonly Verdict[],
  judgeBetween: (image: Image, child: Image) => Verdict | undefined,
): Verdict[] {
  for (let verdicts = keepDigests(judged); ; ) {
    const whole = wholeImagesThatGo(verdicts);
    const along = becomeDangling(images, whole, judgeBetween);
    const goes = new Set([
      ...whole,
      ...along.filter(({ kept }) => kept.length === 0).map((v) => v.member.image.id),
    ]);
    const next = keepDigests(keepParents(images, judged, goes));
    if (wholeImagesThatGo(next).size === whole.size) return [...next, ...along];
    verdicts = next;
  }
}

/** The verdicts on nameless images that have children now, and will have none: from the last one down. */
function becomeDangling(
  images: readonly Image[],
  goes: ReadonlySet<string>,
  judgeBetween: (image: Image, child: Image) => Verdict | undefined,
): Verdict[] {
  const childrenById = Map.groupBy(images, ({ parent }) => parent);
  const gone = new Set(goes);
  const verdicts: Verdict[] = [];
  const byId = new Map(images.map((image) => [image.id, image]));
  for (const id of gone) {
    const child = byId.get(id);
    const parent = child?.parent === undefined ? undefined : byId.get(child.parent);
    if (!child || !parent || gone.has(parent.id) || !isNameless(parent)) continue;
    if (!childrenById.get(parent.id)?.every((each) => gone.has(each.id))) continue;
    const verdict = judgeBetween(parent, child);
    if (verdict) verdicts.push(verdict);
    if (verdict?.kept.length === 0) gone.add(parent.id); // and so on with what that one was built on
  }
  return verdicts;
}

function plainReason({ references }: Member): Reason {
  return references.length === 0 ? reason.dangling() : reason.unused();
}

/**
 * What keeps an image that is too young or too small. `until` counts from the build or from the arrival, whichever was
 * later: the overlay2 store's prune looks at the one, the containerd store's at the other, and ours takes nothing that
 * either would keep.
 */
function conditional(image: Image, conditions: Conditions, limits: Limits): Reason[] {
  const { until, olderThan, grace, now } = limits;
  const built = { word: 'built', time: image.created };
  const arrived = { word: 'came here', time: image.arrived };
  const latest = arrived.time !== undefined && !isBefore(arrived.time, built.time) ? arrived : built;
  return [
    ...tooYoung(latest, [...until, ...grace], now),
    ...tooYoung(conditions.by === 'pulled' ? arrived : built, olderThan, now),
    ...tooSmall(image.size, conditions),
  ];
}

function isBefore(a: string, b: string | undefined): boolean {
  return b !== undefined && Date.parse(a) < Date.parse(b);
}

/** What keeps an image whatever is asked. */
function always(image: Image, users: ReadonlyMap<string, readonly Reason[]>): Reason[] {
  const pinned = lonelyDigests(image).length > 1;
  return [
    ...(users.get(image.id) ?? []),
    ...keepLabel(image.labels),
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
  const names = (named.length > 0 ? named : [...children])
    .map(({ tags, id }) => tags[0] ?? shortId(id))
    .sort();
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
