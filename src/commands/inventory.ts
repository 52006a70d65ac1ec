// `docker tidy inventory`: the engine's state as JSON, to plan on later or elsewhere.
import { UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';
import { save } from './save.ts';

export async function inventory(invocation: Invocation): Promise<number> {
  if (invocation.operands.length > 0) throw new UsageError('docker tidy inventory takes no arguments');
  return await withEngine(invocation, async (client, { host }) => {
    const { observeAll } = await import('./observe-all.ts');
    const observed = await orCancelled(observeAll(invocation, client, host), invocation.cancelled);
    const json = `${JSON.stringify(await shown(invocation, observed), null, 2)}\n`;
    const file = optionValue(invocation, 'output');
    if (file === undefined || file === '-') invocation.stdout.write(json);
    else await save(file, json);
    return 0;
  });
}

async function shown({ flags }: Invocation, { ledger: _, ...observed }: Inventory): Promise<Inventory> {
  return flags.has('redact') ? (await import('../core/redact.ts')).redacted(observed) : observed;
}
