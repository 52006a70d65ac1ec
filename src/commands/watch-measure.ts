// What each kind of object takes, from the very look by which a plan is made.
import { homedir } from 'node:os';
import type { Inventory } from '../core/inventory.ts';
import { sampleOf } from '../core/trend.ts';
import type { Tally } from '../core/watch-tally.ts';
import type { Client } from '../engine/client.ts';
import { weigh } from '../engine/weigh.ts';
import { stateFolder } from '../state/folder.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';

export interface Measuring {
  /** The same job, which sees all that is measured. */
  readonly job: Job;
  /** Bytes by kind, once it has planned, as far as they are known. Volumes are not sized: the engine would read all of them. */
  readonly space: () => Promise<Tally['space']>;
}

export function measuring({ env }: Pick<Invocation, 'env'>, job: Job, client: Client): Measuring {
  const needs = { ...job.needs(client), running: true };
  let seen: Inventory | undefined;
  const plan = (inventory: Inventory) => {
    seen = inventory;
    return job.plan(inventory);
  };
  return {
    job: { ...job, needs: () => needs, plan },
    space: async () => {
      if (!seen) return {};
      const weighed = await weigh(client, seen, 'all', stateFolder(env, homedir(), process.platform));
      return sampleOf(weighed, needs, seen.takenAt).space;
    },
  };
}
