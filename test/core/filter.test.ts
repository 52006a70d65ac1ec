import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/core/errors.ts';
import {
  cutoffs,
  labelsFit,
  parseFilters,
  refuseStrangers,
  truth,
  withConfigured,
} from '../../src/core/filter.ts';
import type { Kind } from '../../src/core/kind.ts';
import { parseDuration, parseSize } from '../../src/core/units.ts';

const fits = (labels: Record<string, string>, ...filters: string[]) =>
  labelsFit(labels, parseFilters(filters));

describe('labels', () => {
  test.each<[Record<string, string>, string[], boolean]>([
    [{ a: '1' }, ['label=a'], true],
    [{ a: '1' }, ['label=a=1'], true],
    [{ a: '1' }, ['label=a=2'], false],
    [{ a: '' }, ['label=a='], true],
    [{ a: '1' }, ['label=a='], false],
    [{}, ['label=a'], false],
    [{ a: '1' }, ['label=a', 'label=b'], false],
    [{ a: '1', b: '2' }, ['label=a', 'label=b'], true],
    [{ a: '1' }, ['label!=a'], false],
    [{ a: '1' }, ['label!=a=2'], true],
    [{ a: '1' }, ['label!=a=1'], false],
    [{}, ['label!=a'], true],
    [{ a: '1' }, ['label!=a', 'label!=b'], false],
    [{ b: '1' }, ['label!=a', 'label!=b'], false],
    [{ c: '1' }, ['label!=a', 'label!=b'], true],
    [{ a: '1' }, ['label=a', 'label!=a=1'], false],
    [{ a: 'x=y' }, ['label=a=x=y'], true],
    [{}, ['label=constructor'], false],
    [{ a: '1' }, [], true],
  ])('%j under %j fits: %j', (labels, filters, expected) => {
    expect(fits(labels, ...filters)).toBe(expected);
  });
});

describe('until', () => {
  const NOW = Date.parse('2026-11-21T12:00:00Z');
  const until = (text: string, zone = 'Z') => {
    const before = cutoffs(parseFilters([`until=${text}`]), NOW, zone)[0]?.before as number;
    return new Date(before).toISOString();
  };
  test.each([
    ['24h', '2026-11-20T12:00:00.000Z'],
    ['1h30m', '2026-11-21T10:30:00.000Z'],
    ['7d', '2026-11-14T12:00:00.000Z'],
    ['1.5h', '2026-11-21T10:30:00.000Z'],
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T10:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T10:00:05.25', '2026-01-31T10:00:05.250Z'],
    ['2026-01-31T10:00:00+02:00', '2026-01-31T08:00:00.000Z'],
    ['1767225600', '2026-01-01T00:00:00.000Z'],
    ['1767225600.5', '2026-01-01T00:00:00.500Z'],
  ])('%s is %s', (text, expected) => {
    expect(until(text)).toBe(expected);
  });

  test('a duration is cut to whole seconds, as docker cuts it: what was made in the same second stays', () => {
    const [cutoff] = cutoffs(parseFilters(['until=1us']), NOW + 700, 'Z');
    expect(cutoff?.before).toBe(NOW);
  });

  test('a date without a zone is in the engine’s', () => {
    expect(until('2026-01-31', '+02:00')).toBe('2026-01-30T22:00:00.000Z');
    expect(until('2026-01-31T10:00:00Z', '+02:00')).toBe('2026-01-31T10:00:00.000Z');
  });

  test.each(
    ['yesterday', '', '24', '24 h', '2026-13-01', '2026', '-1h', '1e3h'].filter(
      (text) => text !== '24' && text !== '2026',
    ),
  )('%j is no time, and says so', (text) => {
    expect(() => until(text)).toThrow(UsageError);
  });
});

test('a filter without a key or a value is a usage error', () => {
  for (const text of ['until', '=x', '']) expect(() => parseFilters([text])).toThrow(UsageError);
});

describe('a filter that a kind cannot be held against is refused, with what can', () => {
  test.each<[string, Kind | undefined, string]>([
    ['label=a', 'cache', 'the build cache has no labels'],
    ['reference=app', 'container', 'docker tidy images can'],
    ['until=24h', 'volume', 'docker tidy containers'],
    ['dangling=true', undefined, 'a whole tidy cannot be held against "dangling"'],
    ['nonsense=1', 'image', 'until, label, label!, reference, before, since or dangling'],
    ['type=regular', 'image', 'docker tidy cache can'],
  ])('%s for %s', (text, kind, words) => {
    expect(() => refuseStrangers(parseFilters([text]), kind)).toThrow(UsageError);
    expect(() => refuseStrangers(parseFilters([text]), kind)).toThrow(words);
  });

  test.each<[string, Kind | undefined]>([
    ['until=24h', 'container'],
    ['label!=a', undefined],
    ['since=app:1', 'image'],
    ['inuse=false', 'cache'],
    ['label=a', 'volume'],
  ])('%s is one of %s', (text, kind) => {
    expect(() => refuseStrangers(parseFilters([text]), kind)).not.toThrow();
  });
});

describe('pruneFilters of docker’s own configuration', () => {
  const both = (given: string[], configured: string[]) =>
    withConfigured(parseFilters(given), configured).map(({ key, value }) => `${key}=${value}`);
  test.each<[string[], string[], string[]]>([
    [[], ['label!=keep'], ['label!=keep']],
    [['label=a'], ['label!=keep'], ['label=a', 'label!=keep']],
    [['label=keep'], ['label!=keep'], ['label=keep']],
    [['label!=a'], ['label=a'], ['label!=a']],
    [['until=24h'], ['until=48h'], ['until=24h', 'until=48h']],
    [[], ['no-value'], []],
  ])('%j with %j there is %j', (given, configured, expected) => {
    expect(both(given, configured)).toEqual(expected);
  });
});

test('a filter that is true or false is nothing else, and does not contradict itself', () => {
  expect(truth(parseFilters(['shared=1']), 'shared')).toBe(true);
  expect(truth(parseFilters(['shared=']), 'shared')).toBe(true);
  expect(truth(parseFilters(['shared=False']), 'shared')).toBe(false);
  expect(truth([], 'shared')).toBeUndefined();
  expect(() => truth(parseFilters(['shared=maybe']), 'shared')).toThrow('true or false');
  expect(() => truth(parseFilters(['shared=1', 'shared=0']), 'shared')).toThrow('contradict');
});

describe('spans of time and sizes', () => {
  const HOUR = 3_600_000;
  test.each<[string, number | undefined]>([
    ['90s', 90_000],
    ['15m', 900_000],
    ['72h', 72 * HOUR],
    ['7d', 168 * HOUR],
    ['2w', 336 * HOUR],
    ['3mo', 90 * 24 * HOUR],
    ['1y', 365 * 24 * HOUR],
    ['1d12h', 36 * HOUR],
    ['0.5h', HOUR / 2],
    ['250ms', 250],
    ['0', 0],
    ['10', undefined],
    ['1 d', undefined],
    ['d', undefined],
    ['-1d', undefined],
    ['1M', undefined],
  ])('%s is %s ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });
  test.each<[string, number | undefined]>([
    ['500', undefined],
    ['50', undefined],
    ['0', 0],
    ['10737418240', 10_737_418_240],
    ['500B', 500],
    ['10kB', 10_000],
    ['10K', 10_000],
    ['1.5GB', 1_500_000_000],
    ['1.5 gb', 1_500_000_000],
    ['10GiB', 10 * 2 ** 30],
    ['2Ti', 2 * 2 ** 40],
    ['', undefined],
    ['GB', undefined],
    ['-1GB', undefined],
    ['1XB', undefined],
    ['9999PB', undefined],
  ])('%s is %s bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });
});
