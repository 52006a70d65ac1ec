// Ledgers add up in any order, what was used is never forgotten, and what is not known keeps.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Image } from '../../src/core/inventory.ts';
import type { Ledger, LedgerImage } from '../../src/core/last-use.ts';
import { lastUseOf, newLedger, united, withLastUse } from '../../src/core/last-use.ts';
import { bounded } from '../../src/core/last-use-bounds.ts';
import { afterWeighing } from '../../src/core/last-use-builds.ts';
import type { EngineEvent } from '../../src/core/last-use-events.ts';
import { heardSince, missedUntil, usesIn } from '../../src/core/last-use-events.ts';
import { readLedgerText } from '../../src/core/last-use-file.ts';
import { afterLook } from '../../src/core/last-use-look.ts';
import { withUses } from '../../src/core/last-use-uses.ts';
import { quarantineName } from '../../src/core/quarantine-name.ts';
import { conditions, container, id, image, inventory, planFor, stopped } from '../support/builders.ts';

const NOW = '2026-11-21T02:41:09.000Z';
const DAY = 86_400_000;
const ago = (days: number) => new Date(Date.parse(NOW) - days * DAY).toISOString();

const moment = fc.integer({ min: 0, max: 60 * 24 }).map((hours) => ago(hours / 24));
const moments = fc.array(moment, { maxLength: 4 });
const name = fc.constantFrom('app:1', 'app:2', 'web:1');
const by = fc.constantFrom('container web', 'container job', 'a build');
const use = fc.record({ at: moment, by });
const entry: fc.Arbitrary<LedgerImage> = fc
  .record({
    came: moments,
    went: moments,
    uses: moments,
    names: fc.dictionary(moment, fc.subarray(['app:1', 'app:2', 'web:1'])),
    used: fc.option(use, { nil: undefined }),
  })
  .map(({ used, ...rest }) => ({ size: 10, ...rest, ...(used && { used }) }));
const ledger: fc.Arbitrary<Ledger> = fc
  .record({
    since: moment,
    gap: fc.option(moment, { nil: undefined }),
    until: fc.option(moment, { nil: undefined }),
    images: fc.dictionary(fc.constantFrom(id('a'), id('b'), id('c')), entry),
    names: fc.dictionary(name, use),
  })
  .map(({ gap, until, images, names, since }) => ({
    ...newLedger('ENGINE', since),
    ...(gap !== undefined && { gap }),
    ...(until !== undefined && { seen: { until } }),
    images,
    names,
  }))
  .map((any) => united(any, any));

const event: fc.Arbitrary<EngineEvent> = fc.oneof(
  fc.record({
    at: moment,
    type: fc.constant('container'),
    action: fc.constantFrom('create', 'start', 'die', 'destroy', 'exec_start'),
    id: fc.constantFrom('c1', 'c2'),
    name: fc.constantFrom('web', 'job'),
    image: fc.oneof(name, fc.constant(id('a'))),
  }),
  fc.record({
    at: moment,
    type: fc.constant('image'),
    action: fc.constantFrom('tag', 'untag', 'pull', 'delete', 'save'),
    id: fc.oneof(fc.constantFrom(id('a'), id('b'), id('c')), name),
    name,
  }),
);

const IMAGES = [
  image('app:1', { id: id('a') }),
  image('app:2 web:1', { id: id('b') }),
  image('', { id: id('c') }),
];
const at = (used: string | undefined) => (used === undefined ? Number.POSITIVE_INFINITY : Date.parse(used));

describe('ledgers add up', () => {
  test('in any order', () => {
    fc.assert(
      fc.property(ledger, ledger, ledger, (a, b, c) => {
        expect(united(a, b)).toEqual(united(b, a));
        expect(united(a, united(b, c))).toEqual(united(united(a, b), c));
      }),
    );
  });

  test('and however often', () => {
    fc.assert(
      fc.property(ledger, ledger, (a, b) => {
        const both = united(a, b);
        expect(united(both, b)).toEqual(both);
        expect(united(both, a)).toEqual(both);
      }),
    );
  });

  test('to what is in their file', () => {
    fc.assert(
      fc.property(ledger, (any) => {
        expect(readLedgerText(JSON.stringify(any), 'ENGINE')).toEqual(any);
      }),
    );
  });

  test('bounded: uses of long ago are one a week, and what went long ago is forgotten', () => {
    const uses = Array.from({ length: 300 }, (_, i) => ago(300 - i));
    const one = { size: 1, came: [ago(300)], went: [], names: {}, uses };
    const long = { ...one, came: [ago(600)], went: [ago(500)] };
    const { images } = bounded(
      { ...newLedger('ENGINE', ago(600)), images: { [id('a')]: one, [id('b')]: long } },
      NOW,
    );
    expect(Object.keys(images)).toEqual([id('a')]);
    const kept = images[id('a')]?.uses ?? [];
    expect(kept.slice(-60)).toEqual(uses.slice(-60));
    expect(kept.length).toBeLessThanOrEqual(60 + 36);
    expect(kept).toEqual(kept.toSorted());
  });

  test('and what is there is never dropped', () => {
    fc.assert(
      fc.property(ledger, (any) => {
        const less = bounded(any, NOW);
        for (const each of IMAGES) {
          const before = lastUseOf(any, each);
          const entryOf = any.images[each.id];
          const there = (entryOf?.came.at(-1) ?? '') > (entryOf?.went.at(-1) ?? '');
          if (there) expect(lastUseOf(less, each)).toEqual(before);
        }
      }),
    );
  });
});

describe('what is used', () => {
  test('more events never make an image look less used', () => {
    fc.assert(
      fc.property(ledger, fc.array(event, { maxLength: 8 }), event, (before, events, more) => {
        const look = (all: readonly EngineEvent[]) =>
          afterLook(before, { inventory: inventory(IMAGES), events: all });
        const [few, many] = [look(events), look([...events, more])];
        for (const each of IMAGES)
          expect(at(lastUseOf(many, each)?.at)).toBeGreaterThanOrEqual(at(lastUseOf(few, each)?.at));
      }),
    );
  });

  test('nor does knowing another ledger, or missing events', () => {
    fc.assert(
      fc.property(ledger, ledger, moment, (a, b, gap) => {
        for (const each of IMAGES) {
          const alone = lastUseOf(a, each);
          if (!alone) continue;
          expect(at(lastUseOf(united(a, b), each)?.at)).toBeGreaterThanOrEqual(at(alone.at));
          expect(
            at(lastUseOf(united(a, { ...newLedger('ENGINE', NOW), gap }), each)?.at),
          ).toBeGreaterThanOrEqual(at(alone.at));
        }
      }),
    );
  });

  test('the same look twice says nothing more', () => {
    fc.assert(
      fc.property(ledger, fc.array(event, { maxLength: 8 }), (before, events) => {
        const look = { inventory: inventory(IMAGES, [container('web', 'a')]), events };
        const once = afterLook(before, look);
        const twice = afterLook(once, look);
        for (const each of IMAGES) expect(lastUseOf(twice, each)).toEqual(lastUseOf(once, each));
      }),
    );
  });

  const old = (images = IMAGES): Ledger => {
    const first = afterLook(newLedger('ENGINE', ago(100)), {
      inventory: { ...inventory(images), takenAt: ago(100) },
      events: [],
    });
    return first;
  };
  const usedBy = (known: Ledger, each = IMAGES[0]) => lastUseOf(known, each as (typeof IMAGES)[0]);

  test('an image counts from when it was first seen, until a use is known', () => {
    expect(usedBy(old())).toEqual({ at: ago(100) });
    const later = withUses(old(), [{ image: 'app:1', at: ago(3), by: 'container web' }]);
    expect(usedBy(later)).toEqual({ at: ago(3), by: 'container web' });
    expect(usedBy(later, IMAGES[1])).toEqual({ at: ago(100) });
  });

  test('of one that the ledger has never seen, nothing is known', () => {
    expect(lastUseOf(old(), image('other:1'))).toBeUndefined();
    expect(withLastUse([image('other:1', { used: { at: NOW } })], old())[0]?.used).toBeUndefined();
  });

  test('one that was gone and came back counts from its return', () => {
    const gone = afterLook(old(), { inventory: { ...inventory([]), takenAt: ago(50) }, events: [] });
    const back = afterLook(gone, { inventory: { ...inventory(IMAGES), takenAt: ago(2) }, events: [] });
    expect(usedBy(back)).toEqual({ at: ago(2) });
  });

  test('what was not listed is not gone, where not all were listed', () => {
    const part = { ...inventory([]), takenAt: ago(50), partial: true as const };
    const then = afterLook(old(), { inventory: part, events: [] });
    const back = afterLook(then, { inventory: { ...inventory(IMAGES), takenAt: ago(2) }, events: [] });
    expect(usedBy(back)).toEqual({ at: ago(100) });
  });

  test('a running container uses its image now, a stopped one did until then', () => {
    const look = (one: ReturnType<typeof container>) =>
      usedBy(afterLook(old(), { inventory: inventory(IMAGES, [one]), events: [] }));
    expect(look(container('web', 'a'))).toEqual({ at: NOW, by: 'container web' });
    expect(look(stopped('job', 10, { imageId: id('a') }))).toEqual({
      at: '2026-11-10T00:00:00.000Z',
      by: 'container job',
    });
  });

  test('the events of a container count for the image that it ran, though its name has moved', () => {
    const web = container('web', 'a', { image: 'app:1' });
    const running = afterLook(old(), {
      inventory: { ...inventory(IMAGES, [web]), takenAt: ago(20) },
      events: [],
    });
    const moved = [image('', { id: id('a') }), image('app:1', { id: id('d') })];
    const died = { at: ago(5), type: 'container', action: 'die', id: web.id, name: 'web', image: 'app:1' };
    const after = afterLook(running, { inventory: inventory(moved), events: [died] });
    expect(usedBy(after, moved[0])).toEqual({ at: ago(5), by: 'container web' });
  });

  test('a name that moved between two looks counts for the one that had it, and the one that has it', () => {
    const moved = [image('', { id: id('a') }), image('app:1', { id: id('d') })];
    const ran = {
      at: ago(5),
      type: 'container',
      action: 'start',
      id: 'c9',
      name: 'job',
      image: 'app' + ':1',
    };
    const after = afterLook(old(), { inventory: inventory(moved), events: [ran] });
    expect(usedBy(after, moved[0])).toEqual({ at: ago(5), by: 'container job' });
    expect(usedBy(after, moved[1])).toEqual({ at: NOW });
  });

  test('a use by a name that nobody has yet counts for the image that turns out to have it', () => {
    const ran = { at: ago(5), type: 'container', action: 'start', id: 'c9', name: 'job', image: 'web:1' };
    const part = { ...inventory([]), partial: true as const };
    const [c] = [image('web:1', { id: id('c') })];
    const known = afterLook(old([image('', { id: id('c') })]), { inventory: part, events: [ran] });
    expect(usedBy(known, c)).toEqual({ at: ago(5), by: 'container job' });
  });

  test('what the classic builder built on, and all below, was used then', () => {
    const base = image('base:1', { id: id('a') });
    const between = image('', { id: id('b'), parent: base.id });
    const known = { ...old([base, between]), seen: { until: ago(9) } };
    const app = image('app:1', { id: id('e'), parent: between.id, created: ago(4) });
    const after = afterLook(known, { inventory: inventory([base, between, app]), events: [] });
    expect(usedBy(after, base)).toEqual({ at: ago(4), by: 'a build of app:1' });
    expect(usedBy(after, between)).toEqual({ at: ago(4), by: 'a build of app:1' });
  });

  test('quarantine is no use of an image, nor of what it was built on', () => {
    const base = image('base:1', { id: id('a') });
    const app = image('app:1', { id: id('b'), parent: base.id, created: ago(30), layers: ['x', 'y'] });
    const place = quarantineName(app.id, Date.parse(NOW));
    const images = [
      { ...base, layers: ['x'] },
      { ...app, tags: [place] },
    ];
    const tagged = { at: ago(1), type: 'image', action: 'tag', id: app.id, name: place };
    const known = { ...old([base, app]), seen: { until: ago(9) } };
    const here = inventory(images);
    const after = afterWeighing(afterLook(known, { inventory: here, events: [tagged] }), here);
    expect(usedBy(after, app)?.by).toBeUndefined();
    expect(usedBy(after, base)).toEqual({ at: ago(30), by: `a build of ${app.id.slice(7, 19)}` });
  });

  test('what BuildKit built on was used then, and when a build found its layers in the cache', () => {
    const base = image('base:1', { id: id('a'), layers: ['sha256:l1', 'sha256:l2'], created: ago(90) });
    const app = image('app:1', {
      id: id('b'),
      layers: ['sha256:l1', 'sha256:l2', 'sha256:l3'],
      created: ago(7),
    });
    const other = image('web:1', { id: id('c'), layers: ['sha256:l1', 'sha256:l9'], created: ago(1) });
    const weighed = inventory([base, app, other]);
    const after = afterWeighing(old([base, app, other]), weighed);
    expect(usedBy(after, base)).toEqual({ at: ago(7), by: 'a build of app:1' });
    expect(usedBy(after, other)).toEqual({ at: ago(100) });
    const record = {
      id: 'r',
      type: 'regular',
      description: 'from local',
      parents: [],
      inUse: false,
      shared: true,
      layer: 'sha256:l2',
      size: 1,
      lastUsed: ago(2),
    };
    expect(usedBy(afterWeighing(after, { ...weighed, cache: [record] }), base)).toEqual({
      at: ago(2),
      by: 'a build',
    });
  });

  test('after a gap everything counts from its end, until it is used again', () => {
    const dark = afterLook(old(), { inventory: inventory(IMAGES), events: [], gap: ago(6) });
    expect(usedBy(dark)).toEqual({ at: ago(6), gap: true });
    const again = withUses(dark, [{ image: id('a'), at: ago(1), by: 'container web' }]);
    expect(usedBy(again)).toEqual({ at: ago(1), by: 'container web' });
  });
});

describe('missed events are noticed', () => {
  const second = (n: number): EngineEvent => ({
    at: new Date(1_700_000_000_000 + n * 1000).toISOString(),
    type: 'container',
    action: 'start',
    id: `c${n}`,
  });
  const many = Array.from({ length: 256 }, (_, i) => second(i));
  const until = '2023-11-01T00:00:00.000Z';
  const none = { until };
  const one = { until, last: '2023-10-31T00:00:00.000Z' };
  const [before, after] = ['2023-10-01T00:00:00.000Z', '2023-11-02T00:00:00.000Z'];

  test('where one from before is still told, what came since is all that there was', () => {
    expect(heardSince(many, second(250).at)).toEqual(many.slice(250));
    expect(heardSince(many, second(1000).at)).toEqual([]);
    expect(heardSince(many, second(-1).at)).toBeUndefined();
    expect(heardSince([], second(0).at)).toBeUndefined();
  });

  test.each([
    ['there was none, and the engine ran since', none, 10, before, undefined],
    ['there was none, and it may have forgotten some', none, 128, before, many[0]?.at],
    ['the last one is forgotten, though the engine ran since', one, 10, before, many[0]?.at],
    ['it was started since', one, 10, after, after],
    ['it was started since, and there had been none', none, 10, after, after],
    ['it was started since, and may have forgotten some', one, 200, after, many[0]?.at],
    ['nobody knows when it was started', none, 10, undefined, many[0]?.at],
    ['nothing is known at all', one, 0, undefined, NOW],
  ] as const)('%s', (_, seen, heardSo, started, expected) => {
    expect(missedUntil(many.slice(0, heardSo), { seen, started, now: NOW, most: 128 })).toBe(expected);
  });
});

describe('a file', () => {
  const whole = JSON.stringify(
    withUses(newLedger('ENGINE', NOW), [{ image: id('a'), at: NOW, by: 'container a' }]),
  );

  test.each([
    ['that is cut off', whole.slice(0, -9), 'damaged'],
    ['of another engine', whole.replace('ENGINE', 'OTHER'), 'damaged'],
    ['with a moment that is none', whole.replaceAll(NOW, 'yesterday'), 'damaged'],
    ['without images', whole.replace('"images"', '"pictures"'), 'damaged'],
    ['that is empty', '', 'damaged'],
    ['of a newer version', whole.replace('"schemaVersion":1', '"schemaVersion":2'), 'newer'],
  ])('%s is no ledger', (_, text, expected) => {
    expect(readLedgerText(text, 'ENGINE')).toBe(expected);
  });

  test('whatever is in it, reading it ends', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(['damaged', 'newer']).toContain(readLedgerText(text, 'ENGINE'));
      }),
    );
  });
});

describe('--unused-for', () => {
  const WEEK = conditions([], { unusedFor: { span: 7 * DAY, from: '--unused-for 7d' } });
  const plan = (images: readonly Image[], more = WEEK) =>
    planFor(inventory(images), { all: true, conditions: more });
  const lines = (images: readonly Image[], more = WEEK) => {
    const { actions, kept } = plan(images, more);
    const gone = actions.map(({ kind, target, because }) => `${kind} ${target}: ${because.text}`);
    return [
      ...gone,
      ...kept.map(({ target, reasons }) => `keep ${target}: ${reasons.map(({ text }) => text).join('; ')}`),
    ].sort();
  };

  test('takes what was not used for longer, and says when and by what; the build date is irrelevant', () => {
    const [young, old] = [ago(1), ago(730)];
    expect(
      lines([
        image('used:1', { created: old, used: { at: ago(1), by: 'container web' } }),
        image('idle:1', { created: young, used: { at: ago(8), by: 'a build of app:2' } }),
      ]),
    ).toEqual([
      'delete-image idle:1: no container uses it; last used 8 days ago by a build of app:2',
      'keep used:1: last used 24 hours ago by container web, within --unused-for 7d',
    ]);
  });

  test('says so where no use is known: since it was first seen, since events were missed, or at all', () => {
    expect(
      lines([
        image('a:1', { used: { at: ago(3) } }),
        image('b:1', { used: { at: ago(3), gap: true } }),
        image('c:1'),
        image('d:1', { used: { at: ago(9) } }),
      ]),
    ).toEqual([
      'delete-image d:1: no container uses it; first seen by docker tidy 9 days ago, no use known since',
      'keep a:1: first seen by docker tidy 3 days ago, no use known since, within --unused-for 7d',
      'keep b:1: events missed until 3 days ago, no use known since, within --unused-for 7d',
      'keep c:1: when it was last used is not known, and --unused-for 7d asks for its age',
    ]);
  });

  test('says when it ends', () => {
    const [kept] = plan([image('a:1', { used: { at: ago(3) } })]).kept;
    expect(kept?.reasons[0]?.eligible).toBe('2026-11-25T02:41:09Z');
  });

  test('holds beside another age: both must be reached', () => {
    const both = conditions([], { ...WEEK, olderThan: { span: 30 * DAY, from: '--older-than 30d' } });
    const used = { at: ago(9), by: 'container web' };
    expect(
      lines([image('new:1', { created: ago(10), used }), image('old:1', { created: ago(90), used })], both),
    ).toEqual([
      'delete-image old:1: no container uses it; last used 9 days ago by container web',
      'keep new:1: built 10 days ago, within --older-than 30d',
    ]);
  });

  test('more events never make more go, and what was used within it never goes', () => {
    fc.assert(
      fc.property(ledger, fc.array(event, { maxLength: 8 }), event, (before, events, more) => {
        const told = (all: readonly EngineEvent[]) =>
          withLastUse(IMAGES, afterLook(before, { inventory: inventory(IMAGES), events: all }));
        const going = (images: readonly Image[]) => plan(images).actions.map((action) => action.id);
        const many = told([...events, more]);
        for (const each of going(many)) {
          expect(going(told(events))).toContain(each);
          expect(at(many.find((one) => one.id === each)?.used?.at)).toBeLessThanOrEqual(Date.parse(ago(7)));
        }
      }),
    );
  });
});

test('an image came when it was first seen at a later look, or at a use that was heard; of one that had been there nobody knows', () => {
  const entry = (came: string, used?: string) => ({
    size: 1,
    came: [came],
    went: [],
    names: {},
    uses: [],
    ...(used !== undefined && { used: { at: used, by: 'docker pull' } }),
  });
  const known = {
    ...newLedger('ENGINE', ago(9)),
    images: {
      [id('new')]: entry(ago(1), ago(2)),
      [id('used')]: entry(ago(9), ago(10)),
      [id('old')]: entry(ago(9)),
    },
  };
  const images = ['new', 'used', 'old', 'unknown'].map((name) => image(name, { id: id(name), came: NOW }));
  expect(withLastUse(images, known).map(({ came }) => came)).toEqual([ago(1), ago(10), undefined, undefined]);
});

test('a pull is a use of an image, and a save is none: who copies all of them each night uses none', () => {
  const event = (action: string) => ({ at: '2026-11-21T02:41:09Z', type: 'image', action, id: id('a') });
  const uses = (action: string) => usesIn([event(action)], () => undefined);
  expect(uses('pull')).toEqual([{ image: id('a'), at: '2026-11-21T02:41:09Z', by: 'docker pull' }]);
  expect(uses('save')).toEqual([]);
});
