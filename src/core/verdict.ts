// The verdict on every candidate: it goes only if it was selected and no rule keeps it.
import type { Conditions, Limits } from './condition.ts';
import { limitsAt, tooSmall, tooYoung } from './condition.ts';
import type { Image, Inventory } from './inventory.ts';
import { danglingImages, isNameless } from './inventory.ts';
import { keepLabel } from './label.ts';
import type { Member } from './order.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { shortId } from './reference.ts';
import type { Retention } from './retention.ts';
import { retain } from './retention.ts';
import type { Group } from './selection.ts';
import { lonelyDigests, namesOf } from './selection.ts';
import { usersOf } from './usage.ts';

/** One candidate of one group. `kept` empty: its references of this group go, because of `because`. */
export interface Verdict {
  readonly group: string;
  readonly member: Member;
  readonly kept: readonly Reason[];
  readonly because: Reason;
}

/** Judges every member of every group, in the groups' order, newest first within each. */
export function judge(
  inventory: Inventory,
  groups: readonly Group[],
  retention: Retention,
  conditions: Conditions,
): Verdict[] {
  const users = usersOf(inventory);
  const limits = limitsAt(conditions, inventory);
  const verdicts = groups.flatMap((group) => {
    const { kept, beyond, ordered } = retain(group, retention);
    return ordered.map((member) => ({
      group: group.name,
      member,
      kept: [
        ...always(member.image, users),
        ...(kept.get(member) ?? []),
        ...conditional(member.image, conditions, limits),
      ],
      because: beyond.get(member) ?? plainReason(member),
    }));
  });
  return keepDigests(keepParents(inventory, verdicts));
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

/** Images that a nameless, childless or protected image that stays was built on stay too, all the way down. */
function keepParents(inventory: Inventory, verdicts: readonly Verdict[]): Verdict[] {
  const goes = wholeImagesThatGo(verdicts);
  const byId = new Map(inventory.images.map((image) => [image.id, image]));
  const leaves = new Set(danglingImages(inventory.images));
  const users = usersOf(inventory);
  const children = new Map<string, Set<Image>>();
  for (const image of inventory.images) {
    const standsForItself = !isNameless(image) || leaves.has(image) || always(image, users).length > 0;
    if (goes.has(image.id) || !standsForItself) continue;
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
  const names = [...children].map((image) => image.tags[0] ?? shortId(image.id)).sort();
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
