// Uses, and the images that are meant by them: added to a ledger by ID and by name.
import type { Image } from './inventory.ts';
import type { Ledger, LedgerImage } from './last-use.ts';
import { isThere, laterUse, NEVER_SEEN, namesNow, newLedger, united } from './last-use.ts';
import type { EngineEvent, Use } from './last-use-events.ts';
import { imageFinder, isId, taggedIn, usesIn } from './last-use-events.ts';
import { realTime } from './order.ts';
import { canonicalReference } from './reference.ts';

/** The ledger with what events tell that came since it was last changed, for what hears them all. */
export function afterEvents(ledger: Ledger, events: readonly EngineEvent[]): Ledger {
  const known = (id: string) => containerImages(ledger, id);
  return withUses(ledger, usesIn(events, known), { images: [], events, before: ledger });
}

/** A moment as the ledger has it; `undefined` for what is no time, or a made-up one. */
export function momentOf(time: string | undefined): string | undefined {
  const ms = realTime(time);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** What is known around uses, to find the images that are meant. */
interface Around {
  readonly images: readonly Pick<Image, 'id' | 'tags' | 'digests'>[];
  readonly events: readonly EngineEvent[];
  /** The ledger of before: who had a name then. */
  readonly before: Ledger;
}

const NOTHING_AROUND = { images: [], events: [] } as const;

/**
 * The ledger with these uses. A name counts for every image that had it at the last look, was given it since, or has it now;
 * and for whichever turns out to have it later.
 */
export function withUses(ledger: Ledger, uses: readonly Use[], around?: Around): Ledger {
  if (uses.length === 0) return ledger;
  const { images, events, before } = around ?? { ...NOTHING_AROUND, before: ledger };
  const find = uses.every(({ image }) => isId(image))
    ? (name: string) => [name]
    : imageFinder([
        ...images.map(({ id, tags, digests }) => ({ id, names: [...tags, ...digests] })),
        ...[...Object.entries(before.images), ...Object.entries(ledger.images)]
          .filter(([, image]) => isThere(image))
          .map(([id, image]) => ({ id, names: namesNow(image) })),
        ...taggedIn(events).map(({ id, name }) => ({ id, names: [name] })),
      ]);
  const used: Record<string, LedgerImage> = {};
  const names: Record<string, { at: string; by: string }> = {};
  for (const { image, at, by } of uses) {
    const use = { at, by };
    for (const id of find(image)) {
      const known = used[id] ?? { ...NEVER_SEEN, uses: [] };
      used[id] = { ...known, uses: [...known.uses, at], used: known.used ? laterUse(known.used, use) : use };
    }
    if (isId(image)) continue;
    const spelt = canonicalReference(image) ?? image;
    names[spelt] = names[spelt] ? (laterUse(names[spelt], use) as typeof use) : use;
  }
  return united(ledger, { ...newLedger(ledger.engine, ledger.since), images: used, names });
}

/** The images of a container that was there at the last looks. */
export function containerImages({ containers }: Ledger, id: string): string[] | undefined {
  const known = Object.hasOwn(containers, id) ? containers[id] : undefined;
  return known && [known.image, ...(known.mounts ?? [])];
}
