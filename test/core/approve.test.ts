import { expect, test } from 'vitest';
import { stillApproved } from '../../src/core/approve.ts';
import { container, image, inventory, planFor } from '../support/builders.ts';

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
