// What is looked up about images that go, so that the plan can say how well they could come back.
import { homedir } from 'node:os';
import type { ComebackFacts, Inventory } from '../core/inventory.ts';
import type { Plan } from '../core/plan.ts';
import { originDigests } from '../core/quarantine-name.ts';
import type { Client } from '../engine/client.ts';
import { stateFolder } from '../state/folder.ts';
import type { Archiving } from './archiving.ts';
import { archivingOf } from './archiving.ts';
import type { Invocation } from './invocation.ts';

/** What the options ask for. */
export interface ComebackAsked {
  readonly archiving: Archiving;
  /** Registries are asked. */
  readonly verifies: boolean;
}

/** Throws UsageError. */
export function comebackAsked(invocation: Invocation): ComebackAsked {
  return { archiving: archivingOf(invocation), verifies: invocation.flags.has('verify-registry') };
}

/** The inventory with what archives and registries have. Without a client, no registry is asked. */
export async function withComeback(
  invocation: Invocation,
  asked: ComebackAsked | undefined,
  inventory: Inventory,
  plan: (inventory: Inventory) => Plan,
  client?: Client,
): Promise<Inventory> {
  if (!asked || inventory.images.length === 0) return inventory;
  const { archivesOf } = await import('../state/archive-sweep.ts');
  const { archiveFolder, archivesSize } = await import('../state/image-archive.ts');
  const folder = stateFolder(invocation.env, homedir(), process.platform);
  const { id } = inventory.engine;
  const { maxSize, keep } = asked.archiving;
  const archives = await archivesOf(folder, id);
  const until = keep === undefined ? undefined : Date.now() - keep;
  const facts: ComebackFacts = {
    archived: archives.map((archived) => archived.id),
    ...(until !== undefined && {
      tooOld: archives.filter(({ savedAt }) => Date.parse(savedAt) < until).map((archived) => archived.id),
    }),
    ...(asked.archiving.saves && { savedIn: archiveFolder(folder, id) }),
    ...(maxSize && {
      room: {
        stored: await archivesSize(folder, id),
        most: maxSize.bytes,
        from: maxSize.from,
        sweeps: keep !== undefined,
      },
    }),
    notes: [],
  };
  if (!asked.verifies) return { ...inventory, comeback: facts };
  const names = digestsThatMatter(inventory, facts, plan);
  return { ...inventory, comeback: { ...facts, ...(await verified(invocation, names, client)) } };
}

/** Names of what would go at the most, were everything still in its registry. */
function digestsThatMatter(
  inventory: Inventory,
  facts: ComebackFacts,
  plan: (inventory: Inventory) => Plan,
): string[][] {
  const registry = Object.fromEntries(
    inventory.images.flatMap((image) => originDigests(image).map((name) => [name, true])),
  );
  const { actions } = plan({ ...inventory, comeback: { ...facts, registry } });
  const asked = new Set(
    actions.flatMap((each) => ('comeback' in each && each.comeback === 'pullable' ? each.id : [])),
  );
  return inventory.images.filter(({ id }) => asked.has(id)).map(originDigests);
}

async function verified(
  { globals, env, cancelled }: Invocation,
  images: readonly string[][],
  client: Client | undefined,
): Promise<Pick<ComebackFacts, 'registry' | 'notes'>> {
  const offline = 'No registry was asked, since this is a saved inventory: images count as local only.';
  if (!client) return { registry: {}, notes: images.length > 0 ? [offline] : [] };
  const [{ askRegistries }, { registryAuth }, { configDir }] = await Promise.all([
    import('../engine/ask-registries.ts'),
    import('../config/registry-auth.ts'),
    import('../config/docker-config.ts'),
  ]);
  const auth = registryAuth(configDir(globals, env, homedir()), env);
  return await askRegistries(client, images, auth, cancelled);
}
