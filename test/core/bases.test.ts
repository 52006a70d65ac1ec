// `--keep-bases`: what other images lie on stays with them.
import { expect, test } from 'vitest';
import type { Container, Image } from '../../src/core/inventory.ts';
import type { Keep } from '../../src/core/retention.ts';
import { container, id, image, inventory, lines, planFor } from '../support/builders.ts';

const BASES: Keep = { rule: 'bases', from: '--keep-bases' };
const short = (name: string) => id(name).slice(7, 19);

/** An image with the layers `a ab abc` of `abc`, which are named by all that lies below, as chain IDs are. */
function on(stack: string, names: string, more: Parameters<typeof image>[1] = {}): Image {
  return image(names, { layers: [...stack].map((_, i) => stack.slice(0, i + 1)), ...more });
}
const kept = { labels: { 'tidy.keep': 'true' } };
const base = on('a', 'base:1');
const middle = on('ab', 'middle:1');

test.each<[string, Image[], string[]]>([
  [
    'all that it has lies under one that stays',
    [base, on('ab', 'app:1', kept)],
    ['keep app:1', 'keep base:1'],
  ],
  ['it has the very layers of one that stays', [base, on('a', 'app:1', kept)], ['keep app:1', 'keep base:1']],
  [
    'so does a name that it would lose, though it stays by another',
    [{ ...base, tags: ['base:1', 'mine:1'] }, on('ab', 'app:1', kept)],
    ['keep app:1', 'keep base:1', 'keep mine:1'],
  ],
  ['not where one layer is another', [base, on('xb', 'app:1', kept)], ['delete base:1', 'keep app:1']],
  ['not where it has one layer more', [middle, on('a', 'app:1', kept)], ['delete middle:1', 'keep app:1']],
  [
    'not where what lies on it goes, too',
    [base, middle, on('abc', 'app:1')],
    ['delete app:1', 'delete base:1', 'delete middle:1'],
  ],
  [
    'not where another of the same layers goes, too',
    [base, on('a', 'twin:1')],
    ['delete base:1', 'delete twin:1'],
  ],
  [
    'one without layers is no base',
    [on('', 'empty:1'), on('a', 'app:1', kept)],
    ['delete empty:1', 'keep app:1'],
  ],
  [
    'one whose layers are not known stays',
    [image('old:1'), on('', 'empty:1')],
    ['delete empty:1', 'keep old:1'],
  ],
])('an image stays: %s', (_, images, expected) => {
  for (const order of [images, images.toReversed()])
    expect(lines(planFor(inventory(order), { all: true, keeps: [BASES] })).sort()).toEqual(expected);
});

test('what keeps a base stays by its own rules first: what lies under the newest stays, under the others not', () => {
  const images = [
    on('a', 'base:1', { day: 1 }),
    on('b', 'base:2', { day: 2 }),
    on('ax', 'app:1', { day: 3 }),
    on('bx', 'app:2', { day: 4 }),
  ];
  const plan = planFor(inventory(images), { keepTag: ['2'], keeps: [BASES] });
  expect(lines(plan).sort()).toEqual(['delete app:1', 'delete base:1', 'keep app:2', 'keep base:2']);
  expect(planFor(inventory(images), { keepTag: ['absent', '*'], keeps: [BASES] }).actions).toEqual([]);
});

test('bases of bases stay, and what these were built on', () => {
  const root = image('root:1', { layers: ['r'] });
  const images = [
    { ...on('a', 'base:1'), parent: root.id },
    middle,
    root,
    on('abc', 'app:1', kept),
    on('q', 'other:1'),
  ];
  const plan = planFor(inventory(images), { all: true, keeps: [BASES] });
  expect(lines(plan)).toEqual([
    'delete other:1',
    'keep app:1',
    'keep base:1',
    'keep middle:1',
    'keep root:1',
  ]);
  expect(plan.kept[3]?.reasons).toEqual([{ rule: 'parent-of', text: 'parent of base:1, which stays' }]);
});

test('an image that loses one of its names only stays, and so does what it lies on', () => {
  const images = [base, on('ab', 'app:1 other:1', { day: 1 }), on('q', 'app:2', { day: 2 })];
  const plan = planFor(inventory(images), { keep: 1, keeps: [BASES], patterns: ['app', 'base'] });
  expect(lines(plan)).toEqual(['untag app:1', 'keep app:2', 'keep base:1']);
});

test('a base says whose it is, one with a name before others, whatever the order', () => {
  const images = [
    base,
    on('ab', 'b:1', kept),
    on('ac', 'a:1', kept),
    on('ad', '', { id: id('none'), ...kept }),
  ];
  for (const order of [images, images.toReversed()]) {
    const plan = planFor(inventory(order), { all: true, keeps: [BASES] });
    expect(plan.kept.find(({ target }) => target === 'base:1')?.reasons).toEqual([
      { rule: 'keep-bases', text: 'a:1, which stays, has all its layers, --keep-bases' },
    ]);
  }
});

test.each<[string, Partial<Image>, string]>([
  ['under one that stays', { layers: ['a'] }, 'other:1, which stays, has all its layers, --keep-bases'],
  ['with layers that are not known', {}, 'its layers are not known, and --keep-bases asks for them'],
])('an image without a name that becomes dangling stays %s, with what it was built on', (_, layers, text) => {
  const from = on('z', 'from:1');
  const between = image('', { id: id('between'), parent: from.id, ...layers });
  const images = [from, between, on('q', 'app:1', { parent: between.id }), on('ab', 'other:1')];
  const used: Container[] = [container('web', images[3] as Image)];
  const plan = planFor(inventory(images, used), { all: true, keeps: [BASES] });
  expect(lines(plan)).toEqual(['delete app:1', 'keep from:1', 'keep other:1', `keep ${short('between')}`]);
  expect(plan.kept.at(-1)?.reasons).toEqual([{ rule: 'keep-bases', text }]);
});
