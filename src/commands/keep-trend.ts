// What a command has seen of an engine anyway is added to its trend.
import { homedir } from 'node:os';
import type { Inventory } from '../core/inventory.ts';
import type { Asked } from '../core/trend.ts';
import type { Invocation } from './invocation.ts';

/** `asked`: what the engine was asked for. Never throws. */
export async function keepTrend({ env }: Invocation, inventory: Inventory, asked: Asked): Promise<void> {
  const [{ appendSample }, { stateFolder }] = await Promise.all([
    import('../state/trend.ts'),
    import('../state/folder.ts'),
  ]);
  await appendSample(stateFolder(env, homedir(), process.platform), inventory, asked, new Date());
}
