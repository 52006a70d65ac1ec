import { expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { readInventory } from '../../src/config/inventory-file.ts';
import { dfOf } from '../../src/core/df.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import type { DfTextOptions } from '../../src/view/df-text.ts';
import { dfText } from '../../src/view/df-text.ts';
import { wantsUtf8, widthOf } from '../../src/view/screen.ts';

const EXAMPLE = await readInventory('examples/inventory.json');
const PIPED = { colour: false, utf8: true, all: false, sized: false };

const whole = async (...given: Parameters<typeof dfText>) => {
  let text = '';
  for await (const section of dfText(...given)) text += section;
  return text;
};

const plan = (...words: string[]) => {
  const invocation = { ...parseArguments(words), words, globals: {}, env: { DOCKER_CONFIG: '/nowhere' } };
  return wholeJob(invocation as unknown as Invocation).plan(EXAMPLE);
};
const levels = { dangling: plan('all'), unused: plan('all', '-a') };

test.each<[string, Partial<DfTextOptions>]>([
  ['piped', {}],
  ['160-columns', { columns: 160 }],
  ['120-columns', { columns: 120 }],
  ['80-columns', { columns: 80, all: true }],
  ['50-columns', { columns: 50 }],
  ['ascii-colour', { columns: 120, utf8: false, colour: true }],
])('on the example, %s', async (name, options) => {
  const text = await whole(dfOf(EXAMPLE, levels), { ...PIPED, ...options });
  await expect(text).toMatchFileSnapshot(`../golden/df-${name}.txt`);
});

test('with sizes of volumes and of the data folder, what nothing accounts for has a line', async () => {
  const volumes = EXAMPLE.volumes.map((volume) => ({ ...volume, size: 5_000_000 }));
  const text = await whole(dfOf({ ...EXAMPLE, volumes }, levels, 3_000_000_000), { ...PIPED, sized: true });
  expect(text).toMatch(/^Volumes +2 +2 +10MB /m);
  expect(text).toMatch(/^Unaccounted +~109\.\dMB /m);
  expect(text).toMatch(/^Together +3GB/m);
  expect(text).not.toContain('not sized');
  const unread = await whole(dfOf({ ...EXAMPLE, volumes }, levels), { ...PIPED, sized: true });
  expect(unread).toContain('cannot be read from here');
});

test.each([80, 120, 160])('no line is longer than a terminal of %d columns', async (columns) => {
  const text = await whole(dfOf(EXAMPLE, levels), { ...PIPED, columns, all: true });
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
});

test('layers that images and the build cache share are said to be the images’ own size', async () => {
  const cache = EXAMPLE.cache.map((record) => ({ ...record, shared: false }));
  const note = 'is in the SIZE of the images';
  expect(await whole(dfOf(EXAMPLE, levels), PIPED)).toContain(note);
  expect(await whole(dfOf({ ...EXAMPLE, cache }, levels), PIPED)).not.toContain(note);
});

test('the locale says whether bars are blocks, the terminal how wide they are', () => {
  expect(wantsUtf8({ LANG: 'de_DE.UTF-8' })).toBe(true);
  expect(wantsUtf8({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' })).toBe(false);
  expect(wantsUtf8({})).toBe(false);
  expect(widthOf({ isTTY: true, columns: 80 })).toBe(80);
  expect(widthOf({ isTTY: true, columns: 0 })).toBeUndefined();
  expect(widthOf({ columns: 80 })).toBeUndefined();
});

test('the overview is there before the largest of each kind is worked out', async () => {
  const late = { ...dfOf(EXAMPLE, levels) };
  Object.defineProperty(late, 'images', { get: () => expect.unreachable('nobody asked for images yet') });
  const sections = dfText(late, PIPED);
  expect((await sections.next()).value).toMatch(/^TYPE .*^Together /ms);
  await expect(sections.next()).rejects.toThrow('nobody asked');
});
