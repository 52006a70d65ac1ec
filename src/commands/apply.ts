// `docker tidy apply FILE`: a saved plan, on the engine that it was made for, as far as it still holds.
import { readPlan } from '../config/plan-file.ts';
import { stillApproved } from '../core/approve.ts';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { engineId } from '../engine/observe.ts';
import { carryOut, orAsShown } from './carry-out.ts';
import type { Invocation } from './invocation.ts';
import { withEngine } from './invocation.ts';
import type { Job } from './job.ts';
import { planner } from './job.ts';
import { planShowing } from './showing.ts';

/**
 * Applies at most what the plan lists: the command that made it is planned once more, and only what both say is done.
 * `jobOf` reads that command.
 */
export async function apply(
  invocation: Invocation,
  jobOf: (words: readonly string[]) => Promise<Job>,
): Promise<number> {
  const [file, ...others] = invocation.operands;
  if (file === undefined || others.length > 0)
    throw new UsageError('docker tidy apply takes one FILE, from plan -o');
  const saved = await readPlan(file);
  if (saved.actions.some(({ kind }) => kind === 'delete-volume'))
    throw new Refusal('nothing was removed: only docker tidy volumes removes a volume, never a saved plan');
  const job = { ...(await jobOf(saved.command)), show: planShowing(invocation) };
  return await withEngine(invocation, async (client, { host }) => {
    refuseOther(saved, await engineId(client));
    const again = planner(invocation, job, client, host);
    const fresh = await orAsShown(again);
    if (fresh && Date.parse(fresh.takenAt) < Date.parse(saved.takenAt))
      throw new Refusal(
        `nothing was removed: the plan is of ${saved.takenAt}, which is yet to come by the engine's clock`,
      );
    const { plan, changed } = stillApproved(saved, fresh ?? { ...saved, actions: [], kept: [] });
    const shown = { ...plan, kept: fresh?.kept ?? [] };
    return await carryOut(invocation, job, { shown, fresh, again, dropped: changed }, client);
  });
}

function refuseOther({ engine }: Plan, id: string): void {
  if (engine.id === id) return;
  throw new Refusal(
    `nothing was removed: the plan was made for the engine ${engine.name || engine.id} at ${engine.host}, and this is another one`,
  );
}
