// `docker tidy why OBJECT…`: what keeps it, what holds it, what would remove it; and what its command would do with it.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Protection } from '../core/protection.ts';
import { resolve } from '../core/resolve.ts';
import type { Explanation } from '../core/why.ts';
import { calledBy, explain } from '../core/why.ts';
import { WHY_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, orCancelled, withEngine } from './invocation.ts';
import { nearest } from './nearest.ts';
import { progressOf } from './progress.ts';
import { withQuarantine } from './quarantine.ts';
import { listShowing, rowsText } from './showing.ts';
import type { Ask, JobOf } from './why-asked.ts';
import { asking } from './why-asked.ts';

/** `jobOf` reads the command line of a command that removes things. */
export async function why(invocation: Invocation, jobOf: JobOf): Promise<number> {
  const { operands, stdout, flags } = invocation;
  if (operands.length === 0) throw new UsageError('docker tidy why takes the name or ID of what it is about');
  const { format, template } = listShowing(invocation, WHY_FIELDS, 'ID');
  const noTrunc = flags.has('no-trunc');
  const ask = await asking(invocation, jobOf);
  const inventory = await observed(invocation);
  const found: Explanation[] = [];
  for (const word of operands)
    found.push(...(await explanations(inventory, word, ask, invocation.policy?.protection)));
  if (template) {
    const telling = { now: inventory.takenAt, noTrunc };
    stdout.write(await rowsText(template, ({ whyRow }) => found.map((each) => whyRow(each, telling))));
  } else if (format === 'json') stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else {
    const [{ whyText }, { widthOf }] = await Promise.all([
      import('../view/why-text.ts'),
      import('../view/screen.ts'),
    ]);
    stdout.write(whyText(found, inventory.takenAt, { noTrunc, columns: widthOf(stdout) }));
  }
  return 0;
}

async function observed(invocation: Invocation): Promise<Inventory> {
  const file = optionValue(invocation, 'from');
  if (file !== undefined) return await (await import('../config/inventory-file.ts')).readInventory(file);
  return await withEngine(invocation, async (client, { host }) => {
    const { observeAll } = await import('./observe-all.ts');
    const sized = invocation.values.has('larger-than');
    const looking = observeAll(invocation, client, host, sized);
    const seen = await progressOf(invocation).during('Looking at the engine', () =>
      orCancelled(looking, invocation.cancelled),
    );
    return await withQuarantine(invocation, seen);
  });
}

async function explanations(
  inventory: Inventory,
  word: string,
  ask: Ask,
  protection: Protection | undefined,
): Promise<Explanation[]> {
  const { found, ambiguous } = resolve(inventory, word, { localhost: inventory.engine.store === 'podman' });
  if (ambiguous.length > 0) throw new Refusal(`${word} is not one object: it may be ${ambiguous.join(', ')}`);
  if (found.length > 0) {
    const answers = await ask(inventory, found);
    return found.map((each) => ({
      ...explain(inventory, each, protection),
      ...(each.kind === 'image' && calledBy(word, each.image)),
      ...answers.get(each),
    }));
  }
  const { images, containers, networks, volumes } = inventory;
  const names = [
    ...images.flatMap(({ tags }) => tags),
    ...[...containers, ...networks, ...volumes].map(({ name }) => name),
  ];
  const near = nearest(word, names);
  throw new Refusal(`nothing here is named ${word}${near ? `: did you mean ${near}?` : ''}`);
}
