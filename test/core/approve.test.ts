import { describe, expect, test } from 'vitest';
import { stillApproved } from '../../src/core/approve.ts';
import type { Container, Image } from '../../src/core/inventory.ts';
import { planOf } from '../../src/core/plan.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { conditions, container, image, inventory, planFor, stopped } from '../support/builders.ts';

const builds = [1, 2, 3].map((n) => image(`app:${n}`, { day: n }));
const shown = planFor(inventory(builds), { keep: 1 });
const names = (plan: { actions: readonly { target: string }[] }) => plan.actions.map(({ target }) => target);

test('while nothing changes, all that was approved is done', () => {
  expect(stillApproved(shown, shown)).toEqual({ plan: shown, changed: [] });
});

test('what a container came to use is left, and told why', () => {
  const fresh = planFor(inventory(builds, [container('web', 'app:1')]), { keep: 1 });
  const { plan, changed } = stillApproved(shown, fresh);
  expect(names(plan)).toEqual(['app:2']);
  expect(changed).toMatchObject([
    { action: { target: 'app:1' }, result: 'changed', why: 'used by running container web' },
  ]);
});

test('when the newest was removed meanwhile, the next one is kept in its place', () => {
  const fresh = planFor(inventory(builds.slice(0, 2)), { keep: 1 });
  const { plan, changed } = stillApproved(shown, fresh);
  expect(names(plan)).toEqual(['app:1']);
  expect(changed).toMatchObject([{ action: { target: 'app:2' }, why: 'newest of 2' }]);
});

test('what would be removed only now was never approved, and stays', () => {
  const fresh = planFor(inventory([...builds, image('app:4', { day: 4 })]), { keep: 1 });
  expect(names(fresh)).toContain('app:3');
  expect(names(stillApproved(shown, fresh).plan)).not.toContain('app:3');
});

test('an image with other names than the plan showed is left', () => {
  const fresh = planFor(inventory([image('app:1 app:extra'), ...builds.slice(1)]), { keep: 1 });
  expect(names(stillApproved(shown, fresh).plan)).toEqual(['app:2']);
});

describe('what the rest of an approved plan frees', () => {
  const MB = 1_000_000;
  const layer = (size: number) => ({ size, disk: size });
  const layers = { base: layer(50 * MB), one: layer(5 * MB), two: layer(7 * MB) };
  const two = [
    image('app:1', { day: 1, layers: ['base', 'one'] }),
    image('app:2', { day: 2, layers: ['base', 'two'] }),
  ];
  const on = (images: readonly Image[], containers: readonly Container[] = []) =>
    planFor(inventory(images, containers, [], { layers }), { all: true });

  test('is what a plan of it says now, where that is all that is planned now', () => {
    const fresh = on(two, [container('web', 'app:1')]);
    const { plan } = stillApproved(on(two), fresh);
    expect(names(plan)).toEqual(['app:2']);
    expect([plan.frees, plan.about, plan.between]).toEqual([fresh.frees, undefined, undefined]);
    expect(plan.frees).toBeLessThan(50 * MB);
  });

  test('is bounded by nothing and by what was shown, where more would be planned now', () => {
    const fresh = on(
      [...two.slice(1), image('app:3', { day: 3, layers: ['base'] })],
      [container('web', 'app:1')],
    );
    const { plan } = stillApproved(on(two), fresh);
    expect(names(plan)).toEqual(['app:2']);
    expect(plan.about).toBe(true);
    expect(plan.between?.[0]).toBe(0);
    expect(plan.between?.[1]).toBe(plan.frees);
  });

  test('is known of containers, which share nothing', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => stopped(name)) as [Container, Container, Container];
    const plan = (...containers: Container[]) => {
      const there = inventory([], containers);
      return planOf(there, [], [planContainers(there, conditions())]);
    };
    const { plan: left } = stillApproved(plan(a, b), plan(b, c));
    expect(names(left)).toEqual(['b']);
    expect([left.frees, left.about]).toEqual([left.actions[0]?.frees, undefined]);
  });
});
