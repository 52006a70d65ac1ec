// What must hold for every inventory: random ones, with shared names, parents, containers and odd dates.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Part, Plan } from '../../src/core/plan.ts';
import { planHeld } from '../../src/core/plan-held.ts';
import { namesOf } from '../../src/core/selection.ts';
import { anInventory, asked } from '../support/arbitrary.ts';
import { imagesAsked, planFor } from '../support/builders.ts';
import { ModelEngine } from '../support/model-engine.ts';

const RUNS = { numRuns: 2000 };

const removed = (plan: Pick<Plan, 'actions'>) =>
  new Set(plan.actions.map(({ target, id }) => `${id} ${target}`));

test('what a container uses, what is labelled, and parents of what stays are never planned', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const plan = planFor(on, options);
      const touched = new Set(plan.actions.map((action) => action.id));
      const deleted = new Set(
        plan.actions.filter(({ kind }) => kind === 'delete-image').map((action) => action.id),
      );
      for (const used of on.containers) expect(touched).not.toContain(used.imageId);
      for (const image of on.images) {
        if (image.labels['tidy.keep']) expect(touched).not.toContain(image.id);
        if (image.parent && !deleted.has(image.id) && namesOf(image).length > 0)
          expect(touched).not.toContain(image.parent);
      }
    }),
    RUNS,
  );
});

test('one more keep rule never removes more', () => {
  fc.assert(
    fc.property(anInventory, asked, fc.constantFrom('1', '*', 'v1*'), (on, options, glob) => {
      const before = removed(planFor(on, { ...options, all: true }));
      const after = removed(
        planFor(on, { ...options, all: true, keepTag: [...(options.keepTag ?? []), glob] }),
      );
      for (const target of after) expect(before).toContain(target);
    }),
    RUNS,
  );
});

test('keeping more of a group never removes more', () => {
  fc.assert(
    fc.property(anInventory, asked, fc.nat(4), (on, options, keep) => {
      const ids = (n: number) =>
        new Set(
          planFor(on, { ...options, all: true, keep: n }).actions.map(
            (action) => `${action.id} ${action.target}`,
          ),
        );
      const fewer = ids(keep + 1);
      const more = ids(keep);
      if (keep > 0) for (const target of fewer) expect(more).toContain(target);
    }),
    RUNS,
  );
});

test('the order of the input is irrelevant', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const reversed = { ...on, images: [...on.images].reverse(), containers: [...on.containers].reverse() };
      expect(planFor(reversed, options)).toEqual(planFor(on, options));
    }),
    RUNS,
  );
});

test('each name is removed or kept at most once, and an image is deleted only with its last name', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const { actions, kept } = planFor(on, options);
      const keptNames = new Set(kept.map(({ target, id: image }) => `${image} ${target}`));
      const left = new Map(on.images.map((image) => [image.id, namesOf(image)]));
      for (const { kind, target, id: image, expects } of actions) {
        expect(keptNames).not.toContain(`${image} ${target}`);
        const names = left.get(image) as string[];
        expect(expects.names).toEqual(names);
        expect(kind).toBe(names.length <= 1 ? 'delete-image' : 'untag');
        left.set(
          image,
          names.filter((other) => other !== target),
        );
      }
    }),
    RUNS,
  );
});

test.each([false, true])(
  'in an engine with Docker’s delete rules every step of a plan succeeds in its turn, and nothing eligible remains (with containers: %s)',
  (withContainers) => {
    const parts = (
      on: Inventory,
      options: Parameters<typeof imagesAsked>[0],
    ): readonly Pick<Part, 'actions'>[] =>
      withContainers ? planHeld(on, imagesAsked(options)) : [planFor(on, options)];
    fc.assert(
      fc.property(anInventory, asked, (on, options) => {
        const engine = new ModelEngine(on);
        for (const action of parts(on, options).flatMap(({ actions }) => actions)) engine.perform(action);
        expect(engine.refusals).toEqual([]);
        expect(parts(engine.inventory(), options).flatMap(({ actions }) => actions)).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  },
);
