// The layers of images as trees, by number, and the runs of them that come and go together.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stacks } from '../../src/core/stacks.ts';
import { NONE, runsOf, runsUnder, stacksOf } from '../../src/core/stacks.ts';
import { someLayers, stackOf } from '../support/arbitrary.ts';

/** Images with the names of their layers: some have none, some the same. */
const images = someLayers.chain((layers) =>
  fc
    .array(fc.option(fc.constantFrom(...layers), { nil: undefined, freq: 5 }), { maxLength: 8 })
    .map((tops) => tops.map((top) => (top ? { layers: stackOf(top).map(({ id }) => id) } : {}))),
);
const more = fc.array(fc.constantFrom('a', 'b', 'constructor', '__proto__'));

/** The layers of a stack, lowest first. */
function upTo(stacks: Stacks, top: number): number[] {
  return top === NONE ? [] : [...upTo(stacks, stacks.below[top] as number), top];
}

test('numbers tell the same stacks as names, and every name has one number', () => {
  fc.assert(
    fc.property(images, more, (on, others) => {
      const stacks = stacksOf(on, others);
      const { ids, below, owners, tops, numberOf } = stacks;
      const told = [...tops].map((top) => upTo(stacks, top).map((layer) => ids[layer]));
      expect(told).toEqual(on.map(({ layers = [] }) => layers));
      expect(ids).toEqual([...new Set([...on.flatMap(({ layers = [] }) => layers), ...others])]);
      expect(ids.map(numberOf)).toEqual([...ids.keys()]);
      expect(numberOf('none of them')).toBeUndefined();
      for (const [layer, id] of ids.entries()) {
        expect(below[layer]).toBeLessThan(layer);
        expect(owners[layer]).toBe(on.filter(({ layers = [] }) => layers.includes(id)).length);
      }
    }),
  );
});

describe('of random images, of which some layers are alone and some apart', () => {
  const random = fc
    .tuple(images, fc.infiniteStream(fc.boolean()), fc.infiniteStream(fc.boolean()))
    .map(([on, alone, apart]) => {
      const stacks = stacksOf(on);
      const isAlone = stacks.ids.map(() => alone.next().value as boolean);
      const isApart = stacks.ids.map(() => apart.next().value as boolean);
      const runs = runsOf(stacks, Uint8Array.from(isAlone, Number), (layer) => isApart[layer] as boolean);
      return { stacks, runs, isAlone, isApart };
    });

  test('each has the runs of its layers, lowest first', () => {
    fc.assert(
      fc.property(random, ({ stacks, runs, isApart }) => {
        for (const top of stacks.tops) {
          const mine = upTo(stacks, top).filter((layer) => !isApart[layer]);
          expect(runsUnder(runs, top)).toEqual([...new Set(mine.map((layer) => runs.of[layer]))]);
        }
      }),
    );
  });

  test('the layers of a run are those between which no image ends or branches off, and one that is alone is one by itself', () => {
    fc.assert(
      fc.property(random, ({ stacks, runs, isAlone, isApart }) => {
        for (const top of stacks.tops) {
          const mine = upTo(stacks, top).filter((layer) => !isApart[layer]);
          for (const [i, layer] of mine.slice(1).entries()) {
            const under = mine[i] as number;
            const together = stacks.owners[under] === stacks.owners[layer];
            const parted = isAlone[under] || isAlone[layer];
            expect(runs.of[under] === runs.of[layer]).toBe(together && !parted);
          }
        }
      }),
    );
  });

  test("a run is an image's own where no other has it, and nothing else may", () => {
    fc.assert(
      fc.property(random, ({ stacks, runs, isAlone, isApart }) => {
        for (const [layer, run] of runs.of.entries())
          if (!isApart[layer]) expect(runs.own[run]).toBe(stacks.owners[layer] === 1 && !isAlone[layer]);
      }),
    );
  });
});
