// What a mistyped word may have meant: something like it, and no other word.
import { expect, test } from 'vitest';
import { COMMAND_WORDS, nearest } from '../../src/commands/nearest.ts';
import { COMMANDS } from '../../src/plugin/options.ts';

test('every command may be meant', () => {
  expect([...COMMAND_WORDS].sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
});

test.each<[string, string[], string | undefined]>([
  ['imags', ['images', 'cache'], 'images'],
  ['wach', ['watch', 'why'], 'watch'],
  ['vv', ['s', 'app'], undefined],
  ['x', ['y'], undefined],
  ['app', ['api', 'web'], 'api'],
  ['app', ['app'], undefined],
])('%s of %j is %s', (word, among, expected) => {
  expect(nearest(word, among)).toBe(expected);
});
