// `docker tidy history [RUN]`: past runs on this engine, or one in full; `--trend`: how its space has grown.
import { homedir } from 'node:os';
import { Refusal, UsageError } from '../core/errors.ts';
import { engineId } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { readRun, runIds } from '../state/runs.ts';
import type { Invocation } from './invocation.ts';
import { withEngine } from './invocation.ts';
import { showingOf } from './showing.ts';

export async function history(invocation: Invocation): Promise<number> {
  const { operands, env, stdout } = invocation;
  const [wanted, ...more] = operands;
  if (more.length > 0) throw new UsageError('docker tidy history takes one RUN');
  if (invocation.flags.has('trend')) return await (await import('./trend.ts')).trend(invocation);
  const json = showingOf(invocation).format === 'json';
  const engine = await withEngine(invocation, engineId);
  const folder = stateFolder(env, homedir(), process.platform);
  const ids = await runIds(folder, engine);
  const chosen = wanted === undefined ? ids : ids.filter((id) => id.startsWith(wanted));
  if (wanted !== undefined && chosen.length !== 1)
    throw new Refusal(
      chosen.length === 0
        ? `no run ${wanted} is known on this engine: docker tidy history lists them`
        : `${wanted} is not one run: it may be ${chosen.join(', ')}`,
    );
  const runs = await Promise.all(chosen.map((id) => readRun(folder, engine, id)));
  const [only] = wanted === undefined ? [] : runs;
  if (json) stdout.write(`${JSON.stringify(only ?? runs, null, 2)}\n`);
  else {
    const { historyText, runText } = await import('../view/history-text.ts');
    stdout.write(only ? runText(only) : await historyText(runs));
  }
  return 0;
}
