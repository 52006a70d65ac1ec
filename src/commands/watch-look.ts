// One look at a watched host: plan by the policy as it is now, and do what the plan says. The whole tidy, without a question.
import { UsageError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Tally } from '../core/watch-tally.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { Carried } from './carry-out.ts';
import { carriedOut } from './carry-out.ts';
import type { Invocation } from './invocation.ts';
import { withEndpoint } from './invocation.ts';
import type { Job } from './job.ts';
import { planner } from './job.ts';
import { underPolicy } from './policy-in-force.ts';
import { isTold, withGrace } from './watch-asked.ts';

/** Makes the job of a whole tidy. */
export type WholeJob = (invocation: Invocation) => Promise<Job>;

export interface Look {
  readonly plan: Plan;
  /** When it was made, in milliseconds by the clock here. */
  readonly at: number;
  /** What each kind takes, in bytes, as far as it is known. */
  readonly space: Tally['space'];
  /** What came of the plan; absent where it was refused. */
  readonly carried: Carried | undefined;
  /** Milliseconds that observing and planning took. */
  readonly took: number;
}

/**
 * What may go, by the policy as it is at this moment. Throws Refusal for a policy that cannot be read, UsageError where
 * nothing says what may go, or an option is wrong.
 */
export async function askedNow(invocation: Invocation, wholeJob: WholeJob): Promise<Asked> {
  const under = await underPolicy(invocation);
  if (!isTold(under)) throw new UsageError(untold(under));
  const flags = new Set([...under.flags, 'force', 'quiet', 'wait']);
  const asked = withGrace({ ...under, flags });
  return { invocation: asked, job: await wholeJob(asked) };
}

export interface Asked {
  readonly invocation: Invocation;
  readonly job: Job;
}

function untold({ lying }: Invocation): string {
  const found = lying === undefined ? '' : `; ${lying} in this folder is not used by itself`;
  return `docker tidy watch removes things without a question, and nothing says what may go: give a policy with --policy FILE (docker tidy policy init writes one${found}), or options as --keep 3 or -a --older-than 7d`;
}

/** Looks, and does what is to be done; `building` where a build is in progress, which it leaves in peace unless `anyway`. */
export async function look(
  { invocation, job }: Asked,
  endpoint: Endpoint,
  anyway: boolean,
): Promise<Look | 'building'> {
  return await withEndpoint(endpoint, invocation, async (client) => {
    const { isBuilding } = await import('../engine/builds.ts');
    if (!anyway && (await isBuilding(client))) return 'building';
    const began = performance.now();
    const again = planner(invocation, job, client, endpoint.host);
    const plan = await again();
    const [at, took] = [Date.now(), performance.now() - began];
    const planned = { shown: plan, fresh: plan, again };
    const carried =
      plan.refused === undefined ? await carriedOut(invocation, job, planned, client, () => {}) : undefined;
    return { plan, at, space: {}, took, carried };
  });
}
