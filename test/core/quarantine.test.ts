// Quarantine: what is planned, what it means for later plans, and what gives the names back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stillApproved } from '../../src/core/approve.ts';
import { withFormerNames } from '../../src/core/former-names.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Plan } from '../../src/core/plan.ts';
import { protectionOf } from '../../src/core/protection.ts';
import { quarantined } from '../../src/core/quarantine.ts';
import {
  isQuarantineName,
  originDigests,
  QUARANTINE,
  quarantineEnd,
  quarantineName,
} from '../../src/core/quarantine-name.ts';
import { parseReference } from '../../src/core/reference.ts';
import { namesOf } from '../../src/core/selection.ts';
import { explain } from '../../src/core/why.ts';
import { anInventory, asked } from '../support/arbitrary.ts';
import type { Asked } from '../support/builders.ts';
import { conditions, container, id, image, inventory, lines, planFor } from '../support/builders.ts';
import { ModelEngine } from '../support/model-engine.ts';

const DAY = 86_400_000;
const WEEK = { span: 7 * DAY, from: '--quarantine 7d' };
const NOW = Date.parse('2026-11-21T02:41:09Z');
const held = (more: Asked = {}): Asked => ({ ...more, conditions: conditions([], { quarantine: WEEK }) });

/** An image that is in quarantine for so many more days. */
const waiting = (name: string, days: number, others: string[] = []) => {
  const was = image(name);
  return { ...was, tags: [...others, quarantineName(was.id, NOW + days * DAY)] };
};
const later = (on: Inventory, days: number): Inventory => ({
  ...on,
  takenAt: new Date(NOW + days * DAY).toISOString(),
});
const done = (on: Inventory, plan: Pick<Plan, 'actions'>): Inventory => {
  const engine = new ModelEngine(on);
  for (const action of plan.actions) engine.perform(action);
  expect(engine.refusals).toEqual([]);
  return engine.inventory();
};

describe('its names', () => {
  test('are references that docker takes, of a registry that there cannot be', () => {
    const name = quarantineName(id('app:1'), NOW);
    expect(name).toBe(`${QUARANTINE}:until-20261121T024109Z-${id('app:1').slice(7, 19)}`);
    expect(parseReference(name)).toMatchObject({ repository: QUARANTINE });
    expect(QUARANTINE.split('/')[0]).toMatch(/\.invalid$/);
  });

  test('say until when, to the second after, and of which image', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.parse('9999-12-31T00:00:00Z') }), (at) => {
        const end = quarantineEnd(quarantineName(id('app:1'), at), id('app:1'));
        expect(end).toBe(Math.ceil(at / 1000) * 1000);
        expect(quarantineEnd(quarantineName(id('app:1'), at), id('app:2'))).toBeUndefined();
      }),
    );
  });

  test.each(['app:1', `${QUARANTINE}:latest`, `${QUARANTINE}:until-20269999T024109Z-617070`, QUARANTINE])(
    '%s says nothing',
    (name) => {
      expect(quarantineEnd(name, id('app:1'))).toBeUndefined();
    },
  );
});

describe('a plan with --quarantine', () => {
  test('takes names off as without it, and the last into quarantine until then', () => {
    const plan = planFor(inventory([image('app:1 other:1'), image('')]), held({ all: true }));
    expect(lines(plan)).toEqual(['quarantine 6e616d656c65', 'untag app:1', 'quarantine other:1']);
    expect(plan.actions.at(-1)).toMatchObject({
      until: '2026-11-28T02:41:09Z',
      as: quarantineName(id('app:1 other:1'), NOW + WEEK.span),
      expects: { names: ['other:1'] },
      frees: 0,
    });
    expect(plan.frees).toBe(0);
    expect(plan.notes).toEqual([
      expect.stringMatching(
        /^2 images go into quarantine until 2026-11-28 02:41Z: no space comes free before/,
      ),
    ]);
  });

  test('leaves alone what is named by digest: that name could not be given back', () => {
    const pinned = image(`app@sha256:${'a'.repeat(64)}`);
    const plan = planFor(inventory([pinned]), held({ all: true }));
    expect(plan.actions).toEqual([]);
    expect(plan.kept[0]?.reasons[0]?.text).toContain('--quarantine 7d leaves it alone');
  });

  test('takes nothing more than without it, deletes nothing, and leaves every image a name', () => {
    fc.assert(
      fc.property(anInventory, asked, (on, options) => {
        const without = planFor(on, { ...options, all: true });
        const plan = planFor(on, held({ ...options, all: true }));
        const all = new Set(without.actions.map(({ id, target }) => `${id} ${target}`));
        for (const { id, target } of plan.actions) expect(all).toContain(`${id} ${target}`);
        expect(plan.actions.filter(({ kind }) => kind === 'delete-image')).toEqual([]);

        const after = done(on, plan);
        expect(after.images.map((each) => each.id)).toEqual(on.images.map((each) => each.id));
        for (const [i, each] of after.images.entries())
          if (namesOf(on.images[i] as never).length > 0) expect(namesOf(each)).not.toEqual([]);
        expect(planFor(after, held({ ...options, all: true })).actions).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('when the time is over the images go that would have gone at once, and no engine refuses', () => {
    fc.assert(
      fc.property(anInventory, (on) => {
        const young = { ...on, images: on.images.map(({ labels: _, ...each }) => ({ ...each, labels: {} })) };
        const after = later(done(young, planFor(young, held({ all: true }))), 8);
        const gone = done(after, planFor(after, { all: true }));
        expect(quarantined(gone.images)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  test('an approved one begins the time when it is carried out', () => {
    const on = inventory([image('app:1')]);
    const shown = planFor(on, held({ all: true })) as Plan;
    const fresh = planFor(later(on, 1), held({ all: true })) as Plan;
    expect(stillApproved(shown, fresh).plan.actions).toMatchObject([{ until: '2026-11-29T02:41:09Z' }]);
    expect(stillApproved(fresh, shown).plan.actions).toMatchObject([{ until: '2026-11-29T02:41:09Z' }]);
  });
});

describe('an image in quarantine', () => {
  const plan = (on: Inventory, more: Asked = {}) => planFor(on, more);
  const kept = (on: Inventory, more: Asked = {}) =>
    plan(on, more).kept.map(({ reasons }) => reasons.map(({ text }) => text).join('; '));

  test('stays until its time is over, and says how to get it back', () => {
    const [app] = withFormerNames([waiting('app:1', 1)], []);
    const was = { run: 'RUN', names: ['app:1'], digests: [] };
    expect(
      kept(inventory([{ ...(app as never as ReturnType<typeof waiting>), was }]), { all: true }),
    ).toEqual(['in quarantine until 2026-11-22 02:41Z; docker tidy undo RUN gives its names back']);
    expect(plan(inventory([waiting('app:1', 1)]), { all: true }).actions).toEqual([]);
    expect(lines(plan(inventory([waiting('app:1', 0)])))).toEqual([
      `delete ${quarantineName(id('app:1'), NOW)}`,
    ]);
  });

  test('goes at once where its repository is named, with -a and in full, and nothing keeps it', () => {
    const [other, used] = [image('other:1'), waiting('app:2', 3)];
    const on = inventory([waiting('app:1', 3), used, other], [container('web', used)]);
    const goes = (more: Asked) => plan(on, more).actions.map((action) => action.id);
    expect(goes({ all: true, patterns: [QUARANTINE] })).toEqual([id('app:1')]);
    expect(plan(on, { all: true, patterns: [QUARANTINE] }).actions[0]?.because.text).toBe(
      'in quarantine until 2026-11-24 02:41Z, and named to go now',
    );
    for (const asking of [
      { patterns: [QUARANTINE] },
      { keep: 0, patterns: [QUARANTINE] },
      { all: true, patterns: ['docker-tidy.invalid/**'] },
      { all: true, patterns: ['**'] },
    ])
      expect(goes(asking)).not.toContain(id('app:1'));
    expect(goes({ all: true })).toEqual([other.id]);
  });

  test('takes no place among the newest of the repository that it was in', () => {
    const on = inventory([waiting('app:3', 1), image('app:2', { day: 2 }), image('app:1')]);
    expect(lines(plan(on, { keep: 1 }))).toContain('keep app:2');
    expect(lines(plan(on, { keep: 1 }))).toContain('delete app:1');
  });

  test('stays while a container uses it, or another image was built on it', () => {
    const [used, parent] = [waiting('app:1', 0), waiting('app:2', 0)];
    const on = inventory([used, parent, image('child:1', { parent: parent.id })], [container('web', used)]);
    expect(plan(on).actions).toEqual([]);
    expect(kept(on)).toEqual(['used by running container web', 'parent of child:1, which stays']);
  });

  test('stays while a policy protects what it was called', () => {
    const was = { run: 'RUN', names: ['prod:1'], digests: [] };
    const protection = protectionOf(
      { references: [{ text: 'prod', source: 'tidy.yaml:3' }], labels: [] },
      [],
    );
    const on = inventory([{ ...waiting('prod:1', 0), was }]);
    expect(lines(plan(on))).toEqual([`delete ${quarantineName(id('prod:1'), NOW)}`]);
    expect(plan(on, { conditions: conditions([], { protection }) }).actions).toEqual([]);
  });

  test('is called what it was, wherever another image is kept or goes because of it', () => {
    const base = image('', { id: id('base') });
    const was = { run: 'RUN', names: ['app:1'], digests: [] };
    const app = (days: number) => ({ ...waiting('app:1', days), parent: base.id, was });
    const on = (days: number) => later(inventory([base, app(days)]), 0);
    const { actions } = planFor(on(-1));
    expect(actions.find((each) => each.id === base.id)?.because.text).toContain(
      'dangling once app:1, which was built on it, has gone',
    );
    const { holds } = explain(on(1), { kind: 'image', image: base });
    expect(holds).toEqual([{ text: 'app:1 was built on it', by: [] }]);
  });

  test('leaves when it has another name, which is not judged in that run', () => {
    const on = inventory([waiting('app:1', 0, ['app:1'])]);
    expect(lines(plan(on, { all: true }))).toEqual([`untag ${quarantineName(id('app:1'), NOW)}`]);
  });

  test('stays where its name cannot be read, or is of another image', () => {
    const odd = { ...image('app:1'), tags: [`${QUARANTINE}:mine`] };
    const other = { ...image('app:2'), tags: [quarantineName(id('app:9'), NOW)] };
    expect(plan(inventory([odd, other]), { all: true }).actions).toEqual([]);
  });

  test('is told by the digests that it had, not by those of its place', () => {
    const digest = `app@sha256:${'a'.repeat(64)}`;
    const here = { ...waiting('app:1', 0), digests: [`${QUARANTINE}@sha256:${'a'.repeat(64)}`] };
    expect(originDigests(here)).toEqual([]);
    const was = { run: 'RUN', names: ['app:1'], digests: [digest] };
    expect(originDigests({ ...here, was })).toEqual([digest]);
    const [action] = plan(inventory([{ ...here, was }])).actions;
    expect(action).toMatchObject({ comeback: 'pullable', was, detail: 'app:1' });
    expect(isQuarantineName(action?.target ?? '')).toBe(true);
  });
});
