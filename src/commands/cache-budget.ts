// How much of the build cache may stay, from options or a policy, resolved on the engine's disk.
import { UsageError } from '../core/errors.ts';
import type { Disk } from '../core/inventory.ts';
import type { CacheBudget } from '../core/plan-cache.ts';
import type { CachePolicy } from '../core/policy.ts';
import type { Amount } from './amount.ts';
import { knownDisk, parseAmount } from './amount.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

/** The budget on an engine's disk. */
type BudgetOn = (disk: Disk | undefined) => CacheBudget;

type Option = 'max-used-space' | 'reserved-space' | 'keep-storage' | 'min-free-space';

/** The options in BuildKit's words, `undefined` without any, to be resolved on the engine's disk. `keep-storage` is its older word for `reserved-space`. */
export function budgetOf(invocation: Invocation): BudgetOn | undefined {
  const [maxUsed, reserved, kept, minFree] = (
    ['max-used-space', 'reserved-space', 'keep-storage', 'min-free-space'] as const
  ).map((option) => amountOf(invocation, option));
  if (reserved && kept)
    throw new UsageError('--reserved-space and --keep-storage are one option: give one of them');
  return budgetFrom({ maxUsed, reserved: reserved ?? kept, minFree });
}

/** The amounts of a policy. Throws UsageError for what is none. */
export function budgetOfPolicy({
  maxUsedSpace,
  reservedSpace,
  minFreeSpace,
}: CachePolicy): BudgetOn | undefined {
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

function budgetFrom({ maxUsed, reserved, minFree }: Amounts): BudgetOn | undefined {
  const given = [maxUsed, reserved, minFree].filter((amount) => amount !== undefined);
  if (given.length === 0) return undefined;
  return (disk) => ({
    from: given.map(({ from }) => from).join(' and '),
    ...(maxUsed && { maxUsed: maxUsed.bytes(disk) }),
    ...(reserved && { reserved: reserved.bytes(disk) }),
    ...(minFree && { shortage: Math.max(0, minFree.bytes(disk) - knownDisk(disk, minFree.from).free) }),
  });
}

function amountOf(invocation: Invocation, option: Option): Amount | undefined {
  const text = optionValue(invocation, option);
  return text === undefined ? undefined : parseAmount(text, `--${option}`, `--${option} ${text}`);
}
