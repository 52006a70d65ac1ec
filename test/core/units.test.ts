import { expect, test } from 'vitest';
import { count, humanDuration, humanSize, ordinal } from '../../src/core/units.ts';

test.each([
  [0, '0B'],
  [999, '999B'],
  [1000, '1kB'],
  [1_049_000, '1.049MB'],
  [123_250, '123.2kB'], // an exact tie goes to the even digit
  [123_350, '123.3kB'], // no tie: the double lies below
  [123_750, '123.8kB'],
  [999_949, '999.9kB'],
  [999_950, '1000kB'], // docker prints it so
  [110_000_000_000, '110GB'],
  [2 ** 60, '1.153EB'],
])('a size of %d bytes reads %s, as docker prints it', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text);
});

const HOUR = 3_600_000;
test.each([
  [0, 'Less than a second'],
  [1_500, '1 second'],
  [59_999, '59 seconds'],
  [61_000, 'About a minute'],
  [59 * 60_000, '59 minutes'],
  [HOUR, 'About an hour'],
  [1.5 * HOUR, '2 hours'],
  [47 * HOUR, '47 hours'],
  [48 * HOUR, '2 days'],
  [13.9 * 24 * HOUR, '13 days'],
  [14 * 24 * HOUR, '2 weeks'],
  [60 * 24 * HOUR, '2 months'],
  [365 * 2 * 24 * HOUR, '2 years'],
])('%d ms are %s, as docker says it', (ms, text) => {
  expect(humanDuration(ms)).toBe(text);
});

test('ordinals and counts read as English', () => {
  expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
    '102nd',
    '111th',
  ]);
  expect([count(0, 'image'), count(1, 'image'), count(2, 'image')]).toEqual([
    '0 images',
    '1 image',
    '2 images',
  ]);
});
