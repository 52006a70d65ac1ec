// What the options of `docker tidy watch` ask for, and whether it has been told what may go.
import { UsageError } from '../core/errors.ts';
import { parseDuration } from '../core/units.ts';
import type { Pace } from '../core/watch.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import { oneOf } from './showing.ts';

export interface WatchAsked {
  readonly pace: Pace;
  readonly logFormat: 'text' | 'json';
  /** Where metrics are served. */
  readonly metrics?: Address;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What is younger stays, unless the options or the policy say otherwise. */
export const WATCH_GRACE = '1h';

/** Throws UsageError. */
export function watchAsked(invocation: Invocation): WatchAsked {
  const metrics = optionValue(invocation, 'metrics');
  return {
    pace: {
      quiet: duration(invocation, 'quiet-time', '30s', '100ms'),
      every: duration(invocation, 'every', '1d', '1s'),
    },
    logFormat: oneOf('--log-format', optionValue(invocation, 'log-format') ?? 'text', [
      'text',
      'json',
    ] as const),
    ...(metrics !== undefined && { metrics: addressOf(metrics) }),
  };
}

/** Milliseconds, at least so many: less would be polling. */
function duration(invocation: Invocation, option: string, preset: string, least: '100ms' | '1s'): number {
  const text = optionValue(invocation, option) ?? preset;
  const ms = parseDuration(text);
  if (ms === undefined)
    throw new UsageError(`invalid argument "${text}" for "--${option}": it is a duration as 30s, 5m or 1d`);
  if (ms < (parseDuration(least) as number))
    throw new UsageError(`--${option} ${text} is too short: give at least ${least}`);
  return ms;
}

/**
 * `:9090`, `9090` and `localhost:9090` are on this machine alone; `0.0.0.0:9090`, `[::]:9090` are what they say. Throws
 * UsageError.
 */
export function addressOf(text: string): Address {
  const [, bracketed, name, port] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const bare = port === undefined && /^\d{1,5}$/.test(name ?? '');
  const number = Number(bare ? name : port);
  if (!(number <= 65_535) || (port === undefined && !bare))
    throw new UsageError(
      `invalid argument "${text}" for "--metrics": it is a port as :9090, which only this machine reaches, or an address as 0.0.0.0:9090`,
    );
  return { host: bracketed ?? ((bare ? '' : name) || '127.0.0.1'), port: number };
}

/** Options that say what may go; the others only narrow it, or keep. */
const SAYING = ['filter', 'older-than', 'unused-for', 'larger-than', 'keep'];
const BUDGETS = ['max-used-space', 'target-free'];

/** Whether the options or a policy say what may go. */
export function isTold({ flags, values, policy }: Pick<Invocation, 'flags' | 'values' | 'policy'>): boolean {
  const says = (name: string) => [...SAYING, ...BUDGETS].includes(name) || /^keep-/.test(name);
  return policy !== undefined || flags.has('all') || [...values.keys()].some(says);
}

/** The invocation with the grace age of a watch, where neither the options nor the policy give one. */
export function withGrace(invocation: Invocation): Invocation {
  const { values, policy } = invocation;
  if (values.has('grace') || policy?.policy.limits.grace) return invocation;
  return { ...invocation, values: new Map([...values, ['grace', [WATCH_GRACE]]]) };
}
