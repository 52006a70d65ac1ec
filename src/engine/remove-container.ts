// One stopped container: removed if it is still what the plan saw. Its volumes stay, whatever they are.
import type { Outcome } from '../core/outcome.ts';
import type { ContainerAction } from '../core/plan.ts';
import { timeOf } from './answer.ts';
import type { Client } from './client.ts';
import type { Note } from './perform.ts';

interface Inspected {
  State?: { Status?: string; FinishedAt?: string };
}

/** Does it, unless it has been started since. Throws EngineError when the engine refuses. */
export async function removeContainer(client: Client, action: ContainerAction, note: Note): Promise<Outcome> {
  const container = await client.call<Inspected>('GET', `/containers/${action.id}/json`);
  const { State } = container;
  const { state, finished } = action.expects;
  if (State?.Status !== state)
    return { action, result: 'changed', why: `it is ${State?.Status ?? 'not as planned'} now` };
  if (timeOf(State.FinishedAt) !== finished)
    return { action, result: 'changed', why: 'it has been started since' };
  await note({ container });
  await client.call('DELETE', `/containers/${action.id}`); // without `v`: no volume goes with it
  return { action, result: 'done' };
}
