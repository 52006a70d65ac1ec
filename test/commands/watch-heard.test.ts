// What a watch has heard of uses, between one look and the next.
import { expect, test } from 'vitest';
import { UsesHeard } from '../../src/commands/watch-heard.ts';
import type { EngineEvent } from '../../src/core/last-use-events.ts';

const event = (id: string, type = 'container'): EngineEvent => {
  return { at: '2026-11-21T02:41:09.000Z', type, action: 'start', id };
};
const taken = (uses: UsesHeard) => {
  const { events, whole } = uses.take();
  return [events.map(({ id }) => id).join(' '), whole ? 'whole' : 'perhaps not all'];
};

test('what was heard since the last look is whole, unless the connection ended meanwhile', () => {
  const uses = new UsesHeard();
  uses.add(event('a'));
  uses.add(event('lan', 'network'));
  expect(taken(uses)).toEqual(['a', 'perhaps not all']); // before the first look something may have happened
  uses.add(event('b'));
  uses.add(event('c', 'image'));
  expect(taken(uses)).toEqual(['b c', 'whole']);
  uses.interrupted();
  uses.add(event('d'));
  expect(taken(uses)).toEqual(['d', 'perhaps not all']);
  expect(taken(uses)).toEqual(['', 'whole']);
});

test('a look that has not looked gives back what it was given, and is none', () => {
  const uses = new UsesHeard();
  uses.add(event('a'));
  uses.giveBack(uses.take());
  uses.add(event('b'));
  expect(taken(uses)).toEqual(['a b', 'perhaps not all']);
  uses.add(event('c'));
  uses.giveBack(uses.take());
  expect(taken(uses)).toEqual(['c', 'whole']);
});

test('of too many events the last are kept, which are not all', () => {
  const uses = new UsesHeard();
  uses.take();
  for (let i = 0; i <= 5000; i++) uses.add(event(String(i)));
  const { events, whole } = uses.take();
  expect([events.length, events[0]?.id, whole]).toEqual([5000, '1', false]);
});
