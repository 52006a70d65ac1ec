// The keep rules, on calendars worked out by hand. Times are given with their offsets; the letters are the tags that stay.
import { describe, expect, test } from 'vitest';
import type { Image } from '../../src/core/inventory.ts';
import { image, inventory, planFor } from '../support/builders.ts';
import { builtAt, keepsOf, keptTags } from '../support/calendar.ts';

type Row = readonly [options: string, keeps: string];

const FIVE = builtAt(`
  a 2026-11-20T10:00Z
  b 2026-11-19T10:00Z
  c 2026-11-18T10:00Z
  d 2026-11-17T10:00Z
  e 2026-11-16T10:00Z`);

test.each<Row>([
  ['--keep-last 1', 'a'],
  ['--keep-last 2', 'a b'],
  ['--keep-last 5', 'a b c d e'],
  ['--keep-last 99', 'a b c d e'],
  ['--keep-last -1', 'a b c d e'],
  ['--keep-last 0', ''],
  ['--keep-last 0 --keep-tag d', 'd'],
  ['--keep-last 1 --keep-last 3', 'a b c'],
])('the newest: %s keeps %s', (options, keeps) => {
  expect(keptTags(FIVE, options)).toBe(keeps);
  expect(keptTags(FIVE.toReversed(), options)).toBe(keeps);
});

const HOURS = builtAt(`
  a 2026-11-20T10:59:59Z
  b 2026-11-20T10:00:00Z
  c 2026-11-20T09:59:59Z
  d 2026-11-20T09:58:00Z
  e 2026-11-19T09:30:00Z
  f 2026-11-19T09:00:00Z`);

test.each<Row>([
  ['--keep-hourly 1', 'a'],
  ['--keep-hourly 2', 'a c'],
  ['--keep-hourly 3', 'a c e'],
  ['--keep-hourly 4', 'a c e f'], // f is the oldest, and there is room for it
  ['--keep-hourly 99', 'a c e f'],
  ['--keep-hourly -1', 'a c e f'],
  ['--keep-hourly 0', ''],
])('the newest of each hour: %s keeps %s', (options, keeps) => {
  expect(keptTags(HOURS, options)).toBe(keeps);
});

const DAYS = builtAt(`
  a 2026-11-20T10:00:00Z
  b 2026-11-20T08:00:00Z
  c 2026-11-18T23:59:59Z
  d 2026-11-18T00:00:00Z
  e 2026-11-17T23:59:59Z
  f 2026-11-17T01:00:00Z`);

test.each<Row>([
  ['--keep-daily 1', 'a'],
  ['--keep-daily 2', 'a c'],
  ['--keep-daily 3', 'a c e'], // three are used up before the oldest
  ['--keep-daily 4', 'a c e f'],
  ['--keep-daily -1', 'a c e f'],
  ['--keep-weekly 1', 'a'],
  ['--keep-weekly 2', 'a f'],
  ['--keep-daily 0', ''],
])('the newest of each day: %s keeps %s', (options, keeps) => {
  expect(keptTags(DAYS, options)).toBe(keeps);
});

/** 2026 has a week 53: 28 December to 3 January. */
const NEW_YEAR = builtAt(`
  a 2027-01-04T12:00Z
  b 2027-01-03T12:00Z
  c 2027-01-01T12:00Z
  d 2026-12-31T12:00Z
  e 2026-12-28T12:00Z
  f 2026-12-27T12:00Z
  g 2026-12-21T12:00Z`);

test.each<Row>([
  ['--keep-weekly 1', 'a'],
  ['--keep-weekly 2', 'a b'],
  ['--keep-weekly 3', 'a b f'],
  ['--keep-weekly 4', 'a b f g'],
  ['--keep-monthly 1', 'a'],
  ['--keep-monthly 2', 'a d'],
  ['--keep-monthly 3', 'a d g'],
  ['--keep-yearly 1', 'a'],
  ['--keep-yearly 2', 'a d'],
  ['--keep-yearly 3', 'a d g'],
  ['--keep-yearly -1', 'a d g'],
])('around a year’s end: %s keeps %s', (options, keeps) => {
  expect(keptTags(NEW_YEAR, options, { now: '2027-01-05T00:00:00Z' })).toBe(keeps);
});

/** 30 December 2024 is a Monday, of week 1 of 2025. */
const WEEK_ONE = builtAt(`
  a 2025-01-05T12:00Z
  b 2024-12-30T12:00Z
  c 2024-12-29T12:00Z
  d 2024-12-23T12:00Z`);

test.each<Row>([
  ['--keep-weekly 1', 'a'],
  ['--keep-weekly 2', 'a c'],
  ['--keep-weekly 3', 'a c d'],
  ['--keep-yearly 1', 'a'],
  ['--keep-yearly 2', 'a b'],
])('where December has a week 1: %s keeps %s', (options, keeps) => {
  expect(keptTags(WEEK_ONE, options)).toBe(keeps);
});

const LEAP = builtAt(`
  a 2024-03-01T12:00:00Z
  b 2024-02-29T12:00:01Z
  c 2024-02-29T12:00:00Z
  d 2024-02-28T12:00:00Z
  e 2023-02-28T12:00:00Z`);

test.each<Row>([
  ['--keep-daily 2', 'a b'],
  ['--keep-daily 3', 'a b d'],
  ['--keep-monthly 2', 'a b'],
  ['--keep-monthly 3', 'a b e'], // February of another year
  ['--keep-within 1d', 'a b'],
  ['--keep-within 2d', 'a b c'], // from 28 February
  ['--keep-within 1y', 'a b c d'], // from 1 March 2023
])('around a leap day: %s keeps %s', (options, keeps) => {
  expect(keptTags(LEAP, options)).toBe(keeps);
});

describe('within', () => {
  const WEEK = builtAt(`
    a 2026-11-20T12:00:00Z
    b 2026-11-13T12:00:01Z
    c 2026-11-13T12:00:00Z
    d 2026-11-10T00:00:00Z`);
  test.each<Row>([
    ['--keep-within 7d', 'a b'], // what is as old as that is not within
    ['--keep-within 1w', 'a b'],
    ['--keep-within 168h', 'a b'],
    ['--keep-within 7d1s', 'a b c'],
    ['--keep-within 1s', 'a'],
    ['--keep-within 1mo', 'a b c d'],
    ['--keep-within 999999y', 'a b c d'],
    ['--keep-within 0', ''],
    ['--keep-within 0d', ''],
  ])('counts from the newest, not from now: %s keeps %s', (options, keeps) => {
    expect(keptTags(WEEK, options, { now: '2030-01-01T00:00:00Z' })).toBe(keeps);
  });

  const MARCH = builtAt(`
    a 2026-03-31T12:00:00Z
    b 2026-03-03T12:00:01Z
    c 2026-03-03T12:00:00Z
    d 2026-02-28T12:00:01Z
    e 2026-01-31T12:00:01Z
    f 2026-01-31T12:00:00Z`);
  test.each<Row>([
    ['--keep-within 1mo', 'a b'], // from 31 February, which is 3 March
    ['--keep-within 1mo3d', 'a b c d'],
    ['--keep-within 2mo', 'a b c d e'],
    ['--keep-within 30m', 'a'], // minutes
  ])('months before the 31st: %s keeps %s', (options, keeps) => {
    expect(keptTags(MARCH, options)).toBe(keeps);
  });

  const PERIODS = builtAt(`
    a 2026-11-20T12:00Z
    b 2026-11-20T06:00Z
    c 2026-11-19T12:00Z
    d 2026-11-18T18:00Z
    e 2026-11-18T12:00Z
    f 2026-11-17T13:00Z
    g 2026-11-17T12:00Z`);
  test.each<Row>([
    ['--keep-within-hourly 3d', 'a b c d e f'],
    ['--keep-within-daily 3d', 'a c d f'], // g is the oldest, but three days old
    ['--keep-within-daily 4d', 'a c d f g'],
    ['--keep-within-weekly 3d', 'a'],
    ['--keep-within-weekly 4d', 'a g'],
    ['--keep-within-monthly 4d', 'a g'],
    ['--keep-within-yearly 3d', 'a'],
    ['--keep-within-yearly 1y', 'a g'],
    ['--keep-within-daily 0', ''],
    ['--keep-within-hourly 1h', 'a'],
  ])('the newest of each period: %s keeps %s', (options, keeps) => {
    expect(keptTags(PERIODS, options)).toBe(keeps);
  });

  const AHEAD = builtAt(`
    x 2026-12-24T12:00:00Z
    a 2026-11-20T12:00:00Z
    b 2026-11-19T12:00:01Z
    c 2026-11-19T12:00:00Z`);
  test.each<Row>([
    ['--keep-within 1d', 'a b x'],
    ['--keep-within-daily 1d', 'a b x'],
    ['--keep-within 0', ''],
    ['--keep-last 1', 'x'],
    ['--keep-daily 2', 'a x'],
  ])('what is dated in the future stays, but is not what is counted from: %s keeps %s', (options, keeps) => {
    expect(keptTags(AHEAD, options)).toBe(keeps);
  });

  test('what is dated now is dated in the future', () => {
    const images = builtAt('a 2026-11-21T12:00:00Z\nb 2026-11-21T11:00:00Z\nc 2026-11-21T10:30:00Z');
    expect(keptTags(images, '--keep-within 1h')).toBe('a b c');
    expect(keptTags(images, '--keep-within 1h', { now: '2026-11-21T12:00:01Z' })).toBe('a');
  });

  const FUTURE = builtAt(`
    a 2027-06-02T10:00Z
    b 2027-06-02T09:00Z
    c 2027-06-01T10:00Z
    d 2027-06-01T09:00Z`);
  test.each<Row>([
    ['--keep-within 1s', 'a b c d'],
    ['--keep-within-daily 1s', 'a c d'],
    ['--keep-last 1', 'a'],
    ['--keep-daily 1', 'a'],
  ])('all in the future: %s keeps %s', (options, keeps) => {
    expect(keptTags(FUTURE, options)).toBe(keeps);
  });
});

describe('local time', () => {
  const BERLIN = 'Europe/Berlin';
  const YORK = 'America/New_York';
  const HOWE = 'Australia/Lord_Howe';
  const APIA = 'Pacific/Apia';
  /** The hour from two to three occurs twice. */
  const BERLIN_AUTUMN = builtAt(`
    a 2026-10-25T03:10+01:00
    b 2026-10-25T02:50+01:00
    c 2026-10-25T02:10+01:00
    d 2026-10-25T02:50+02:00
    e 2026-10-25T02:10+02:00
    f 2026-10-25T01:50+02:00`);
  /** The hour from two to three is skipped. */
  const BERLIN_SPRING = builtAt(`
    a 2026-03-29T03:10+02:00
    b 2026-03-29T01:50+01:00
    c 2026-03-29T01:10+01:00
    d 2026-03-28T12:30+01:00
    e 2026-03-28T03:30+01:00
    f 2026-03-28T02:30+01:00`);
  const LONG_DAY = builtAt(`
    a 2026-10-26T00:00+01:00
    b 2026-10-25T23:59+01:00
    c 2026-10-25T00:00+02:00
    d 2026-10-24T23:59+02:00`);
  const NOONS = builtAt(`
    a 2026-10-25T12:00+01:00
    b 2026-10-24T12:30+02:00
    c 2026-10-24T12:00+02:00`);
  const YORK_AUTUMN = builtAt(`
    a 2026-11-01T03:10-05:00
    b 2026-11-01T01:50-05:00
    c 2026-11-01T01:10-04:00
    d 2026-11-01T00:50-04:00`);
  const YORK_SPRING = builtAt(`
    a 2026-03-08T03:10-04:00
    b 2026-03-08T01:50-05:00
    c 2026-03-08T01:10-05:00`);
  /** From 02:00 back to 01:30. */
  const HOWE_AUTUMN = builtAt(`
    a 2026-04-05T02:10+10:30
    b 2026-04-05T01:40+10:30
    c 2026-04-05T01:40+11:00
    d 2026-04-05T01:00+11:00
    e 2026-04-05T00:59+11:00`);
  /** From 02:00 on to 02:30. */
  const HOWE_SPRING = builtAt(`
    a 2026-10-04T02:40+11:00
    b 2026-10-04T01:50+10:30
    c 2026-10-04T01:10+10:30
    d 2026-10-03T23:50+10:30`);
  /** There is no 30 December 2011. */
  const APIA_SKIP = builtAt(`
    a 2011-12-31T01:00:00+14:00
    b 2011-12-29T23:00:00-10:00
    c 2011-12-29T01:00:00-10:00
    d 2011-12-28T12:00:00-10:00`);
  test.each<[options: string, zone: string, images: Image[], keeps: string]>([
    ['--keep-hourly 2', BERLIN, BERLIN_AUTUMN, 'a b'],
    ['--keep-hourly 3', BERLIN, BERLIN_AUTUMN, 'a b f'], // the hour that occurs twice is one
    ['--keep-hourly 3', 'UTC', BERLIN_AUTUMN, 'a b d'],
    ['--keep-hourly 2', BERLIN, BERLIN_SPRING, 'a b'],
    ['--keep-hourly 3', BERLIN, BERLIN_SPRING, 'a b d'],
    ['--keep-within 1d', BERLIN, BERLIN_SPRING, 'a b c d e'],
    ['--keep-within 24h', BERLIN, BERLIN_SPRING, 'a b c d e f'],
    ['--keep-daily 2', BERLIN, LONG_DAY, 'a b'],
    ['--keep-daily 3', BERLIN, LONG_DAY, 'a b d'],
    ['--keep-daily 2', 'UTC', LONG_DAY, 'a c'],
    ['--keep-within 1d', BERLIN, NOONS, 'a b'], // that day has 25 hours
    ['--keep-within 24h', BERLIN, NOONS, 'a'],
    ['--keep-within 25h', BERLIN, NOONS, 'a b'],
    ['--keep-within 1d', 'UTC', NOONS, 'a'],
    ['--keep-hourly 2', YORK, YORK_AUTUMN, 'a b'],
    ['--keep-hourly 3', YORK, YORK_AUTUMN, 'a b d'],
    ['--keep-hourly 3', 'UTC', YORK_AUTUMN, 'a b c'],
    ['--keep-hourly 2', YORK, YORK_SPRING, 'a b'],
    ['--keep-within-hourly 1d', YORK, YORK_SPRING, 'a b c'], // c is the oldest
    ['--keep-hourly 2', HOWE, HOWE_AUTUMN, 'a b'],
    ['--keep-hourly 3', HOWE, HOWE_AUTUMN, 'a b e'],
    ['--keep-hourly 2', HOWE, HOWE_SPRING, 'a b'],
    ['--keep-hourly 3', HOWE, HOWE_SPRING, 'a b d'],
    ['--keep-daily 2', HOWE, HOWE_SPRING, 'a d'],
    ['--keep-daily 1', 'UTC', HOWE_SPRING, 'a'],
    ['--keep-daily 2', APIA, APIA_SKIP, 'a b'],
    ['--keep-daily 3', APIA, APIA_SKIP, 'a b d'],
    ['--keep-daily 2', 'UTC', APIA_SKIP, 'a c'],
    ['--keep-within 1d', APIA, APIA_SKIP, 'a b'], // the day before is the 29th
    ['--keep-within 3d', APIA, APIA_SKIP, 'a b c d'], // from 28 December, 01:00
  ])('%s in %s', (options, zone, images, keeps) => {
    expect(keptTags(images, options, { zone })).toBe(keeps);
  });
});

describe('places', () => {
  const SAME = builtAt('v9 2026-11-20T10:00Z\nv10 2026-11-20T10:00Z\nv11 2026-11-20T10:00Z');
  test.each<Row>([
    ['--keep-last 1', 'v11'],
    ['--keep-last 2', 'v10 v11'],
    ['--keep-daily 1', 'v11'],
    ['--keep-daily 2', 'v11 v9'], // v9 counts as the oldest
    ['--keep-within-daily 1d', 'v11 v9'],
    ['--keep-within 1s', 'v10 v11 v9'],
  ])('of equal instants the higher tag is the newer: %s keeps %s', (options, keeps) => {
    for (const images of [SAME, SAME.toReversed()]) expect(keptTags(images, options)).toBe(keeps);
  });

  test('then the higher ID', () => {
    const [x, y] = [image('x:1'), image('y:1')];
    for (const images of [
      [x, y],
      [y, x],
    ]) {
      const { kept } = planFor(inventory(images), {
        keeps: keepsOf('--keep-daily 1'),
        groupBy: { kind: 'none' },
      });
      expect(kept.map(({ target }) => target)).toEqual(['y:1']);
    }
  });

  test('equal instants are equal in whatever zone they are written', () => {
    const images = builtAt('a 2026-11-20T23:30-05:00\nb 2026-11-21T05:30+01:00\nc 2026-11-21T04:30Z');
    expect(keptTags(images, '--keep-daily 1')).toBe('c');
  });

  const TWICE = builtAt('a+latest 2026-11-20T10:00Z\nb 2026-11-19T10:00Z\nc 2026-11-18T10:00Z');
  test.each<Row>([
    ['--keep-last 2', 'a b latest'],
    ['--keep-daily 2', 'a b latest'],
    ['--keep-within 1h', 'a latest'],
    ['--keep-tag latest', 'a latest'],
  ])('two tags on one image are one: %s keeps %s', (options, keeps) => {
    expect(keptTags(TWICE, options)).toBe(keeps);
  });

  const ODD = builtAt(`
    a 2026-11-20T10:00Z
    b 2026-11-20T09:00Z
    c 2026-11-20T08:00Z
    x 1970-01-01T00:00:00Z
    y 1980-01-01T00:00:01Z
    z -`);
  test.each<Row>([
    ['--keep-last 1', 'a x y z'],
    ['--keep-daily 1', 'a x y z'],
    ['--keep-daily 2', 'a c x y z'], // c is the oldest of those that have a date
    ['--keep-yearly -1', 'a c x y z'],
    ['--keep-within 1s', 'a x y z'],
    ['--keep-within-hourly 1s', 'a x y z'],
    ['--keep-last -1', 'a b c x y z'],
    ['--keep-tag b --keep-daily 1', 'a b x y z'],
    ['--keep-tag b', 'b'],
    ['--keep-last 0 --keep-daily 0 --keep-within 0', ''],
  ])('what has no date stays wherever dates are asked for: %s keeps %s', (options, keeps) => {
    expect(keptTags(ODD, options)).toBe(keeps);
  });

  test('each repository is a group of its own', () => {
    const images = [
      ...builtAt('a 2026-11-20T10:00Z\nb 2026-11-20T09:00Z'),
      image('other:c', { created: '2020-01-01T10:00:00Z' }),
      image('other:d', { created: '2020-01-01T09:00:00Z' }),
    ];
    expect(keptTags(images, '--keep-daily 1')).toBe('a c');
    expect(keptTags(images, '--keep-within 1m')).toBe('a c');
    expect(keptTags(images, '--keep-daily 1', { groupBy: { kind: 'none' } })).toBe('a');
  });
});

describe('--sort', () => {
  /** Built in one order, come in the other. */
  const CROSSED = ['2026-11-10', '2026-11-11', '2026-11-12'].map((day, i) =>
    image(`app:v${10 - i}`, { created: `${day}T10:00:00Z`, arrived: `2026-11-${20 - i}T10:00:00Z` }),
  );
  test.each<[options: string, sort: 'created' | 'pulled' | 'version', keeps: string]>([
    ['--keep-last 1', 'created', 'v8'],
    ['--keep-daily 1', 'created', 'v8'],
    ['--keep-within 1h', 'created', 'v8'],
    ['--keep-last 1', 'pulled', 'v10'],
    ['--keep-daily 1', 'pulled', 'v10'],
    ['--keep-within 1h', 'pulled', 'v10'],
    ['--keep-within-daily 2d', 'pulled', 'v10 v9'],
    ['--keep-last 1', 'version', 'v10'],
    ['--keep-daily 1', 'version', 'v8'], // versions have no days
    ['--keep-within 1h', 'version', 'v8'],
    ['--keep-last 1 --keep-daily 1', 'version', 'v10 v8'],
  ])('%s by %s', (options, sort, keeps) => {
    expect(keptTags(CROSSED, options, { sort })).toBe(keeps);
  });

  const LACKING = [
    ...CROSSED,
    image('app:latest', { created: '2026-11-01T00:00:00Z' }),
    image('app:v1', { created: '1970-01-01T00:00:00Z', arrived: '2026-11-01T00:00:00Z' }),
  ];
  test.each<[options: string, sort: 'created' | 'pulled' | 'version', keeps: string]>([
    ['--keep-last 1', 'pulled', 'latest v10'], // nobody knows when latest came
    ['--keep-daily 1', 'pulled', 'latest v10'],
    ['--keep-last 1', 'created', 'v1 v8'],
    ['--keep-last 1', 'version', 'latest v10'],
    ['--keep-daily 1', 'version', 'v1 v8'],
    ['--keep-last 1 --keep-daily 1', 'version', 'latest v1 v10 v8'],
  ])('what lacks what %s asks for by %s stays', (options, sort, keeps) => {
    expect(keptTags(LACKING, options, { sort })).toBe(keeps);
  });
});

describe('together', () => {
  test('the union stays, and other rules do not use up a count', () => {
    expect(keptTags(DAYS, '--keep-last 2 --keep-daily 2')).toBe('a b c');
    expect(
      keptTags(NEW_YEAR, '--keep-last 1 --keep-weekly 3 --keep-yearly 2 --keep-tag e', {
        now: '2027-02-01T00:00:00Z',
      }),
    ).toBe('a b d e f');
  });

  test('labels keep', () => {
    const images = [
      image('app:a', { labels: { pinned: 'true' } }),
      image('app:b', { labels: { pinned: '' } }),
      image('app:c', { labels: { unpinned: 'true' } }),
    ];
    expect(keptTags(images, '--keep-label pinned')).toBe('a b');
    expect(keptTags(images, '--keep-label pinned=true')).toBe('a');
    expect(keptTags(images, '--keep-label pinned=')).toBe('b');
  });

  test('each image says all that keeps it, by the name and in the words of the option', () => {
    const options =
      '--keep-last 1 --keep-hourly 1 --keep-weekly 9 --keep-within 1h --keep-within-daily 7d --keep-tag f --keep-label x=y';
    const images = DAYS.map((each) => ({ ...each, labels: { x: 'y' } }));
    const plan = planFor(inventory(images), { keeps: keepsOf(options) });
    const reasons = (tag: string) =>
      plan.kept
        .find(({ target }) => target === `app:${tag}`)
        ?.reasons.map(({ rule, text }) => `${rule}: ${text}`);
    const label = 'keep-label: labelled x=y, --keep-label x=y';
    expect(reasons('a')).toEqual([
      'keep-last: newest of 6',
      'keep-hourly: newest of 2026-11-20 10h, --keep-hourly 1',
      'keep-weekly: newest of 2026-W47, --keep-weekly 9',
      'keep-within: less than 1h older than the newest, --keep-within 1h',
      'keep-within-daily: newest of 2026-11-20, --keep-within-daily 7d',
      label,
    ]);
    expect(reasons('b')).toEqual([label]);
    expect(reasons('f')).toEqual([
      'keep-weekly: the oldest, and --keep-weekly 9 has room for it',
      'keep-within-daily: the oldest, and --keep-within-daily 7d has room for it',
      'keep-tag: --keep-tag f',
      label,
    ]);
  });

  test('each image that goes says its rank, and what it is beyond', () => {
    const { actions } = planFor(inventory(DAYS), {
      keeps: keepsOf('--keep-daily 3 --keep-within 1h --keep-tag x'),
    });
    expect(actions.map(({ because }) => `${because.rule}: ${because.text}`)).toEqual([
      'keep-daily: 2nd newest of app, beyond --keep-daily 3 and --keep-within 1h',
      'keep-daily: 4th newest of app, beyond --keep-daily 3 and --keep-within 1h',
      'keep-daily: 6th newest of app, beyond --keep-daily 3 and --keep-within 1h',
    ]);
  });
});
