// The layers of images by number.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stacksOf } from '../../src/core/stacks.ts';

const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'constructor', '__proto__'));

test('numbers tell the same stacks as names, and every name has one number', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ layers: names }, { requiredKeys: [] })), names, (images, more) => {
      const { ids, of, numberOf } = stacksOf(images, more);
      expect(of.map((stack) => stack.map((layer) => ids[layer]))).toEqual(
        images.map(({ layers = [] }) => layers),
      );
      const all = [...images.flatMap(({ layers = [] }) => layers), ...more];
      expect(ids).toEqual([...new Set(all)]);
      expect(ids.map(numberOf)).toEqual([...ids.keys()]);
      expect(numberOf('none of them')).toBeUndefined();
    }),
  );
});
