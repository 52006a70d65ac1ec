// `docker tidy networks`: networks that nothing uses.
import { planOf } from '../core/plan.ts';
import { planNetworks } from '../core/plan-networks.ts';
import { NOTHING } from '../engine/observe.ts';
import { conditionsOf } from './conditions.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { planShowing } from './showing.ts';

/** Throws UsageError for options that networks cannot be held against. */
export function networksJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation, 'network');
  const limits = limitsOf(invocation);
  return {
    show: planShowing(invocation),
    needs: () => ({ ...NOTHING, networks: true }),
    plan: (inventory) => planOf(inventory, invocation.words, [planNetworks(inventory, conditions)], limits),
  };
}
