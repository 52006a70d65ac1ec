// What must hold for every inventory: random ones, with shared names, parents, containers and odd dates.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Container, Image, Inventory } from '../../src/core/inventory.ts';
import type { Plan } from '../../src/core/plan.ts';
import { namesOf } from '../../src/core/selection.ts';
import type { Asked } from '../support/builders.ts';
import { container, id, inventory, planFor } from '../support/builders.ts';

const REPOSITORIES = ['app', 'other/app', 'localhost:5000/app'];
const TAGS = ['1', '2', 'v1.9', 'v1.10', 'latest', 'dev-3', 'abcdef1'];
const DATES = [
  '1970-01-01T00:00:00Z',
  '1980-01-01T00:00:01Z',
  '2026-01-01T00:00:00Z',
  '2026-02-01T00:00:00Z',
  '2026-03-01T00:00:00Z',
];
const RUNS = { numRuns: 2000 };

const name = fc
  .tuple(fc.constantFrom(...REPOSITORIES), fc.constantFrom(...TAGS))
  .map(([r, t]) => `${r}:${t}`);

const anInventory: fc.Arbitrary<Inventory> = fc
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

const asked: fc.Arbitrary<Asked> = fc
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

const removed = (plan: Plan) => new Set(plan.actions.map(({ target, id }) => `${id} ${target}`));

test('what a container uses, what is labelled, and parents of what stays are never planned', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const plan = planFor(on, options);
      const touched = new Set(plan.actions.map((action) => action.id));
      const deleted = new Set(
        plan.actions.filter(({ kind }) => kind === 'delete-image').map((action) => action.id),
      );
      for (const used of on.containers) expect(touched).not.toContain(used.imageId);
      for (const image of on.images) {
        if (image.labels['tidy.keep']) expect(touched).not.toContain(image.id);
        if (image.parent && !deleted.has(image.id) && namesOf(image).length > 0)
          expect(touched).not.toContain(image.parent);
      }
    }),
    RUNS,
  );
});

test('one more keep rule never removes more', () => {
  fc.assert(
    fc.property(anInventory, asked, fc.constantFrom('1', '*', 'v1*'), (on, options, glob) => {
      const before = removed(planFor(on, { ...options, all: true }));
      const after = removed(
        planFor(on, { ...options, all: true, keepTag: [...(options.keepTag ?? []), glob] }),
      );
      for (const target of after) expect(before).toContain(target);
    }),
    RUNS,
  );
});

test('keeping more of a group never removes more', () => {
  fc.assert(
    fc.property(anInventory, asked, fc.nat(4), (on, options, keep) => {
      const ids = (n: number) =>
        new Set(
          planFor(on, { ...options, all: true, keep: n }).actions.map(
            (action) => `${action.id} ${action.target}`,
          ),
        );
      const fewer = ids(keep + 1);
      const more = ids(keep);
      if (keep > 0) for (const target of fewer) expect(more).toContain(target);
    }),
    RUNS,
  );
});

test('the order of the input is irrelevant', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const reversed = { ...on, images: [...on.images].reverse(), containers: [...on.containers].reverse() };
      expect(planFor(reversed, options)).toEqual(planFor(on, options));
    }),
    RUNS,
  );
});

test('each name is removed or kept at most once, and an image is deleted only with its last name', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const { actions, kept } = planFor(on, options);
      const keptNames = new Set(kept.map(({ target, id: image }) => `${image} ${target}`));
      const left = new Map(on.images.map((image) => [image.id, namesOf(image)]));
      for (const { kind, target, id: image, expects } of actions) {
        expect(keptNames).not.toContain(`${image} ${target}`);
        const names = left.get(image) as string[];
        expect(expects.names).toEqual(names);
        expect(kind).toBe(names.length <= 1 ? 'delete-image' : 'untag');
        left.set(
          image,
          names.filter((other) => other !== target),
        );
      }
    }),
    RUNS,
  );
});

test('after the plan there is nothing left to do', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const plan = planFor(on, options);
      expect(planFor(after(on, plan), { ...options, patterns: options.patterns ?? [] }).actions).toEqual([]);
    }),
    RUNS,
  );
});

/** The engine after the plan: names gone, images gone with their last name, nameless parents with their last child. */
function after(on: Inventory, { actions }: Plan): Inventory {
  const gone = new Set(actions.filter(({ kind }) => kind === 'delete-image').map((action) => action.id));
  const names = new Set(actions.map(({ id: image, target }) => `${image} ${target}`));
  let images = on.images
    .filter((image) => !gone.has(image.id))
    .map((image) => ({ ...image, tags: image.tags.filter((tag) => !names.has(`${image.id} ${tag}`)) }));
  const hadChildren = new Set(on.images.map(({ parent }) => parent));
  const protectedIds = new Set(on.containers.map(({ imageId }) => imageId));
  for (let before = -1; before !== images.length; ) {
    before = images.length;
    const parents = new Set(images.map(({ parent }) => parent));
    images = images.filter(
      (image) =>
        namesOf(image).length > 0 ||
        parents.has(image.id) ||
        !hadChildren.has(image.id) ||
        protectedIds.has(image.id) ||
        image.labels['tidy.keep'],
    );
  }
  return { ...on, images };
}
