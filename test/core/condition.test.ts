// When a reason to stay that is about age ends.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conditions } from '../../src/core/condition.ts';
import { allOf, limitsAt, tooYoung } from '../../src/core/condition.ts';
import { conditions } from '../support/builders.ts';

const NOW = '2026-11-21T12:00:00Z';
const HOUR = 3_600_000;
const younger = (held: Conditions, time: string, takenAt = NOW) => {
  const limits = limitsAt(held, { engine: { zone: 'Z' }, takenAt });
  return tooYoung({ word: 'created', time }, allOf(limits), limits.now)[0];
};
const grace = (text: string, hours: number) => ({ grace: { span: hours * HOUR, from: `--grace ${text}` } });

describe('what is too young says when it will not be', () => {
  test.each<[string, Conditions, string, string | undefined]>([
    ['by a span', conditions([], grace('24h', 24)), '2026-11-21T09:30:00Z', '2026-11-22T09:30:00Z'],
    ['by until', conditions(['until=24h']), '2026-11-21T09:30:00Z', '2026-11-22T09:30:00Z'],
    [
      'in whole seconds, the next one',
      conditions(['until=24h']),
      '2026-11-21T09:30:00.1Z',
      '2026-11-22T09:30:01Z',
    ],
    ['but not by a date, which stays what it is', conditions(['until=2026-11-01']), NOW, undefined],
    ['but not where no calendar has that year', conditions([], grace('9000y', 9e7)), NOW, undefined],
  ])('%s', (_, held, time, eligible) => {
    expect(younger(held, time)?.eligible).toBe(eligible);
  });

  test('of several limits by the last one to end', () => {
    const both = conditions(['until=24h'], grace('48h', 48));
    expect(younger(both, '2026-11-21T09:00:00Z')).toEqual({
      rule: 'younger-than',
      text: 'created 3 hours ago, within --grace 48h',
      eligible: '2026-11-23T09:00:00Z',
    });
    expect(younger(conditions(['until=24h', 'until=2026-11-01']), NOW)?.text).toContain('until=2026-11-01');
  });

  test('and that is when it does not stay any more, and two seconds earlier it does', () => {
    const at = fc.date({
      min: new Date('2026-11-01T00:00:00Z'),
      max: new Date('2026-11-21T12:00:00Z'),
      noInvalidDate: true,
    });
    const span = fc.integer({ min: 1, max: 60 * 24 * HOUR });
    fc.assert(
      fc.property(at, span, fc.boolean(), (time, ms, filter) => {
        const held = filter
          ? conditions([`until=${ms}ms`])
          : conditions([], { olderThan: { span: ms, from: '--older-than' } });
        const why = younger(held, time.toISOString());
        if (!why) return;
        const end = Date.parse(why.eligible as string);
        const then = (ms: number) => younger(held, time.toISOString(), new Date(ms).toISOString());
        expect(then(end)).toBeUndefined();
        expect(then(end - 2000)).toBeDefined();
      }),
    );
  });
});
