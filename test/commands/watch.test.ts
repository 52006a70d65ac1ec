// The options of a watch: where metrics are served, what says what may go, and which grace age counts.
import { describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { addressOf, isTold, watchAsked, withGrace } from '../../src/commands/watch-asked.ts';
import { UsageError } from '../../src/core/errors.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';

/** The invocation of `docker tidy watch …`; with a policy whose grace age is `grace`. */
function watch(words: string, grace?: string): Invocation {
  const { flags, values, operands } = parseArguments(['watch', ...words.split(' ').filter(Boolean)]);
  const limits = grace === undefined ? {} : { grace: { span: 1, from: grace } };
  const policy = grace === undefined ? {} : { policy: { policy: { limits } } };
  return { flags, values, operands, ...policy } as unknown as Invocation;
}

describe('metrics are served', () => {
  test.each([
    [':9090', '127.0.0.1', 9090],
    ['9090', '127.0.0.1', 9090],
    ['0.0.0.0:9090', '0.0.0.0', 9090],
    ['localhost:0', 'localhost', 0],
    ['[::]:80', '::', 80],
    ['[::1]:80', '::1', 80],
  ])('%s: at %s, port %i', (text, host, port) => {
    expect(addressOf(text)).toEqual({ host, port });
  });

  test.each(['', 'localhost', ':', ':99999', '::1:80', 'a:b', '1.2.3.4:-1', 'http://x:1'])(
    'never at %j, which is an error',
    (text) => expect(() => addressOf(text)).toThrow(UsageError),
  );
});

test('the pace is half a minute and a day, or what the options say; what would be polling is refused', () => {
  expect(watchAsked(watch('-a'))).toEqual({ pace: { quiet: 30_000, every: 86_400_000 }, logFormat: 'text' });
  expect(watchAsked(watch('-a --quiet-time 2s --every 1h --log-format json --metrics :1'))).toEqual({
    pace: { quiet: 2000, every: 3_600_000 },
    logFormat: 'json',
    metrics: { host: '127.0.0.1', port: 1 },
  });
  for (const wrong of ['--quiet-time 0', '--quiet-time soon', '--every 10ms', '--log-format xml'])
    expect(() => watchAsked(watch(wrong))).toThrow(UsageError);
  expect(() => watchAsked(watch('--every 10ms'))).toThrow('--every 10ms is too short: give at least 1s');
});

describe('what may go', () => {
  test.each([
    '-a',
    '--keep 3',
    '--keep-daily 7',
    '--keep-tag x',
    '--older-than 7d',
    '--larger-than 1GB',
    '--filter until=1h',
  ])('is said by %s', (words) => expect(isTold(watch(words))).toBe(true));

  test.each([
    '',
    '--grace 1h',
    '--max-remove 3',
    '--quiet-time 1s',
    '--by pulled',
    '--archive',
    '--no-policy',
  ])('is not said by %j', (words) => expect(isTold(watch(words))).toBe(false));

  test('is said by a policy', () => expect(isTold(watch('', '1h'))).toBe(true));
});

test('the grace age is an hour, unless an option or the policy gives another', () => {
  const grace = (invocation: Invocation) => withGrace(invocation).values.get('grace');
  expect(grace(watch('-a'))).toEqual(['1h']);
  expect(grace(watch('-a --grace 0s'))).toEqual(['0s']);
  expect(grace(watch('', 'grace: 0s'))).toBeUndefined();
});
