// Picking from a plan, key by key.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chosen } from '../../src/core/chosen.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Picking } from '../../src/core/pick.ts';
import { currentRow, pickedKeys, picking, pressed } from '../../src/core/pick.ts';
import { commandOf, KEYS } from '../../src/core/pick-keys.ts';
import { consistent } from '../../src/core/pick-needs.ts';
import { planOf } from '../../src/core/plan.ts';
import { planHeld } from '../../src/core/plan-held.ts';
import { anInventory, asked } from '../support/arbitrary.ts';
import { container, id, image, imagesAsked, inventory, planFor } from '../support/builders.ts';

const ALL = { all: true, keep: 0 } as const;
const PAGE = 3;

const app = image('app:1 app:2', { size: 50_000_000 });
const HOST = inventory([
  app,
  image('base:1'),
  image('child:1', { parent: id('base:1'), size: 20_000_000 }),
  image('used:1'),
]);
const ON: Inventory = { ...HOST, containers: [container('web', 'used:1')] };
const PLAN = planFor(ON, ALL);

/** `space`, `enter` and the like are words; anything else is typed letter by letter. */
const keys = (text: string) =>
  text.split(' ').flatMap((word) => {
    if (word === 'space') return [' '];
    return /^(up|down|page\w+|home|end|enter|escape|backspace|tab|ctrl-\w)$/.test(word) ? [word] : [...word];
  });
const then = (text: string, from: Picking = picking(PLAN)) =>
  keys(text).reduce((state, key) => pressed(state, key, PAGE), from);
const going = (state: Picking) => [...state.picked].sort().map((n) => state.plan.actions[n]?.target);
const current = (state: Picking) => {
  const row = currentRow(state);
  return row?.is === 'group' ? `# ${row.group}` : row?.name;
};
const listed = ({ rows, listed: shown }: Picking) =>
  shown.map((n) => {
    const row = rows[n];
    return row?.is === 'group' ? `# ${row.group}` : row?.name;
  });

test('the list has what frees most first, each group under its title, and what stays last', () => {
  expect(listed(picking(PLAN))).toEqual([
    ...['# app', 'app:1', 'app:2', '# child', 'child:1', '# base', 'base:1', '# used', 'used:1'],
  ]);
});

test('all of the plan is picked at first, on the first that can go', () => {
  const state = picking(PLAN);
  expect(going(state).sort()).toEqual(['app:1', 'app:2', 'base:1', 'child:1']);
  expect(current(state)).toBe('app:1');
});

describe('a key', () => {
  test.each([
    ['down', 'app:2'],
    ['j', 'app:2'],
    ['j k', 'app:1'],
    ['up up up', '# app'],
    ['pagedown', 'child:1'],
    ['pagedown pageup', 'app:1'],
    ['G', 'used:1'],
    ['G down', 'used:1'],
    ['end home', '# app'],
    ['G g', '# app'],
    ['tab', 'app:2'],
    ['z', 'app:1'],
  ])('%s moves to %s', (typed, to) => {
    expect(current(then(typed))).toBe(to);
  });

  test.each([
    ['space', ['base:1', 'child:1'], 'Also stays: app:2, which cannot go without that.'],
    ['j space', ['app:1', 'base:1', 'child:1'], ''],
    ['space space', ['app:1', 'base:1', 'child:1'], ''],
    ['space j space', ['app:1', 'app:2', 'base:1', 'child:1'], 'Also goes: app:1, which must go first.'],
    ['g space', ['base:1', 'child:1'], ''],
    ['g space space', ['app:1', 'app:2', 'base:1', 'child:1'], ''],
    ['/child enter space', ['app:1', 'app:2'], 'Also stays: base:1, which cannot go without that.'],
    ['a', [], ''],
    ['a a', ['app:1', 'app:2', 'base:1', 'child:1'], ''],
    ['a /base enter a', ['base:1', 'child:1'], 'Also goes: child:1, which must go first.'],
    ['G space', ['app:1', 'app:2', 'base:1', 'child:1'], 'used:1 stays: used by running container web.'],
  ])('%s leaves %j picked, and says what follows', (typed, left, said) => {
    const state = then(typed);
    expect(going(state).sort()).toEqual(left);
    expect(state.said).toBe(said);
  });

  test.each([
    ['enter', 'go'],
    ['q', 'quit'],
    ['escape', 'quit'],
    ['ctrl-c', 'quit'],
    ['w escape', undefined],
    ['/app escape', undefined],
    ['/app enter escape', undefined],
    ['/app enter escape escape', 'quit'],
    ['/q', undefined],
    ['/ ctrl-c', 'quit'],
    ['? q', undefined],
    ['? ctrl-c', 'quit'],
    ['a enter', undefined],
  ])('%s ends it by %s', (typed, end) => {
    expect(then(typed).end).toBe(end);
  });

  test('Enter with nothing picked says so', () => {
    expect(then('a enter').said).toMatch(/^Nothing is picked/);
  });

  test('of a search narrows the list at each letter, and takes letters back', () => {
    expect(listed(then('/chi'))).toEqual(['# child', 'child:1']);
    expect(listed(then('/chix'))).toEqual([]);
    expect(listed(then('/chix backspace'))).toEqual(['# child', 'child:1']);
    expect(listed(then('/USED enter'))).toEqual(['# used', 'used:1']);
    expect(then('/ backspace').mode).toBe('list');
  });

  test('in an empty list does nothing', () => {
    const empty = then('/nothing-is-called-that enter');
    expect(currentRow(empty)).toBeUndefined();
    expect(then('space a w j k G', empty).picked).toEqual(empty.picked);
  });
});

test('a container that goes for an image’s sake cannot be picked without it', () => {
  const on = inventory([app], [container('old', app, { state: 'exited' })]);
  const plan = planOf(on, [], planHeld(on, imagesAsked(ALL)));
  const none = then('a', picking(plan));
  const tried = then('/old enter space', none);
  expect(going(tried)).toEqual([]);
  expect(tried.said).toBe('old goes only with an image that it holds: pick that.');
  expect(going(then('/app:2 enter space', none)).sort()).toEqual(['app:1', 'app:2', 'old']);
});

test('whatever is pressed, what is picked is of the plan, can go by itself, and is what will be done', () => {
  const names = [...KEYS.flatMap((row) => [...row.keys]), 'x', '1', 'backspace'];
  const typed = fc.array(fc.constantFrom(...names.filter((key) => commandOf(key) !== 'quit')), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(
      anInventory,
      asked,
      typed,
      fc.integer({ min: 1, max: 9 }),
      (on, options, pressedKeys, page) => {
        const plan = planOf(on, [], planHeld(on, imagesAsked({ ...options, all: true })));
        const state = pressedKeys.reduce((before, key) => pressed(before, key, page), picking(plan));
        expect(consistent(state.needs, state.picked)).toEqual(state.picked);
        expect(chosen(plan, pickedKeys(state), on).actions).toHaveLength(state.picked.size);
        expect(state.cursor).toBeGreaterThanOrEqual(0);
        if (state.listed.length > 0) expect(currentRow(state)).toBeDefined();
      },
    ),
    { numRuns: 500 },
  );
});

test('no key has two meanings', () => {
  const all = KEYS.flatMap((row) => [...row.keys]);
  expect(new Set(all).size).toBe(all.length);
});
