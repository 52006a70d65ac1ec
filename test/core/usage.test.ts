// Who uses which image: however a container says which one it means.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Image } from '../../src/core/inventory.ts';
import { containersUsing, usersOf } from '../../src/core/usage.ts';
import { container, image, inventory } from '../support/builders.ts';

const DIGITS = '0123456789abcdef';
const digest = fc
  .string({ unit: fc.constantFrom('a', 'b'), minLength: 6, maxLength: 6 })
  .map((start) => `sha256:${start.padEnd(64, '0')}`);

/** Images whose IDs and digests begin alike, and a name by which a container may mean one of them. */
const named = fc.uniqueArray(digest, { minLength: 1, maxLength: 8 }).chain((ids) =>
  fc.record({
    images: fc.tuple(
      ...ids.map((id, i) =>
        fc
          .option(digest, { nil: undefined })
          .map((other) => image(`app:${i}${other ? ` app@${other}` : ''}`, { id })),
      ),
    ),
    name: fc.oneof(
      fc.constantFrom(...ids),
      fc.constantFrom(...ids).chain((id) => fc.integer({ min: 4, max: 64 }).map((n) => id.slice(7, 7 + n))),
      digest,
      digest.map((of) => `app@${of}`),
      fc.nat(9).map((i) => `app:${i}`),
      fc.string({ unit: fc.constantFrom(...DIGITS), minLength: 1, maxLength: 5 }),
    ),
  }),
);

/** Told one image at a time. */
function means({ id, tags, digests }: Image, name: string): boolean {
  const of = name.startsWith('sha256:') ? name : name.split('@')[1];
  if (of !== undefined) return id === of || digests.some((each) => each.endsWith(`@${of}`));
  return tags.includes(name) || (/^[0-9a-f]{4,64}$/.test(name) && id.startsWith(`sha256:${name}`));
}

test('a container uses what it runs, and every image that its name may mean', () => {
  fc.assert(
    fc.property(named, ({ images, name }) => {
      const web = container('web', 'none:1', { image: name });
      const on = inventory(images, [web]);
      const mean = images.filter((each) => means(each, name)).map(({ id }) => id);
      expect(new Set(containersUsing(on).keys())).toEqual(new Set([web.imageId, ...mean]));
      expect(new Set(usersOf(on).keys())).toEqual(new Set([web.imageId, ...mean]));
    }),
  );
});
