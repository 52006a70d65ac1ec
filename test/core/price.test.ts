// What comes free of what several things hold: counted anew before and after, in every order, and whatever the doubtful holders hold.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Holdings } from '../../src/core/holdings.ts';
import { aboutContainer } from '../../src/core/holdings.ts';
import type { CacheRecord, Image, Inventory } from '../../src/core/inventory.ts';
import type { CacheAction, ImageAction, Space } from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { planCache } from '../../src/core/plan-cache.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import type { Priced } from '../../src/core/price.ts';
import { freedBy, priced, total } from '../../src/core/price.ts';
import { reason } from '../../src/core/reason.ts';
import { someHoldings } from '../support/arbitrary.ts';
import {
  conditions,
  container,
  id,
  image,
  inventory,
  planFor,
  record,
  stopped,
} from '../support/builders.ts';

const RUNS = { numRuns: 2000 };
const NONE = { size: 0, low: 0, high: 0 };
const UNUSED = { rule: 'unused', text: 'unused' };

const bounds = ({ frees, between }: Space) => between ?? ([frees, frees] as const);
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

function freed(holdings: Holdings, going: readonly string[]) {
  const { each, together } = freedBy(holdings, going);
  return { each, together };
}

/** Who holds a piece in one of the worlds that the doubt leaves open: in it every `perhaps` is true or not. */
function holdersIn(
  { held, perhaps }: Holdings,
  isTrue: (holder: string, piece: number) => boolean,
): Map<string, Set<number>> {
  return new Map(
    [...held].map(([holder, pieces]) => {
      const really = (perhaps.get(holder) ?? []).filter((piece) => isTrue(holder, piece));
      return [holder, new Set([...pieces, ...really])];
    }),
  );
}

/** What each frees, counted anew: the pieces that somebody holds before it goes, and nobody afterwards. */
function recount(
  holders: ReadonlyMap<string, ReadonlySet<number>>,
  going: readonly string[],
  sizeOf: (piece: number) => number,
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
        const sizes = (piece: number) => holdings.pieces[piece]?.size ?? 0;
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
          holdings.pieces.map(({ low, high }, name) => {
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
          pieces: holdings.pieces.map((piece, i) => (kept.has(i) ? NONE : piece)),
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
        const most = holdings.pieces.filter((_, i) => !left.has(i)).map(({ low }) => low);
        expect(bounds(freed(holdings, going).together)[0]).toBeLessThanOrEqual(sum(most));
      }),
      RUNS,
    );
  });

  test('is told from what somebody who stays holds, or may hold', () => {
    fc.assert(
      fc.property(someHoldings({ doubtful: true }), ({ holdings, going }) => {
        const { isHeld } = freedBy(holdings, going);
        const all = [...holdings.held, ...holdings.perhaps].filter(([holder]) => !going.includes(holder));
        const left = new Set(all.flatMap(([, pieces]) => pieces));
        for (const piece of holdings.pieces.keys()) expect(isHeld(piece)).toBe(left.has(piece));
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
        const all = [...seen].map((name) => holdings.pieces[name] ?? NONE);
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
      pieces: [{ size: 7, low: 7, high: 7 }],
      held: new Map([
        ['a', [0]],
        ['b', [0]],
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
    const nothing = { pieces: [], held: new Map(), perhaps: new Map() };
    expect(freed(nothing, ['x'])).toEqual({ each: [{ frees: 0 }], together: { frees: 0 } });
  });
});

describe('a plan', () => {
  test('has nothing of images that were listed for their layers only, and knows what they share', () => {
    const layers = { base: { size: 5_000_000, disk: 5_000_000 } };
    const [app, other] = [image('', { layers: ['base'] }), image('', { id: id('other'), layers: ['base'] })];
    const alone = planFor(inventory([app], [], [], { layers }), {});
    const shared = planFor(inventory([app], [], [], { layers, others: [other] }), {});
    expect(shared.actions.map((action) => action.id)).toEqual([app.id]);
    expect(alone.frees - shared.frees).toBeGreaterThan(5_000_000);
  });

  const MB = 1_000_000;
  /** An image of these layers, whose sizes are their names’ last digits in megabytes. */
  const of = (name: string, ...layers: string[]) =>
    image(name, { id: name, layers, size: sum(layers.map((layer) => Number(layer.slice(-1)) * MB)) });
  const on = (images: readonly Image[], more: Partial<Inventory> = {}) => {
    const names = new Set(images.flatMap(({ layers = [] }) => layers));
    const layers = Object.fromEntries(
      [...names].map((name) => [
        name,
        { size: Number(name.slice(-1)) * MB, disk: Number(name.slice(-1)) * MB },
      ]),
    );
    return inventory(images, [], [], { layers, ...more });
  };
  const removal = (which: Image): ImageAction => ({
    kind: 'delete-image',
    target: which.tags[0] as string,
    ...{ id: which.id, group: 'app', size: which.size, because: UNUSED, frees: 0, after: [] },
    expects: { names: which.tags },
    comeback: 'local-only',
  });
  const prune = (which: CacheRecord): CacheAction => ({
    kind: 'prune-cache',
    ...{
      target: which.id,
      id: which.id,
      group: 'cache',
      size: which.size,
      because: UNUSED,
      frees: 0,
      after: [],
    },
    expects: { shared: which.shared, internal: false },
  });
  const texts = ({ actions }: Priced) => actions.map(({ because }) => because.text);
  const shared = (name: string, size: number, more: Partial<CacheRecord> = {}) =>
    record(name, 10, { shared: true, size: size * MB, ...more });

  test('of names alone frees nothing', () => {
    const app = image('app:1 other:1', { layers: ['l5'] });
    const plan = planFor(on([app], { layers: { l5: { size: 5 * MB } } }), { all: true, patterns: ['app'] });
    expect(plan.actions.map(({ kind, frees }) => [kind, frees])).toEqual([['untag', 0]]);
    expect([plan.frees, plan.about]).toEqual([0, undefined]);
  });

  test('of an image with several names frees it with the last', () => {
    const plan = planFor(on([image('app:1 app:2', { layers: ['l5'] })]), { all: true });
    expect(plan.actions.map(({ kind }) => kind)).toEqual(['untag', 'delete-image']);
    expect(plan.actions[0]).toMatchObject({ frees: 0 });
    expect(plan.actions[0]).not.toHaveProperty('about');
    expect(plan.frees).toBe(plan.actions[1]?.frees);
    expect(plan.frees).toBeGreaterThan(5 * MB);
  });

  test('frees what its actions free, containers with what is kept about them once', () => {
    const old = [
      stopped('ran', 10, { size: 7 * MB }),
      container('new', 'app:1', { state: 'created', size: 0 }),
    ];
    const app = of('app:1', 'l5');
    const empty = { ...on([app]), containers: old };
    const parts = planContainers(empty, conditions());
    const both = planOf(empty, [], [parts, { actions: [removal(app)], kept: [] }]);
    const [ran, fresh] = ['ran', 'new'].map((name) => both.actions.find(({ target }) => target === name));
    expect(ran?.frees).toBe(7 * MB + aboutContainer('overlay2', true));
    expect(fresh?.frees).toBe(aboutContainer('overlay2', false));
    expect(both.frees).toBe(sum(both.actions.map(({ frees }) => frees)));
    const alone = planOf(empty, [], [parts]);
    expect(alone.frees).toBe((ran?.frees ?? 0) + (fresh?.frees ?? 0));
  });

  test('says where next to nothing comes free, with an image that has the layers', () => {
    const images = [of('app:1', 'base8'), of('app:2', 'base8', 'own3')];
    expect(texts(priced(on(images), images.slice(0, 1).map(removal)))).toEqual([
      'unused; frees next to nothing while app:2 stays, which has the same layers',
    ]);
    expect(texts(priced(on(images), images.slice(1).map(removal)))).toEqual(['unused']);
  });

  test('says where the space of an image comes free with what goes after it, another image or the build cache', () => {
    const later = 'unused; its space comes free with what goes after it';
    const images = [of('app:1', 'base8'), of('app:2', 'base8', 'own3')];
    expect(texts(priced(on(images), images.map(removal)))).toEqual([later, 'unused']);
    const stays = [of('web:1', 'base8'), of('app:2', 'base8', 'own3')];
    const cache = [shared('r1', 8), shared('r2', 3, { parents: ['r1'] })];
    const going = [...stays.slice(1).map(removal), ...cache.map(prune)];
    expect(texts(priced(on(stays, { cache }), going))[0]).toBe(later);
    expect(reason.beforePrice({ rule: 'x', text: later }).text).toBe('unused');
  });

  test('names an image that stays without a name by its ID', () => {
    const nameless = image('', {
      id: `sha256:${'ab12'.repeat(16)}`,
      layers: ['base8', 'own3'],
      size: 11 * MB,
    });
    const app = of('app:1', 'base8');
    expect(texts(priced(on([app, nameless]), [removal(app)]))).toEqual([
      'unused; frees next to nothing while ab12ab12ab12 stays, which has the same layers',
    ]);
  });

  test('names the image rather than the build cache where both have the layers', () => {
    const images = [of('app:1', 'base8'), of('app:2', 'base8', 'own3')];
    const plan = priced(on(images, { cache: [shared('r', 8)] }), images.slice(0, 1).map(removal));
    expect(texts(plan)).toEqual([
      'unused; frees next to nothing while app:2 stays, which has the same layers',
    ]);
    expect(plan.notes).toEqual([]);
  });

  test('says what the build cache holds of its images, and what frees that', () => {
    const images = [of('app:1', 'base8', 'own3')];
    const cache = [shared('r1', 8), shared('r2', 3, { parents: ['r1'] })];
    const plan = priced(on(images, { cache }), images.map(removal));
    expect(texts(plan)).toEqual(['unused; frees next to nothing while the build cache holds its layers']);
    expect(plan.notes).toEqual([
      'The build cache holds 11.09MB of these images: docker tidy cache -a frees that afterwards.',
    ]);
    expect(priced(on(images, { cache }), [...images.map(removal), ...cache.map(prune)]).notes).toEqual([]);
  });

  test('says it of the part alone that the build cache holds', () => {
    const images = [of('app:1', 'base8', 'own3')];
    const plan = priced(on(images, { cache: [shared('r1', 8)] }), images.map(removal));
    expect(texts(plan)).toEqual(['unused']);
    expect(plan.notes).toEqual([
      'The build cache holds 8.037MB of these images: docker tidy cache -a frees that afterwards.',
    ]);
  });

  test('says nothing of the kind about records, whatever else it removes', () => {
    const images = [of('app:1', 'base8'), of('app:2', 'base8', 'own3')];
    const cache = [shared('r', 8)];
    const both = priced(on(images, { cache }), [...images.slice(0, 1).map(removal), ...cache.map(prune)]);
    expect(texts(both)[1]).toBe('unused');
    expect(both.actions[1]).toMatchObject({ frees: 0 });
    expect(texts(priced(on(images, { cache }), cache.map(prune)))).toEqual(['unused']);
  });

  test('without images and cache is the sum of its actions, and asks for no layers', () => {
    const nothing = on([of('app:1', 'l5')]);
    expect(priced(nothing, [])).toEqual({ actions: [], space: { frees: 0 }, notes: [] });
  });

  describe('on the containerd store, where a build of a moment ago may hold the images that it began from,', () => {
    const bases = [of('base:1', 'base8'), of('other:1', 'base8', 'own3')];
    const cache = [
      shared('r8', 8, { description: '' }),
      shared('r3', 3, { description: '', parents: ['r8'] }),
      record('step', 10, { parents: ['r3'], lastUsed: '2026-11-21T11:58:00Z', size: 2 * MB }),
      record('old', 10, { size: 1 * MB }),
    ];
    const there = (more: Partial<Inventory> = {}): Inventory => {
      const built = on(bases, { cache, takenAt: '2026-11-21T12:00:00Z', ...more });
      return { ...built, engine: { ...built.engine, store: 'containerd' } };
    };
    const steps = cache.slice(0, 3).map(prune);
    const [, , , old] = cache as [CacheRecord, CacheRecord, CacheRecord, CacheRecord];
    const low = (space: Space | undefined) => bounds(space as Space)[0];

    test('images alone may free nothing', () => {
      const left = { cache: cache.slice(2) };
      const built = priced(there({ cache }), bases.map(removal));
      expect(low(built.space)).toBeLessThan(MB);
      expect(low(priced(there(left), bases.map(removal)).space)).toBeGreaterThan(8 * MB);
    });

    test('any record that is pruned ends that', () => {
      const records = there({ cache: [...cache.slice(0, 2), cache[2] as CacheRecord, old] });
      const without = priced(records, [...bases.map(removal), ...steps]);
      const plan = priced(records, [...bases.map(removal), prune(old), ...steps]);
      for (const { space } of [without, plan]) expect(low(space)).toBeGreaterThan(11 * MB);
      expect(plan.space.frees).toBe(without.space.frees + MB + 8_192);
    });

    test('the first prune has what that frees, and the others what they free', () => {
      const actions = [...bases.map(removal), prune(old), ...steps];
      const plan = priced(there(), actions);
      expect(plan.actions.map(({ id }) => id)).toEqual(actions.map(({ id }) => id));
      expect(plan.actions.at(-1)).toMatchObject({ id: 'step', frees: 2 * MB + 8_192 });
      expect(sum(plan.actions.map(({ frees }) => frees))).toBe(plan.space.frees);
      const first = priced(there(), [prune(old), ...bases.map(removal), ...steps]);
      expect(first.actions[0]).toMatchObject({ id: 'old', frees: MB + 8_192 });
      expect(first.space).toEqual(plan.space);
    });

    test('each action’s bounds hold what it frees in the end', () => {
      for (const { frees, between: [least, most] = [frees, frees] } of priced(there(), [
        ...bases.map(removal),
        prune(old),
        ...steps,
      ]).actions as readonly Space[]) {
        expect(least).toBeLessThanOrEqual(frees);
        expect(most).toBeGreaterThanOrEqual(frees);
        expect(most).toBeLessThan(12 * MB);
      }
    });

    test('what two of those images have in common the first prune frees once', () => {
      const built = ['r8', 'r3'].map((name, i) => ({
        ...(cache[i] as CacheRecord),
        description: `step ${name}`,
      }));
      const step = { ...(cache[2] as CacheRecord), parents: ['r8', 'r3'] };
      const doubtful = there({ cache: [...built, step, old] });
      const { actions } = priced(doubtful, [...bases.map(removal), prune(old)]);
      expect(bounds(actions[2] as Space)[1]).toBeLessThan(15 * MB);
    });

    test('an image that frees nothing for that alone is not said to be held by another', () => {
      const held = there({ cache: [record('gone', 10), ...cache.slice(2)] });
      expect(texts(priced(held, bases.map(removal)))).toEqual([
        'unused; its space comes free with what goes after it',
        'unused',
      ]);
    });
  });

  test('of records that lie on each other in many ways takes each once', () => {
    const level = (n: number) =>
      ['a', 'b'].map((side) =>
        record(`${side}${n}`, 10, { parents: n === 0 ? [] : [`a${n - 1}`, `b${n - 1}`], size: 1000 }),
      );
    const cache = Array.from({ length: 40 }, (_, n) => level(n)).flat();
    const { actions, frees } = planOf(
      on([], { cache }),
      [],
      [planCache(on([], { cache }), { all: true, conditions: conditions() })],
    );
    expect(actions).toHaveLength(80);
    expect(frees).toBe(80 * (1000 + 16_384));
  });
});

test('a sum is about as soon as one of it is, and lies between the sums of the bounds', () => {
  const about = { frees: 5, about: true, between: [1, 9] } as const;
  expect(total([])).toEqual({ frees: 0 });
  expect(total([{ frees: 2 }, { frees: 3 }])).toEqual({ frees: 5 });
  expect(total([{ frees: 2 }, about])).toEqual({ frees: 7, about: true, between: [3, 11] });
});
