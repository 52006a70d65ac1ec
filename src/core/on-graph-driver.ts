// Who holds what where each layer is a folder: on overlay2 and other graph drivers, and about so on podman.
import { BOOKKEEPING, foldersOf, onDisk } from './folders.ts';
import type { Known } from './holders.ts';
import { hold, holdImages, layersOf, ownPiece, pieceOf, stockOf } from './holders.ts';

/** An image's layers are folders, and a cache record that an image shares is the very same folder. */
export function onGraphDriver(known: Known): void {
  const { draft, inventory, stacks, runs, matters } = known;
  const about = BOOKKEEPING.graphDriver;
  const amounts = foldersOf(inventory, stacks, runs, matters);
  if (inventory.partial) amounts.low.fill(0);
  const folders = stockOf(amounts, runs.own);
  holdImages(known, about.image, folders);
  for (const record of inventory.cache) {
    const layers = layersOf(record, known);
    if (layers.length === 0) {
      const { size, low, high } = onDisk(record);
      const bounds = { size: size + about.record, low: low + about.record, high: high + about.record };
      hold(draft.held, record.id, [ownPiece(draft, record, bounds)]);
      continue;
    }
    const target = layers.length === 1 ? draft.held : draft.perhaps;
    const those = layers.map((layer) => pieceOf(draft, folders, runs.of[layer] as number));
    hold(target, record.id, those);
  }
}
