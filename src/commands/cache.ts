// `docker tidy cache`: the build cache, all that is not needed or as much of it as it takes.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Disk } from '../core/inventory.ts';
import { planOf } from '../core/plan.ts';
import type { CacheBudget } from '../core/plan-cache.ts';
import { planCache } from '../core/plan-cache.ts';
import { parseSize } from '../core/units.ts';
import { NOTHING } from '../engine/observe.ts';
import { conditionsOf } from './conditions.ts';
import type { Invocation } from './invocation.ts';
import { noOperands, optionValue } from './invocation.ts';
import type { Job } from './job.ts';
import { showingOf } from './showing.ts';

/** A size, or a share of the engine's disk. */
interface Amount {
  readonly bytes: (disk: Disk | undefined) => number;
  readonly from: string;
}

type Option = 'max-used-space' | 'reserved-space' | 'keep-storage' | 'min-free-space';

/** Throws UsageError for options that the build cache cannot be held against. */
export function cacheJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation, 'cache');
  const budgetOn = budgetOf(invocation);
  const all = invocation.flags.has('all');
  return {
    show: showingOf(invocation),
    needs: () => ({ ...NOTHING, cache: true }),
    plan: (inventory) => {
      const budget = budgetOn(inventory.disk);
      const part = planCache(inventory, { all, conditions, ...(budget && { budget }) });
      const notes = inventory.engine.store === 'podman' ? ['podman has no build cache to tidy.'] : [];
      return planOf(inventory, invocation.words, [{ ...part, notes: [...(part.notes ?? []), ...notes] }]);
    },
  };
}

/** The options in BuildKit's words, to be resolved on the engine's disk. `keep-storage` is its older word for `reserved-space`. */
function budgetOf(invocation: Invocation): (disk: Disk | undefined) => CacheBudget | undefined {
  const [maxUsed, reserved, kept, minFree] = (
    ['max-used-space', 'reserved-space', 'keep-storage', 'min-free-space'] as const
  ).map((option) => amountOf(invocation, option));
  if (reserved && kept)
    throw new UsageError('--reserved-space and --keep-storage are one option: give one of them');
  const given = [maxUsed, reserved ?? kept, minFree].filter((amount) => amount !== undefined);
  if (given.length === 0) return () => undefined;
  return (disk) => ({
    from: given.map(({ from }) => from).join(' and '),
    ...(maxUsed && { maxUsed: maxUsed.bytes(disk) }),
    ...((reserved ?? kept) && { reserved: (reserved ?? kept)?.bytes(disk) ?? 0 }),
    ...(minFree && { shortage: Math.max(0, minFree.bytes(disk) - known(disk, minFree.from).free) }),
  });
}

function amountOf(invocation: Invocation, option: Option): Amount | undefined {
  const text = optionValue(invocation, option);
  if (text === undefined) return undefined;
  const from = `--${option} ${text}`;
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (share !== undefined && Number(share) <= 100)
    return { from, bytes: (disk) => Math.floor((known(disk, from).total * Number(share)) / 100) };
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new UsageError(
      `invalid argument "${text}" for "--${option}": it is a size as 500MB or 10GiB, or a share of the disk as 20%`,
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
