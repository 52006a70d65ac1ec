// What one look at an engine adds to its ledger: images that came and went, and who used which.

import type { Container, Image, Inventory } from './inventory.ts';
import type { Ledger, LedgerContainer, LedgerImage, Seen } from './last-use.ts';
import { isThere, NEVER_SEEN, namesNow, newLedger, united } from './last-use.ts';
import type { EngineEvent, Use } from './last-use-events.ts';
import { deletedIn, usesIn } from './last-use-events.ts';
import { containerImages, momentOf, withUses } from './last-use-uses.ts';
import { nameKnown } from './quarantine-name.ts';

/** An inventory, and what the engine's events told besides. */
export interface Look {
  readonly inventory: Inventory;
  readonly events: readonly EngineEvent[];
  readonly seen?: Seen;
  /** The end of a time of which events were missed. */
  readonly gap?: string;
}

/** The ledger with what the look told. Never loses what it knew; the same look twice adds nothing more. */
export function afterLook(ledger: Ledger, look: Look): Ledger {
  const { inventory, events, seen, gap } = look;
  const now = momentOf(inventory.takenAt) as string;
  const images = [...inventory.images, ...(inventory.others ?? [])];
  const delta: Ledger = {
    ...newLedger(ledger.engine, now),
    ...(seen && { seen }),
    ...(gap !== undefined && { gap }),
    images: Object.fromEntries([...cameIn(ledger, images, now), ...wentIn(ledger, inventory, events, now)]),
    containers: Object.fromEntries(inventory.containers.map((each) => [each.id, containerOf(each, now)])),
  };
  const uses = [
    ...usesIn(events, (container) => imagesOf(container, inventory, ledger)),
    ...inventory.containers.flatMap((each) => usesBy(each, now, ledger.containers[each.id])),
    ...inventory.services.flatMap(({ name, images: used }) =>
      used.map((image) => ({ image, at: now, by: `service ${name}` })),
    ),
    ...builtOn(ledger, images, now),
  ];
  return withUses(united(ledger, delta), uses, { images, events, before: ledger });
}

/** Labels of more than this, in JSON, are left out. */
const LABELS = 2_048;

/** Images that were not there, or by other names. */
function cameIn(ledger: Ledger, images: readonly Image[], now: string): [string, LedgerImage][] {
  return images.flatMap((image): [string, LedgerImage][] => {
    const known = Object.hasOwn(ledger.images, image.id) ? ledger.images[image.id] : undefined;
    const there = known !== undefined && isThere(known);
    const names = [...image.tags, ...image.digests].sort();
    const renamed = !known || !sameNames(namesNow(known), names);
    if (there && !renamed && known.size > 0) return [];
    const created = momentOf(image.created);
    const entry: LedgerImage = {
      size: image.size,
      ...(created !== undefined && { created }),
      ...(JSON.stringify(image.labels).length <= LABELS && { labels: image.labels }),
      ...(image.parent !== undefined && { parent: image.parent }),
      came: there ? [] : [now],
      went: [],
      names: renamed ? { [now]: names } : {},
      uses: [],
    };
    return [[image.id, entry]];
  });
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}

/** Images that were there, and were deleted since; or are not there, where all were listed. */
function wentIn(
  ledger: Ledger,
  { images, partial }: Inventory,
  events: readonly EngineEvent[],
  now: string,
): [string, LedgerImage][] {
  const here = new Set(images.map(({ id }) => id));
  const deleted = new Map(deletedIn(events).map(({ id, at }) => [id, at]));
  return Object.entries(ledger.images).flatMap(([id, image]): [string, LedgerImage][] => {
    if (!isThere(image) || here.has(id) || (partial && !deleted.has(id))) return [];
    const at = deleted.get(id) ?? now;
    const after = at > (image.came.at(-1) as string) ? at : now;
    return [[id, { ...NEVER_SEEN, went: [after] }]];
  });
}

function containerOf(container: Container, now: string): LedgerContainer {
  const { name, imageId: image, imageMounts: mounts, finished } = container;
  const stopped = momentOf(finished);
  return {
    name,
    image,
    at: now,
    ...(mounts.length > 0 && { mounts }),
    ...(stopped !== undefined && { finished: stopped }),
  };
}

/** The images of a container that is there, or was at the last looks. */
function imagesOf(id: string, { containers }: Inventory, ledger: Ledger): string[] | undefined {
  const here = containers.find((each) => each.id === id);
  if (here) return [here.imageId, ...here.imageMounts];
  return containerImages(ledger, id);
}

/** States in which nothing of a container runs. */
const STOPPED: readonly string[] = ['exited', 'created', 'dead'];

/** A container uses its images while it runs; a stopped one did until then, and one that never ran when it was made. What is not known counts as now. */
function usesBy(container: Container, now: string, known: LedgerContainer | undefined): Use[] {
  const { name, state, created, finished, imageId, imageMounts } = container;
  const ended = momentOf(finished) ?? (state === 'created' ? momentOf(created) : known?.finished);
  const at = STOPPED.includes(state) ? (ended ?? now) : now;
  return [imageId, ...imageMounts].map((image) => ({ image, at, by: `container ${name}` }));
}

/** What the classic builder built a new image on, all the way down. Its build date counts where it lies between the looks. */
function builtOn(ledger: Ledger, images: readonly Image[], now: string): Use[] {
  const byId = new Map(images.map((image) => [image.id, image]));
  const since = ledger.seen?.until ?? '';
  return images
    .filter(({ id, parent }) => parent !== undefined && !Object.hasOwn(ledger.images, id))
    .flatMap((image) => {
      const built = momentOf(image.created);
      const at = built !== undefined && built > since && built <= now ? built : now;
      const by = image.tags[0] === undefined ? 'a build' : `a build of ${nameKnown(image)}`;
      const uses: Use[] = [];
      const seen = new Set<string>();
      for (let id = image.parent; id !== undefined && !seen.has(id); id = byId.get(id)?.parent) {
        seen.add(id);
        uses.push({ image: id, at, by });
      }
      return uses;
    });
}
