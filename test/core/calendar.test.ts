// Calendar periods and spans, worked out by hand from the calendars of the zones.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Period } from '../../src/core/calendar.ts';
import { isNoSpan, before as momentBefore, parseSpan, periodOf } from '../../src/core/calendar.ts';

const BERLIN = 'Europe/Berlin'; // in 2026: +2 from 29 March 01:00Z, +1 from 25 October 01:00Z
const YORK = 'America/New_York'; // in 2026: -4 from 8 March 07:00Z, -5 from 1 November 06:00Z
const HOWE = 'Australia/Lord_Howe'; // in 2026: +10:30 from 4 April 15:00Z, +11 from 3 October 15:30Z
const APIA = 'Pacific/Apia'; // has no 30 December 2011: -10 until the 30th 10:00Z, then +14
const KATHMANDU = 'Asia/Kathmandu'; // +05:45

describe('the period that a moment lies in is local', () => {
  test.each<[Period, string, string, string]>([
    ['daily', '2026-06-01T21:59:59Z', BERLIN, '2026-06-01'],
    ['daily', '2026-06-01T22:00:00Z', BERLIN, '2026-06-02'],
    ['daily', '2026-06-01T22:00:00Z', 'UTC', '2026-06-01'],
    ['hourly', '2026-06-01T22:59:59.999Z', BERLIN, '2026-06-02 00h'],
    ['hourly', '2026-06-01T18:14:59Z', KATHMANDU, '2026-06-01 23h'],
    ['hourly', '2026-06-01T18:15:00Z', KATHMANDU, '2026-06-02 00h'],
    ['monthly', '2026-02-28T23:00:00Z', BERLIN, '2026-03'],
    ['monthly', '2024-02-29T22:59:59Z', BERLIN, '2024-02'],
    ['daily', '2024-02-29T12:00:00Z', BERLIN, '2024-02-29'],
    ['yearly', '2026-12-31T23:00:00Z', BERLIN, '2027'],
    ['yearly', '2027-01-01T04:59:59Z', YORK, '2026'],
  ])('%s: %s in %s is %s', (period, at, zone, name) => {
    expect(periodOf(Date.parse(at), period, zone)).toBe(name);
  });
});

describe('weeks are those of ISO 8601', () => {
  test.each([
    ['2026-12-28', '2026-W53'], // a Monday; 2026 began on a Thursday
    ['2026-12-31', '2026-W53'],
    ['2027-01-01', '2026-W53'],
    ['2027-01-03', '2026-W53'],
    ['2027-01-04', '2027-W01'],
    ['2024-12-29', '2024-W52'], // a Sunday
    ['2024-12-30', '2025-W01'],
    ['2023-01-01', '2022-W52'],
    ['2026-01-01', '2026-W01'],
    ['2025-12-29', '2026-W01'],
    ['2021-01-03', '2020-W53'],
    ['2026-11-21', '2026-W47'],
  ])('%s lies in %s', (day, week) => {
    expect(periodOf(Date.parse(`${day}T12:00:00Z`), 'weekly', 'UTC')).toBe(week);
  });

  test('and begin on Monday at midnight of the zone', () => {
    expect(periodOf(Date.parse('2026-11-22T22:59:59Z'), 'weekly', BERLIN)).toBe('2026-W47');
    expect(periodOf(Date.parse('2026-11-22T23:00:00Z'), 'weekly', BERLIN)).toBe('2026-W48');
  });
});

describe('where clocks change', () => {
  test.each<[string, string, string, string, boolean]>([
    ['the hour that occurs twice is one', BERLIN, '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z', true],
    ['the hour after it is another', BERLIN, '2026-10-25T01:30:00Z', '2026-10-25T02:00:00Z', false],
    ['so it is in New York', YORK, '2026-11-01T05:00:00Z', '2026-11-01T06:59:59Z', true],
    [
      'the hours around one that is skipped are two',
      BERLIN,
      '2026-03-29T00:59:00Z',
      '2026-03-29T01:00:00Z',
      false,
    ],
    ['so they are in New York', YORK, '2026-03-08T06:59:00Z', '2026-03-08T07:00:00Z', false],
    // From 02:00 (+11) back to 01:30 (+10:30): 01:00 to 02:00 takes an hour and a half.
    ['half an hour that occurs twice, too', HOWE, '2026-04-04T14:00:00Z', '2026-04-04T15:29:59Z', true],
    ['until it is over', HOWE, '2026-04-04T15:29:59Z', '2026-04-04T15:30:00Z', false],
    // From 02:00 (+10:30) on to 02:30 (+11).
    [
      'half an hour that is skipped ends the hour before',
      HOWE,
      '2026-10-03T15:29:00Z',
      '2026-10-03T15:30:00Z',
      false,
    ],
  ])('%s: %s', (_, zone, one, other, same) => {
    const hours = [one, other].map((at) => periodOf(Date.parse(at), 'hourly', zone));
    expect(hours[0] === hours[1]).toBe(same);
  });

  test('a day that is skipped has no name', () => {
    expect(periodOf(Date.parse('2011-12-30T09:59:59Z'), 'daily', APIA)).toBe('2011-12-29');
    expect(periodOf(Date.parse('2011-12-30T10:00:00Z'), 'daily', APIA)).toBe('2011-12-31');
  });
});

describe('a span before', () => {
  test.each<[string, string, string, string]>([
    // days keep the time of the clock
    ['2026-03-30T12:00:00+02:00', '1d', BERLIN, '2026-03-29T12:00:00+02:00'],
    ['2026-03-29T12:00:00+02:00', '1d', BERLIN, '2026-03-28T12:00:00+01:00'],
    ['2026-10-25T12:00:00+01:00', '1d', BERLIN, '2026-10-24T12:00:00+02:00'],
    ['2026-11-01T12:00:00-05:00', '1w', YORK, '2026-10-25T12:00:00-04:00'],
    // hours are exact
    ['2026-03-29T12:00:00+02:00', '24h', BERLIN, '2026-03-28T11:00:00+01:00'],
    ['2026-10-25T12:00:00+01:00', '24h', BERLIN, '2026-10-24T13:00:00+02:00'],
    ['2026-03-29T12:00:00+02:00', '1.5d', BERLIN, '2026-03-27T23:00:00+01:00'],
    ['2026-10-25T02:30:00+01:00', '1h', BERLIN, '2026-10-25T02:30:00+02:00'],
    ['2026-10-25T02:30:00+01:00', '30m', BERLIN, '2026-10-25T02:00:00+01:00'],
    ['2026-11-21T12:00:00Z', '90s', 'UTC', '2026-11-21T11:58:30Z'],
    // first the calendar, then the clock
    ['2026-03-30T12:00:00+02:00', '1d12h', BERLIN, '2026-03-28T23:00:00+01:00'],
    // a time that does not exist is the earlier of the two that it may be, 02:30 at +02:00 …
    ['2026-03-30T02:30:00+02:00', '1d', BERLIN, '2026-03-29T01:30:00+01:00'],
    ['2026-03-09T02:30:00-04:00', '1d', YORK, '2026-03-08T01:30:00-05:00'],
    ['2026-10-05T02:15:00+11:00', '1d', HOWE, '2026-10-04T01:45:00+10:30'],
    ['2011-12-31T12:00:00+14:00', '1d', APIA, '2011-12-29T12:00:00-10:00'],
    // … and so is one that exists twice
    ['2026-10-26T02:30:00+01:00', '1d', BERLIN, '2026-10-25T02:30:00+02:00'],
    ['2026-11-02T01:30:00-05:00', '1d', YORK, '2026-11-01T01:30:00-04:00'],
    ['2026-04-06T01:45:00+10:30', '1d', HOWE, '2026-04-05T01:45:00+11:00'],
    // months before the 31st
    ['2026-03-31T12:00:00Z', '1mo', 'UTC', '2026-03-03T12:00:00Z'], // 31 February
    ['2024-03-31T12:00:00Z', '1mo', 'UTC', '2024-03-02T12:00:00Z'],
    ['2026-05-31T12:00:00Z', '1mo', 'UTC', '2026-05-01T12:00:00Z'], // 31 April
    ['2026-03-31T12:00:00Z', '2mo', 'UTC', '2026-01-31T12:00:00Z'],
    ['2026-01-15T12:00:00Z', '1mo', 'UTC', '2025-12-15T12:00:00Z'],
    ['2026-01-15T12:00:00Z', '14mo', 'UTC', '2024-11-15T12:00:00Z'],
    ['2026-03-31T12:00:00Z', '1mo3d', 'UTC', '2026-02-28T12:00:00Z'], // 28 February: 31 less 3
    ['2026-05-31T12:00:00Z', '1mo1d', 'UTC', '2026-04-30T12:00:00Z'],
    // leap days
    ['2024-02-29T12:00:00Z', '1y', 'UTC', '2023-03-01T12:00:00Z'],
    ['2024-02-29T12:00:00Z', '4y', 'UTC', '2020-02-29T12:00:00Z'],
    ['2024-03-01T12:00:00Z', '1d', 'UTC', '2024-02-29T12:00:00Z'],
    ['2025-03-01T12:00:00Z', '1y1d', 'UTC', '2024-02-29T12:00:00Z'],
    ['2024-03-29T12:00:00Z', '1y1mo', 'UTC', '2023-03-01T12:00:00Z'], // 29 February 2023
    // the day is that of the zone
    ['2026-03-31T00:30:00+02:00', '1mo', BERLIN, '2026-03-03T00:30:00+01:00'],
    ['2026-03-30T22:30:00Z', '1mo', 'UTC', '2026-03-02T22:30:00Z'], // 30 February
  ])('%s, %s in %s: %s', (at, span, zone, expected) => {
    const found = momentBefore(Date.parse(at), parseSpan(span) as never, zone);
    expect(new Date(found).toISOString()).toBe(new Date(expected).toISOString());
  });

  test.each(['999999y', '300000y', '999999y999999mo', `${'999999w'.repeat(60)}`])(
    'that is longer than all calendars is before everything: %s',
    (span) => {
      expect(momentBefore(Date.parse('2026-11-21T12:00:00Z'), parseSpan(span) as never, BERLIN)).toBe(
        Number.NEGATIVE_INFINITY,
      );
    },
  );

  test('of ten thousand years is a date still', () => {
    expect(momentBefore(Date.parse('2026-11-21T12:00:00Z'), parseSpan('9999y') as never, 'UTC')).toBe(
      Date.UTC(-7973, 10, 21, 12),
    );
  });

  test('is never later for more of any unit, and always before the moment', () => {
    const at = fc.integer({ min: Date.UTC(2011, 11, 1), max: Date.UTC(2027, 0, 10) });
    const part = fc.constantFrom<'years' | 'months' | 'days' | 'ms'>('years', 'months', 'days', 'ms');
    const span = fc.record({
      years: fc.nat(3),
      months: fc.nat(15),
      days: fc.nat(40),
      ms: fc.nat(90_000_000),
    });
    fc.assert(
      fc.property(at, span, part, fc.constantFrom(BERLIN, YORK, HOWE, APIA), (ms, less, unit, zone) => {
        const more = { ...less, [unit]: less[unit] + 1 };
        expect(momentBefore(ms, more, zone)).toBeLessThanOrEqual(momentBefore(ms, less, zone));
        expect(momentBefore(ms, more, zone)).toBeLessThan(ms);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a span is written', () => {
  const none = { years: 0, months: 0, days: 0, ms: 0 };
  test.each<[string, Partial<typeof none>]>([
    ['14d', { days: 14 }],
    ['2w', { days: 14 }],
    ['1y6mo', { years: 1, months: 6 }],
    ['6mo', { months: 6 }],
    ['90m', { ms: 5_400_000 }], // minutes, where restic means months
    ['1mo1m', { months: 1, ms: 60_000 }],
    ['2w12h', { days: 14, ms: 43_200_000 }],
    ['1.5d', { ms: 129_600_000 }],
    ['0.5w', { ms: 302_400_000 }],
    ['1.5s', { ms: 1500 }],
    ['1d1d', { days: 2 }],
    ['0', {}],
    ['0d', {}],
  ])('%s', (text, span) => {
    expect(parseSpan(text)).toEqual({ ...none, ...span });
    expect(isNoSpan({ ...none, ...span })).toBe(Object.keys(span).length === 0);
  });

  test.each([
    '',
    'd',
    '1',
    '-1d',
    '1 d',
    '1D',
    '1.5mo',
    '0.5y',
    '.5d',
    '1.d',
    '1d2',
    '1e3d',
    '1234567d',
    'forever',
    '7days',
  ])('not %j', (text) => {
    expect(parseSpan(text)).toBeUndefined();
  });
});
