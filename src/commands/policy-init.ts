// `docker tidy policy init`: a policy file that fits what the engine holds, for people to read and change. It removes nothing.
import { lstat, writeFile } from 'node:fs/promises';
import { getSystemErrorMessage } from 'node:util';
import { parsePolicy } from '../config/policy-file.ts';
import { Refusal } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Plan } from '../core/plan.ts';
import { factsOf } from '../core/policy-facts.ts';
import { policyText } from '../core/policy-init.ts';
import { protectionOf } from '../core/protection.ts';
import type { Invocation } from './invocation.ts';
import { noOperands, optionValue, orCancelled, withEngine } from './invocation.ts';
import type { JobFor } from './job.ts';

/** Where it is written, unless `-o` says another place. */
const FILE = 'tidy.yaml';

/** Writes the file, never over another, and says what to do next. */
export async function policyInit(invocation: Invocation, jobFor: JobFor): Promise<number> {
  noOperands(invocation);
  const file = optionValue(invocation, 'output') ?? FILE;
  if (file !== '-') await refuseExisting(file);
  const inventory = await observed(invocation);
  const text = await fittingPolicy(inventory, file === '-' ? FILE : file, async (policy) =>
    (await jobFor({ ...invocation, policy }, ['all'])).plan(inventory),
  );
  if (file === '-') invocation.stdout.write(text);
  else {
    await write(file, text);
    invocation.stderr.write(nextSteps(shownAs(file)));
  }
  return 0;
}

/** The text of a policy for an engine. `planBy` makes the plan of `docker tidy` under a policy: the numbers are this one's. */
export async function fittingPolicy(
  inventory: Inventory,
  file: string,
  planBy: (policy: NonNullable<Invocation['policy']>) => Promise<Plan>,
): Promise<string> {
  const day = inventory.takenAt.slice(0, 10);
  const { policy } = parsePolicy(policyText(factsOf(inventory), shownAs(file), day), file);
  if (!policy) throw new Error('policy init has written a policy that is wrong'); // a bug
  const protection = protectionOf(policy.protect, []);
  const plan = await planBy({ policy, protection, warnings: [] });
  return policyText(factsOf(inventory, plan), shownAs(file), day);
}

/** A file in a command line, where it needs no quotes; else any. */
function shownAs(file: string): string {
  return /^[\w./~:\\-]+$/.test(file) ? file : 'FILE';
}

async function observed(invocation: Invocation): Promise<Inventory> {
  const file = optionValue(invocation, 'from');
  if (file !== undefined) return await (await import('../config/inventory-file.ts')).readInventory(file);
  return await withEngine(invocation, async (client, { host }) => {
    const { observeAll } = await import('./observe-all.ts');
    return await orCancelled(observeAll(invocation, client, host), invocation.cancelled);
  });
}

function exists(file: string): Refusal {
  return new Refusal(
    `nothing was written: ${file} is there already. Give another name by -o, or - to see the text`,
  );
}

/** Said before the engine is asked, which may take long. */
async function refuseExisting(file: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined); // what else is wrong is said when it is written
  if (found) throw exists(file);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const { code, errno, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw exists(file);
    throw new Refusal(
      `cannot write ${file}: ${errno === undefined ? message : getSystemErrorMessage(errno)}`,
    );
  }
}

function nextSteps(file: string): string {
  return [
    `${file} is written, and nothing goes by it yet. Next:`,
    `  docker tidy plan --policy ${file}    see what it would remove; changes nothing`,
    `  docker tidy policy check ${file}     after each change`,
    `  docker tidy --policy ${file}         go by it once; always, when it lies at ~/.config/docker-tidy/tidy.yaml`,
    '',
  ].join('\n');
}
