// A trace played back: what goes is gone until it is used again, and that costs what is missing of it by then.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newLedger } from '../../src/core/last-use.ts';
import { afterLook } from '../../src/core/last-use-look.ts';
import { withUses } from '../../src/core/last-use-uses.ts';
import { replay } from '../../src/core/replay.ts';
import type { Trace, TraceEvent, TraceImage } from '../../src/core/replay-trace.ts';
import { traceOf } from '../../src/core/replay-trace.ts';
import { id, image, inventory } from '../support/builders.ts';

const day = (n: number, hour = 9) => new Date(Date.UTC(2026, 7, 1 + n, hour)).toISOString();
type Does = TraceEvent['does'];
const happens = (n: number, name: string, does: Does, names?: string[]): TraceEvent => ({
  at: day(n),
  image: id(name),
  does,
  ...(names && { names }),
});
const came = (n: number, name: string, ...names: string[]) =>
  happens(n, name, 'arrived', names.length > 0 ? names : [`${name}:1`]);

/** Ten days of these images, each of 10 bytes unless it has layers. */
function trace(events: readonly TraceEvent[], images: Record<string, Partial<TraceImage>> = {}): Trace {
  const all = new Set([...Object.keys(images).map(id), ...events.map((event) => event.image)]);
  const of = (each: string) => Object.entries(images).find(([name]) => id(name) === each)?.[1];
  return {
    schemaVersion: 1,
    since: day(0, 0),
    until: day(10, 0),
    images: Object.fromEntries([...all].map((each) => [each, { size: 10, labels: {}, ...of(each) }])),
    layers: { base: 6, a: 4, b: 4 },
    events,
  };
}

/** Removes these on that day of the trace. */
const removing =
  (n: number, ...names: string[]) =>
  ({ takenAt }: { takenAt: string }) =>
    takenAt === day(n + 1, 0) ? names.map(id) : [];

describe('what was removed', () => {
  test('costs nothing when nobody uses it again', () => {
    const { policy } = replay(trace([came(0, 'app'), happens(1, 'app', 'used')]), removing(3, 'app'));
    expect(policy).toMatchObject({
      removed: { images: 1, bytes: 10 },
      again: { pulls: 0, rebuilds: 0, bytes: 0 },
      disk: { last: 0 },
      missed: [],
    });
  });

  test('is pulled again when it is used, or built where no registry has it', () => {
    const events = [
      came(0, 'app'),
      came(0, 'db', 'db:16', 'db@sha256:1'),
      happens(6, 'app', 'used'),
      happens(7, 'db', 'used'),
    ];
    const { policy } = replay(trace(events), removing(3, 'app', 'db'));
    expect(policy.again).toEqual({ pulls: 1, rebuilds: 1, bytes: 20 });
    expect(policy.missed).toEqual([
      { image: id('app'), name: 'app:1', removed: day(4, 0), needed: day(6), bytes: 10, by: 'rebuild' },
      { image: id('db'), name: 'db:16', removed: day(4, 0), needed: day(7), bytes: 10, by: 'pull' },
    ]);
    expect(policy.disk.last).toBe(20);
  });

  test('costs only the layers that nothing else has kept', () => {
    const images = { a: { layers: ['base', 'a'] }, b: { layers: ['base', 'b'] } };
    const events = [came(0, 'a'), came(0, 'b'), happens(6, 'a', 'used')];
    const { policy } = replay(trace(events, images), removing(3, 'a'));
    expect(policy).toMatchObject({
      removed: { images: 1, bytes: 4 },
      again: { bytes: 4 },
      disk: { last: 14 },
    });
  });

  test('is not missed when it comes by itself, or had gone in the trace anyway', () => {
    const events = [
      came(0, 'a'),
      came(0, 'b'),
      came(6, 'a'),
      happens(7, 'a', 'used'),
      happens(5, 'b', 'gone'),
      happens(6, 'b', 'used'),
    ];
    expect(replay(trace(events), removing(3, 'a', 'b')).policy.missed).toEqual([]);
  });

  test('stays when it was used that day', () => {
    const events = [came(0, 'app'), happens(3, 'app', 'used')];
    expect(replay(trace(events), removing(3, 'app')).policy.removed.images).toBe(0);
  });
});

test('the policy sees the images as they were: names, ages, last uses, and what is in use', () => {
  const events = [came(0, 'app', 'app:1'), happens(2, 'app', 'named', []), happens(4, 'app', 'used')];
  const seen = new Map<string, readonly unknown[]>();
  replay(trace(events), ({ takenAt, images, containers }) => {
    const [app] = images;
    seen.set(takenAt, [app?.tags, app?.used?.at, containers.length]);
    return [];
  });
  expect(seen.get(day(1, 0))).toEqual([['app:1'], day(0), 0]);
  expect(seen.get(day(3, 0))).toEqual([[], day(0), 0]);
  expect(seen.get(day(5, 0))).toEqual([[], day(4), 1]);
  expect(seen.get(day(6, 0))).toEqual([[], day(4), 0]);
  expect(seen.size).toBe(10);
});

test('LRU and age alone leave as little as the policy, by their own order', () => {
  const images = { old: { created: '2024-01-01T00:00:00Z' }, young: { created: '2026-07-31T00:00:00Z' } };
  const events = [came(0, 'old'), came(0, 'young'), happens(5, 'old', 'used'), happens(8, 'old', 'used')];
  const { lru, age } = replay(trace(events, images), removing(6, 'young'));
  expect([lru.removed.images, lru.again.bytes]).toEqual([1, 0]);
  expect([age.removed.images, age.again.bytes]).toEqual([2, 10]); // old goes, comes back, and young goes in its place
  expect(lru.disk.last).toBe(10);
});

const NAMES = ['a', 'b', 'c', 'd'];
const events = fc.array(
  fc
    .tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(...NAMES),
      fc.constantFrom<Does>('arrived', 'used', 'gone'),
    )
    .map(([n, name, does]) => happens(n, name, does, does === 'arrived' ? [`${name}:1`] : undefined)),
  { maxLength: 30 },
);

test('whatever happened: what is missed was removed before, the disk is never less than nothing, the order of events is irrelevant', () => {
  const images = { a: { layers: ['base', 'a'] }, b: { layers: ['base', 'b'] } };
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 9 }), fc.subarray(NAMES), (all, n, going) => {
      const played = replay(trace(all, images), removing(n, ...going));
      expect(replay(trace(all.toReversed(), images), removing(n, ...going))).toEqual(played);
      for (const way of [played.policy, played.lru, played.age]) {
        expect(way.missed.length).toBeLessThanOrEqual(way.removed.images);
        expect(way.again.bytes).toBeLessThanOrEqual(way.removed.bytes + 10 * way.missed.length);
        expect(way.disk.last).toBeGreaterThanOrEqual(0);
        for (const { removed, needed } of way.missed) expect(removed < needed).toBe(true);
      }
      expect(replay(trace(all, images), () => []).policy).toMatchObject({
        removed: { images: 0 },
        missed: [],
      });
    }),
  );
});

test('a ledger is a trace: what came, was used and went, with the names of the time', () => {
  const look = (n: number, ...images: ReturnType<typeof image>[]) => ({
    inventory: { ...inventory(images), takenAt: day(n) },
    events: [],
  });
  const [app, moved] = [image('app:1', { id: id('app') }), image('', { id: id('app') })];
  let ledger = newLedger('ENGINE', day(0));
  ledger = afterLook(ledger, look(0, app));
  ledger = withUses(ledger, [{ image: 'app:1', at: day(2), by: 'container web' }]);
  ledger = afterLook(ledger, look(4, moved));
  ledger = afterLook(ledger, look(6));
  const { events: told, images, since } = traceOf(ledger);
  expect(told).toEqual([
    { at: day(0), image: id('app'), does: 'arrived', names: ['app:1'] },
    { at: day(2), image: id('app'), does: 'used' },
    { at: day(4), image: id('app'), does: 'named', names: [] },
    { at: day(6), image: id('app'), does: 'gone' },
  ]);
  expect(images[id('app')]?.size).toBe(10_000_000);
  expect(since).toBe(day(0));
});
