// Which of some candidates a budget takes: held against a recount of what they hold.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Field } from '../../src/core/budget-order.ts';
import { chooseFrom } from '../../src/core/budget-order.ts';

const RUNS = { numRuns: 3000 };
const PIECES = 8;
/** All that is smaller is next to nothing. */
const UNIT = 100_000;

interface Case extends Field {
  readonly needs: readonly number[];
  readonly held: readonly ReadonlySet<number>[];
}

/** Candidates with pieces that several share, some on others, and one or two goals. */
const aField: fc.Arbitrary<Case> = fc
  .record({
    sizes: fc.array(
      fc.integer({ min: 1, max: 50 }).map((n) => n * UNIT),
      { minLength: PIECES, maxLength: PIECES },
    ),
    rows: fc.array(
      fc.record({ pieces: fc.uniqueArray(fc.nat(PIECES - 1)), on: fc.option(fc.nat(9)), key: fc.nat(20) }),
      { maxLength: 10 },
    ),
    goals: fc.array(
      fc.record({
        held: fc.uniqueArray(fc.nat(PIECES - 1), { maxLength: 3 }),
        need: fc.nat(120).map((n) => n * UNIT),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  })
  .map(({ sizes, rows, goals }) => ({
    sizes,
    holds: rows.map(({ pieces }) => pieces),
    before: rows.map(({ on }, i) => (on !== null && on > i && on < rows.length ? [on] : [])),
    counts: (piece: number) => (goals.every(({ held }) => held.includes(piece)) ? 0 : 1),
    urgency: (candidate: number, bytes: number) => ((rows[candidate]?.key ?? 0) + 1) * (1 + bytes),
    goals: goals.map(({ held, need }) => ({ need, isHeld: (piece: number) => held.includes(piece) })),
    needs: goals.map(({ need }) => need),
    held: goals.map(({ held }) => new Set(held)),
  }));

/** What comes free for a goal when these go. */
function freed({ sizes, holds, held }: Case, goal: number, going: readonly number[]): number {
  const gone = new Set(going);
  const left = new Set(holds.flatMap((pieces, i) => (gone.has(i) ? [] : pieces)));
  const free = new Set(going.flatMap((i) => holds[i] ?? []).filter((piece) => !left.has(piece)));
  return [...free]
    .filter((piece) => !held[goal]?.has(piece))
    .reduce((sum, piece) => sum + (sizes[piece] as number), 0);
}

const isMet = (field: Case, going: readonly number[]) =>
  field.needs.every((need, goal) => freed(field, goal, going) >= need);

test('the goals are met wherever taking all candidates meets them, and what they lack is told', () => {
  fc.assert(
    fc.property(aField, (field) => {
      const { going, lacks } = chooseFrom(field);
      expect(lacks).toEqual(field.needs.map((need, goal) => need - freed(field, goal, going)));
      const all = field.holds.map((_, i) => i);
      expect(isMet(field, going)).toBe(isMet(field, all));
      for (const [goal, need] of field.needs.entries())
        if (freed(field, goal, all) < need) expect(freed(field, goal, going)).toBe(freed(field, goal, all));
    }),
    RUNS,
  );
});

test('not one goes that the goals could do without', () => {
  fc.assert(
    fc.property(aField, (field) => {
      const { going } = chooseFrom(field);
      if (!isMet(field, going)) return;
      for (const one of going) {
        if (field.before[one]?.some((other) => going.includes(other))) continue; // what it was built on goes
        expect(
          isMet(
            field,
            going.filter((other) => other !== one),
          ),
        ).toBe(false);
      }
    }),
    RUNS,
  );
});

test('what was built on another goes before it, and never stays without it', () => {
  fc.assert(
    fc.property(aField, (field) => {
      const { going } = chooseFrom(field);
      for (const [child, parents] of field.before.entries())
        for (const parent of parents.filter((each) => going.includes(each))) {
          expect(going).toContain(child);
          expect(going.indexOf(child)).toBeLessThan(going.indexOf(parent));
        }
    }),
    RUNS,
  );
});

test('of candidates that share nothing the most urgent go', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 30 }), fc.nat(30), (keys, need) => {
      const { going } = chooseFrom({
        sizes: keys.map(() => UNIT),
        holds: keys.map((_, i) => [i]),
        before: keys.map(() => []),
        counts: () => 1,
        urgency: (candidate) => keys[candidate] as number,
        goals: [{ need: need * UNIT, isHeld: () => false }],
      });
      expect(going.map((i) => keys[i])).toEqual(keys.toSorted((a, b) => b - a).slice(0, need));
    }),
    RUNS,
  );
});

test('a group that frees something only together is seen, and weighed anew as it shrinks', () => {
  // A large layer that four hold, against one image with a smaller one of its own.
  const field = (need: number): Field => ({
    sizes: [40, 9, 1, 1, 1, 1].map((size) => size * UNIT),
    holds: [[1], [0, 2], [0, 3], [0, 4], [0, 5]],
    before: [[], [], [], [], []],
    counts: () => 1,
    urgency: (_, bytes) => bytes,
    goals: [{ need: need * UNIT, isHeld: () => false }],
  });
  expect(chooseFrom(field(44)).going).toEqual([1, 2, 3, 4]);
  expect(chooseFrom(field(9)).going).toEqual([1, 2, 3, 4]); // its part of the layer is 11 of these
});
