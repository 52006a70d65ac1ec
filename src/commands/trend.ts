// `docker tidy history --trend`: how the space on this engine has grown, from what earlier runs saw.
import { homedir } from 'node:os';
import { UsageError } from '../core/errors.ts';
import { daysOf, TREND_VERSION } from '../core/trend.ts';
import { trendCsv } from '../core/trend-csv.ts';
import { forecastOf } from '../core/trend-growth.ts';
import { engineId } from '../engine/observe.ts';
import { stateFolder } from '../state/folder.ts';
import { readTrend } from '../state/trend.ts';
import { TREND_FIELDS } from '../view/fields.ts';
import { formatOf } from '../view/format.ts';
import type { Invocation } from './invocation.ts';
import { optionValue, withEngine } from './invocation.ts';
import { isTemplate, oneOf, rowsText } from './showing.ts';

export async function trend(invocation: Invocation): Promise<number> {
  const { operands, env, flags, stdout } = invocation;
  if (operands.length > 0) throw new UsageError('--trend is about all runs: leave out the RUN');
  if (flags.has('quiet'))
    throw new UsageError("--trend has days, and no IDs for -q: --format '{{.Day}}' prints the days alone");
  const given = optionValue(invocation, 'format') ?? 'table';
  const template = isTemplate(given) ? formatOf(given, TREND_FIELDS) : undefined;
  const format = template ? 'table' : oneOf('--format', given, ['table', 'json', 'csv'] as const);
  const engine = await withEngine(invocation, engineId);
  const days = daysOf(await readTrend(stateFolder(env, homedir(), process.platform), engine));
  const forecast = forecastOf(days);
  if (template) stdout.write(await rowsText(template, ({ trendRow }) => days.map(trendRow)));
  else if (format === 'csv') stdout.write(trendCsv(days));
  else if (format === 'json')
    stdout.write(
      `${JSON.stringify({ schemaVersion: TREND_VERSION, engine: { id: engine }, days, ...forecast }, null, 2)}\n`,
    );
  else {
    const [{ trendText }, { wantsColour, wantsUtf8, widthOf }] = await Promise.all([
      import('../view/trend-text.ts'),
      import('../view/screen.ts'),
    ]);
    const columns = widthOf(stdout);
    const screen = { colour: wantsColour(stdout, env), utf8: wantsUtf8(env) };
    stdout.write(await trendText(days, forecast, { ...screen, ...(columns !== undefined && { columns }) }));
  }
  return 0;
}
