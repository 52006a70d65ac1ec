// `docker tidy df`: where the space is, exactly. It plans what each level would free, and removes nothing.
import type { Df } from '../core/df.ts';
import { dfOf } from '../core/df.ts';
import { UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import { DF_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import { noOperands, optionValue, orCancelled, withEngine } from './invocation.ts';
import type { Job } from './job.ts';
import { keepTrend } from './keep-trend.ts';
import { progressOf } from './progress.ts';
import { rowsText, showingOf } from './showing.ts';
import type { JobOf } from './why-asked.ts';
import { planOrRefusal } from './why-asked.ts';

interface Seen {
  readonly inventory: Inventory;
  /** Bytes of the engine's data folder, where it was read. */
  readonly dataRoot?: number | undefined;
}

/** `jobOf` reads the command line of a command that removes things. */
export async function df(invocation: Invocation, jobOf: JobOf): Promise<number> {
  noOperands(invocation);
  const { format, template } = showingOf(invocation, DF_FIELDS);
  const [dangling, unused, byPolicy] = [
    await jobOf(['all', '--no-policy']),
    await jobOf(['all', '-a', '--no-policy']),
    invocation.policy && (await jobOf(['all'])),
  ];
  const { inventory, dataRoot } = await observed(invocation, byPolicy);
  const policy = byPolicy && planOrRefusal(byPolicy, inventory);
  if (typeof policy === 'string') invocation.stderr.write(`What the policy frees is not told: ${policy}.\n`);
  const levels = {
    dangling: dangling.plan(inventory),
    unused: unused.plan(inventory),
    ...(typeof policy === 'object' && { policy }),
  };
  const found = dfOf(inventory, levels, dataRoot);
  if (template) invocation.stdout.write(await rowsText(template, ({ dfRows }) => dfRows(found)));
  else if (format === 'json') invocation.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else await print(invocation, found);
  return 0;
}

const LOOKING = 'Looking up what takes the space';

/** `byPolicy`: a policy may ask for more of images than the list tells. */
async function observed(invocation: Invocation, byPolicy: Job | undefined): Promise<Seen> {
  const sized = invocation.flags.has('volumes');
  const file = optionValue(invocation, 'from');
  if (file !== undefined) {
    if (sized)
      throw new UsageError('--volumes asks the engine, and --from is about a file: leave out one of them');
    return { inventory: await (await import('../config/inventory-file.ts')).readInventory(file) };
  }
  return await withEngine(invocation, async (client, { host }) => {
    const { cancelled } = invocation;
    const [{ NOTHING }, { observeSpace }] = await Promise.all([
      import('../engine/observe.ts'),
      import('./observing.ts'),
    ]);
    const volumes = sized ? 'sized' : 'named';
    const inspect = byPolicy?.needs(client).inspect ?? NOTHING.inspect;
    const of = {
      stopped: true,
      running: true,
      volumes,
      cache: true,
      networks: byPolicy !== undefined,
    } as const;
    const needs = { ...NOTHING, images: 'all', inspect, ...of } as const;
    const inventory = await progressOf(invocation).during(LOOKING, (tell) =>
      orCancelled(observeSpace(invocation, client, host, needs, tell), cancelled),
    );
    await keepTrend(invocation, inventory, needs);
    if (!sized) return { inventory };
    const { dataRootSize } = await import('../engine/data-root.ts');
    const reading = orCancelled(dataRootSize(client, host, cancelled), cancelled);
    return { inventory, dataRoot: await progressOf(invocation).during(LOOKING, () => reading) };
  });
}

async function print({ stdout, env, flags }: Invocation, found: Df): Promise<void> {
  const [{ dfText }, { wantsColour, wantsUtf8, widthOf }] = await Promise.all([
    import('../view/df-text.ts'),
    import('../view/screen.ts'),
  ]);
  const columns = widthOf(stdout);
  const options = {
    colour: wantsColour(stdout, env),
    utf8: wantsUtf8(env),
    all: flags.has('verbose'),
    sized: flags.has('volumes'),
    ...(columns !== undefined && { columns }),
  };
  for await (const section of dfText(found, options)) stdout.write(section);
}
