// What `docker tidy images` does: each name that goes an untag, an image's last name its deletion, children first.
import { ancestors } from './ancestry.ts';
import type { Within } from './budget.ts';
import type { Comeback } from './comeback.ts';
import { comebackOf } from './comeback.ts';
import type { Container, Image, Inventory } from './inventory.ts';
import type { DeletionAction, ImageAction, Kept, Part, QuarantineAction } from './plan.ts';
import { isInQuarantine, quarantineName } from './quarantine-name.ts';
import { moment, reason } from './reason.ts';
import { shortId } from './reference.ts';
import { lonelyDigests, NAMELESS, namesOf } from './selection.ts';
import { containersUsing } from './usage.ts';
import type { ImagesAsked, Verdict } from './verdict.ts';
import { imagesThatMayGo, judge, wholeImagesThatGo } from './verdict.ts';

type Unordered = Omit<DeletionAction, 'after'> | Omit<QuarantineAction, 'after'>;
type Unclassed = Omit<DeletionAction, 'after' | 'comeback'>;

/**
 * Decides which images go. `leaving`: IDs of containers that are removed first, and so hold nothing; while one of them
 * stays, so does its image. `budget`: as much as it takes of `candidateImages`, in its order. Independent of the order of
 * the input.
 */
export function planImages(
  inventory: Inventory,
  asked: readonly ImagesAsked[],
  leaving: ReadonlySet<string> = new Set(),
  budget?: Within,
): Part {
  const verdicts = judge(without(inventory, leaving), asked, budget);
  const whole = wholeImagesThatGo(verdicts);
  const holders = containersUsing(inventory);
  const spans = quarantineSpans(inventory, verdicts, whole);
  const ordered = inOrder(inventory, actionsOf(inventory, verdicts, whole, spans));
  const actions = (budget ? byBudget(ordered, budget) : ordered).map((action) =>
    afterHolders(action, holders.get(action.id) ?? []),
  );
  const asksUse = asked.some(({ conditions }) => conditions.unusedFor !== undefined);
  return {
    actions,
    kept: verdicts.filter(({ kept }) => kept.length > 0).flatMap(keptOf),
    ...(asksUse && { notes: inventory.ledger?.notes ?? [] }),
  };
}

/** The images that would go with all their names if these containers did: what a budget chooses from. */
export function candidateImages(
  inventory: Inventory,
  asked: readonly ImagesAsked[],
  leaving: ReadonlySet<string> = new Set(),
): Image[] {
  return imagesThatMayGo(without(inventory, leaving), asked);
}

function without(inventory: Inventory, leaving: ReadonlySet<string>): Inventory {
  return { ...inventory, containers: inventory.containers.filter(({ id }) => !leaving.has(id)) };
}

/** The images in the order in which the budget takes them, each with its reason. */
function byBudget(actions: readonly ImageAction[], { place, because }: Within): ImageAction[] {
  return actions
    .map((action) => ({
      ...action,
      because: because(action.id, action.because, action.kind === 'delete-image'),
    }))
    .sort((a, b) => (place(a.id) ?? 0) - (place(b.id) ?? 0));
}

/** Containers that hold the image go before it, and its reason says so. */
function afterHolders(action: ImageAction, holders: readonly Container[]): ImageAction {
  const ids = holders.map(({ id }) => id).sort();
  const because = reason.goesAfter(
    action.because,
    holders.map(({ name }) => name),
  );
  return { ...action, because, after: [...action.after, ...ids] };
}

/** Every action of the verdicts that go, in the verdicts' order: each name an untag, an image's last name its deletion. */
function actionsOf(
  inventory: Inventory,
  verdicts: readonly Verdict[],
  whole: ReadonlySet<string>,
  spans: ReadonlyMap<string, number>,
): Unordered[] {
  const parents = new Set(inventory.images.map(({ parent }) => parent));
  const left = new Map<string, string[]>(); // the names that each image still has when an action's turn comes
  return goingNames(verdicts, whole).flatMap(({ verdict, name }): Unordered[] => {
    const { image } = verdict.member;
    const names = left.get(image.id) ?? namesOf(image);
    left.set(
      image.id,
      names.filter((other) => other !== name),
    );
    const comeback: Comeback = whole.has(image.id) ? comebackOf(image, inventory) : 'tagged-elsewhere';
    if (name !== undefined && !(whole.has(image.id) && names.length === 1))
      return [{ ...untag(verdict, name, names, whole), comeback }];
    const { kind: _, ...last } = { ...deletion(verdict, name ?? shortId(image.id), names), comeback };
    const span = spans.get(image.id);
    if (span === undefined) return [{ kind: 'delete-image', ...last }];
    // One between others is found again when these have gone.
    if (name === undefined && parents.has(image.id)) return [];
    const end = Date.parse(inventory.takenAt) + span;
    const until = moment(Math.ceil(end / 1000) * 1000) ?? '9999-12-31T23:59:59Z';
    return [{ kind: 'quarantine', ...last, as: quarantineName(image.id, Date.parse(until)), until }];
  });
}

/**
 * For how long images that go are put into quarantine, by ID: the longest that any of their rules asks for, and that
 * those ask for which were built on them, since these are there as long.
 */
function quarantineSpans(
  { images }: Inventory,
  verdicts: readonly Verdict[],
  whole: ReadonlySet<string>,
): Map<string, number> {
  const spans = new Map<string, number>();
  const parents = new Map(images.map(({ id, parent }) => [id, parent]));
  const put = (id: string, span: number) => {
    if (whole.has(id)) spans.set(id, Math.max(span, spans.get(id) ?? 0));
  };
  for (const { asked, kept, member } of verdicts) {
    const { quarantine } = asked.conditions;
    if (!quarantine || kept.length > 0 || !whole.has(member.image.id)) continue;
    for (const id of [member.image.id, ...ancestors(member.image.id, parents)]) put(id, quarantine.span);
  }
  return spans;
}

interface Going {
  readonly verdict: Verdict;
  /** Absent for a nameless image. */
  readonly name?: string;
}

/** The names that go. A digest cannot be taken off an image that has other names: it goes last, with its image. */
function goingNames(verdicts: readonly Verdict[], whole: ReadonlySet<string>): Going[] {
  const going = verdicts.filter(({ kept }) => kept.length === 0);
  const entries = going.flatMap((verdict): (Going & { digest: boolean })[] => {
    const { image, references } = verdict.member;
    if (references.length === 0) return [{ verdict, digest: false }];
    const digests = new Set(lonelyDigests(image));
    return references
      .map((name) => ({ verdict, name, digest: digests.has(name) }))
      .filter(({ digest }) => !digest || whole.has(image.id));
  });
  return entries.sort((a, b) => Number(a.digest) - Number(b.digest));
}

function facts({ group, because, member: { image } }: Verdict) {
  const { id, size, created } = image;
  return { id, group, because, size, ...(created && { created }), ...formerly(image) };
}

/** One in quarantine is told by what it was called. */
function formerly(image: Image): { detail?: string } {
  return isInQuarantine(image) && image.was ? { detail: image.was.names.join(', ') || NAMELESS } : {};
}

function untag(
  verdict: Verdict,
  target: string,
  names: readonly string[],
  whole: ReadonlySet<string>,
): Unclassed {
  const common = facts(verdict);
  const { image, references } = verdict.member;
  const staying = namesOf(image).find((name) => !references.includes(name));
  const text =
    whole.has(image.id) || !staying
      ? common.because.text
      : `${common.because.text}; the image stays as ${staying}`;
  const because = { ...common.because, text };
  return { kind: 'untag', target, ...common, because, frees: 0, expects: { names } };
}

function deletion(verdict: Verdict, target: string, names: readonly string[]): Unclassed {
  return {
    kind: 'delete-image',
    target,
    ...facts(verdict),
    frees: 0,
    expects: { names },
    ...(verdict.member.image.was && { was: verdict.member.image.was }),
  };
}

/** Children before the images that they were built on, else as they are shown. An image's own actions stay in order. */
function inOrder(inventory: Inventory, actions: readonly Unordered[]): ImageAction[] {
  const parents = new Map(inventory.images.map(({ id, parent }) => [id, parent]));
  const planned = new Set(actions.map(({ id }) => id));
  const after = new Map([...planned].map((id) => [id, [] as string[]]));
  const depths = new Map<string, number>();
  for (const id of planned) {
    const line = ancestors(id, parents);
    depths.set(id, line.length);
    after.get(line.find((ancestor) => planned.has(ancestor)) ?? '')?.push(id);
  }
  return actions
    .map((action) => ({ ...action, after: (after.get(action.id) as string[]).sort() }))
    .sort((a, b) => (depths.get(b.id) as number) - (depths.get(a.id) as number));
}

function keptOf({ group, member: { image, references }, kept }: Verdict): Kept[] {
  const names = references.length > 0 ? references : [shortId(image.id)];
  const { id, size, created } = image;
  return names.map((target) => ({
    kind: 'image',
    target,
    id,
    group,
    reasons: kept,
    size,
    ...(created && { created }),
    ...formerly(image),
  }));
}
