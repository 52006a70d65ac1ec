// The most that a plan may remove.
import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/core/inventory.ts';
import { beyondLimit, parseLimit } from '../../src/core/limit.ts';
import type { Action } from '../../src/core/plan.ts';
import { image, inventory, network, stopped, volume } from '../support/builders.ts';

const from = '--max-remove';

test.each<[string, { most: number; share: boolean } | undefined]>([
  ['50', { most: 50, share: false }],
  ['0', { most: 0, share: false }],
  ['40%', { most: 40, share: true }],
  ['0%', { most: 0, share: true }],
  ['33.3%', { most: 33.3, share: true }],
  ['100%', { most: 100, share: true }],
  ['101%', undefined],
  ['100.1%', undefined],
  ['1.5', undefined],
  ['-1', undefined],
  ['', undefined],
  ['%', undefined],
  ['half', undefined],
  ['40 %', undefined],
  ['40%%', undefined],
  ['1e3', undefined],
  ['99999999999999999999', undefined],
])('%j is a limit of %j', (text, limit) => {
  expect(parseLimit(text, from)).toEqual(limit && { ...limit, from });
});

type Kinds = Partial<Record<Action['kind'], number>>;
const many = (kinds: Kinds): Pick<Action, 'kind'>[] =>
  Object.entries(kinds).flatMap(([kind, n]) => Array(n).fill({ kind }));
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const host = (images: number, more: Partial<Inventory> = {}) =>
  inventory(
    times(images, (i) => image(`app:${i}`)),
    [],
    [],
    more,
  );
const refused = (on: Inventory, kinds: Kinds, ...limits: string[]) =>
  beyondLimit(
    on,
    many(kinds),
    limits.map((text) => parseLimit(text, `${from} ${text}`) as never),
  );

describe('a plan is refused', () => {
  test.each<[string, Inventory, Kinds, string[], string | undefined]>([
    ['not without a limit', host(3), { 'delete-image': 3 }, [], undefined],
    ['not by as many as are allowed', host(3), { 'delete-image': 2 }, ['2'], undefined],
    ['by one more', host(3), { 'delete-image': 3 }, ['2'], '3 objects, more than --max-remove 2'],
    [
      'by any where none is allowed',
      host(3),
      { 'delete-image': 1 },
      ['0'],
      '1 object, more than --max-remove 0',
    ],
    ['not when it removes nothing', host(3), {}, ['0', '0%'], undefined],
    ['not by a share that is met', host(10), { 'delete-image': 4 }, ['40%'], undefined],
    [
      'by one that is passed',
      host(10),
      { 'delete-image': 5 },
      ['40%'],
      '5 of 10 objects, more than --max-remove 40%',
    ],
    ['not by 29 of 100', host(100), { 'delete-image': 29 }, ['29%'], undefined],
    ['not by 333 of 1000', host(1000), { 'delete-image': 333 }, ['33.3%'], undefined],
    ['by 334 of 1000', host(1000), { 'delete-image': 334 }, ['33.3%'], '334 of 1000 objects'],
    [
      'by either of two limits',
      host(10),
      { 'delete-image': 5 },
      ['90%', '4'],
      '5 objects, more than --max-remove 4',
    ],
    ['never by all of them', host(3), { 'delete-image': 3 }, ['100%'], undefined],
    [
      'not for names and records of the cache',
      host(3),
      { untag: 9, 'prune-cache': 9 },
      ['0', '0%'],
      undefined,
    ],
  ])('%s', (_, on, kinds, limits, why) => {
    const found = refused(on, kinds, ...limits);
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(`it would remove ${why}`);
  });

  test('by the sum of all kinds', () => {
    const kinds = { 'delete-image': 1, 'delete-container': 1, 'delete-network': 1, 'delete-volume': 1 };
    expect(refused(host(3), kinds, '4')).toBeUndefined();
    expect(refused(host(3), kinds, '3')).toContain('4 objects');
  });
});

describe('a share is one of', () => {
  const on = inventory(
    times(4, (i) => image(`app:${i}`)),
    times(6, (i) => stopped(`c${i}`)),
    [],
    {
      networks: [network('bridge', { builtIn: true }), ...times(10, (i) => network(`n${i}`))],
      volumes: times(20, (i) => volume(`v${i}`)),
    },
  );
  test.each<[string, Kinds, string]>([
    ['the images', { 'delete-image': 3, untag: 5 }, '3 of 4'],
    ['the images and the containers', { 'delete-image': 3, 'delete-container': 4 }, '7 of 10'],
    ['the networks but for the engine’s own', { 'delete-network': 6 }, '6 of 10'],
    ['the volumes', { 'delete-volume': 20 }, '20 of 20'],
  ])('%s, where the plan removes such', (_, kinds, of) => {
    expect(refused(on, kinds, '50%')).toBe(
      `it would remove ${of} objects, more than --max-remove 50% allows`,
    );
  });

  test('all the engine’s images, also where only the dangling ones were listed', () => {
    const some = host(3, { engine: { ...host(0).engine, images: 30 } });
    expect(refused(some, { 'delete-image': 3 }, '10%')).toBeUndefined();
    expect(refused(some, { 'delete-image': 3 }, '9%')).toContain('3 of 30');
  });
});
