// A look at an engine that the ledger of last uses learns from, and that knows what the ledger knows.
import { homedir } from 'node:os';
import type { Inventory } from '../core/inventory.ts';
import { withLastUse } from '../core/last-use.ts';
import { afterWeighing } from '../core/last-use-builds.ts';
import { afterLook } from '../core/last-use-look.ts';
import type { Client } from '../engine/client.ts';
import type { Needs } from '../engine/observe.ts';
import { idOf, infoOf, observe } from '../engine/observe.ts';
import { finishTimes } from '../engine/observe-containers.ts';
import { eventsSince } from '../engine/use-events.ts';
import { stateFolder } from '../state/folder.ts';
import type { Changed } from '../state/ledger.ts';
import { changeLedger, readLedger } from '../state/ledger.ts';
import type { Tell } from '../view/progress.ts';
import type { Invocation } from './invocation.ts';

/**
 * Observes the engine; images have their last uses, and the ledger has what was seen. `waiting` is called when all was asked
 * and there is nothing to do but wait. Throws EngineError when the engine does not answer.
 */
export async function observeUses(
  { env, stderr }: Pick<Invocation, 'env' | 'stderr'>,
  client: Client,
  host: string,
  needs: Needs,
  waiting = () => {},
): Promise<Inventory> {
  const folder = stateFolder(env, homedir(), process.platform);
  const told = infoOf(client);
  const hearing = told.then(async (info) => {
    const opened = await readLedger(folder, idOf(client, info), new Date().toISOString());
    const hearing = eventsSince(client, info, opened.ledger?.seen);
    setImmediate(waiting);
    return { opened, heard: await hearing };
  });
  const [{ opened, heard }, observed] = await Promise.all([
    hearing,
    observe(client, host, needs, new Date(), told),
  ]);
  const stopped = (id: string) => opened.ledger?.containers[id]?.finished;
  const containers = await finishTimes(client, observed.containers, stopped);
  const { events = [], ...known } = heard ?? { gap: new Date(observed.takenAt).toISOString() };
  const look = { inventory: { ...observed, containers }, events, ...known };
  const changed = await changeLedger(
    folder,
    observed.engine.id,
    observed.takenAt,
    (now) => afterLook(now, look),
    opened,
  );
  if (changed.damaged && changed.written)
    stderr.write(
      `${changed.problem}: it is kept as ledger.json.damaged, and last uses count anew from now.\n`,
    );
  return withUses(observed, changed);
}

/**
 * Observes all that takes space, with what images are made of: what `df` and the report show. `tell` is called with how
 * many images were looked into, of how many. Throws EngineError when the engine does not answer.
 */
export async function observeSpace(
  invocation: Pick<Invocation, 'env' | 'stderr'>,
  client: Client,
  host: string,
  needs: Needs,
  tell: Tell,
): Promise<Inventory> {
  const [{ weigh }, { withQuarantine }] = await Promise.all([
    import('../engine/weigh.ts'),
    import('./quarantine.ts'),
  ]);
  const observed = await observeUses(invocation, client, host, needs);
  const named = await withQuarantine(invocation, observed);
  const folder = stateFolder(invocation.env, homedir(), process.platform);
  const count = (done: number, total: number) => tell({ done, total });
  return await learnBuilds(invocation, await weigh(client, named, 'all', folder, 'all', count));
}

/** The inventory with what the layers of its images tell of builds, once they are known. */
export async function learnBuilds(
  { env }: Pick<Invocation, 'env'>,
  inventory: Inventory,
): Promise<Inventory> {
  const folder = stateFolder(env, homedir(), process.platform);
  const changed = await changeLedger(folder, inventory.engine.id, inventory.takenAt, (now) =>
    afterWeighing(now, inventory),
  );
  return withUses(inventory, changed);
}

function withUses(inventory: Inventory, { ledger, problem }: Changed): Inventory {
  const notes = problem === undefined ? [] : [`When images were last used is not surely known: ${problem}.`];
  return {
    ...inventory,
    ...(ledger && { images: withLastUse(inventory.images, ledger) }),
    ...(notes.length > 0 && { ledger: { notes } }),
  };
}
