// The options that every kind has: filters, age and size, from the command line and docker's own configuration.
import { homedir } from 'node:os';
import { configDir, readDockerConfig } from '../config/docker-config.ts';
import type { Conditions } from '../core/condition.ts';
import { NO_CONDITIONS, narrowed } from '../core/condition.ts';
import { UsageError } from '../core/errors.ts';
import { cutoffs, parseFilters, refuseStrangers, truth, withConfigured } from '../core/filter.ts';
import type { Kind } from '../core/kind.ts';
import { parseDuration, parseSize } from '../core/units.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { quarantineOf } from './quarantine.ts';
import { oneOf } from './showing.ts';

/** Reads and checks them for one kind, or for a whole tidy. Throws UsageError for what that kind cannot be held against. */
export function conditionsOf(invocation: Invocation, kind?: Kind): Conditions {
  const typed = parseFilters(invocation.values.get('filter') ?? []);
  refuseStrangers(typed, kind);
  const dir = configDir(invocation.globals, invocation.env, homedir());
  const filters = withConfigured(typed, readDockerConfig(dir).pruneFilters);
  const configured = filters.filter((filter) => !typed.includes(filter));
  // Nobody typed these just now: where they can be held against the kind, they are.
  const applicable = (key: string) =>
    (kind === 'cache' && key.startsWith('label')) || (kind === 'volume' && key === 'until');
  refuseStrangers(
    configured.filter(({ key }) => !applicable(key)),
    kind,
  );
  check(filters);
  const { olderThan, unusedFor } = ages(invocation);
  const largerThan = size(invocation, 'larger-than');
  const grace = span(invocation, 'grace');
  const quarantine = kind === undefined || kind === 'image' ? quarantineOf(invocation) : undefined;
  const said = invocation.policy?.policy.localOnly;
  const localOnly = invocation.flags.has('keep-local-only') ? { from: '--keep-local-only' } : said;
  const given: Conditions = {
    filters,
    ...(localOnly && { localOnly }),
    by: optionValue(invocation, 'by') === 'pulled' ? 'pulled' : 'created',
    ...(olderThan && { olderThan }),
    ...(unusedFor && { unusedFor }),
    ...(largerThan && { largerThan }),
    ...(grace && { grace }),
    ...(quarantine && { quarantine }),
  };
  const { policy } = invocation;
  return policy ? narrowed(protecting(policy), given) : given;
}

/** What a policy keeps from every command: what it protects, and what is younger than its grace age. */
function protecting({ policy, protection }: PolicyInForce): Conditions {
  const { grace } = policy.limits;
  return { ...NO_CONDITIONS, protection, ...(grace && { grace }) };
}

/** What is wrong in a filter's value is said before an engine is asked. */
function check(filters: Conditions['filters']): void {
  cutoffs(filters, 0, 'Z');
  for (const key of ['dangling', 'inuse', 'shared', 'private']) truth(filters, key);
}

/** An option whose value is a span of time, in milliseconds. */
function span(invocation: Invocation, option: string): { span: number; from: string } | undefined {
  const text = optionValue(invocation, option);
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms === undefined) {
    throw new UsageError(
      `invalid argument "${text}" for "--${option}": it is a duration as 90s, 24h, 7d, 2w, 3mo or 1d12h`,
    );
  }
  return { span: ms, from: `--${option} ${text}` };
}

/** An option whose value is a size, in bytes. */
export function size(invocation: Invocation, option: string): { bytes: number; from: string } | undefined {
  const text = optionValue(invocation, option);
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new UsageError(
      `invalid argument "${text}" for "--${option}": it is a size with its unit as 500MB or 10GiB`,
    );
  return { bytes, from: `--${option} ${text}` };
}

/** `--unused-for` is `--older-than` with `--by used`; beside another age both must hold. Throws UsageError. */
function ages(invocation: Invocation): Pick<Conditions, 'olderThan' | 'unusedFor'> {
  const by = oneOf('--by', optionValue(invocation, 'by') ?? 'created', [
    'created',
    'pulled',
    'used',
  ] as const);
  const olderThan = span(invocation, 'older-than');
  const unusedFor = span(invocation, 'unused-for');
  const idle = by === 'used' ? !olderThan && !unusedFor : !olderThan;
  if (idle && optionValue(invocation, 'by') !== undefined)
    throw new UsageError('--by says what --older-than counts from: add it, e.g. --older-than 30d');
  if (by !== 'used') return { ...(olderThan && { olderThan }), ...(unusedFor && { unusedFor }) };
  if (olderThan && unusedFor)
    throw new UsageError('--unused-for is --older-than with --by used: give one of them, or another --by');
  const used = olderThan ? { ...olderThan, from: `${olderThan.from} --by used` } : unusedFor;
  return { ...(used && { unusedFor: used }) };
}
