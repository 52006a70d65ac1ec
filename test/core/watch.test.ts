// When a watched host is looked at: tables of what happens, and properties that hold whatever happens.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../src/core/reason.ts';
import type { Happening, Pace, Watching } from '../../src/core/watch.ts';
import { after, beforeWatching, nextEnd, nextStep, pauseAfter } from '../../src/core/watch.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const PACE: Pace = { quiet: 30 * SECOND, every: 24 * HOUR };
const LOOKED = { what: 'looked', began: 0, took: 0 } as const;

type Told = readonly [at: number, happening: Happening];

/** The state after what happened, each at its time in milliseconds; the watch begins at 0. */
const told = (happenings: readonly Told[], pace = PACE): Watching =>
  happenings.reduce((state, [at, happening]) => after(state, happening, at, pace), beforeWatching(0, pace));

/** When it looks, if nothing else happens; `undefined` for never. */
function looksAt(state: Watching, now: number, pace = PACE): number | undefined {
  const step = nextStep(state, now, pace);
  return step.do === 'sleep' ? undefined : step.do === 'look' ? now : looksAt(state, step.until, pace);
}

const heard: Told = [0, { what: 'heard' }];
const event = (seconds: number): Told => [seconds * SECOND, { what: 'event' }];
const looked = (seconds: number, more: object = {}): Told => [
  seconds * SECOND,
  { ...LOOKED, began: seconds * SECOND, ...more },
];

describe('it looks', () => {
  test.each<[string, Told[], number | undefined]>([
    ['not before the engine is heard', [], undefined],
    ['once the host is quiet after the engine is heard', [heard], 30],
    ['a day after the last look where nothing happens', [heard, looked(30)], 24 * 3600 + 30],
    ['a quiet time after an event', [heard, looked(30), event(100)], 130],
    ['a quiet time after the last of several', [heard, looked(30), event(100), event(120)], 150],
    ['not while the engine is away', [heard, looked(30), event(100), [101_000, { what: 'lost' }]], undefined],
    [
      'again once it is back, though no event tells what happened meanwhile',
      [heard, looked(30), [101_000, { what: 'lost' }], [200_000, { what: 'heard' }]],
      230,
    ],
    ['when a reason to stay ends by itself', [heard, looked(30, { next: 500_000 })], 500],
    ['at once where one has ended meanwhile', [heard, looked(30, { next: 1 })], 30],
    [
      'later when looking takes long: ten times as long as it took',
      [heard, looked(30, { took: 20_000 }), event(40)],
      230,
    ],
    ['at the latest ten quiet times later', [heard, looked(30, { took: HOUR }), event(40)], 330],
    [
      'again for what happened while it looked',
      [heard, [60_000, { ...LOOKED, began: 30_000 }]],
      24 * 3600 + 60,
    ],
    ['again for an event while it looked', [heard, event(40), [60_000, { ...LOOKED, began: 30_000 }]], 70],
    ['a quiet time later where a build is in progress', [heard, [30_000, { what: 'busy' }]], 60],
    ['ten quiet times later where it could not', [heard, [30_000, { what: 'failed' }]], 330],
  ])('%s', (_, happenings, seconds) => {
    const now = happenings.at(-1)?.[0] ?? 0;
    const at = looksAt(told(happenings), now);
    expect(at === undefined ? undefined : at / SECOND).toBe(seconds);
  });

  test('after an hour of events without a pause, and though a build is in progress', () => {
    const events = Array.from({ length: 400 }, (_, i) => event(10 + 10 * i));
    const busy: Told = [4000 * SECOND, { what: 'busy' }];
    const state = told([heard, ...events, busy]);
    expect(nextStep(state, 4010 * SECOND, PACE)).toEqual({ do: 'wait', until: 4030 * SECOND });
    expect(nextStep(state, 4030 * SECOND, PACE)).toEqual({ do: 'look', anyway: true });
    expect(nextStep(told([heard, event(10)]), 45 * SECOND, PACE)).toEqual({ do: 'look', anyway: false });
  });
});

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ what: 'event' } as const) },
  fc.constant({ what: 'heard' } as const),
  fc.constant({ what: 'lost' } as const),
  fc.constant({ what: 'busy' } as const),
  fc.constant({ what: 'failed' } as const),
);
const pace = fc.record({
  quiet: fc.integer({ min: 100, max: HOUR }),
  every: fc.integer({ min: SECOND, max: 7 * 24 * HOUR }),
});
/** What happens, each with the milliseconds since what happened before. */
const course = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 * HOUR }), happening), { maxLength: 40 });

/** Plays a course: looks whenever it may, each look taking `took`. Calls `see` at each look, and with each wait. */
function play(
  given: Pace,
  happenings: readonly (readonly [number, Happening])[],
  took: number,
  see: (step: { at: number; state: Watching; stirred: number }) => void,
): void {
  let now = 0;
  let stirred = 0;
  let state = after(beforeWatching(0, given), { what: 'heard' }, 0, given);
  for (const [pause, next] of happenings) {
    const end = now + pause;
    for (let step = nextStep(state, now, given); now < end; step = nextStep(state, now, given)) {
      if (step.do === 'sleep' || (step.do === 'wait' && step.until > end)) break;
      if (step.do === 'wait') now = step.until;
      else {
        see({ at: now, state, stirred });
        const began = now;
        now += took;
        state = after(state, { what: 'looked', began, took }, now, given);
      }
    }
    now = Math.max(now, end);
    state = after(state, next, now, given);
    if (next.what === 'event' || next.what === 'heard') stirred = now;
  }
}

describe('whatever happens', () => {
  test('it looks at a host that stirred less than a quiet time ago only after an hour of waiting, or as long as --every', () => {
    fc.assert(
      fc.property(pace, course, fc.integer({ min: 1, max: 60_000 }), (given, happenings, took) => {
        play(given, happenings, took, ({ at, state, stirred }) => {
          if (at - stirred >= given.quiet) return;
          expect(at - Math.min(state.wanted ?? at, state.due)).toBeGreaterThanOrEqual(
            Math.min(HOUR, given.every),
          );
        });
      }),
    );
  });

  test('between two looks it leaves the host in peace for ten times as long as the look took, or ten quiet times', () => {
    fc.assert(
      fc.property(pace, course, fc.integer({ min: 1, max: 60_000 }), (given, happenings, took) => {
        let last: number | undefined;
        play(given, happenings, took, ({ at }) => {
          if (last !== undefined)
            expect(at - last - took).toBeGreaterThanOrEqual(10 * Math.min(took, given.quiet));
          last = at;
        });
      }),
    );
  });

  test('while it hears the engine it looks in the end: after --every, and an hour or what it rests for', () => {
    fc.assert(
      fc.property(pace, course, (given, happenings) => {
        const all: Told[] = [];
        for (const [pause, next] of happenings) all.push([(all.at(-1)?.[0] ?? 0) + pause, next]);
        const now = all.at(-1)?.[0] ?? 0;
        const looks = looksAt(told([...all, [now, { what: 'heard' }]], given), now, given);
        const most = given.every + Math.max(10 * given.quiet, HOUR);
        expect((looks ?? Number.POSITIVE_INFINITY) - now).toBeLessThanOrEqual(most);
      }),
    );
  });
});

const kept = (...ends: (string | undefined)[]) => ({
  reasons: ends.map((eligible): Reason => ({ rule: '', text: '', ...(eligible && { eligible }) })),
});

test('the next end is that of the first object whose every reason ends', () => {
  const plan = {
    kept: [
      kept('2026-01-05T00:00:00Z', undefined),
      kept('2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z'),
      kept('2026-01-07T00:00:00Z'),
    ],
  };
  expect(nextEnd(plan as never)).toBe(Date.parse('2026-01-04T00:00:00Z'));
  expect(nextEnd({ kept: [kept(undefined) as never] })).toBeUndefined();
  expect(nextEnd({ kept: [] })).toBeUndefined();
});

test('pauses between attempts grow to half a minute at the most, and are never the same for all', () => {
  expect([0, 1, 2, 3].map((failed) => pauseAfter(failed, 1))).toEqual([500, 1000, 2000, 4000]);
  expect(pauseAfter(1000, 1)).toBe(30_000);
  expect(pauseAfter(3, 0)).toBe(2000);
});
