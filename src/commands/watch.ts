// `docker tidy watch`: hears the engine's events, and tidies the host by its policy whenever it has become quiet.
import { Cancelled, Refusal, UsageError } from '../core/errors.ts';
import type { Happening } from '../core/watch.ts';
import type { Answer, Line } from '../core/watch-look.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { METRICS_TYPE, metricsText } from '../view/watch-metrics.ts';
import { endpointOf } from './endpoint-of.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import { askForLook } from './watch-ask.ts';
import type { WatchAsked } from './watch-asked.ts';
import { watchAsked } from './watch-asked.ts';
import { WatchClock } from './watch-clock.ts';
import { follow } from './watch-follow.ts';
import { UsesHeard } from './watch-heard.ts';
import { serveMetrics } from './watch-metrics.ts';
import { WatchReport } from './watch-report.ts';

/** Watches until it is cancelled. Throws where it cannot begin; what goes wrong later is told, and nothing is removed meanwhile. */
export async function watch(invocation: Invocation): Promise<number> {
  noOperands(invocation);
  const asked = watchAsked(invocation);
  const right = await askForLook({ do: 'check' }, invocation, (line) => invocation.stderr.write(`${line}\n`));
  if (right.what !== 'right') throw errorOf(right);
  const endpoint = await endpointOf(invocation); // once: another docker context later is another engine
  const report = new WatchReport(invocation, asked.logFormat);
  const text = () => metricsText(report.tally, invocation.version);
  const metrics = asked.metrics && (await serveMetrics(asked.metrics, METRICS_TYPE, text));
  try {
    await hearAndLook(invocation, endpoint, {
      report,
      asked,
      first: firstLine(endpoint, right, asked, metrics?.url),
    });
    await report.stopped();
    return 0;
  } finally {
    metrics?.close();
  }
}

interface Watch {
  readonly report: WatchReport;
  readonly asked: WatchAsked;
  /** Told when the engine is heard for the first time. */
  readonly first: Pick<Line, 'message' | 'facts'>;
}

/** Hears events and looks, side by side, until cancelled, or until one of both has met what nothing can be done about. */
async function hearAndLook(
  invocation: Invocation,
  endpoint: Endpoint,
  { report, asked, first }: Watch,
): Promise<void> {
  const over = new AbortController();
  const within = { ...invocation, cancelled: AbortSignal.any([invocation.cancelled, over.signal]) };
  const clock = new WatchClock(asked.pace);
  const uses = new UsesHeard();
  let untold: Watch['first'] | undefined = first;
  const hearing = follow(endpoint, within, {
    heard: () => {
      report.heard(untold);
      untold = undefined;
      uses.interrupted();
      clock.tell({ what: 'heard' });
    },
    lost: (error) => {
      report.lost(error);
      clock.tell({ what: 'lost' });
    },
    event: (event) => {
      uses.add(event);
      clock.tell({ what: 'event' });
    },
  });
  const looking = look(within, endpoint, { clock, report, uses, measures: asked.metrics !== undefined });
  try {
    await Promise.race([hearing, looking]);
  } finally {
    over.abort(new Cancelled('the watch is over'));
    await Promise.allSettled([hearing, looking]);
  }
}

interface Looking {
  readonly clock: WatchClock;
  readonly report: WatchReport;
  readonly uses: UsesHeard;
  /** Somebody wants to know what each kind takes. */
  readonly measures: boolean;
}

/** Looks whenever it is time to, until cancelled. */
async function look(
  invocation: Invocation,
  endpoint: Endpoint,
  { clock, report, uses, measures }: Looking,
): Promise<void> {
  const said = (line: string) => report.said(line);
  for (;;) {
    const step = await clock.timeToLook(invocation.cancelled);
    if (!step) return;
    const began = performance.now();
    const heard = uses.take();
    const request = { do: 'look', endpoint, anyway: step.anyway, heard, measures } as const;
    const answer = await askForLook(request, invocation, said);
    if (answer.what !== 'looked') uses.giveBack(heard);
    clock.tell(happeningOf(answer, began, report));
  }
}

/** What an answer means to the clock, once it is told to the report. */
function happeningOf(answer: Answer, began: number, report: WatchReport): Happening {
  switch (answer.what) {
    case 'right':
    case 'building':
      return { what: 'busy' };
    case 'fault':
      if (answer.kind !== 'cancelled') report.failed(answer.message, answer.trouble);
      return { what: 'failed' };
    case 'looked': {
      const { ran, line, nextIn } = answer;
      report.ran(ran, line);
      const took = performance.now() - began;
      return {
        what: 'looked',
        began,
        took,
        ...(nextIn !== undefined && { next: performance.now() + nextIn }),
      };
    }
  }
}

function errorOf(answer: Answer): Error {
  if (answer.what !== 'fault') return new Error(`a check has answered ${answer.what}`);
  const { kind, message } = answer;
  if (kind === 'usage') return new UsageError(message);
  return kind === 'cancelled' ? new Cancelled(message) : new Refusal(message);
}

/** What the first line tells of the options and the policy. */
function firstLine(
  { host }: Endpoint,
  { policy }: Extract<Answer, { what: 'right' }>,
  { pace: { quiet, every } }: WatchAsked,
  metrics: string | undefined,
): Watch['first'] {
  const by = policy === undefined ? 'by its options' : `by the policy ${policy}`;
  const served = metrics === undefined ? '' : `, metrics at ${metrics}`;
  const facts = { host, ...(policy !== undefined && { policy }), quietTime: quiet, every };
  return {
    message: `watching ${host}, ${by}${served}`,
    facts: { ...facts, ...(metrics !== undefined && { metrics }) },
  };
}
