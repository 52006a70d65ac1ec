// What is picked from a plan: never more than that, always what the engine takes, at the prices of a plan of its own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chosen, pickKey } from '../../src/core/chosen.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Plan } from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planHeld } from '../../src/core/plan-held.ts';
import { planImages } from '../../src/core/plan-images.ts';
import { priced, pricer } from '../../src/core/price.ts';
import { anInventory, asked } from '../support/arbitrary.ts';
import type { Asked } from '../support/builders.ts';
import {
  conditions,
  container,
  id,
  image,
  imagesAsked,
  inventory,
  lines,
  planFor,
  stopped,
} from '../support/builders.ts';
import { ModelEngine } from '../support/model-engine.ts';

const RUNS = { numRuns: 300 };

/** A plan of images, or of images and the containers that hold them, or of a whole tidy, and some of its actions. */
const someOfAPlan = fc
  .tuple(anInventory, asked, fc.constantFrom('images', 'held', 'whole'))
  .map(([on, options, way]) => ({ on, plan: planned(on, options, way) }))
  .chain(({ on, plan }) =>
    fc.subarray([...plan.actions]).map((some) => ({ on, plan, picked: new Set(some.map(pickKey)) })),
  );

function planned(on: Inventory, options: Asked, way: string): Plan {
  const request = imagesAsked({ ...options, all: true });
  if (way === 'images') return planOf(on, [], [planImages(on, [request])]);
  if (way === 'held') return planOf(on, [], planHeld(on, request));
  const containers = planContainers(on, conditions());
  const leaving = new Set(containers.actions.map((action) => action.id));
  return planOf(on, [], [containers, planImages(on, [request], leaving)]);
}

const pick = (plan: Plan, ...targets: string[]) =>
  new Set(plan.actions.filter(({ target }) => targets.includes(target)).map(pickKey));

describe('what is picked of any plan', () => {
  test('has nothing in it that was not picked, in the plan’s order', () => {
    fc.assert(
      fc.property(someOfAPlan, ({ on, plan, picked }) => {
        const keys = chosen(plan, picked, on).actions.map(pickKey);
        expect(keys).toEqual(plan.actions.map(pickKey).filter((key) => keys.includes(key)));
        for (const key of keys) expect(picked).toContain(key);
      }),
      RUNS,
    );
  });

  test('is carried out without a refusal of the engine', () => {
    fc.assert(
      fc.property(someOfAPlan, ({ on, plan, picked }) => {
        const engine = new ModelEngine(on);
        for (const action of chosen(plan, picked, on).actions) engine.perform(action);
        expect(engine.refusals).toEqual([]);
      }),
      RUNS,
    );
  });

  test('frees what a plan of nothing else would, and what the list says while it is picked', () => {
    fc.assert(
      fc.property(someOfAPlan, ({ on, plan, picked }) => {
        const { actions, frees, about, between } = chosen(plan, picked, on);
        const { space, actions: anew } = priced(on, actions);
        expect({ frees, ...(about && { about }), ...(between && { between }) }).toEqual(space);
        expect(actions).toEqual(anew);
        const some = plan.actions.filter((action) => actions.some((one) => pickKey(one) === pickKey(action)));
        const { each, together } = pricer(on, plan.actions)(some);
        expect(together).toEqual(space);
        expect(each.map((one) => one.frees)).toEqual(actions.map((one) => one.frees));
      }),
      RUNS,
    );
  });

  test('keeps all else, and is the plan itself where all of it is picked', () => {
    fc.assert(
      fc.property(someOfAPlan, ({ on, plan, picked }) => {
        expect(chosen(plan, new Set(plan.actions.map(pickKey)), on)).toEqual(plan);
        const { actions, kept } = chosen(plan, picked, on);
        expect(actions.length + kept.length).toBe(plan.actions.length + plan.kept.length);
      }),
      RUNS,
    );
  });

  test('is the same when it is picked from what is left of it', () => {
    fc.assert(
      fc.property(someOfAPlan, ({ on, plan, picked }) => {
        const once = chosen(plan, picked, on);
        expect(chosen(once, picked, on)).toEqual(once);
      }),
      RUNS,
    );
  });
});

describe('what is picked', () => {
  const ALL = { all: true, keep: 0 } as const;

  test('a name that stays keeps its image, whose other names can go', () => {
    const on = inventory([image('app:1 app:2 app:3')]);
    const plan = planFor(on, ALL);
    expect(lines(plan)).toEqual(['untag app:1', 'untag app:2', 'delete app:3']);
    const some = chosen(plan, pick(plan, 'app:2', 'app:3'), on);
    expect(lines(some)).toEqual(['untag app:2', 'keep app:1', 'keep app:3']);
    expect(some.actions[0]).toMatchObject({
      expects: { names: ['app:1', 'app:2', 'app:3'] },
      comeback: 'tagged-elsewhere',
      because: { text: expect.stringMatching(/; the image stays as app:1$/) },
    });
    expect(some.frees).toBe(0);
  });

  test('an image keeps what it was built on', () => {
    const on = inventory([image('base:1'), image('app:1', { parent: id('base:1') }), image('other:1')]);
    const plan = planFor(on, ALL);
    expect(lines(chosen(plan, pick(plan, 'base:1', 'other:1'), on))).toEqual([
      'delete other:1',
      'keep app:1',
      'keep base:1',
    ]);
  });

  test('a container keeps the image that it holds, and goes only for that', () => {
    const app = image('app:1');
    const on = inventory([app], [container('web', app, { state: 'exited' })]);
    const plan = planOf(on, [], planHeld(on, imagesAsked(ALL)));
    expect(lines(plan)).toEqual(
      ['delete-container web', 'delete app:1'].map((line) => line.replace('-container', '')),
    );
    expect(chosen(plan, pick(plan, 'app:1'), on).actions).toEqual([]);
    expect(chosen(plan, pick(plan, 'web'), on).actions).toEqual([]);
  });

  test('a volume that another container mounts is not left unused any more', () => {
    const on = inventory(
      [],
      [stopped('a', 10, { volumes: ['v', 'w'] }), stopped('b', 10, { volumes: ['v'] })],
    );
    const plan = planOf(on, [], [planContainers(on, conditions())]);
    const [action] = chosen(plan, pick(plan, 'a'), on).actions;
    expect(plan.actions[0]).toMatchObject({ leaves: ['v', 'w'] });
    expect(action).toMatchObject({ leaves: ['w'] });
    expect(action?.because.text).toMatch(/leaves 1 volume unused$/);
  });

  test('a plan that was refused for its size is not any more when it is small enough', () => {
    const on = inventory([image('app:1'), image('app:2')]);
    const limits = [{ most: 1, share: false, from: '--max-remove 1' }];
    const plan = planOf(on, [], [planImages(on, [imagesAsked(ALL)])], limits);
    expect(plan.refused).toBeDefined();
    expect(chosen(plan, pick(plan, 'app:2'), on, limits).refused).toBeUndefined();
  });

  test('does not repeat what the whole plan would come to, and says all else', () => {
    const on = inventory([image('app:1'), image('app:2')]);
    const forecast = 'Images take 20MB, and 10MB once this has gone: --max-used-space 10MB is met.';
    const part = { ...planImages(on, [imagesAsked(ALL)]), notes: ['By the policy p.yaml.', forecast] };
    const plan = planOf(on, [], [part]);
    expect(plan.notes).toContain(forecast);
    expect(chosen(plan, pick(plan, 'app:1'), on).notes).toEqual(['By the policy p.yaml.']);
  });
});
