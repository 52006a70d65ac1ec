// `--keep-bases`: an image stays whose every layer lies under another that stays.
import type { Image } from './inventory.ts';
import { isNameless } from './inventory.ts';
import { nameKnown } from './quarantine-name.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import type { KeepBases, Retention } from './retention.ts';

/** Images that stay as bases, by ID, each with the one above it that stays; `undefined` where its layers are not known. */
export type Bases = ReadonlyMap<string, Image | undefined>;

/** The rule that asks for bases to be kept, if any does. */
export function basesRule(retentions: readonly Retention[]): KeepBases | undefined {
  return retentions.flatMap(({ keeps }) => keeps).find((keep) => keep.rule === 'bases');
}

/**
 * Those of `asking` that lie under another image which stays, or may: layers are told by chain IDs, so that an image has all of
 * another's when it has its last one. One without layers lies under nothing.
 */
export function basesAmong(
  images: readonly Image[],
  asking: readonly Image[],
  goes: ReadonlySet<string>,
): Bases {
  const above = new Map<string, Image[]>(); // images that stay, by each of their layers: of two one is another
  for (const image of images.filter(({ id }) => !goes.has(id)).sort(byName)) {
    for (const layer of image.layers ?? []) {
      const there = above.get(layer);
      if (!there) above.set(layer, [image]);
      else if (there.length < 2) there.push(image);
    }
  }
  return new Map(
    asking.flatMap((image): [string, Image | undefined][] => {
      const other = above.get(image.layers?.at(-1) ?? '')?.find(({ id }) => id !== image.id);
      return other || !image.layers ? [[image.id, other]] : [];
    }),
  );
}

/** Why an image stays that is among them. */
export function baseReason(other: Image | undefined, keep: KeepBases): Reason {
  return other ? reason.baseOf(nameKnown(other), keep) : reason.layersUnknown(keep);
}

/** Those with a name first, so that people are told of these; whatever the order of the input. */
function byName(a: Image, b: Image): number {
  const [left, right] = [a, b].map((each) => `${Number(isNameless(each))} ${nameKnown(each)} ${each.id}`);
  return (left as string) < (right as string) ? -1 : 1;
}
