// When one may pick from a plan.
import { expect, test } from 'vitest';
import { mayPick } from '../../src/commands/interactive.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';

const asked = (words: string, more: { env?: object; out?: boolean; in?: boolean } = {}) => {
  const { flags, values } = parseArguments(words.split(' '));
  const { env = { TERM: 'xterm' } } = more;
  const stdin = () => ({ isTTY: more.in ?? true });
  const stdout = { isTTY: more.out ?? true };
  return () => mayPick({ flags, values, env, stdin, stdout } as unknown as Invocation);
};

test.each(['-i', 'images -a -i', 'containers -i', 'networks -i', 'cache -i', 'all -i --format table'])(
  '%s lets one pick on a terminal',
  (words) => {
    expect(asked(words)).not.toThrow();
  },
);

test.each([
  ['-i -f', 'leave out one of them'],
  ['images -i -q', '-q'],
  ['images -i --format json', '--format json'],
])('%s is a usage error that says what to leave out', (words, told) => {
  expect(asked(words)).toThrow(UsageError);
  expect(asked(words)).toThrow(told);
});

test('without a terminal to read keys from and to draw on it is refused', () => {
  for (const more of [{ in: false }, { out: false }, { env: { TERM: 'dumb' } }]) {
    expect(asked('-i', more)).toThrow(Refusal);
    expect(asked('-i', more)).toThrow('Leave out -i');
  }
});

test.each(['volumes -i', 'apply -i plan.json', 'watch -i'])('%s is no option there', (words) => {
  expect(() => parseArguments(words.split(' '))).toThrow('unknown flag: --interactive');
});
