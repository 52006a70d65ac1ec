// How much of the build cache may stay, from options or a policy, resolved on the engine's disk.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Disk } from '../core/inventory.ts';
import type { CacheBudget } from '../core/plan-cache.ts';
import type { CachePolicy } from '../core/policy.ts';
import { parseSize } from '../core/units.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

/** A size, or a share of the engine's disk. */
interface Amount {
  readonly bytes: (disk: Disk | undefined) => number;
  readonly from: string;
}

/** The budget on an engine's disk; `undefined` where none is asked for. */
export type BudgetOn = (disk: Disk | undefined) => CacheBudget | undefined;

type Option = 'max-used-space' | 'reserved-space' | 'keep-storage' | 'min-free-space';

/** The options in BuildKit's words, to be resolved on the engine's disk. `keep-storage` is its older word for `reserved-space`. */
export function budgetOf(invocation: Invocation): BudgetOn {
  const [maxUsed, reserved, kept, minFree] = (
    ['max-used-space', 'reserved-space', 'keep-storage', 'min-free-space'] as const
  ).map((option) => amountOf(invocation, option));
  if (reserved && kept)
    throw new UsageError('--reserved-space and --keep-storage are one option: give one of them');
  return budgetFrom({ maxUsed, reserved: reserved ?? kept, minFree });
}

/** The amounts of a policy. Throws UsageError for what is none. */
export function budgetOfPolicy({ maxUsedSpace, reservedSpace, minFreeSpace }: CachePolicy): BudgetOn {
  const amount = (word: string, said: CachePolicy['maxUsedSpace']) =>
    said && parseAmount(said.text, word, `${word} ${said.text} (${said.source})`);
  return budgetFrom({
    maxUsed: amount('maxUsedSpace', maxUsedSpace),
    reserved: amount('reservedSpace', reservedSpace),
    minFree: amount('minFreeSpace', minFreeSpace),
  });
}

interface Amounts {
  readonly maxUsed: Amount | undefined;
  readonly reserved: Amount | undefined;
  readonly minFree: Amount | undefined;
}

function budgetFrom({ maxUsed, reserved, minFree }: Amounts): BudgetOn {
  const given = [maxUsed, reserved, minFree].filter((amount) => amount !== undefined);
  if (given.length === 0) return () => undefined;
  return (disk) => ({
    from: given.map(({ from }) => from).join(' and '),
    ...(maxUsed && { maxUsed: maxUsed.bytes(disk) }),
    ...(reserved && { reserved: reserved.bytes(disk) }),
    ...(minFree && { shortage: Math.max(0, minFree.bytes(disk) - known(disk, minFree.from).free) }),
  });
}

function amountOf(invocation: Invocation, option: Option): Amount | undefined {
  const text = optionValue(invocation, option);
  return text === undefined ? undefined : parseAmount(text, `--${option}`, `--${option} ${text}`);
}

function parseAmount(text: string, option: string, from: string): Amount {
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (share !== undefined && Number(share) <= 100)
    return { from, bytes: (disk) => Math.floor((known(disk, from).total * Number(share)) / 100) };
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new UsageError(
      `invalid argument "${text}" for "${option}": it is a size as 500MB or 10GiB, or a share of the disk as 20%`,
    );
  return { from, bytes: () => bytes };
}

/** The engine does not tell of its disk: it is known only where it is this machine's. */
function known(disk: Disk | undefined, from: string): Disk {
  if (disk) return disk;
  throw new Refusal(
    `nothing was removed: the engine is on another machine and does not tell how full its disk is, so ${from} cannot be judged here. Run docker tidy there, or give --max-used-space a size`,
  );
}
