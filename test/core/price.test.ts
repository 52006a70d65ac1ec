// What comes free of what several things hold: counted anew before and after, in every order, and whatever the doubtful holders hold.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Holdings } from '../../src/core/holdings.ts';
import type { Space } from '../../src/core/plan.ts';
import { freedBy } from '../../src/core/price.ts';
import { someHoldings } from '../support/arbitrary.ts';

const RUNS = { numRuns: 2000 };

const bounds = ({ frees, between }: Space) => between ?? ([frees, frees] as const);
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

function freed(holdings: Holdings, going: readonly string[]) {
  const { each, together } = freedBy(holdings, going);
  return { each, together };
}

/** Who holds a piece in one of the worlds that the doubt leaves open: in it every `perhaps` is true or not. */
function holdersIn(
  { held, perhaps }: Holdings,
  isTrue: (holder: string, piece: string) => boolean,
): Map<string, Set<string>> {
  return new Map(
    [...held].map(([holder, pieces]) => {
      const really = (perhaps.get(holder) ?? []).filter((piece) => isTrue(holder, piece));
      return [holder, new Set([...pieces, ...really])];
    }),
  );
}

/** What each frees, counted anew: the pieces that somebody holds before it goes, and nobody afterwards. */
function recount(
  holders: ReadonlyMap<string, ReadonlySet<string>>,
  going: readonly string[],
  sizeOf: (piece: string) => number,
): number[] {
  const there = new Map(holders);
  const used = () => new Set([...there.values()].flatMap((pieces) => [...pieces]));
  return going.map((holder) => {
    const before = used();
    there.delete(holder);
    const after = used();
    return sum([...before].filter((piece) => !after.has(piece)).map(sizeOf));
  });
}

describe('what comes free of what several hold', () => {
  test('lies within its bounds, of each and of all together', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), ({ holdings, going }) => {
        const { each, together } = freed(holdings, going);
        for (const space of [...each, together]) {
          const [low, high] = bounds(space);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(space.frees).toBeGreaterThanOrEqual(low);
          expect(space.frees).toBeLessThanOrEqual(high);
          expect(space.about).toBe(low < high ? true : undefined);
        }
      }),
      RUNS,
    );
  });

  test('of each adds up to that of all together', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), ({ holdings, going }) => {
        const { each, together } = freed(holdings, going);
        expect(sum(each.map(({ frees }) => frees))).toBe(together.frees);
      }),
      RUNS,
    );
  });

  test('is exactly what a recount finds where nothing is in doubt', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: false }), ({ holdings, going }) => {
        const sizes = (piece: string) => holdings.pieces.get(piece)?.size ?? 0;
        const counted = recount(
          holdersIn(holdings, () => false),
          going,
          sizes,
        );
        expect(freed(holdings, going)).toEqual({
          each: counted.map((frees) => ({ frees })),
          together: { frees: sum(counted) },
        });
      }),
      RUNS,
    );
  });

  test('lies within the bounds whatever the doubtful ones hold and however large the pieces are', () => {
    const world = fc.record({
      holds: fc.infiniteStream(fc.boolean()),
      shares: fc.infiniteStream(fc.constantFrom(0, 0.5, 1)),
    });
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), world, ({ holdings, going }, { holds, shares }) => {
        const sizes = new Map(
          [...holdings.pieces].map(([name, { low, high }]) => {
            const most = high === Number.POSITIVE_INFINITY ? low + 1e9 : high;
            return [name, low + (most - low) * (shares.next().value as number)];
          }),
        );
        const holders = holdersIn(holdings, () => holds.next().value as boolean);
        const counted = recount(holders, going, (piece) => sizes.get(piece) ?? 0);
        const { each, together } = freed(holdings, going);
        for (const [real, space] of [
          ...counted.map((n, i) => [n, each[i]] as const),
          [sum(counted), together] as const,
        ]) {
          const [low, high] = bounds(space as Space);
          expect(real).toBeGreaterThanOrEqual(low);
          expect(real).toBeLessThanOrEqual(high);
        }
      }),
      RUNS,
    );
  });

  test('is together the same in whatever order they go', () => {
    const twice = someHoldings({ doubtful: true }).chain(({ holdings, going }) =>
      fc.record({
        holdings: fc.constant(holdings),
        going: fc.constant(going),
        again: fc.shuffledSubarray([...going], { minLength: going.length }),
      }),
    );
    fc.assert(
      fc.property(twice, ({ holdings, going, again }) => {
        expect(freed(holdings, again).together).toEqual(freed(holdings, going).together);
      }),
      RUNS,
    );
  });

  test('never has anything that a holder which stays holds for sure', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), ({ holdings, going }) => {
        const staying = [...holdings.held].filter(([holder]) => !going.includes(holder));
        const kept = new Set(staying.flatMap(([, pieces]) => pieces));
        const without: Holdings = {
          pieces: new Map([...holdings.pieces].map(([name, piece]) => [name, kept.has(name) ? NONE : piece])),
          held: holdings.held,
          perhaps: holdings.perhaps,
        };
        expect(freed(holdings, going)).toEqual(freed(without, going));
      }),
      RUNS,
    );
  });

  test('is promised only if nobody who stays may hold it', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), ({ holdings, going }) => {
        const staying = (map: Holdings['held']) =>
          [...map].filter(([holder]) => !going.includes(holder)).flatMap(([, pieces]) => pieces);
        const left = new Set([...staying(holdings.held), ...staying(holdings.perhaps)]);
        const most = [...holdings.pieces].filter(([name]) => !left.has(name)).map(([, { low }]) => low);
        expect(bounds(freed(holdings, going).together)[0]).toBeLessThanOrEqual(sum(most));
      }),
      RUNS,
    );
  });

  test('is all that is held when all go', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), ({ holdings }) => {
        const seen = new Set([...holdings.held.values()].flat());
        const sure: Holdings = {
          ...holdings,
          perhaps: new Map(
            [...holdings.perhaps].map(([holder, pieces]) => [holder, pieces.filter((p) => seen.has(p))]),
          ),
        };
        const all = [...seen].map((name) => holdings.pieces.get(name) ?? NONE);
        const [low, high] = [sum(all.map((piece) => piece.low)), sum(all.map((piece) => piece.high))];
        const { together } = freed(sure, [...holdings.held.keys()]);
        expect(together.frees).toBe(sum(all.map(({ size }) => size)));
        expect(bounds(together)).toEqual(low === high ? [together.frees, together.frees] : [low, high]);
      }),
      RUNS,
    );
  });

  test('is the piece once, with the last of two that hold it', () => {
    const holdings = {
      pieces: new Map([['p', { size: 7, low: 7, high: 7 }]]),
      held: new Map([
        ['a', ['p']],
        ['b', ['p']],
      ]),
      perhaps: new Map(),
    };
    expect(freed(holdings, ['a', 'b'])).toEqual({
      each: [{ frees: 0 }, { frees: 7 }],
      together: { frees: 7 },
    });
    expect(freed(holdings, ['b']).together).toEqual({ frees: 0 });
  });

  test('is nothing of what is not known at all', () => {
    const nothing = { pieces: new Map(), held: new Map(), perhaps: new Map() };
    expect(freed(nothing, ['x'])).toEqual({ each: [{ frees: 0 }], together: { frees: 0 } });
  });
});

const NONE = { size: 0, low: 0, high: 0 };
