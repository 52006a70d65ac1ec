// What must hold of keep rules, for every group, calendar, zone and policy.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { needsCloseup } from '../../src/core/closeup.ts';
import type { Image, Inventory } from '../../src/core/inventory.ts';
import type { Part } from '../../src/core/plan.ts';
import type { PolicyRule } from '../../src/core/policy.ts';
import { protectionOf } from '../../src/core/protection.ts';
import type { Keep } from '../../src/core/retention.ts';
import { namesOf } from '../../src/core/selection.ts';
import { aKeep, anInventory, asked, aZone } from '../support/arbitrary.ts';
import type { Asked } from '../support/builders.ts';
import { conditions, image, imagesAsked, inventory, planFor } from '../support/builders.ts';
import { keepsOf } from '../support/calendar.ts';
import { ModelEngine } from '../support/model-engine.ts';
import type { Added, RuleMore } from '../support/policies.ts';
import { planByRules, rule } from '../support/policies.ts';
import { aCalendar, aRule, larger, optionOf } from '../support/random-rules.ts';
import { keptByModel } from '../support/restic-model.ts';

const RUNS = { numRuns: 2000 };
const removed = ({ actions }: Pick<Part, 'actions'>) => actions.map(({ target, id }) => `${id} ${target}`);
const noMore = (fewer: Pick<Part, 'actions'>, than: Pick<Part, 'actions'>) => {
  const before = new Set(removed(than));
  for (const target of removed(fewer)) expect(before).toContain(target);
};

const TAGS = 'abcdefghijkl';
const builds = (times: readonly number[]): Image[] =>
  times.map((ms, i) => image(`app:${TAGS[i]}1`, { created: new Date(ms).toISOString() }));
const someRules = fc.array(aRule, { minLength: 1, maxLength: 3 });
const keepsBy = (rules: readonly Parameters<typeof optionOf>[0][]) => keepsOf(rules.map(optionOf).join(' '));

test('the same stays as by restic’s rules', () => {
  fc.assert(
    fc.property(aCalendar, someRules, ({ times, zone, now }, rules) => {
      const on = inventory(builds(times), [], [], { takenAt: new Date(now).toISOString() });
      const { kept } = planFor(on, { all: true, keeps: keepsBy(rules), zone });
      // Of equal times the higher tag is the newer.
      const newestFirst = times
        .map((time, i) => ({ time, tag: `app:${TAGS[i]}1` }))
        .sort((a, b) => b.time - a.time || (a.tag < b.tag ? 1 : -1));
      const model = keptByModel(
        newestFirst.map(({ time }) => time),
        rules,
        zone,
        now,
      );
      expect(kept.map(({ target }) => target)).toEqual(model.map((i) => newestFirst[i]?.tag));
    }),
    { numRuns: 5000 },
  );
});

test('a larger count or a longer span never removes more', () => {
  const by = fc.constantFrom('y' as const, 'mo' as const, 'd' as const, 'exact' as const, 'all' as const);
  fc.assert(
    fc.property(
      aCalendar,
      aRule,
      fc.array(aRule, { maxLength: 1 }),
      by,
      ({ times, zone, now }, one, others, more) => {
        const on = inventory(builds(times), [], [], { takenAt: new Date(now).toISOString() });
        const plan = (rules: Parameters<typeof keepsBy>[0]) =>
          planFor(on, { all: true, keeps: keepsBy(rules), zone });
        noMore(plan([larger(one, more), ...others]), plan([one, ...others]));
      },
    ),
    RUNS,
  );
});

test('one more keep rule of any kind never removes more', () => {
  fc.assert(
    fc.property(anInventory, asked, aKeep, fc.nat(2), (on, options, more, at) => {
      const keeps = (options.keeps ?? []).toSpliced(at, 0, more);
      noMore(planFor(on, { ...options, all: true, keeps }), planFor(on, { ...options, all: true }));
    }),
    RUNS,
  );
});

test('what goes and what stays is all that there is', () => {
  fc.assert(
    fc.property(anInventory, asked, (on, options) => {
      const { actions, kept } = planFor(on, { ...options, all: true, patterns: [] });
      const told = [...actions, ...kept].filter(({ target }) => target.includes('/') || target.includes(':'));
      const all = on.images.flatMap((each) => namesOf(each).map((name) => `${each.id} ${name}`));
      expect(told.map(({ id, target }) => `${id} ${target}`).sort()).toEqual(all.sort());
      for (const { reasons } of kept) expect(reasons.length).toBeGreaterThan(0);
    }),
    RUNS,
  );
});

/** Times of the list: whole seconds, and no arrival. */
function listed({ arrived: _, created, ...rest }: Image): Image {
  return { ...rest, ...(created && { created: `${created.slice(0, 19)}Z` }) };
}

test('a list of whole seconds, and a closer look where that is asked for, decide as well as all exact times', () => {
  const someMore = fc.array(
    fc.record({
      stayed: fc.nat(3).map((n) => n * 3_600_000),
      label: fc.constantFrom({}, {}, { 'tidy.ttl': '30d' }, { 'tidy.keep-last': '2' }),
      known: fc.boolean(),
    }),
    { minLength: TAGS.length, maxLength: TAGS.length },
  );
  const ages = fc.constantFrom<Asked>(
    {},
    {},
    {},
    { conditions: conditions(['until=48h']) },
    {
      conditions: conditions([], { by: 'pulled', olderThan: { span: 86_400_000, from: '--older-than 1d' } }),
    },
    { conditions: conditions([], { grace: { span: 86_400_000, from: '--grace 1d' } }) },
  );
  const sort = fc.constantFrom('created' as const, 'created' as const, 'pulled' as const, 'version' as const);
  const rules = fc.array(aRule, { maxLength: 1 });
  fc.assert(
    fc.property(aCalendar, someMore, rules, ages, sort, ({ times, zone }, more, keeps, age, by) => {
      const images = builds(times).map((each, i) => {
        const { stayed = 0, label = {}, known } = more[i] ?? {};
        const arrived = new Date((times[i] as number) + stayed).toISOString();
        return { ...each, labels: label, ...(known && { arrived }) };
      });
      const options: Asked = { all: true, keeps: keepsBy(keeps), zone, sort: by, ...age };
      const list = images.map(listed);
      const looked = new Set(needsCloseup(list, imagesAsked(options)).map(({ id }) => id));
      const seen = list.map((each, i) => (looked.has(each.id) ? (images[i] as Image) : each));
      const takenAt = '2028-03-01T00:00:00Z';
      const plan = (those: Image[]) =>
        removed(planFor(inventory(those, [], [], { takenAt }), options)).sort();
      expect(plan(seen)).toEqual(plan(images));
    }),
    { numRuns: 5000 },
  );
});

const aPolicyRule: fc.Arbitrary<PolicyRule> = fc
  .record({
    references: fc.constantFrom('', 'app', '**:v*', 'other/**', 'app:1 app:2', '**@sha256:*'),
    keeps: fc.array(aKeep, { maxLength: 2 }),
    match: fc.constantFrom<NonNullable<RuleMore['match']>>(
      {},
      {},
      { labels: [{ key: 'team' }] },
      { withoutLabels: [{ key: 'team', value: 'a' }] },
      { registries: ['docker.io'] },
      { largerThan: 300 },
      { olderThan: 250 * 86_400_000 },
      { youngerThan: 250 * 86_400_000 },
      { dangling: true },
      { dangling: false },
    ),
    removes: fc.constantFrom(
      'nothing' as const,
      'dangling' as const,
      'beyond' as const,
      'all' as const,
      'all' as const,
    ),
    sort: fc.constantFrom('created' as const, 'pulled' as const, 'version' as const),
    groupBy: fc.constantFrom(
      { kind: 'repository' as const },
      { kind: 'none' as const },
      { kind: 'label' as const, key: 'team' },
    ),
    conditions: fc.constantFrom(
      conditions(),
      conditions([], { olderThan: { span: 260 * 86_400_000, from: 'remove.olderThan 260d' } }),
      conditions([], { largerThan: { bytes: 200, from: 'remove.largerThan 200' } }),
    ),
  })
  .map(({ references, keeps, ...more }) => rule(references, keeps, more));
const aPolicy = fc.array(aPolicyRule, { maxLength: 3 });
const added: fc.Arbitrary<Added> = fc.record({ keeps: fc.array(aKeep, { maxLength: 1 }), zone: aZone });

test('policies: one more keep in a rule, or on the command line, never removes more', () => {
  fc.assert(
    fc.property(anInventory, aPolicy, added, aKeep, fc.nat(3), (on, rules, more, keep, at) => {
      const plan = planByRules(on, rules, more);
      const longer = rules.map((each, i) => (i === at ? { ...each, keeps: [keep, ...each.keeps] } : each));
      noMore(planByRules(on, longer, more), plan);
      noMore(planByRules(on, rules, { ...more, keeps: [...(more.keeps as Keep[]), keep] }), plan);
    }),
    RUNS,
  );
});

test('policies: whatever is protected, or asked of age, size or labels besides, never removes more', () => {
  const said = fc.constantFrom('app:1', 'app', '**:v*', 'pinned/**', 'localhost:5000/app:latest');
  const labels = fc.constantFrom(
    [],
    [{ key: 'team', source: 'x' }],
    [{ key: 'team', value: 'a', source: 'x' }],
  );
  const besides = fc.constantFrom(
    conditions(),
    conditions(['until=6000h']),
    conditions([], { olderThan: { span: 270 * 86_400_000, from: '--older-than 270d' } }),
    conditions([], { largerThan: { bytes: 500, from: '--larger-than 500' } }),
  );
  fc.assert(
    fc.property(anInventory, aPolicy, added, said, labels, besides, (on, rules, more, text, key, held) => {
      const protection = protectionOf({ references: [{ text, source: 'x' }], labels: key }, []);
      const plan = planByRules(on, rules, more);
      const narrower = planByRules(on, rules, { ...more, conditions: { ...held, protection } });
      noMore(narrower, plan);
      noMore(narrower, planByRules(on, rules, { ...more, conditions: held }));
    }),
    RUNS,
  );
});

test('policies: the order of images is irrelevant', () => {
  fc.assert(
    fc.property(anInventory, aPolicy, added, (on, rules, more) => {
      const reversed = { ...on, images: on.images.toReversed(), containers: on.containers.toReversed() };
      expect(planByRules(reversed, rules, more)).toEqual(planByRules(on, rules, more));
    }),
    RUNS,
  );
});

test('policies: every step succeeds in its turn, and a second plan has nothing to do', () => {
  fc.assert(
    fc.property(anInventory, aPolicy, added, (on, rules, more) => {
      const engine = new ModelEngine(on);
      for (const action of planByRules(on, rules, more).actions) engine.perform(action);
      expect(engine.refusals).toEqual([]);
      const rest: Inventory = engine.inventory();
      expect(planByRules(rest, rules, more).actions).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
});
