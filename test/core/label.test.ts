// Labels that keep: which values are read how, and until when.
import { describe, expect, test } from 'vitest';
import { keepLastLabel, keptByLabels, saysKeep } from '../../src/core/label.ts';
import type { Kept } from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planNetworks } from '../../src/core/plan-networks.ts';
import { planVolumes } from '../../src/core/plan-volumes.ts';
import {
  conditions,
  image,
  inventory,
  lines,
  network,
  planFor,
  stopped,
  volume,
} from '../support/builders.ts';

type Labels = Record<string, string>;
const BUILT = '2026-11-01T00:00:00Z';
const at = (now: string, labels: Labels, time: string | undefined = BUILT) =>
  keptByLabels(labels, { word: 'built', time }, Date.parse(now), true);
const rules = (now: string, labels: Labels, time?: string) => at(now, labels, time).map(({ rule }) => rule);

test.each<[string, boolean]>([
  ['true', true],
  ['', true],
  ['yes', true],
  ['soon', true],
  ['1', true],
  ['00', true],
  [' false', true],
  ['nope', true],
  ['false', false],
  ['FALSE', false],
  ['0', false],
  ['no', false],
  ['Off', false],
])('tidy.keep=%j keeps: %s', (value, keeps) => {
  expect(saysKeep({ 'tidy.keep': value })).toBe(keeps);
  expect(rules('2026-11-21T00:00:00Z', { 'tidy.keep': value })).toEqual(keeps ? ['keep-label'] : []);
});

test.each<[string, number | undefined]>([
  ['3', 3],
  ['0', 0],
  ['007', 7],
  ['999999999', 999_999_999],
  ['-1', undefined],
  ['', undefined],
  ['3.5', undefined],
  ['all', undefined],
  ['10000000000', undefined],
])('tidy.keep-last=%j is %s; what is no number keeps the image', (value, n) => {
  expect(keepLastLabel({ 'tidy.keep-last': value })).toBe(n);
  const expected = n === undefined ? ['unreadable-label'] : [];
  expect(rules('2026-11-21T00:00:00Z', { 'tidy.keep-last': value })).toEqual(expected);
});

/** The last moment at which it stays, and the first at which it does not. */
describe('a lifetime', () => {
  test.each<[key: string, value: string, end: string]>([
    ['tidy.ttl', '7d', '2026-11-08T00:00:00Z'],
    ['tidy.ttl', '90m', '2026-11-01T01:30:00Z'], // minutes
    ['tidy.ttl', '1mo', '2026-12-01T00:00:00Z'], // 30 days
    ['tidy.ttl', '1d12h', '2026-11-02T12:00:00Z'],
    ['tidy.ttl', '1.5h', '2026-11-01T01:30:00Z'],
    ['quay.expires-after', '20s', '2026-11-01T00:00:20Z'],
    ['quay.expires-after', '90m', '2026-11-01T01:30:00Z'],
    ['quay.expires-after', '2h', '2026-11-01T02:00:00Z'],
    ['quay.expires-after', '7d', '2026-11-08T00:00:00Z'],
    ['quay.expires-after', '2w', '2026-11-15T00:00:00Z'],
    ['tidy.expires', '2026-12-24T18:00:00Z', '2026-12-24T18:00:00Z'],
    ['tidy.expires', '2026-12-24T18:00:00+01:00', '2026-12-24T17:00:00Z'],
    ['tidy.expires', '2026-12-24T18:00:00.5-05:00', '2026-12-24T23:00:00.5Z'],
    ['tidy.expires', '2026-12-24', '2026-12-25T12:00:00Z'], // at -12:00 the day ends last
    ['tidy.expires', '2026-12-31', '2027-01-01T12:00:00Z'],
    ['tidy.expires', '2028-02-29', '2028-03-01T12:00:00Z'],
  ])('%s=%s ends at %s', (key, value, end) => {
    const moment = (ms: number) => new Date(Date.parse(end) + ms).toISOString();
    expect(rules(moment(-1), { [key]: value })).toEqual(['label-lifetime']);
    expect(rules(moment(0), { [key]: value })).toEqual([]);
  });

  test.each([
    ['tidy.ttl', ''],
    ['tidy.ttl', 'week'],
    ['tidy.ttl', '-7d'],
    ['tidy.ttl', '7'],
    ['tidy.ttl', '7 d'],
    ['quay.expires-after', '1mo'],
    ['quay.expires-after', '1y'],
    ['quay.expires-after', '1d12h'],
    ['quay.expires-after', '1.5h'],
    ['quay.expires-after', 'never'],
    ['tidy.expires', ''],
    ['tidy.expires', 'tomorrow'],
    ['tidy.expires', '2020-02-30'],
    ['tidy.expires', '2021-02-29'],
    ['tidy.expires', '2020-13-01'],
    ['tidy.expires', '2020-04-31T10:00:00Z'],
    ['tidy.expires', '2020-04-30T25:00:00Z'],
    ['tidy.expires', '2020-04-30T10:00:00'],
    ['tidy.expires', '20200430'],
    ['tidy.expires', '1 May 2020'],
  ])('%s=%j cannot be read, and keeps', (key, value) => {
    expect(at('2030-01-01T00:00:00Z', { [key]: value })).toEqual([
      { rule: 'unreadable-label', text: `its label ${key}=${value} cannot be read, so it stays` },
    ]);
  });

  test.each(['2026-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '1980-01-01T00:00:01Z'])(
    'says until when; of what has no age but %s a span keeps, and a date does what it says',
    (time) => {
      const now = '2026-11-21T00:00:00Z';
      expect(at(now, { 'tidy.expires': '2026-12-24' }, time)).toEqual([
        {
          rule: 'label-lifetime',
          text: 'label tidy.expires=2026-12-24 keeps it until 2026-12-25 12:00Z',
          eligible: '2026-12-25T12:00:00Z',
        },
      ]);
      expect(rules(now, { 'tidy.expires': '2026-10-24' }, time)).toEqual([]);
      const unknown = time.startsWith('2026') ? [] : ['unknown-age'];
      expect(rules(now, { 'tidy.ttl': '1h' }, time)).toEqual(unknown);
      expect(rules(now, { 'quay.expires-after': '1h' }, time)).toEqual(unknown);
    },
  );

  test('beyond the year 9999 keeps without a date', () => {
    expect(at('2026-11-21T00:00:00Z', { 'tidy.ttl': '99999y' })).toEqual([
      { rule: 'label-lifetime', text: 'label tidy.ttl=99999y keeps it' },
    ]);
  });

  test('of several the object stays while any lasts', () => {
    const both = { 'tidy.ttl': '1d', 'tidy.expires': '2026-11-30' };
    expect(rules('2026-11-01T12:00:00Z', both)).toEqual(['label-lifetime', 'label-lifetime']);
    expect(rules('2026-11-21T00:00:00Z', both)).toEqual(['label-lifetime']);
    expect(rules('2026-12-02T00:00:00Z', both)).toEqual([]);
  });
});

describe('in a plan, made at 2026-11-21T02:41:09Z', () => {
  test.each<[string, Parameters<typeof image>[1], string]>([
    ['built and come over a week ago', { arrived: '2026-11-10T00:00:00Z' }, 'delete'],
    ['come less than a week ago', { arrived: '2026-11-15T00:00:00Z' }, 'keep'],
    [
      'built less than a week ago, dated here before',
      { created: '2026-11-15T00:00:00Z', arrived: BUILT },
      'keep',
    ],
    [
      'built at no time, but come over a week ago',
      { created: '1970-01-01T00:00:00Z', arrived: BUILT },
      'delete',
    ],
    ['built at no time, and come at none', { created: '1970-01-01T00:00:00Z' }, 'keep'],
  ])('an image of tidy.ttl=7d %s', (_, times, word) => {
    const on = inventory([image('app:1', { ...times, labels: { 'tidy.ttl': '7d' } })]);
    expect(lines(planFor(on, { all: true }))).toEqual([`${word} app:1`]);
  });

  test('a container’s lifetime counts since it stopped, a network’s and a volume’s since it was made', () => {
    const labels = (day: number) => ({ labels: { 'tidy.ttl': `${day}d` } });
    const days = [12, 10]; // 20 and a bit have passed since 1 November, 11 and a bit since the 10th
    const on = inventory(
      [],
      days.map((n) => stopped(`c${n}`, 10, labels(n))),
      [],
      {
        networks: [21, 20].map((n) => network(`n${n}`, labels(n))),
        volumes: [21, 20].map((n) => volume(`v${n}`, labels(n))),
      },
    );
    expect(lines(planContainers(on, conditions()))).toEqual(['delete c10', 'keep c12']);
    expect(lines(planNetworks(on, conditions()))).toEqual(['delete n20', 'keep n21']);
    const volumes = {
      names: ['v20', 'v21'],
      conditions: conditions(),
      looks: new Map(),
      mounters: new Map(),
    };
    expect(lines(planVolumes(on, volumes))).toEqual(['delete v20', 'keep v21']);
  });

  test('labels about images alone do not keep a container that took them over', () => {
    const labels = { 'quay.expires-after': '9w', 'tidy.keep-last': 'x' };
    expect(lines(planContainers(inventory([], [stopped('c', 10, { labels })]), conditions()))).toEqual([
      'delete c',
    ]);
  });

  test('each label that cannot be read is told, with the name of its object', () => {
    const slip = { labels: { 'tidy.ttl': 'soon', 'tidy.keep-last': 'all' } };
    const on = inventory([image('app:1', slip), image('app:2')], [stopped('web', 10, slip)]);
    expect(planFor(on, { all: true }).notes).toEqual([
      'app:1: its label tidy.keep-last=all cannot be read, so it stays.',
      'app:1: its label tidy.ttl=soon cannot be read, so it stays.',
    ]);
    const plan = planOf(on, [], [planContainers(on, conditions())]);
    expect(plan.notes).toEqual(['web: its label tidy.ttl=soon cannot be read, so it stays.']);
  });
});

describe('tidy.keep-last', () => {
  /** Builds `app:1`, `app:2` …, each with the N that is given for it. */
  const builds = (...given: (string | undefined)[]) =>
    given.map((n, i) =>
      image(`app:${i + 1}`, { day: i + 1, labels: n === undefined ? {} : { 'tidy.keep-last': n } }),
    );
  const keeps = (images: ReturnType<typeof builds>, asked: Parameters<typeof planFor>[1] = { all: true }) =>
    planFor(inventory(images), asked)
      .kept.map(({ target }) => target.replace('app:', ''))
      .sort()
      .join(' ');

  test.each<[string, (string | undefined)[], string]>([
    ['keeps so many of the newest, by -a alone', [undefined, undefined, undefined, '2'], '3 4'],
    ['the largest N of a group counts', ['1', '1', '3', '2'], '2 3 4'],
    ['one that cannot be read keeps its own image only', ['x', undefined, undefined, '1'], '1 4'],
    ['0 keeps none', ['0', '0'], ''],
    [
      'an image with the largest N stays, so that a second run knows it',
      ['2', undefined, undefined, undefined],
      '1 3 4',
    ],
    ['the newest of several such', ['1', '1', undefined], '2 3'],
    ['more than there are keeps all', ['9', undefined], '1 2'],
  ])('%s', (_, given, expected) => {
    expect(keeps(builds(...given))).toBe(expected);
  });

  test('adds to the options, and images in its repository alone are of its group', () => {
    const labelled = { labels: { 'tidy.keep-last': '2' } };
    const images = [
      ...builds(undefined, undefined, '2'),
      image('other:1', labelled),
      image('other:2', { day: 2 }),
    ];
    expect(keeps(images, { keep: 1 })).toBe('2 3 other:1 other:2');
    expect(keeps(images, { keep: 3, patterns: ['app'] })).toBe('1 2 3');
  });

  test('says so', () => {
    const [one] = planFor(inventory(builds('1')), { all: true }).kept as [Kept];
    expect(one.reasons).toEqual([
      { rule: 'keep-last', text: 'newest of 1 (label tidy.keep-last=1)', source: 'label tidy.keep-last=1' },
    ]);
  });

  test('ranks by what --sort says, and what has no rank stays', () => {
    const images = [
      image('app:v9', { day: 3, labels: { 'tidy.keep-last': '1' } }),
      image('app:v10', { day: 2, labels: { 'tidy.keep-last': '1' } }),
      image('app:latest', { day: 1 }),
    ];
    expect(keeps(images, { all: true, sort: 'version' })).toBe('latest v10');
    expect(keeps(images, { all: true })).toBe('v9');
    const undated = image('app:old', { created: '1970-01-01T00:00:00Z' });
    expect(keeps([...images, undated], { all: true })).toBe('old v9');
    const plan = planFor(inventory([...images, undated]), { all: true, keep: 1 });
    expect(plan.kept.find(({ target }) => target === 'app:old')?.reasons).toHaveLength(1);
  });
});
