// `docker tidy containers`: stopped containers.
import { planOf } from '../core/plan.ts';
import { planContainers } from '../core/plan-containers.ts';
import { NOTHING } from '../engine/observe.ts';
import { conditionsOf } from './conditions.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import type { Job } from './job.ts';
import { limitsOf } from './limits.ts';
import { planShowing } from './showing.ts';

/** Throws UsageError for options that containers cannot be held against. */
export function containersJob(invocation: Invocation): Job {
  noOperands(invocation);
  const conditions = conditionsOf(invocation, 'container');
  const limits = limitsOf(invocation);
  return {
    show: planShowing(invocation),
    needs: () => ({ ...NOTHING, stopped: true, volumes: 'named' }),
    plan: (inventory) => planOf(inventory, invocation.words, [planContainers(inventory, conditions)], limits),
  };
}
