// The policy that a command goes by: found, read, and its roots looked up. Loaded only where there is one.
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { configDir, readDockerConfig, SETTINGS } from '../config/docker-config.ts';
import { findPolicy } from '../config/find-policy.ts';
import { UsageError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import { printable } from '../core/printable.ts';
import type { Protection } from '../core/protection.ts';
import { protectionOf } from '../core/protection.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import { nearest } from './nearest.ts';

export interface PolicyInForce {
  readonly policy: Policy;
  readonly protection: Protection;
  /** What its file and its roots leave open, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * The invocation with the policy of --policy, of the environment, of the user or of the system. One that lies in the
 * current folder is only mentioned: whoever wrote a repository does not decide what goes from this disk. Throws Refusal for
 * a file that has an error, or whose roots cannot be read.
 */
export async function underPolicy({ policy: _, lying: __, ...invocation }: Invocation): Promise<Invocation> {
  const option = optionValue(invocation, 'policy');
  if (invocation.flags.has('no-policy')) {
    if (option !== undefined) throw new UsageError('--policy and --no-policy contradict each other');
    return invocation;
  }
  const home = homedir();
  const { file, lying } = policyFileOf(invocation, home);
  return {
    ...invocation,
    ...(lying !== undefined && { lying }),
    ...(file !== undefined && { policy: await readInForce(file, home, invocation.env) }),
  };
}

/** Says which of our settings in docker's config.json are none, with the nearest that there is. */
export function warnOfSettings({ globals, env, stderr }: Invocation): void {
  const dir = configDir(globals, env, homedir());
  for (const key of Object.keys(readDockerConfig(dir).settings)) {
    if (SETTINGS.includes(key)) continue;
    const near = nearest(key, SETTINGS) ?? SETTINGS.find((each) => each.slice(0, 4) === key.slice(0, 4));
    const meant =
      near === undefined ? `leave it out. Here is known: ${SETTINGS.join(', ')}` : `did you mean ${near}?`;
    stderr.write(`plugins.tidy.${printable(key)} in ${join(dir, 'config.json')} is not known: ${meant}\n`);
  }
}

/** Where the policy of an invocation is, if it has one. Throws Refusal where one is named that is not there. */
export function policyFileOf(invocation: Invocation, home: string) {
  const { globals, env } = invocation;
  const option = optionValue(invocation, 'policy');
  const { settings } = readDockerConfig(configDir(globals, env, home));
  const { platform } = process;
  const at = { env, home, config: settings, cwd: process.cwd(), platform };
  return findPolicy({ ...at, ...(option !== undefined && { option }) });
}

/** Reads a policy and what its roots need. `asksCompose`: compose is run for its files, where it is installed. */
export async function readInForce(
  file: string,
  home: string,
  env: Invocation['env'],
  asksCompose = true,
): Promise<PolicyInForce> {
  const { findingLine, readPolicy } = await import('../config/policy-read.ts');
  const { policy, warnings } = await readPolicy(file);
  const { roots } = policy.protect;
  const any = Object.values(roots).some((globs) => globs.length > 0);
  const at = { folder: dirname(resolve(file)), home, env };
  const needed = any ? await rootsOf(roots, at, asksCompose) : { references: [], warnings: [] };
  return {
    policy,
    protection: protectionOf(policy.protect, needed.references),
    warnings: [...warnings.map(findingLine), ...needed.warnings],
  };
}

async function rootsOf(
  roots: Policy['protect']['roots'],
  at: { readonly folder: string; readonly home: string; readonly env: Invocation['env'] },
  asksCompose: boolean,
) {
  const [{ readRoots }, { composeImages }] = await Promise.all([
    import('../config/roots.ts'),
    import('../config/compose-images.ts'),
  ]);
  const globs = (said: readonly { readonly text: string; readonly source: string }[]) =>
    said.map(({ text, source }) => ({ text, from: source }));
  const { compose, dockerfiles, kubernetes, lists } = roots;
  return await readRoots(
    {
      compose: globs(compose),
      dockerfiles: globs(dockerfiles),
      kubernetes: globs(kubernetes),
      lists: globs(lists),
    },
    { ...at, ...(asksCompose && { compose: composeImages() }) },
  );
}
