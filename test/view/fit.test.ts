// Names made to fit: what tells them apart is still there, and no line is wider than it may be.
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { cut, cutWithin } from '../../src/view/fit.ts';

test('a name keeps its end, where tags differ', () => {
  const name = 'registry.example.com/team/really-long-service-name:feature-42';
  expect(cutWithin(name, 40)).toBe('registry.exam…ng-service-name:feature-42');
  expect(cutWithin('app:1', 40)).toBe('app:1');
});

test('neither is wider than it may be, whatever the characters', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ':', '…', '日', '🐳', 'é'), maxLength: 40 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 30 }), (name, width) => {
      for (const fitted of [cut(name, width), cutWithin(name, width)])
        expect(stringWidth(fitted)).toBeLessThanOrEqual(width);
      if (stringWidth(name) <= width) expect(cutWithin(name, width)).toBe(name);
    }),
  );
});
