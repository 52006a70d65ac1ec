// Amounts of space as options and policies give them: a size, or a share of the engine's disk.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Disk } from '../core/inventory.ts';
import { parseSize } from '../core/units.ts';

/** A size, or a share of the engine's disk. */
export interface Amount {
  readonly bytes: (disk: Disk | undefined) => number;
  readonly from: string;
}

/** Reads `50GB` or `40%`; `option` is what takes it, `from` how it was given. Throws UsageError for what is neither. */
export function parseAmount(text: string, option: string, from: string): Amount {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (share !== undefined && Number(share) <= 100)
    return { from, bytes: (disk) => Math.floor((knownDisk(disk, from).total * Number(share)) / 100) };
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new UsageError(
      `invalid argument "${text}" for "${option}": it is a size with its unit as 500MB or 10GiB, or a share of the disk as 20%`,
    );
  return { from, bytes: () => bytes };
}

/** The engine does not tell of its disk: it is known only where it is this machine's. Throws Refusal elsewhere. */
export function knownDisk(disk: Disk | undefined, from: string): Disk {
  if (disk) return disk;
  throw new Refusal(
    `nothing was removed: the engine is on another machine and does not tell how full its disk is, so ${from} cannot be judged here. Run docker tidy there, or give --max-used-space a size`,
  );
}
