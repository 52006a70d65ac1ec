// Keep rules as they are written.
import { expect, test } from 'vitest';
import { KEEP_WORDS, keepTagWords, readKeep } from '../../src/core/keep-options.ts';
import type { Keep } from '../../src/core/retention.ts';
import { keepsAny, ordersMembers } from '../../src/core/retention.ts';

const read = (word: string, text: string): Keep => readKeep(word, text, { from: `--keep-${word} ${text}` });
const span = { years: 0, months: 0, days: 0, ms: 0 };

test('there is a word for each', () => {
  expect([...KEEP_WORDS].sort()).toEqual(
    'daily hourly label last monthly tag weekly within within-daily within-hourly within-monthly within-weekly within-yearly yearly'.split(
      ' ',
    ),
  );
});

test.each<[word: string, text: string, rule: object]>([
  ['last', '3', { rule: 'last', count: 3 }],
  ['last', '-1', { rule: 'last', count: -1 }],
  ['last', '0', { rule: 'last', count: 0 }],
  ['hourly', '24', { rule: 'hourly', count: 24 }],
  ['daily', '7', { rule: 'daily', count: 7 }],
  ['weekly', '-1', { rule: 'weekly', count: -1 }],
  ['monthly', '012', { rule: 'monthly', count: 12 }],
  ['yearly', '1', { rule: 'yearly', count: 1 }],
  ['within', '14d', { rule: 'within', text: '14d', span: { ...span, days: 14 } }],
  ['within', '1y6mo', { rule: 'within', text: '1y6mo', span: { ...span, years: 1, months: 6 } }],
  [
    'within-hourly',
    '90m',
    { rule: 'within', period: 'hourly', text: '90m', span: { ...span, ms: 5_400_000 } },
  ],
  ['within-daily', '2w', { rule: 'within', period: 'daily', text: '2w', span: { ...span, days: 14 } }],
  ['within-weekly', '3mo', { rule: 'within', period: 'weekly', text: '3mo', span: { ...span, months: 3 } }],
  ['within-monthly', '1y', { rule: 'within', period: 'monthly', text: '1y', span: { ...span, years: 1 } }],
  ['within-yearly', '0', { rule: 'within', period: 'yearly', text: '0', span }],
  ['label', 'pinned', { rule: 'label', key: 'pinned' }],
  ['label', 'pinned=', { rule: 'label', key: 'pinned', value: '' }],
  ['label', 'a=b=c', { rule: 'label', key: 'a', value: 'b=c' }],
  ['tag', 'v*', { rule: 'tag', text: 'v*' }],
])('%s %j', (word, text, rule) => {
  const { matches: _, ...keep } = { matches: undefined, ...read(word, text) };
  expect(keep).toEqual({ ...rule, from: `--keep-${word} ${text}` });
});

const NUMBER = 'it is a number of images, or -1 to keep all';
const SPAN = 'it is a span of time as 12h, 14d, 6mo or 1y6mo';
test.each([
  ['last', '-2', NUMBER],
  ['last', '', NUMBER],
  ['last', 'all', NUMBER],
  ['daily', '1.5', NUMBER],
  ['daily', '7d', NUMBER],
  ['hourly', '1e3', NUMBER],
  ['yearly', '99999999999999999', NUMBER],
  ['monthly', ' 1', NUMBER],
  ['within', '', SPAN],
  ['within', '7', SPAN],
  ['within', '-7d', SPAN],
  ['within', '1.5mo', SPAN],
  ['within-daily', '7 days', SPAN],
  ['label', '', 'it is KEY or KEY=VALUE'],
  ['label', '=x', 'it is KEY or KEY=VALUE'],
  ['label', ' x', 'it is KEY or KEY=VALUE'],
])('%s %j is refused, with what it may be', (word, text, why) => {
  expect(() => read(word, text)).toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: `invalid argument "${text}" for "--keep-${word}": ${why}`,
    }),
  );
});

test('a glob that no tag can match is refused in the words of the option, a policy’s too', () => {
  expect(() => readKeep('tag', 'a/b', { from: 'keep.tags a/b', source: 'tidy.yaml:4' })).toThrow(
    /^invalid argument "a\/b" for "keep.tags": /,
  );
});

test('where a rule was written stays with it', () => {
  const keep = readKeep('daily', '7', { from: 'keep.daily 7', source: 'tidy.yaml:4' });
  expect(keep).toMatchObject({ from: 'keep.daily 7', source: 'tidy.yaml:4' });
});

test.each<[word: string, text: string, any: boolean, orders: boolean]>([
  ['last', '0', false, false],
  ['last', '1', true, true],
  ['last', '-1', true, false],
  ['daily', '0', false, false],
  ['daily', '1', true, true],
  ['daily', '-1', true, true],
  ['within', '0', false, false],
  ['within', '0d', false, false],
  ['within', '1s', true, true],
  ['within-daily', '0h', false, false],
  ['within-daily', '1d', true, true],
  ['tag', 'v*', true, false],
  ['label', 'x', true, false],
])('%s %s may keep something: %s; by what is newer: %s', (word, text, any, orders) => {
  const keep = read(word, text);
  expect(keepsAny(keep)).toBe(any);
  expect(ordersMembers([keep])).toBe(orders);
});

test.each([
  ['latest', '--keep-tag latest'],
  ['v1.0-rc_1', '--keep-tag v1.0-rc_1'],
  ['v*', "--keep-tag 'v*'"],
  ['{a,b}', "--keep-tag '{a,b}'"],
])('--keep-tag %s is typed as %s', (text, words) => {
  expect(keepTagWords(text)).toBe(words);
});
