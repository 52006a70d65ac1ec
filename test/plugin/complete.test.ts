import { expect, test } from 'vitest';
import { complete } from '../../src/plugin/complete.ts';

const values = (...words: string[]) =>
  complete(words)
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0]);

test.each<[string[], string[]]>([
  [
    ['tidy', ''],
    [
      'images',
      'containers',
      'networks',
      'cache',
      'volumes',
      'all',
      'plan',
      'apply',
      'why',
      'df',
      'undo',
      'restore',
      'history',
      'rescue',
      'watch',
      'schedule',
      'policy',
      'inventory',
      ':4',
    ],
  ],
  [
    ['tidy', 'pl'],
    ['plan', ':4'],
  ],
  [
    ['tidy', 'images', '--keep-t'],
    ['--keep-tag', ':4'],
  ],
  [['tidy', 'inventory', '--k'], [':4']],
  [
    ['tidy', 'plan', 'c'],
    ['containers', 'cache', ':4'],
  ],
  [
    ['tidy', 'plan', 'cache', '--max'],
    ['--max-used-space', '--max-remove', ':4'],
  ],
  [['tidy', 'nonsense', 'x'], [':4']],
])('TAB after %j offers %j, and no file names', (words, offered) => {
  expect(values(...words)).toEqual(offered);
});
