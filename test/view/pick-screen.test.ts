// The list to pick from, as a terminal shows it.

import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { readInventory } from '../../src/config/inventory-file.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Picking } from '../../src/core/pick.ts';
import { picking, pressed } from '../../src/core/pick.ts';
import type { Action, Plan } from '../../src/core/plan.ts';
import { pricer } from '../../src/core/price.ts';
import { pickQuestion } from '../../src/view/pick-question.ts';
import type { PickScreen } from '../../src/view/pick-screen.ts';
import { pageOf, pickScreen } from '../../src/view/pick-screen.ts';
import { container, image, inventory, planFor } from '../support/builders.ts';

const EXAMPLE = await readInventory('examples/inventory.json');
const NARROW = { columns: 80, rows: 24 };
const WIDE = { columns: 160, rows: 50 };
const ALL = { all: true, keep: 1 } as const;

const then = (keys: readonly string[], plan: Plan, size: Omit<PickScreen, 'colour'>) =>
  keys.reduce((state, key) => pressed(state, key, pageOf(state, size)), picking(plan));

function screen(on: Inventory, state: Picking, size: Omit<PickScreen, 'colour'>, colour = false): string[] {
  const numbers = [...state.picked];
  const price = pricer(on, state.plan.actions)(numbers.map((n) => state.plan.actions[n] as Action));
  const each = new Map(numbers.map((n, i) => [n, price.each[i] ?? { frees: 0 }]));
  return pickScreen(state, { each, together: price.together }, { ...size, colour });
}

const EXAMPLES = [
  ['80-columns', NARROW, [], false],
  ['80-columns-colour', NARROW, ['j', ' '], true],
  ['80-columns-why', NARROW, ['j', ' ', 'w'], false],
  ['80-columns-search', NARROW, ['/', 'a', 'p', 'i'], false],
  ['80-columns-keys', NARROW, ['?'], false],
  ['160-columns', WIDE, ['j', ' '], false],
  ['160-columns-colour', WIDE, ['j', ' '], true],
] as const;

describe('the screen', () => {
  test.each(EXAMPLES)('on the example: %s', async (name, size, keys, colour) => {
    const state = then(keys, planFor(EXAMPLE, ALL), size);
    const lines = screen(EXAMPLE, state, size, colour);
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../golden/pick-${name}.txt`);
  });

  const names = ['レジストリ/アプリ', 'e\u0301tude', 'bad\u001b[31m\u202ename'].map((name) => `${name}:1`);
  const ODD = inventory(names.map((name) => image(name)));

  test.each([
    [80, 24],
    [160, 50],
    [40, 8],
    [20, 4],
    [7, 2],
  ])('fits a terminal of %i columns and %i rows, whatever things are called', (columns, rows) => {
    const plan = planFor(ODD, { all: true, keep: 0 });
    for (const keys of [[], ['w'], ['?'], ['G', ' '], ['/', '1'], ['a', 'enter']]) {
      const lines = screen(ODD, then(keys, plan, { columns, rows }), { columns, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) {
        expect(stringWidth(line)).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
      }
    }
  });

  test('has its columns below one another where characters are two columns wide', () => {
    const lines = screen(ODD, picking(planFor(ODD, { all: true, keep: 0 })), NARROW);
    const ends = lines
      .filter((line) => line.includes('[x] delete'))
      .map((line) => stringWidth(line.slice(0, line.indexOf('10MB'))));
    expect(ends).toHaveLength(3);
    expect(new Set(ends).size).toBe(1);
  });

  test('always has the current row on it', () => {
    const many = inventory(Array.from({ length: 100 }, (_, i) => image(`app${i}:1`)));
    const plan = planFor(many, { all: true, keep: 0 });
    for (const keys of [[], ['G'], ['pagedown', 'pagedown', 'w'], ['G', 'pageup', 'w']]) {
      const lines = screen(many, then(keys, plan, NARROW), NARROW);
      expect(lines).toHaveLength(NARROW.rows);
      expect(lines.filter((line) => line.startsWith('> '))).toHaveLength(1);
    }
  });
});

test('the question says in numbers what goes', () => {
  const on = inventory([image('app:1'), image('app:2'), image('other:1 used:1')], [container('c', 'used:1')]);
  const plan = planFor({ ...on, containers: [] }, { all: true, keep: 0, patterns: ['app', 'other'] });
  expect(pickQuestion(plan)).toBe(
    'Remove 2 images and 1 name, which frees about 12MB (between 0B and 20MB)? [y/N] ',
  );
});
