// `docker tidy cache`: the build cache, all that is not needed or as much of it as it takes.
import { planOf } from '../core/plan.ts';
import { planCache } from '../core/plan-cache.ts';
import { NOTHING } from '../engine/observe.ts';
import { budgetOf } from './cache-budget.ts';
import { conditionsOf } from './conditions.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { planShowing } from './showing.ts';

/** Throws UsageError for options that the build cache cannot be held against. */
export function cacheJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation, 'cache');
  const budgetOn = budgetOf(invocation);
  const all = invocation.flags.has('all');
  const limits = limitsOf(invocation);
  return {
    show: planShowing(invocation),
    needs: () => ({ ...NOTHING, cache: true }),
    plan: (inventory) => {
      const budget = budgetOn?.(inventory.disk);
      const part = planCache(inventory, { all, conditions, ...(budget && { budget }) });
      const notes = inventory.engine.store === 'podman' ? ['podman has no build cache to tidy.'] : [];
      return planOf(
        inventory,
        invocation.words,
        [{ ...part, notes: [...(part.notes ?? []), ...notes] }],
        limits,
      );
    },
  };
}
