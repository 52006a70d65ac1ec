// The budget of a command that removes images: from its options, or from the policy's block, resolved on the engine's disk.
import type { Budget, Mark } from '../core/budget-goals.ts';
import type { Disk } from '../core/inventory.ts';
import type { Policy, SaidMarks } from '../core/policy.ts';
import type { Amount } from './amount.ts';
import { knownDisk, parseAmount } from './amount.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

/** The budget on an engine's disk. Throws Refusal where that must be seen and cannot be. */
export type BudgetOn = (disk: Disk | undefined) => Budget;

const OPTIONS = ['max-used-space', 'target-free'] as const;

/** The budget of the options; `undefined` without any. `cache`: it counts the build cache, too. Throws UsageError. */
export function budgetOf(invocation: Invocation, cache: boolean): BudgetOn | undefined {
  const [maxUsed, targetFree] = OPTIONS.map((option) => {
    const text = optionValue(invocation, option);
    const amount = text === undefined ? undefined : parseAmount(text, `--${option}`, `--${option} ${text}`);
    return amount && { start: amount, end: amount };
  });
  return budgetFrom({ maxUsed, targetFree }, cache);
}

/** The budget of a policy. Throws UsageError for amounts that are none. */
export function budgetOfPolicy({ maxUsedSpace, targetFree }: NonNullable<Policy['budget']>, cache: boolean) {
  const marks = (said: SaidMarks | undefined) =>
    said && {
      start: parseAmount(
        said.start.text,
        said.start.word,
        `${said.start.word} ${said.start.text} (${said.start.source})`,
      ),
      end: parseAmount(
        said.end.text,
        said.end.word,
        `${said.end.word} ${said.end.text} (${said.end.source})`,
      ),
    };
  return budgetFrom({ maxUsed: marks(maxUsedSpace), targetFree: marks(targetFree) }, cache);
}

interface Amounts {
  readonly start: Amount;
  readonly end: Amount;
}

function budgetFrom(
  { maxUsed, targetFree }: { maxUsed: Amounts | undefined; targetFree: Amounts | undefined },
  cache: boolean,
): BudgetOn | undefined {
  if (!maxUsed && !targetFree) return undefined;
  return (disk) => ({
    cache,
    ...(maxUsed && { maxUsed: markOn(disk, maxUsed) }),
    ...(targetFree && {
      targetFree: { ...markOn(disk, targetFree), free: knownDisk(disk, targetFree.start.from).free },
    }),
  });
}

function markOn(disk: Disk | undefined, { start, end }: Amounts): Mark {
  return { start: start.bytes(disk), end: end.bytes(disk), startFrom: start.from, from: end.from };
}
