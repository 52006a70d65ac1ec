// `docker tidy report`: where the space is and what a plan would do about it, as a page for a browser. It changes nothing.
import { homedir } from 'node:os';
import { UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import { reportOf } from '../core/report.ts';
import type { Day } from '../core/trend.ts';
import { dayOf, daysOf } from '../core/trend.ts';
import type { Tell } from '../view/progress.ts';
import { withComeback } from './comeback.ts';
import type { Invocation } from './invocation.ts';
import { noOperands, optionValue, orCancelled, withEngine } from './invocation.ts';
import type { Job } from './job.ts';
import { keepTrend } from './keep-trend.ts';
import { progressOf } from './progress.ts';
import type { JobOf } from './why-asked.ts';
import { optionWords, shell } from './why-asked.ts';

/** Options that are not the plan's. */
const OURS = ['output', 'from', 'force', 'volumes'];

/** `jobOf` reads the command line of a command that removes things. Prints where the file is. */
export async function report(invocation: Invocation, jobOf: JobOf): Promise<number> {
  noOperands(invocation);
  const { version, stdout, policy, flags } = invocation;
  const [job, dangling, unused] = [
    await jobOf(['all', ...optionWords(invocation, [...OURS, 'policy', 'no-policy'])]),
    await jobOf(['all', '--no-policy']),
    await jobOf(['all', '-a', '--no-policy']),
  ];
  const { placeOf, writeReport } = await import('./report-file.ts');
  const place = placeOf(invocation);
  const inventory = await observed(invocation, job);
  const [{ reportHtml }, { pageParts }] = await Promise.all([
    import('../view/report-html.ts'),
    import('./report-parts.ts'),
  ]);
  const found = reportOf(inventory, {
    version,
    command: commandOf(invocation),
    allCommand: `docker tidy all -a${policy || flags.has('no-policy') ? ' --no-policy' : ''}`,
    plan: job.plan(inventory),
    days: await daysBefore(invocation, inventory),
    levels: { dangling: dangling.plan(inventory), unused: unused.plan(inventory) },
  });
  const html = reportHtml(found, await pageParts());
  if (place === '-') stdout.write(html);
  else stdout.write(`${await writeReport(invocation, html, found, place)}\n`);
  return 0;
}

function commandOf(invocation: Invocation): string {
  const words = optionWords(invocation, OURS);
  return ['docker tidy', ...(words.length > 0 ? ['all', shell(words)] : [])].join(' ');
}

/** What runs on this machine have seen of the engine, until the inventory was taken. */
async function daysBefore({ env }: Invocation, { engine, takenAt }: Inventory): Promise<Day[]> {
  const [{ readTrend }, { stateFolder }] = await Promise.all([
    import('../state/trend.ts'),
    import('../state/folder.ts'),
  ]);
  const samples = await readTrend(stateFolder(env, homedir(), process.platform), engine.id);
  const last = dayOf(takenAt);
  return daysOf(samples).filter(({ day }) => day <= last);
}

const LOOKING = 'Looking up what takes the space';

async function observed(invocation: Invocation, job: Job): Promise<Inventory> {
  const { flags, cancelled } = invocation;
  const file = optionValue(invocation, 'from');
  if (file !== undefined) {
    if (flags.has('volumes'))
      throw new UsageError('--volumes asks the engine, and --from is about a file: leave out one of them');
    const { readInventory } = await import('../config/inventory-file.ts');
    return await withComeback(invocation, job.comeback, await readInventory(file), job.plan);
  }
  return await withEngine(invocation, async (client, { host }) => {
    const [{ EVERYTHING }, { observeSpace }] = await Promise.all([
      import('../engine/observe.ts'),
      import('./observing.ts'),
    ]);
    const { inspect } = job.needs(client);
    const volumes = flags.has('volumes') ? 'sized' : 'named';
    const needs = { ...EVERYTHING, inspect, running: true, volumes } as const;
    const look = async (tell: Tell) => {
      const seen = await observeSpace(invocation, client, host, needs, tell);
      return await withComeback(invocation, job.comeback, seen, job.plan, client);
    };
    const inventory = await progressOf(invocation).during(LOOKING, (tell) =>
      orCancelled(look(tell), cancelled),
    );
    await keepTrend(invocation, inventory, needs);
    return inventory;
  });
}
