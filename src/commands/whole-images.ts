// The images of a whole tidy: by the policy's rules or as the options say, and the budget that they are held to.
import type { Policy } from '../core/policy.ts';
import { NOTHING as NO_NEEDS } from '../engine/observe.ts';
import type { BudgetOn } from './budget.ts';
import { budgetOf, budgetOfPolicy } from './budget.ts';
import { budgetOfPolicy as budgetOfCache } from './cache-budget.ts';
import type { ImagesPart } from './images-by-rules.ts';
import { imagesByRules } from './images-by-rules.ts';
import { askedOn } from './images-on.ts';
import type { ImagesRequest } from './images-request.ts';
import { needsLayers, needsOfImages } from './images-request.ts';
import type { Invocation } from './invocation.ts';

/** The budget of the options, else of the policy. It counts the build cache, unless a policy bounds that by itself. */
export function wholeBudget(invocation: Invocation, policy: Policy | undefined): BudgetOn | undefined {
  const cache = policy?.cache;
  const alone = cache === 'stays' || (cache && budgetOfCache(cache) !== undefined);
  return budgetOf(invocation, !alone) ?? (policy?.budget && budgetOfPolicy(policy.budget, !alone));
}

/** Images by the policy's rules, where it has any and `-a` does not say what may go; else as the options say. */
export function imagesPart(
  invocation: Invocation,
  request: ImagesRequest,
  policy: Policy | undefined,
  budgeted: boolean,
): ImagesPart {
  if (policy?.images === 'stays')
    return {
      needs: () => (budgeted ? { ...NO_NEEDS, images: 'all' } : NO_NEEDS),
      stacked: budgeted,
      ask: () => ({ asked: [] }),
    };
  if (policy?.images && !request.allByOption)
    return imagesByRules(invocation, request, policy, policy.images, budgeted);
  return {
    needs: (client) => needsOfImages(request, client, budgeted),
    stacked: needsLayers(request) || budgeted,
    ask: (inventory) => ({ asked: [askedOn(inventory, request)] }),
  };
}
