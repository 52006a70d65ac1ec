// `docker tidy policy test`: what a policy does on recorded inventories, shown, or held against what is expected.
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Case } from '../config/cases-file.ts';
import { readInventory } from '../config/inventory-file.ts';
import { UsageError } from '../core/errors.ts';
import { differences } from '../core/expect.ts';
import { printable } from '../core/printable.ts';
import { count } from '../core/units.ts';
import { CASE_FIELDS, MISSED_FIELDS } from '../view/fields.ts';
import { showPlan } from './carry-out.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import type { Job, JobFor } from './job.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { readInForce } from './policy-in-force.ts';
import { planShowing, rowsText, showingOf } from './showing.ts';

/** What came of a case. */
interface Result {
  readonly name: string;
  readonly source: string;
  readonly ok: boolean;
  /** Sentences. */
  readonly differences: readonly string[];
}

/** Returns 1 where a case is not met. No engine is asked. */
export async function policyTest(invocation: Invocation, jobFor: JobFor): Promise<number> {
  const { file, from, cases, ledger } = asked(invocation);
  const read = async () => {
    const policy = await readInForce(file, homedir(), invocation.env, false);
    return { policy, job: await jobFor({ ...invocation, policy }, []) };
  };
  if (from !== undefined) {
    const show = planShowing(invocation);
    const { job } = await read();
    return await showPlan(invocation, show, job.plan(await readInventory(from)));
  }
  if (ledger !== undefined) return await replayed(invocation, read, ledger);
  return await held(invocation, read, cases as string);
}

type Read = () => Promise<{ readonly policy: PolicyInForce; readonly job: Job }>;

async function held(invocation: Invocation, read: Read, cases: string): Promise<number> {
  const { format, template } = showingOf(invocation, CASE_FIELDS);
  const { stdout, stderr } = invocation;
  const { policy, job } = await read();
  stderr.write(policy.warnings.map((warning) => `${printable(warning)}\n`).join(''));
  const results = await resultsOf(cases, policy, job);
  if (template) stdout.write(await rowsText(template, ({ caseRow }) => results.map(caseRow)));
  else if (format === 'json') stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else stdout.write([...results.map(text), summary(results)].join(''));
  return results.every(({ ok }) => ok) ? 0 : 1;
}

function asked(invocation: Invocation): {
  file: string;
  from?: string | undefined;
  cases?: string | undefined;
  ledger?: string | undefined;
} {
  const [file, ...more] = invocation.operands;
  const from = optionValue(invocation, 'from');
  const cases = optionValue(invocation, 'expect');
  const ledger = optionValue(invocation, 'replay');
  if (file === undefined || more.length > 0)
    throw new UsageError(
      'docker tidy policy test takes one policy: docker tidy policy test tidy.yaml --from host.json',
    );
  const given = [from, cases, ledger].filter((each) => each !== undefined).length;
  if (given === 0)
    throw new UsageError(
      'on what? Add --from host.json, an inventory, to see what the policy does there, --expect cases.yaml to check that, or --replay ledger.json to see what it would have done',
    );
  if (given > 1)
    throw new UsageError(
      '--from, --expect and --replay are ways to test: give one. Cases name their inventories themselves',
    );
  return { file, from, cases, ledger };
}

async function resultsOf(file: string, { policy }: PolicyInForce, { plan }: Job): Promise<Result[]> {
  const { readCases } = await import('../config/cases-file.ts');
  const results: Result[] = [];
  for (const each of await readCases(file)) {
    const inventory = await readInventory(inventoryOf(each, file));
    const found = differences(inventory, plan(inventory), policy, each);
    const { name, source } = each;
    results.push({ name, source, ok: found.length === 0, differences: found });
  }
  return results;
}

/** A plan that the policy's limits refuse removes nothing. */
async function replayed(invocation: Invocation, read: Read, file: string): Promise<number> {
  const { format, template } = showingOf(invocation, MISSED_FIELDS);
  const { stdout, flags } = invocation;
  const { plan } = (await read()).job;
  const [{ readTrace }, { replay }] = await Promise.all([
    import('../config/trace-file.ts'),
    import('../core/replay.ts'),
  ]);
  const played = replay(await readTrace(file), (inventory) => {
    const { actions, refused } = plan(inventory);
    if (refused !== undefined) return [];
    // One in quarantine is found by its name no more.
    return actions.filter(({ kind }) => kind === 'delete-image' || kind === 'quarantine').map(({ id }) => id);
  });
  const { missed } = played.policy;
  const noTrunc = flags.has('no-trunc');
  if (template) stdout.write(await rowsText(template, ({ missedRows }) => missedRows(missed, noTrunc)));
  else if (format === 'json') stdout.write(`${JSON.stringify(played, null, 2)}\n`);
  else stdout.write(await (await import('../view/replay-text.ts')).replayText(played, noTrunc));
  return 0;
}

function inventoryOf({ inventory }: Case, file: string): string {
  return resolve(dirname(file), inventory);
}

function text({ name, source, ok, differences: found }: Result): string {
  if (ok) return `ok    ${printable(name)}\n`;
  return [`FAIL  ${name} (${source})`, ...found.map((each) => `      ${each}`)]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function summary(results: readonly Result[]): string {
  const failed = results.filter(({ ok }) => !ok).length;
  return `${count(results.length, 'case')}, ${failed === 0 ? 'all as expected' : `${failed} not as expected`}.\n`;
}
