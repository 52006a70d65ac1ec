// `docker tidy policy check` and `policy schema`: what is wrong in a policy file, and what may stand in it.
import { homedir } from 'node:os';
import type { Finding } from '../config/policy-finding.ts';
import { Refusal, UsageError } from '../core/errors.ts';
import { count } from '../core/units.ts';
import { FINDING_FIELDS } from '../view/fields.ts';
import type { Invocation } from './invocation.ts';
import { noOperands } from './invocation.ts';
import { policyFileOf } from './policy-in-force.ts';
import { showingOf } from './showing.ts';

/** Prints a line for each error and doubt, as compilers do. Returns 1 where there is an error. */
export async function policyCheck(invocation: Invocation): Promise<number> {
  const { operands, stdout } = invocation;
  const [given, ...more] = operands;
  if (more.length > 0) throw new UsageError('docker tidy policy check takes one file');
  const { format, template } = showingOf(invocation, FINDING_FIELDS);
  const file = given ?? policyFileOf(invocation, homedir()).file;
  if (file === undefined) throw new UsageError('no policy is in force: give the FILE that is to be checked');
  const { readFindings } = await import('../config/policy-read.ts');
  const read = await readFindings(file);
  const findings = read.some(({ severity }) => severity === 'error')
    ? read
    : [...read, ...(await ofRoots(invocation, file))];
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  if (template) {
    const [{ formatted }, { findingRow }] = await Promise.all([
      import('../view/format.ts'),
      import('../view/rows.ts'),
    ]);
    stdout.write(await formatted(template, findings.map(findingRow)));
  } else if (format === 'json') stdout.write(`${JSON.stringify(findings, null, 2)}\n`);
  else stdout.write([...findings.map(lineOf), verdict(file, findings.length, errors)].join(''));
  return errors > 0 ? 1 : 0;
}

/** What is wrong with the files that the roots name, which would be refused when the policy is used. */
async function ofRoots({ env }: Invocation, file: string): Promise<Finding[]> {
  const { readInForce } = await import('./policy-in-force.ts');
  try {
    await readInForce(file, homedir(), env, false); // a glob that finds nothing here may find something there
    return [];
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof UsageError)) throw error;
    return [{ severity: 'error', file, line: 1, column: 1, message: error.message }];
  }
}

function lineOf({ file, line, column, severity, message }: Finding): string {
  return `${file}:${line}:${column}: ${severity}: ${message}\n`;
}

function verdict(file: string, all: number, errors: number): string {
  const doubts = all - errors;
  if (errors > 0) return `${count(errors, 'error')}: the policy cannot be used.\n`;
  return doubts > 0 ? `${file} can be used, with ${count(doubts, 'doubt')}.\n` : `${file} is right.\n`;
}

export async function policySchema(invocation: Invocation): Promise<number> {
  noOperands(invocation);
  const { policySchema: schema } = await import('../config/policy-schema.ts');
  invocation.stdout.write(`${JSON.stringify(schema(), null, 2)}\n`);
  return 0;
}
