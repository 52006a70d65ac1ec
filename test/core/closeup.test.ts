// Which images must be looked at one by one, since the decision may depend on what only that tells.
import { expect, test } from 'vitest';
import { needsCloseup } from '../../src/core/closeup.ts';
import type { Image } from '../../src/core/inventory.ts';
import type { Asked } from '../support/builders.ts';
import { conditions, id, image, imagesAsked } from '../support/builders.ts';
import { builtAt, keepsOf } from '../support/calendar.ts';

const looked = (images: readonly Image[], options: string, asked: Asked = {}) =>
  needsCloseup(images, imagesAsked({ keeps: keepsOf(options), ...asked }))
    .map((each) => each.tags[0]?.replace(/^.*:/, '') ?? '-')
    .sort()
    .join(' ');

/** a and b were built in the same second; d is a day older than c. */
const IMAGES = [
  ...builtAt(`
    a 2026-11-20T10:00:00Z
    b 2026-11-20T10:00:00Z
    c 2026-11-20T09:00:00Z
    d 2026-11-19T09:00:00Z
    x 1970-01-01T00:00:00Z
    y 1970-01-01T00:00:00Z`),
  image('', { id: id('none'), created: '2026-11-20T10:00:00Z' }),
];
const labelled = (labels: Record<string, string>) =>
  IMAGES.map((each) => (each.tags[0] === 'app:d' ? { ...each, labels } : each));
const PULLED: Asked = { sort: 'pulled' };
const VERSION: Asked = { sort: 'version' };
const grace = conditions([], { grace: { span: 1000, from: '--grace 1s' } });

test.each<[why: string, options: string, asked: Asked, images: string]>([
  ['no rule, no look', '', { all: true }, ''],
  ['a tag is in the list', '--keep-tag a', {}, ''],
  ['a label is in the list', '--keep-label a', {}, ''],
  ['what keeps nothing or all has no order', '--keep-last 0 --keep-within 0', { all: true }, ''],
  ['nor has all', '--keep-last -1', {}, ''],
  ['the newer of two of one second', '--keep-last 1', {}, 'a b'],
  ['the newest of an hour', '--keep-hourly 1', {}, 'a b'],
  ['of each of all years', '--keep-yearly -1', {}, 'a b'],
  ['in a span', '--keep-within 1h', {}, 'a b c'], // c is an hour older than they
  ['at the very edge of one', '--keep-within 1d', {}, 'a b c d'],
  ['at the edge of one with a part of a second', '--keep-within 3600.5s', {}, 'a b c'],
  ['that has none at its edge', '--keep-within 2d', {}, 'a b'],
  ['for each day within', '--keep-within-daily 1d', {}, 'a b c d'],
  ['images without a name where these have a place', '--keep-last 1', { groupBy: { kind: 'none' } }, '- a b'],
  ['versions need no time', '--keep-last 1', VERSION, ''],
  ['but days do', '--keep-last 1 --keep-daily 1', VERSION, 'a b'],
  ['the arrival of all', '--keep-last 1', PULLED, 'a b c d x y'],
  ['for days, too', '--keep-daily 1', PULLED, 'a b c d x y'],
  ['for spans, too', '--keep-within 1d', PULLED, 'a b c d x y'],
  [
    'and of images without a name',
    '--keep-daily 1',
    { ...PULLED, groupBy: { kind: 'none' } },
    '- a b c d x y',
  ],
  ['of none where nothing is ordered', '--keep-tag a', PULLED, ''],
  ['of all that the grace age may keep', '', { all: true, conditions: grace }, '- a b c d x y'],
  ['of those that are meant', '--keep-daily 1', { ...PULLED, patterns: ['other'] }, ''],
])('%s: %s', (_, options, asked, images) => {
  expect(looked(IMAGES, options, asked)).toBe(images);
});

test.each<[Record<string, string>, Asked, string]>([
  [{ 'tidy.ttl': '7d' }, { all: true }, 'd'],
  [{ 'quay.expires-after': '7d' }, { all: true }, 'd'],
  [{ 'tidy.ttl': 'soon' }, { keep: 1 }, 'a b d'],
  [{ 'tidy.keep-last': '1' }, { all: true }, 'a b'],
  [{ 'tidy.keep-last': '1' }, { all: true, ...PULLED }, 'a b c d x y'],
  [{ 'tidy.keep-last': '1' }, { all: true, ...VERSION }, ''],
  [{ 'tidy.keep-last': 'x' }, { all: true }, ''],
  [{ 'tidy.keep': 'true' }, { all: true }, ''],
])('by the label %j of d', (labels, asked, images) => {
  expect(looked(labelled(labels), '', asked)).toBe(images);
});

test('a span is counted in the zone that is asked for: a day before noon has 25 hours in Berlin', () => {
  const images = builtAt('a 2026-10-25T11:00:00Z\nb 2026-10-24T10:00:00Z\nc 2026-10-24T11:00:00Z');
  expect(looked(images, '--keep-within 1d', { zone: 'Europe/Berlin' })).toBe('a b');
  expect(looked(images, '--keep-within 1d', { zone: 'UTC' })).toBe('a c');
});
