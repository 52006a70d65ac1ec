// A policy file: read, checked, and turned into the policy that core decides by, or into what is wrong in it.
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { getSystemErrorMessage } from 'node:util';
import * as z from 'zod/mini';
import { Refusal } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import { count } from '../core/units.ts';
import { buildPolicy } from './policy-build.ts';
import { checkPolicy } from './policy-check.ts';
import type { Finding, Path, Problem } from './policy-finding.ts';
import { problemsOf } from './policy-issues.ts';
import { POLICY_VERSION, policySchema, policyShape } from './policy-schema.ts';
import type { Read } from './policy-yaml.ts';
import { readYaml } from './policy-yaml.ts';

export type { Finding } from './policy-finding.ts';

/** No policy is larger, and a file that is may never end. */
const LARGEST = 2 ** 20;

/** What a file comes to. With an error among the findings there is no policy: nothing of such a file is used. */
export interface Parsed {
  readonly policy?: Policy;
  readonly findings: readonly Finding[];
}

/** Reads the text of a policy; `file` is its name. Never throws. */
export function parsePolicy(text: string, file: string): Parsed {
  const yaml = readYaml(text.replace(/^\uFEFF/, ''));
  if (!('place' in yaml)) return { findings: yaml.map((why) => ({ severity: 'error', file, ...why })) };
  const found = (severity: Finding['severity'], { path, at, message }: Problem): Finding => ({
    severity,
    file,
    ...yaml.place(path, at),
    message,
  });
  const wrong = wrongShape(yaml);
  if (!('document' in wrong)) return { findings: sorted(wrong.map((problem) => found('error', problem))) };
  const policy = buildPolicy(wrong.document, file, sourceIn(file, yaml));
  const { errors, warnings } = checkPolicy(wrong.document, policy);
  const findings = sorted([
    ...errors.map((problem) => found('error', problem)),
    ...warnings.map((problem) => found('warning', problem)),
  ]);
  return errors.length > 0 ? { findings } : { policy, findings };
}

function wrongShape(yaml: Read): readonly Problem[] | { readonly document: z.infer<typeof policyShape> } {
  const { value } = yaml;
  const start = { path: [], at: 'value' } as const;
  if (value === null || value === undefined)
    return [{ ...start, message: `the file is empty: begin it with version: ${POLICY_VERSION}` }];
  if (isNewer(value)) return [{ path: ['version'], at: 'value', message: tooNew(value.version) }];
  const result = z.safeParse(policyShape, value);
  if (result.success) return { document: result.data };
  return problemsOf(result.error.issues, yaml, policySchema);
}

/** Of a newer format all else may be right, so that nothing else is said of it. */
function isNewer(value: unknown): value is { version: number } {
  const { version } = value as { version?: unknown };
  return typeof version === 'number' && version > POLICY_VERSION;
}

function tooNew(version: number): string {
  return `this policy is of version ${version}, and this docker tidy reads up to ${POLICY_VERSION}: update docker tidy`;
}

function sourceIn(file: string, yaml: Read): (path: Path) => string {
  const base = file.replace(/^.*[\\/]/, '');
  return (path) => `${base}:${yaml.place(path).line}`;
}

function sorted(findings: Finding[]): Finding[] {
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * Reads and checks a policy file; warnings are sentences with their places.
 *
 * @throws Refusal when it cannot be read; for errors in it, with each on a line of its own: `file:line:column: message`.
 */
export async function readPolicy(file: string): Promise<{ policy: Policy; warnings: readonly string[] }> {
  const { policy, findings } = parsePolicy(await read(file), file);
  if (policy) return { policy, warnings: findings.map(lineOf) };
  const errors = findings.filter(({ severity }) => severity === 'error');
  const head = `nothing of the policy ${file} is used, since it has ${count(errors.length, 'error')}:`;
  throw new Refusal([head, ...errors.map(lineOf)].join('\n'));
}

/** What is wrong in a policy file, and what is doubtful. Throws Refusal when it cannot be read. */
export async function readFindings(file: string): Promise<readonly Finding[]> {
  return parsePolicy(await read(file), file).findings;
}

function lineOf({ file, line, column, message }: Finding): string {
  return `${file}:${line}:${column}: ${message}`;
}

async function read(file: string): Promise<string> {
  const bytes = await buffer(createReadStream(file, { end: LARGEST })).catch((error) => {
    throw new Refusal(
      `cannot read the policy ${file}: ${getSystemErrorMessage(error.errno) ?? error.message}`,
    );
  });
  if (bytes.length > LARGEST) throw new Refusal(`${file} is larger than 1 MiB, so it is no policy`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`the policy ${file} is no UTF-8 text: save it as UTF-8`);
  }
}
