// Budgets of images and build cache: what goes, in which order, why, and what is said where they are out of reach.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withinBudget } from '../../src/core/budget.ts';
import type { Budget, Mark } from '../../src/core/budget-goals.ts';
import { lifeOfImage, urgency } from '../../src/core/budget-value.ts';
import { NO_CONDITIONS } from '../../src/core/condition.ts';
import { diskOf } from '../../src/core/df-disk.ts';
import type { Image, Inventory, Layer } from '../../src/core/inventory.ts';
import type { Plan } from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { candidateRecords, planCache } from '../../src/core/plan-cache.ts';
import { planHeld } from '../../src/core/plan-held.ts';
import { candidateImages, planImages } from '../../src/core/plan-images.ts';
import { anInventory, asked } from '../support/arbitrary.ts';
import {
  conditions,
  container,
  id,
  image,
  imagesAsked,
  inventory,
  lines,
  record,
  stopped,
} from '../support/builders.ts';
import { ModelEngine } from '../support/model-engine.ts';

const MB = 1_000_000;
const DAY = 86_400_000;
const NOW = Date.parse('2026-11-21T00:00:00Z');

const digest = (repository: string) => `${repository}@sha256:${'1'.repeat(64)}`;
const mark = (start: number, end = start): Mark => ({
  start,
  end,
  startFrom: '--max-used-space X',
  from: '--max-used-space X',
});
const used = (start: number, end = start): Budget => ({ maxUsed: mark(start, end), cache: false });
const ago = (days: number) => new Date(NOW - days * DAY).toISOString();

/** An image of layers of so many megabytes, last used so many days ago; layers of one name are one. */
function made(name: string, days: number, layers: Record<string, number>, more: Partial<Image> = {}) {
  const own = image(name, {
    created: ago(400),
    arrived: ago(days),
    used: { at: ago(days), by: 'a pull' },
    layers: Object.keys(layers),
    ...more,
  });
  return { image: own, layers };
}

function host(all: readonly ReturnType<typeof made>[], more: Partial<Inventory> = {}, used: string[] = []) {
  const layers: Record<string, Layer> = {};
  for (const { layers: its } of all)
    for (const [id, megabytes] of Object.entries(its))
      layers[id] = { size: megabytes * MB, disk: megabytes * MB };
  const images = all.map((each) => each.image);
  const running = images
    .filter(({ tags }) => used.includes(tags[0] ?? ''))
    .map((each) => container(`c-${each.tags[0]}`, each));
  return inventory(images, running, [], { takenAt: new Date(NOW).toISOString(), layers, ...more });
}

function plan(
  on: Inventory,
  budget: Budget,
  options: Parameters<typeof imagesAsked>[0] = { all: true },
): Plan {
  const all = [imagesAsked(options)];
  const records = { all: true, conditions: NO_CONDITIONS };
  const within = withinBudget(on, budget, {
    images: candidateImages(on, all),
    records: budget.cache ? candidateRecords(on, records) : [],
  });
  const part = planImages(on, all, new Set(), within);
  const cache = budget.cache ? [planCache(on, { ...records, within })] : [];
  return planOf(on, [], [{ ...part, notes: within.notes(part.kept) }, ...cache]);
}

const going = ({ actions }: Plan) => actions.map(({ target }) => target);
const why = ({ actions, kept }: Plan, name: string) =>
  actions.find(({ target }) => target === name)?.because.text ??
  kept
    .find(({ target }) => target === name)
    ?.reasons.map(({ text }) => text)
    .join('; ');

describe('what goes', () => {
  test('is what was used least lately, as much as it takes, each with its reason', () => {
    const on = host([
      made('old:1', 40, { a: 200 }, { digests: [digest('old')], used: { at: ago(40), by: 'container web' } }),
      made('mid:1', 20, { b: 100 }),
      made('new:1', 2, { c: 300 }),
    ]);
    const planned = plan(on, used(450 * MB));
    expect(lines(planned)).toEqual(['delete old:1', 'keep mid:1', 'keep new:1']);
    expect(planned.actions[0]?.because).toEqual({
      rule: 'max-used-space',
      text: 'frees 200MB, last used 5 weeks ago by container web, pullable: needed to get from 600.1MB to 450MB',
    });
    expect(why(planned, 'new:1')).toBe('--max-used-space X is met without it');
    expect(planned.notes).toEqual([
      'Images take 600.1MB, and 400.1MB once this has gone: --max-used-space X is met.',
    ]);
  });

  test('is nothing where the budget is met, and that is said', () => {
    const on = host([made('old:1', 40, { a: 200 })]);
    expect(plan(on, used(300 * MB))).toMatchObject({
      actions: [],
      notes: ['Images take 200MB: --max-used-space X is met.'],
    });
  });

  test('is nothing where each of two budgets is met', () => {
    const on = host([made('old:1', 40, { a: 200 })]);
    const both = {
      ...used(300 * MB),
      targetFree: { ...mark(MB), startFrom: '--target-free Y', free: 2 * MB },
    };
    expect(why(plan(on, both), 'old:1')).toBe('--max-used-space X and --target-free Y are met without it');
  });

  test('with two marks is nothing below the high one, and beyond it as much as it takes to reach the low one', () => {
    const on = host([1, 2, 3, 4].map((n) => made(`app:${n}`, n, { [`l${n}`]: 100 })));
    const marks = { maxUsed: { ...mark(450 * MB, 250 * MB), startFrom: 'high 450MB' }, cache: false };
    expect(plan(on, marks)).toMatchObject({
      actions: [],
      notes: ['Images take 400.2MB: nothing goes until that crosses high 450MB.'],
    });
    expect(why(plan(on, marks), 'app:4')).toBe('high 450MB is not crossed');
    expect(going(plan(on, { maxUsed: mark(399 * MB, 250 * MB), cache: false }))).toEqual(['app:4', 'app:3']);
  });

  test('counts what really comes free: an image whose layers others hold is no step towards it', () => {
    const on = host(
      [
        made('old:1', 300, { base: 500 }),
        made('web:1', 1, { base: 500, top: 1 }),
        made('tool:1', 30, { t: 120 }),
      ],
      {},
      ['web:1'],
    );
    expect(going(plan(on, used(550 * MB)))).toEqual(['tool:1']);
  });

  test('is no more of a group than it takes: what it turned out to do without is given back', () => {
    const on = host([
      made('small:1', 90, { s: 10 }),
      made('large:1', 60, { l: 500 }),
      made('other:1', 5, { o: 100 }),
    ]);
    expect(going(plan(on, used(300 * MB)))).toEqual(['large:1']);
  });

  test('looks at how long an image served: what is used again and again outlives what was used once', () => {
    const on = host([
      made('base:1', 3, { b: 100 }, { arrived: ago(200) }),
      made('seen:1', 3, { s: 100 }, { arrived: undefined, seen: ago(200) } as unknown as Partial<Image>),
      made('once:1', 2, { o: 100 }),
    ]);
    expect(going(plan(on, used(250 * MB)))).toEqual(['once:1']);
  });

  test('looks at what it costs to get back: pullable ones go before those that only this disk has', () => {
    const on = host([
      made('built:1', 40, { b: 100 }),
      made('pulled:1', 20, { p: 100 }, { digests: [digest('pulled')] }),
    ]);
    expect(going(plan(on, used(150 * MB)))).toEqual(['pulled:1']);
    const saved = { ...on, comeback: { archived: [on.images[0]?.id ?? ''], notes: [] } };
    expect(going(plan(saved, used(150 * MB)))).toEqual(['built:1']);
  });

  test('goes by arrival, or by the build, where no use is known; where nothing is known the image stays', () => {
    const bare = { arrived: undefined, used: undefined } as unknown as Partial<Image>;
    const on = host([
      made('a:1', 0, { a: 100 }, { ...bare, arrived: ago(30) }),
      made('b:1', 0, { b: 100 }, { ...bare, created: ago(60) }),
      made('c:1', 0, { c: 100 }, { ...bare, created: '1980-01-01T00:00:01Z' }),
      made('d:1', 0, { d: 100 }, { ...bare, created: ago(90), used: { at: ago(20), gap: true } }),
      made('e:1', 0, { e: 100 }, { ...bare, created: ago(50), used: { at: ago(10) }, seen: ago(10) }),
    ]);
    const planned = plan(on, used(0));
    expect(going(planned)).toEqual(['b:1', 'e:1', 'a:1', 'd:1']);
    expect(why(planned, 'd:1')).toContain('events missed until 2 weeks ago');
    expect(why(planned, 'e:1')).toContain('built 7 weeks ago');
    expect(why(planned, 'b:1')).toContain('built 2 months ago');
    expect(why(planned, 'a:1')).toContain('came here 4 weeks ago');
    expect(why(planned, 'c:1')).toContain('is not known, and --max-used-space X goes by that');
  });

  test('takes no single name off an image that stays: that frees nothing', () => {
    const on = host([made('app:1 other:1', 40, { a: 100 }), made('x:1', 1, { x: 100 })]);
    const planned = plan(on, used(150 * MB), { all: true, keepTag: ['1'], patterns: ['x'] });
    expect(going(planned)).toEqual([]);
    const named = plan(on, used(50 * MB), { all: true, patterns: ['app'] });
    expect(why(named, 'app:1')).toBe(
      'the image stays, and taking a name off frees nothing towards --max-used-space X',
    );
  });
});

test('stopped containers go only with the images that the budget takes', () => {
  const all = [made('old:1', 40, { a: 100 }), made('mid:1', 20, { b: 100 }), made('new:1', 2, { c: 100 })];
  const on = host(all, {
    containers: all.map(({ image: each }, i) =>
      stopped(`job-${i}`, 1, { imageId: each.id, image: each.tags[0] as string }),
    ),
  });
  const limit = (images: readonly Image[]) => withinBudget(on, used(250 * MB), { images });
  const held = planOf(on, [], planHeld(on, imagesAsked({ all: true }), limit));
  expect(going(held)).toEqual(['job-0', 'old:1']);
  expect(why(held, 'mid:1')).toBe('used by stopped container job-1');
  expect(held.notes).toEqual([
    'Images take 300.1MB, and 200.1MB once this has gone: --max-used-space X is met.',
  ]);
});

describe('images in quarantine', () => {
  const until = (end: string) =>
    made(
      `docker-tidy.invalid/quarantine:until-${end}-${id(`q ${end}`).slice(7, 19)}`,
      90,
      { [end]: 300 },
      { id: id(`q ${end}`) },
    );

  test('are as good as gone: no other goes in their place, and a budget does not keep them', () => {
    const on = host([until('20270101T000000Z'), until('20260101T000000Z'), made('app:1', 40, { a: 100 })]);
    const planned = plan(on, used(150 * MB), {
      all: true,
      conditions: conditions([], { quarantine: { span: DAY, from: '--quarantine 1d' } }),
    });
    expect(going(planned)).toEqual([on.images[1]?.tags[0]]);
    expect(planned.notes).toEqual([
      'Images take 100MB: --max-used-space X is met.',
      'Images in quarantine hold 600.1MB, which is not counted: it comes free by itself.',
    ]);
    expect(going(plan(on, used(50 * MB)))).toContain('app:1');
  });
});

describe('what is out of reach', () => {
  test('is said, with how far it comes and what holds the rest, each layer once', () => {
    const on = host(
      [
        made('web:1', 1, { base: 500, w: 10 }),
        made('kept:1', 9, { base: 500, k: 20 }, { labels: { 'tidy.keep': 'true' } }),
        made('app:2', 9, { p: 40 }, { created: ago(1) }),
        made('app:1', 9, { q: 30 }, { created: ago(2) }),
      ],
      {},
      ['web:1'],
    );
    const planned = plan(on, used(100 * MB), { all: true, keep: 1 });
    expect(going(planned)).toEqual(['app:1']);
    expect(planned.notes).toEqual([
      'Images take 600.3MB, and 570.2MB once this has gone: --max-used-space X is not met.',
      'Of what stays, each layer once: images in use 510.1MB, images that are protected 20.06MB, images that keep rules keep 40.05MB.',
    ]);
  });

  test('takes nothing that would free next to nothing', () => {
    const on = host([made('web:1', 1, { base: 500 }), made('same:1', 90, { base: 500 })], {}, ['web:1']);
    const planned = plan(on, used(0));
    expect(going(planned)).toEqual([]);
    expect(why(planned, 'same:1')).toBe('it would free next to nothing towards --max-used-space X');
    expect(planned.notes[0]).toBe('Images take 500.1MB: --max-used-space X is not met.');
  });
});

describe('the disk and the build cache', () => {
  const free = (now: number, want: number): Budget => ({
    targetFree: { ...mark(want), startFrom: '--target-free X', from: '--target-free X', free: now },
    cache: false,
  });

  test('free space counts only what really comes free: not what the build cache holds', () => {
    const cached = { ...record('c', 10, { shared: true, size: 300 * MB, layer: 'a' }) };
    const on = host([made('a:1', 90, { a: 300 }), made('b:1', 5, { b: 100 })], { cache: [cached] });
    const planned = plan(on, free(20 * MB, 110 * MB));
    expect(going(planned)).toEqual(['b:1']);
    expect(planned.notes).toEqual([
      '20MB of the disk are free, and 120MB once this has gone: --target-free X is met.',
    ]);
    expect(planned.actions[0]?.because).toMatchObject({
      rule: 'target-free',
      text: 'frees 100MB, last used 5 days ago by a pull: needed to get from 20MB free to 110MB',
    });
  });

  test('a budget of both takes images and records alike, the least lately used first', () => {
    const cache = [
      record('fresh', 20, { size: 50 * MB, created: ago(1) }),
      record('stale', 1, { size: 80 * MB, created: ago(20) }),
    ];
    const on = host(
      [made('old:1', 90, { a: 100 }, { digests: [digest('old')] }), made('new:1', 2, { b: 100 })],
      { cache },
    );
    const both = (most: number): Budget => ({ maxUsed: mark(most), cache: true });
    expect(going(plan(on, both(240 * MB)))).toEqual(['old:1']);
    const planned = plan(on, both(155 * MB));
    expect(going(planned)).toEqual(['old:1', 'stale']);
    expect(why(planned, 'stale')).toMatch(/^last used .* ago: needed to get from 330\.\dMB to 155MB$/);
    expect(why(planned, 'fresh')).toBe('--max-used-space X is met without it');
    expect(planned.notes[0]).toMatch(/^Images and build cache take /);
  });
});

test('what is idle for longer, served shorter, is cheaper or frees more is never less urgent', () => {
  const life = fc.record({
    idle: fc.integer({ min: 1_000, max: 400 * DAY }),
    served: fc.nat(400 * DAY),
    cost: fc.constantFrom(0.5, 1, 4),
  });
  fc.assert(
    fc.property(life, fc.nat(5000 * MB), fc.nat(100 * DAY), (given, frees, more) => {
      const of = { ...given, word: 'last used' };
      const least = urgency(of, frees);
      expect(urgency({ ...of, idle: of.idle + more }, frees)).toBeGreaterThanOrEqual(least);
      expect(urgency({ ...of, served: of.served + more }, frees)).toBeLessThanOrEqual(least);
      expect(urgency(of, frees + more)).toBeGreaterThanOrEqual(least);
    }),
  );
  expect(lifeOfImage(image('a:1', { arrived: '2030-01-01T00:00:00Z' }), NOW, 'pullable')?.idle).toBe(1_000);
});

describe('for every host and budget', () => {
  const RUNS = { numRuns: 500 };
  const LAYERS = Object.fromEntries(
    ['a', 'ab', 'abc', 'ad', 'e', 'ef'].map((id, i) => [id, { size: (i + 1) * MB, disk: (i + 1) * MB }]),
  );
  const aHost = anInventory.map((on): Inventory => ({ ...on, layers: LAYERS }));
  const most = fc.nat(25).map((n) => used(n * MB));
  const removed = ({ actions }: Plan) => actions.map(({ id, target }) => `${id} ${target}`);
  const without = (on: Inventory, options: Parameters<typeof imagesAsked>[0]) =>
    planOf(on, [], [planImages(on, [imagesAsked(options)])]);

  test('it can only keep: nothing goes that would not go without it', () => {
    fc.assert(
      fc.property(aHost, asked, most, (on, options, budget) => {
        const all = removed(without(on, options));
        for (const each of removed(plan(on, budget, options))) expect(all).toContain(each);
      }),
      RUNS,
    );
  });

  test('it is met within one image, or all goes that is a step towards it; and a second run finds nothing to do', () => {
    fc.assert(
      fc.property(aHost, asked, most, (on, options, budget) => {
        const planned = plan(on, budget, options);
        const taken = new Set(planned.actions.map(({ id }) => id));
        const size = (gone: ReadonlySet<string>) =>
          diskOf(on).sizeOf(on.images.map(({ id }) => id).filter((id) => !gone.has(id))).bytes;
        const limit = budget.maxUsed?.end as number;
        if (size(new Set()) <= limit) expect(planned.actions).toEqual([]);
        else if (size(taken) <= limit) {
          for (const { parent, id } of on.images.filter((each) => taken.has(each.id))) {
            if (parent !== undefined && taken.has(parent)) continue; // what it was built on goes, too
            expect(size(new Set([...taken].filter((each) => each !== id)))).toBeGreaterThan(limit);
          }
        } else {
          const all = new Set(
            without(on, options)
              .actions.filter(({ kind }) => kind === 'delete-image')
              .map(({ id }) => id),
          );
          if (on.images.every(({ created, arrived }) => arrived ?? (created && created > '1990')))
            expect(size(taken) - size(all)).toBeLessThan(100_000 * on.images.length);
        }
        const engine = new ModelEngine(on);
        for (const action of planned.actions) engine.perform(action);
        expect(engine.refusals).toEqual([]);
        expect(plan(engine.inventory(), budget, options).actions).toEqual([]);
      }),
      RUNS,
    );
  });

  test('the order of the input is irrelevant', () => {
    fc.assert(
      fc.property(aHost, asked, most, (on, options, budget) => {
        const reversed = {
          ...on,
          images: [...on.images].reverse(),
          containers: [...on.containers].reverse(),
        };
        expect(plan(reversed, budget, options)).toEqual(plan(on, budget, options));
      }),
      RUNS,
    );
  });
});
