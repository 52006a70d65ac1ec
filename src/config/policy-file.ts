// A policy file as text: read, checked, and turned into the policy that core decides by, or into what is wrong in it.
import * as z from 'zod/mini';
import type { Policy } from '../core/policy.ts';
import { buildPolicy } from './policy-build.ts';
import { checkPolicy } from './policy-check.ts';
import type { Finding, Path, Problem } from './policy-finding.ts';
import { problemsOf } from './policy-issues.ts';
import { POLICY_VERSION, policySchema, policyShape } from './policy-schema.ts';
import type { Read } from './policy-yaml.ts';
import { readYaml } from './policy-yaml.ts';

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
