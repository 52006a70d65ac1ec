// One look at a watched host: plan by the policy as it is now, and do what the plan says. The whole tidy, without a question.
// It is a process of its own, asked through its standard input, so that what it takes of memory is given back.
import { createInterface } from 'node:readline';
import { Cancelled, EngineError, Refusal, UsageError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { nextEnd } from '../core/watch.ts';
import type { Answer, Fault, Request } from '../core/watch-look.ts';
import type { Tally, Trouble } from '../core/watch-tally.ts';
import { ranOf, stillPlanned } from '../core/watch-tally.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { runLine } from '../view/watch-log.ts';
import type { Carried } from './carry-out.ts';
import { carriedOut } from './carry-out.ts';
import type { Invocation } from './invocation.ts';
import { withEndpoint } from './invocation.ts';
import type { Job } from './job.ts';
import { planner } from './job.ts';
import { underPolicy } from './policy-in-force.ts';
import { isTold, withGrace } from './watch-asked.ts';

/** What a look says is a watch's log. */
const SILENT: readonly [string, readonly string[]] = ['progress', ['none']];

/** Answers one request, a line of JSON on standard input, with another on standard output. The end of the input cancels. */
export async function watchLook(
  invocation: Invocation,
  wholeJob: (invocation: Invocation) => Promise<Job>,
): Promise<number> {
  const asking = new AbortController();
  const input = createInterface({ input: invocation.stdin() });
  input.once('close', () => asking.abort(new Cancelled('the watch has ended')));
  const request = await new Promise<Request<Endpoint>>((resolve, reject) => {
    input.once('line', (line) => resolve(JSON.parse(line)));
    asking.signal.addEventListener('abort', () => reject(asking.signal.reason));
  });
  const cancelled = AbortSignal.any([invocation.cancelled, asking.signal]);
  const answer = await answered(
    { ...invocation, cancelled, values: new Map([...invocation.values, SILENT]) },
    wholeJob,
    request,
  );
  invocation.stdout.write(`${JSON.stringify(answer)}\n`);
  input.close();
  return 0;
}

async function answered(
  invocation: Invocation,
  wholeJob: (invocation: Invocation) => Promise<Job>,
  request: Request<Endpoint>,
): Promise<Answer> {
  let trouble: Trouble = 'policy';
  try {
    const asked = await askedNow(invocation);
    const job = await wholeJob(asked);
    const file = asked.policy?.policy.file;
    if (request.do === 'check') return { what: 'right', ...(file !== undefined && { policy: file }) };
    trouble = 'other';
    return await look(asked, job, request);
  } catch (error) {
    return faultOf(error, trouble);
  }
}

/**
 * What may go, by the policy as it is at this moment. Throws Refusal for a policy that cannot be read, UsageError where
 * nothing says what may go.
 */
async function askedNow(invocation: Invocation): Promise<Invocation> {
  const under = await underPolicy(invocation);
  if (!isTold(under)) throw new UsageError(untold(under));
  return withGrace({ ...under, flags: new Set([...under.flags, 'force', 'quiet', 'wait']) });
}

function untold({ lying }: Invocation): string {
  const found = lying === undefined ? '' : `; ${lying} in this folder is not used by itself`;
  return `docker tidy watch removes things without a question, and nothing says what may go: give a policy with --policy FILE (docker tidy policy init writes one${found}), or options as --keep 3 or -a --older-than 7d`;
}

/** Looks, and does what is to be done. */
async function look(
  invocation: Invocation,
  asked: Job,
  { endpoint, anyway, heard, measures }: Extract<Request<Endpoint>, { do: 'look' }>,
): Promise<Answer> {
  return await withEndpoint(endpoint, invocation, async (client) => {
    const [{ isBuilding }, { keepUses }, { measuring }] = await Promise.all([
      import('../engine/builds.ts'),
      import('./watch-uses.ts'),
      import('./watch-measure.ts'),
    ]);
    await keepUses(invocation, client, heard);
    if (!anyway && (await isBuilding(client))) return { what: 'building' };
    const { job, space } = measures
      ? measuring(invocation, asked, client)
      : { job: asked, space: unmeasured };
    const again = planner(invocation, job, client, endpoint.host);
    const plan = await again();
    let latest = plan;
    const anew = async () => {
      latest = await again();
      return latest;
    };
    const takes = await space();
    const carried =
      plan.refused === undefined
        ? await carriedOut(invocation, job, { shown: plan, fresh: plan, again: anew }, client, () => {})
        : undefined;
    return lookedAnswer({ plan, latest }, carried && stillPlanned(latest, carried), takes);
  });
}

const unmeasured = async () => ({});

/** `latest`: the plan that was made once more, where another run was waited for. */
function lookedAnswer(
  { plan, latest }: { readonly plan: Plan; readonly latest: Plan },
  carried: Carried | undefined,
  space: Tally['space'],
): Answer {
  const end = nextEnd(latest);
  const line = runLine(plan, carried);
  return {
    what: 'looked',
    ran: ranOf(plan, carried, space),
    ...(line && { line }),
    ...(end !== undefined && { nextIn: end - Date.parse(latest.takenAt) }),
  };
}

function faultOf(error: unknown, trouble: Trouble): Fault {
  const fault = (kind: Fault['kind'], message: string, why = trouble): Fault => ({
    what: 'fault',
    kind,
    trouble: why,
    message,
  });
  if (error instanceof UsageError) return fault('usage', error.message);
  if (error instanceof Refusal) return fault('refusal', error.message);
  if (error instanceof EngineError) return fault('engine', error.message, 'engine');
  if (error instanceof Cancelled) return fault('cancelled', error.message);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return fault('bug', `docker tidy has met a bug, sorry. Please report: ${text}`, 'other');
}
