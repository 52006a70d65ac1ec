// Random hosts and options for properties.
import fc from 'fast-check';
import type { Container, Image, Inventory } from '../../src/core/inventory.ts';
import type { Asked } from './builders.ts';
import { container, id, inventory } from './builders.ts';

const REPOSITORIES = ['app', 'other/app', 'localhost:5000/app'];
const TAGS = ['1', '2', 'v1.9', 'v1.10', 'latest', 'dev-3', 'abcdef1'];
const DATES = [
  '1970-01-01T00:00:00Z',
  '1980-01-01T00:00:01Z',
  '2026-01-01T00:00:00Z',
  '2026-02-01T00:00:00Z',
  '2026-03-01T00:00:00Z',
];

const name = fc
  .tuple(fc.constantFrom(...REPOSITORIES), fc.constantFrom(...TAGS))
  .map(([r, t]) => `${r}:${t}`);

/** Images with shared names, parents, labels and odd dates, and containers that use some. */
export const anInventory: fc.Arbitrary<Inventory> = fc
  .array(
    fc.record({
      names: fc.uniqueArray(name, { maxLength: 3 }),
      digest: fc.boolean(),
      created: fc.option(fc.constantFrom(...DATES), { nil: undefined }),
      parent: fc.option(fc.nat(9), { nil: undefined }),
      keep: fc.boolean(),
      user: fc.option(fc.constantFrom('running', 'exited', 'created'), { nil: undefined }),
      size: fc.nat(1000),
    }),
    { maxLength: 10 },
  )
  .map((rows) => {
    const taken = new Set<string>();
    const images = rows.map((row, i): Image => {
      const tags = row.names.filter((tag) => !taken.has(tag));
      for (const tag of tags) taken.add(tag);
      const parent = row.parent !== undefined && row.parent < i ? id(`image ${row.parent}`) : undefined;
      return {
        id: id(`image ${i}`),
        tags,
        digests: row.digest ? [`pinned/app@sha256:${String(i).repeat(64)}`] : [],
        ...(row.created && { created: row.created }),
        size: row.size,
        labels: row.keep && i % 4 === 0 ? { 'tidy.keep': 'true' } : {},
        ...(parent && { parent }),
      };
    });
    const containers = rows.flatMap(({ user }, i): Container[] =>
      user ? [container(`c${i}`, images[i] as Image, { state: user })] : [],
    );
    return inventory(
      images,
      containers.filter((_, i) => i % 2 === 0),
    );
  });

/** Options as a user might give them. */
export const asked: fc.Arbitrary<Asked> = fc
  .record({
    all: fc.boolean(),
    sort: fc.constantFrom('created', 'pulled', 'version'),
    groupBy: fc.constantFrom(
      { kind: 'repository' as const },
      { kind: 'none' as const },
      { kind: 'label' as const, key: 'team' },
    ),
    patterns: fc.constantFrom<string[]>([], ['app'], ['**:v*']),
    keepTag: fc.constantFrom<string[]>([], ['v*'], ['latest']),
  })
  .chain((rest) =>
    fc
      .option(fc.integer({ min: -1, max: 4 }), { nil: undefined })
      .map((keep) => ({ ...rest, ...(keep !== undefined && { keep }) })),
  );
