// `docker tidy history [RUN]`: past runs on this engine, or one in full; `--trend`: how its space has grown.
import { homedir } from 'node:os';
import { UsageError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { engineId } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { readRun, runIds } from '../state/runs.ts';
import type { Invocation } from './invocation.ts';
import { withEngine } from './invocation.ts';
import { showingOf } from './showing.ts';
import { whichRun } from './which-run.ts';

export async function history(invocation: Invocation): Promise<number> {
  const { operands, env, flags, stdout } = invocation;
  const [wanted, ...more] = operands;
  if (more.length > 0) throw new UsageError('docker tidy history takes one RUN');
  if (invocation.flags.has('trend')) return await (await import('./trend.ts')).trend(invocation);
  const json = showingOf(invocation).format === 'json';
  const engine = await withEngine(invocation, engineId);
  const folder = stateFolder(env, homedir(), process.platform);
  const ids = await runIds(folder, engine);
  const chosen = wanted === undefined ? ids : [whichRun(wanted, ids)];
  if (flags.has('quiet') && !json) {
    stdout.write(chosen.map((id) => `${printable(id)}\n`).join(''));
    return 0;
  }
  const runs = await Promise.all(chosen.map((id) => readRun(folder, engine, id)));
  const [only] = wanted === undefined ? [] : runs;
  if (json) stdout.write(`${JSON.stringify(only ?? runs, null, 2)}\n`);
  else {
    const [{ historyText, runText }, { widthOf }] = await Promise.all([
      import('../view/history-text.ts'),
      import('../view/screen.ts'),
    ]);
    const columns = widthOf(stdout);
    stdout.write(only ? runText(only, columns) : await historyText(runs, columns));
  }
  return 0;
}
