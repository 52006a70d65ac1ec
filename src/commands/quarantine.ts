// `--quarantine DUR`, and the policy's word for it; and what images were called that are there.
import { homedir } from 'node:os';
import type { Conditions } from '../core/condition.ts';
import { UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import { isInQuarantine } from '../core/quarantine-name.ts';
import { parseDuration } from '../core/units.ts';
import { stateFolder } from '../state/folder.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

/** How long images are in quarantine: of the option and the policy the longer. Throws UsageError. */
export function quarantineOf(invocation: Invocation): Conditions['quarantine'] {
  const given = fromOption(invocation);
  const said = invocation.policy?.policy.quarantine;
  const longer = (said?.span ?? -1) > (given?.span ?? -1) ? said : given;
  if (longer && invocation.flags.has('no-journal'))
    throw new UsageError(
      `${longer.from} and --no-journal contradict each other: the journal has the names of what is in quarantine`,
    );
  return longer;
}

function fromOption(invocation: Invocation): Conditions['quarantine'] {
  const text = optionValue(invocation, 'quarantine');
  if (text === undefined) return undefined;
  const span = parseDuration(text);
  if (span === undefined || span <= 0)
    throw new UsageError(`invalid argument "${text}" for "--quarantine": it is a duration as 24h, 7d or 2w`);
  return { span, from: `--quarantine ${text}` };
}

/** The inventory with what images in quarantine were called, as far as journals of this user know. */
export async function withQuarantine(
  { env }: Pick<Invocation, 'env'>,
  inventory: Inventory,
): Promise<Inventory> {
  if (!inventory.images.some(isInQuarantine)) return inventory;
  const [{ readRun, runIds }, { withFormerNames }] = await Promise.all([
    import('../state/runs.ts'),
    import('../core/former-names.ts'),
  ]);
  const folder = stateFolder(env, homedir(), process.platform);
  const { id } = inventory.engine;
  const ids = await runIds(folder, id).catch(() => []);
  const read = await Promise.all(ids.map((run) => readRun(folder, id, run)));
  const runs = read.flatMap((run) => ('steps' in run ? [run] : []));
  return { ...inventory, images: withFormerNames(inventory.images, runs) };
}
