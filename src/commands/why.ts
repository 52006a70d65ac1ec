// `docker tidy why OBJECT…`: what keeps it, what holds it, what would remove it.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import { resolve } from '../core/resolve.ts';
import type { Explanation } from '../core/why.ts';
import { explain } from '../core/why.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';
import { nearest } from './nearest.ts';
import { showingOf } from './showing.ts';

export async function why(invocation: Invocation): Promise<number> {
  const { operands, stdout } = invocation;
  if (operands.length === 0) throw new UsageError('docker tidy why takes the name or ID of what it is about');
  const { format } = showingOf(invocation);
  const inventory = await observed(invocation);
  const found = operands.flatMap((word) => explanations(inventory, word));
  if (format === 'json') stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else stdout.write((await import('../view/why-text.ts')).whyText(found, inventory.takenAt));
  return 0;
}

async function observed(invocation: Invocation): Promise<Inventory> {
  const file = optionValue(invocation, 'from');
  if (file !== undefined) return await (await import('../config/inventory-file.ts')).readInventory(file);
  return await withEngine(invocation, async (client, { host }) => {
    const { EVERYTHING, observe } = await import('../engine/observe.ts');
    return await orCancelled(observe(client, host, EVERYTHING, new Date()), invocation.cancelled);
  });
}

function explanations(inventory: Inventory, word: string): Explanation[] {
  const { found, ambiguous } = resolve(inventory, word, { localhost: inventory.engine.store === 'podman' });
  if (ambiguous.length > 0) throw new Refusal(`${word} is not one object: it may be ${ambiguous.join(', ')}`);
  if (found.length > 0) return found.map((each) => explain(inventory, each));
  const { images, containers, networks, volumes } = inventory;
  const names = [
    ...images.flatMap(({ tags }) => tags),
    ...[...containers, ...networks, ...volumes].map(({ name }) => name),
  ];
  const near = nearest(word, names);
  throw new Refusal(`nothing here is named ${word}${near ? `: did you mean ${near}?` : ''}`);
}
