// `docker tidy watch`: hears the engine's events, and tidies the host by its policy whenever it has become quiet.
import { Cancelled, EngineError, Refusal, UsageError } from '../core/errors.ts';
import type { Happening } from '../core/watch.ts';
import { nextEnd } from '../core/watch.ts';
import type { Trouble } from '../core/watch-tally.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import type { Line } from '../view/watch-log.ts';
import { METRICS_TYPE, metricsText } from '../view/watch-metrics.ts';
import type { Invocation } from './invocation.ts';
import { endpointOf, noOperands } from './invocation.ts';
import type { WatchAsked } from './watch-asked.ts';
import { watchAsked } from './watch-asked.ts';
import { WatchClock } from './watch-clock.ts';
import { follow } from './watch-follow.ts';
import type { Asked, WholeJob } from './watch-look.ts';
import { askedNow, look } from './watch-look.ts';
import { serveMetrics } from './watch-metrics.ts';
import { WatchReport } from './watch-report.ts';

/** Watches until it is cancelled. Throws where it cannot begin; what goes wrong later is told, and nothing is removed meanwhile. */
export async function watch(invocation: Invocation, wholeJob: WholeJob): Promise<number> {
  noOperands(invocation);
  const asked = watchAsked(invocation);
  const first = await askedNow(invocation, wholeJob);
  const report = new WatchReport(invocation, asked.logFormat);
  const text = () => metricsText(report.tally, invocation.version);
  const metrics = asked.metrics && (await serveMetrics(asked.metrics, METRICS_TYPE, text));
  try {
    await watching(invocation, wholeJob, { report, asked, going: goingBy(first, asked, metrics?.url) });
    await report.stopped();
    return 0;
  } finally {
    metrics?.close();
  }
}

interface Watch {
  readonly report: WatchReport;
  readonly asked: WatchAsked;
  /** What it goes by, for its first line. */
  readonly going: { readonly text: string; readonly facts: Readonly<Record<string, unknown>> };
}

/** Hears events and looks, side by side, until cancelled, or until one of both has met what nothing can be done about. */
async function watching(
  invocation: Invocation,
  wholeJob: WholeJob,
  { report, asked, going }: Watch,
): Promise<void> {
  const endpoint = await endpointOf(invocation); // once: another docker context later is another engine
  const over = new AbortController();
  const cancelled = AbortSignal.any([invocation.cancelled, over.signal]);
  const stderr = report.words as NodeJS.WriteStream;
  const within = { ...invocation, cancelled, stderr };
  const clock = new WatchClock(asked.pace);
  let first: Pick<Line, 'message' | 'facts'> | undefined = {
    message: `watching ${endpoint.host}, ${going.text}`,
    facts: { host: endpoint.host, ...going.facts },
  };
  const hearing = follow(endpoint, within, {
    heard: () => {
      report.heard(first);
      first = undefined;
      clock.tell({ what: 'heard' });
    },
    lost: (error) => {
      report.lost(error);
      clock.tell({ what: 'lost' });
    },
    event: () => clock.tell({ what: 'event' }),
  });
  const looking = looks(within, wholeJob, { clock, report, endpoint });
  try {
    await Promise.race([hearing, looking]);
  } finally {
    over.abort(new Cancelled('the watch is over'));
    await Promise.allSettled([hearing, looking]);
  }
}

/** Looks whenever it is time to, until cancelled. Only a bug ends it otherwise. */
async function looks(
  invocation: Invocation,
  wholeJob: WholeJob,
  { clock, report, endpoint }: { clock: WatchClock; report: WatchReport; endpoint: Endpoint },
): Promise<void> {
  const { cancelled } = invocation;
  try {
    for (;;) {
      const { anyway } = await clock.timeToLook(cancelled);
      clock.tell(await lookOnce(invocation, wholeJob, report, endpoint, anyway));
    }
  } catch (error) {
    if (!cancelled.aborted || !(error instanceof Cancelled)) throw error;
  }
}

/** One look, told to the report. Throws Cancelled, and what is a bug. */
async function lookOnce(
  invocation: Invocation,
  wholeJob: WholeJob,
  report: WatchReport,
  endpoint: Endpoint,
  anyway: boolean,
): Promise<Happening> {
  const began = Date.now();
  const fault = (trouble: Trouble) => (error: unknown) => {
    const known = error instanceof Refusal || error instanceof UsageError || error instanceof EngineError;
    if (!known) throw error;
    report.failed(error.message, error instanceof EngineError ? 'engine' : trouble);
  };
  const asked = await askedNow(invocation, wholeJob).catch(fault('policy'));
  const found = asked && (await look(asked, endpoint, anyway).catch(fault('other')));
  if (!found) return { what: 'failed' };
  if (found === 'building') return { what: 'busy' };
  report.ran(found);
  const { plan, at, took } = found;
  const end = nextEnd(plan);
  // What ends by the engine's clock, by the one here.
  return {
    what: 'looked',
    began,
    took,
    ...(end !== undefined && { next: end - Date.parse(plan.takenAt) + at }),
  };
}

/** What the first line tells of the options and the policy. */
function goingBy({ invocation }: Asked, { pace }: WatchAsked, metrics: string | undefined): Watch['going'] {
  const file = invocation.policy?.policy.file;
  const facts = {
    ...(file !== undefined && { policy: file }),
    quietTime: pace.quiet,
    every: pace.every,
    ...(metrics !== undefined && { metrics }),
  };
  const parts = [
    file === undefined ? 'by its options' : `by the policy ${file}`,
    ...(metrics === undefined ? [] : [`metrics at ${metrics}`]),
  ];
  return { text: parts.join(', '), facts };
}
