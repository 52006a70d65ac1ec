// The trend as people read it, at any width, with and without colour.
import { describe, expect, test } from 'vitest';
import type { Day } from '../../src/core/trend.ts';
import { dateOf, forecastOf, numberOf } from '../../src/core/trend-growth.ts';
import { placesOf } from '../../src/view/trend-chart.ts';
import type { TrendTextOptions } from '../../src/view/trend-text.ts';
import { trendText } from '../../src/view/trend-text.ts';

const GB = 1e9;

/** Five weeks in which two days are not known, images went once, and the build cache is emptied each week. */
const DAYS: Day[] = Array.from({ length: 34 }, (_, i) => ({
  day: dateOf(numberOf('2026-10-19') + i),
  space: {
    image: 20 * GB + i * 0.8 * GB - (i > 20 ? 6 * GB : 0),
    cache: 3 * GB + (i % 7) * GB,
    ...(i % 5 === 0 && { container: 2e8 + i * 1e6 }),
  },
  disk: { total: 100 * GB, free: 60 * GB - i * 0.7 * GB + (i % 3) * GB },
  images: { total: 40 + i * 2, repositories: { myapp: 20 + i, 'shop/api': 10, 'odd\u001b[31m': 2 } },
})).filter((_, i) => i !== 12 && i !== 13);
const PIPED = { colour: false, utf8: true };

const text = async (days: readonly Day[], options: Partial<TrendTextOptions> = {}) =>
  await trendText(days, forecastOf(days), { ...PIPED, ...options });

describe('the trend', () => {
  test.each<[string, Partial<TrendTextOptions>]>([
    ['piped', {}],
    ['160-columns-colour', { columns: 160, colour: true }],
    ['80-columns-ascii', { columns: 80, utf8: false }],
    ['50-columns', { columns: 50 }],
  ])('%s', async (name, options) => {
    await expect(await text(DAYS, options)).toMatchFileSnapshot(`../golden/trend-${name}.txt`);
  });

  test.each([60, 80, 160])('no line is longer than a terminal of %d columns', async (columns) => {
    for (const line of (await text(DAYS, { columns })).split('\n'))
      expect(line.length).toBeLessThanOrEqual(columns);
  });

  test('nothing of an engine’s names steers the terminal', async () => {
    expect(await text(DAYS)).not.toContain('\u001b');
  });

  test('of nothing, and of two days, says what is missing', async () => {
    expect(await text([])).toContain('Nothing is known of this engine yet');
    const two = await text(DAYS.slice(0, 2));
    expect(two).toContain('2 days are known: how it grows is said when there are five, over a week.');
    expect(two).not.toContain('full in');
  });

  test('of a disk that cannot be seen shows the images, and promises nothing', async () => {
    const unseen = DAYS.map(({ disk: _, ...day }) => day);
    const shown = await text(unseen);
    expect(shown).toMatch(/^Images, at their most of each day\n/);
    expect(shown).toContain('disk cannot be seen from here');
    expect(shown).not.toContain('full in');
  });
});

test('a chart’s last place is whole, and shows the most of its days', () => {
  expect(placesOf([9, 1, 2, 3, 4, 5, 6], 3)).toEqual([9, 3, 6]);
  expect(placesOf([1, undefined, undefined, undefined], 2)).toEqual([1, undefined]);
  expect(placesOf([1, 2], 7)).toEqual([1, 1, 1, 2, 2, 2]);
  expect(placesOf([], 7)).toEqual([]);
});
