// Which names a policy's rules are about, and what they let go.
import { describe, expect, test } from 'vitest';
import type { Image } from '../../src/core/inventory.ts';
import type { PolicyRule } from '../../src/core/policy.ts';
import { outsideRules } from '../../src/core/policy-rules.ts';
import { protectionOf } from '../../src/core/protection.ts';
import { conditions, container, id, image, inventory, lines } from '../support/builders.ts';
import { builtAt, keepsOf } from '../support/calendar.ts';
import type { Added, RuleMore } from '../support/policies.ts';
import { askedOf, planByRules, rule } from '../support/policies.ts';

const DAY = 86_400_000;
const DIGEST = `sha256:${'d'.repeat(64)}`;
const short = (name: string) => id(name).slice(7, 19);
const NONE = short('none');
const nameless = image('', { id: id('none') });

const planned = (images: readonly Image[], rules: readonly PolicyRule[], added?: Added) =>
  lines(planByRules(inventory(images), rules, added)).sort();

/** What goes, by its names: where a single rule takes all that it matches, that is what it matches. */
const goes = (images: readonly Image[], rules: readonly PolicyRule[], added?: Added) =>
  planned(images, rules, added)
    .filter((line) => !line.startsWith('keep '))
    .map((line) => line.replace(/^\w+ /, ''));

describe('a rule is about what meets all of its match', () => {
  const label = (labels: Record<string, string>) => ({ labels });
  const images = [
    image('app:1', { size: 10, ...label({ stage: 'prod' }) }),
    image('app:2', { size: 20, day: 2, ...label({ stage: 'dev' }) }),
    image('ghcr.io/acme/app:1', { size: 30, day: 3 }),
    image('localhost:5000/app:1', { size: 40, day: 4, ...label({ stage: 'prod', tmp: '' }) }),
    { ...nameless, size: 50, labels: { stage: 'prod' } },
  ];
  const ALL = ['app:1', 'app:2', 'ghcr.io/acme/app:1', 'localhost:5000/app:1', NONE].sort();
  // The inventory is of 21 November 2026, 02:41:09 UTC: 324 days and some after 1 January.
  test.each<[string, string, RuleMore['match'], string[]]>([
    ['nothing given: all', '', {}, ALL],
    ['a repository', 'app', {}, ['app:1', 'app:2']],
    ['one of several references', 'app:2 ghcr.io/**', {}, ['app:2', 'ghcr.io/acme/app:1']],
    ['Docker Hub', '', { registries: ['docker.io'] }, ['app:1', 'app:2']],
    [
      'one of several registries',
      '',
      { registries: ['ghcr.io', 'localhost:5000'] },
      ['ghcr.io/acme/app:1', 'localhost:5000/app:1'],
    ],
    ['a reference and a registry', '**:1', { registries: ['docker.io'] }, ['app:1']],
    ['a label', '', { labels: [{ key: 'stage' }] }, ['app:1', 'app:2', 'localhost:5000/app:1', NONE].sort()],
    [
      'all of several labels',
      '',
      { labels: [{ key: 'stage', value: 'prod' }, { key: 'tmp' }] },
      ['localhost:5000/app:1'],
    ],
    [
      'none of several labels',
      '',
      { withoutLabels: [{ key: 'tmp' }, { key: 'stage', value: 'dev' }] },
      ['app:1', 'ghcr.io/acme/app:1', NONE].sort(),
    ],
    ['above a size', '', { largerThan: 30 }, ['localhost:5000/app:1', NONE].sort()],
    ['below a size', '', { smallerThan: 20 }, ['app:1']],
    ['between sizes', '', { largerThan: 10, smallerThan: 30 }, ['app:2']],
    ['older', '', { olderThan: 323 * DAY }, ['app:1', 'app:2', NONE].sort()],
    ['younger', '', { youngerThan: 323 * DAY }, ['ghcr.io/acme/app:1', 'localhost:5000/app:1']],
    ['of an age', '', { olderThan: 323 * DAY, youngerThan: 324 * DAY }, ['app:2']],
    ['without a name', '', { dangling: true }, [NONE]],
    ['with one', '', { dangling: false }, ALL.filter((name) => name !== NONE)],
    ['without a name, but in a repository', 'app', { dangling: true }, []],
    ['without a name, but of a registry', '', { dangling: true, registries: ['docker.io'] }, []],
  ])('%s', (_, references, match, expected) => {
    expect(goes(images, [rule(references, '', match ? { match } : {})])).toEqual(expected);
  });

  test.each([
    ['as old as that is old enough', { olderThan: 10 * DAY }, true],
    ['and not younger', { youngerThan: 10 * DAY }, false],
  ])('%s', (_, match, isMet) => {
    const exact = image('app:1', { created: '2026-11-11T02:41:09Z' });
    expect(goes([exact], [rule('', '', { match })])).toEqual(isMet ? ['app:1'] : []);
  });
});

describe('each name belongs to the first rule that it meets', () => {
  const images = [1, 2, 3].flatMap((n) => [image(`prod:${n}`, { day: n }), image(`dev:${n}`, { day: n })]);
  const PROD = rule('prod', '--keep-last 2');
  test.each<[string, PolicyRule[], string[]]>([
    ['what belongs to none stays, without a word', [PROD], ['delete prod:1', 'keep prod:2', 'keep prod:3']],
    [
      'each rule judges its own',
      [PROD, rule('dev', '--keep-last 1')],
      ['delete dev:1', 'delete dev:2', 'delete prod:1', 'keep dev:3', 'keep prod:2', 'keep prod:3'],
    ],
    [
      'a later one does not take what an earlier one keeps',
      [PROD, rule('')],
      ['delete dev:1', 'delete dev:2', 'delete dev:3', 'delete prod:1', 'keep prod:2', 'keep prod:3'],
    ],
    [
      'nor what an earlier one lets nothing go of',
      [rule('prod', '', { removes: 'nothing' }), rule('')],
      ['delete dev:1', 'delete dev:2', 'delete dev:3'],
    ],
    [
      'nor does a later one keep',
      [rule('prod:1'), rule('', '--keep-last -1')],
      ['delete prod:1', 'keep dev:1', 'keep dev:2', 'keep dev:3', 'keep prod:2', 'keep prod:3'],
    ],
    [
      'names of one repository may belong to several, which count alone',
      [rule('prod:3', '--keep-last 1'), PROD],
      ['keep prod:1', 'keep prod:2', 'keep prod:3'],
    ],
    ['no rules, nothing', [], []],
  ])('%s', (_, rules, expected) => {
    expect(planned(images, rules)).toEqual(expected);
  });

  test('names of one image belong where each belongs', () => {
    const both = image('prod:1 dev:1');
    const newer = image('prod:2', { day: 2 });
    expect(
      planned([both, newer], [rule('prod', '--keep-last 1'), rule('dev', '', { removes: 'nothing' })]),
    ).toEqual(['keep prod:2', 'untag prod:1']);
    expect(planned([both, newer], [rule('prod', '--keep-last 1'), rule('')])).toEqual([
      'delete dev:1',
      'keep prod:2',
      'untag prod:1',
    ]);
  });

  test.each<[string, PolicyRule, Image, string[]]>([
    [
      'older',
      rule('', '', { match: { olderThan: DAY } }),
      image('a:1', { created: '1970-01-01T00:00:00Z' }),
      ['keep a:1'],
    ],
    [
      'younger',
      rule('', '', { match: { youngerThan: DAY } }),
      image('a:1', { created: '1980-01-01T00:00:01Z' }),
      ['keep a:1'],
    ],
    [
      'older, but of another repository',
      rule('b', '', { match: { olderThan: DAY } }),
      image('a:1', { created: '1970-01-01T00:00:00Z' }),
      ['delete a:1'],
    ],
  ])(
    'one whose age is not known belongs to a rule that asks for what is %s, and stays',
    (_, first, each, expected) => {
      expect(planned([each], [first, rule('')])).toEqual(expected);
    },
  );

  test('that it stays for want of an age names the rule', () => {
    const undated = image('a:1', { created: '1970-01-01T00:00:00Z' });
    const { kept } = planByRules(inventory([undated]), [
      rule('', '', { name: 'old', match: { olderThan: DAY } }),
    ]);
    expect(kept[0]?.reasons.map(({ text }) => text)).toEqual([
      'when it was built is not known (1970-01-01), and match of old (tidy.yaml:7) asks for its age',
    ]);
  });
});

describe('what a rule removes', () => {
  const images = [
    image('app:1', { day: 1 }),
    image('app:2', { day: 2 }),
    nameless,
    image(`pinned@${DIGEST}`, { id: id('pinned') }),
  ];
  test.each<[PolicyRule['removes'], string, string[]]>([
    ['nothing', '--keep-tag 2', []],
    ['dangling', '--keep-tag 2', [NONE]],
    ['beyond', '--keep-tag 2', [NONE, 'app:1']],
    ['all', '--keep-tag 2', [NONE, 'app:1', `pinned@${DIGEST}`]],
    ['all', '', [NONE, 'app:1', 'app:2', `pinned@${DIGEST}`]],
  ])('%s, with keeps "%s"', (removes, keeps, expected) => {
    expect(goes(images, [rule('', keeps, { removes })])).toEqual([...expected].sort());
  });

  test('keeps by its own order and groups', () => {
    const each = ['v10', 'v9'].map((tag, i) =>
      image(`app:${tag}`, { day: i + 1, arrived: `2026-11-0${i + 1}T00:00:00Z`, labels: { team: tag } }),
    );
    expect(goes(each, [rule('', '--keep-last 1')])).toEqual(['app:v10']);
    expect(goes(each, [rule('', '--keep-last 1', { sort: 'version' })])).toEqual(['app:v9']);
    expect(goes(each, [rule('', '--keep-last 1', { groupBy: { kind: 'label', key: 'team' } })])).toEqual([]);
  });

  test('by conditions of its own', () => {
    const older = conditions([], { olderThan: { span: 324 * DAY, from: 'remove.olderThan 324d' } });
    expect(goes(images, [rule('', '', { conditions: older })])).toEqual(
      [NONE, 'app:1', `pinned@${DIGEST}`].sort(),
    );
  });

  test('says where the keep rule stands', () => {
    const keeps = keepsOf('--keep-last 1').map((keep) => ({
      ...keep,
      from: 'keep.last 1',
      source: 'tidy.yaml:9',
    }));
    const { actions, kept } = planByRules(inventory(images), [rule('app', keeps)]);
    expect(actions[0]?.because).toEqual({
      rule: 'keep-last',
      text: '2nd newest of app, beyond keep.last 1 (tidy.yaml:9)',
      source: 'tidy.yaml:9',
    });
    expect(kept[0]?.reasons).toEqual([
      { rule: 'keep-last', text: 'newest of 2 (tidy.yaml:9)', source: 'tidy.yaml:9' },
    ]);
  });
});

describe('the command line', () => {
  const images = builtAt(`
    a 2026-11-20T10:00Z
    b 2026-11-19T10:00Z
    c 2026-10-18T10:00Z`).map((each, i) => ({ ...each, labels: { n: String(i) }, size: 100 * (i + 1) }));
  const older = (days: number) =>
    conditions([], { olderThan: { span: days * DAY, from: `--older-than ${days}d` } });
  const larger = (bytes: number) => conditions([], { largerThan: { bytes, from: `--larger-than ${bytes}` } });
  const APP = rule('app', '--keep-last 1');
  test.each<[string, PolicyRule, Added, string[]]>([
    ['adds nothing', APP, {}, ['app:b', 'app:c']],
    ['adds keeps', APP, { keeps: keepsOf('--keep-last 2') }, ['app:c']],
    ['adds other keeps', APP, { keeps: keepsOf('--keep-tag c') }, ['app:b']],
    ['adds keeps to a rule without', rule(''), { keeps: keepsOf('--keep-tag c') }, ['app:a', 'app:b']],
    ['cannot take from the rule’s', APP, { keeps: keepsOf('--keep-last 0') }, ['app:b', 'app:c']],
    [
      'makes nothing go of what a rule lets stay',
      rule('', '', { removes: 'nothing' }),
      { keeps: keepsOf('--keep-last 0') },
      [],
    ],
    ['adds an age', APP, { conditions: older(10) }, ['app:c']],
    ['of two ages the longer counts', { ...APP, conditions: older(10) }, { conditions: older(1) }, ['app:c']],
    ['whichever that is', { ...APP, conditions: older(1) }, { conditions: older(10) }, ['app:c']],
    ['of two sizes the larger', { ...APP, conditions: larger(200) }, { conditions: larger(100) }, ['app:c']],
    ['whichever that is', { ...APP, conditions: larger(100) }, { conditions: larger(200) }, ['app:c']],
    ['adds a size to an age', { ...APP, conditions: older(1) }, { conditions: larger(250) }, ['app:c']],
    ['adds filters', APP, { conditions: conditions(['label=n=1']) }, []], // b is the newest of those
    ['of which all must hold', rule(''), { conditions: conditions(['label!=n=1']) }, ['app:a', 'app:c']],
    ['counts days in its time zone', rule('', '--keep-daily 9'), { zone: 'Pacific/Kiritimati' }, []],
  ])('%s', (_, one, added, expected) => {
    expect(goes(images, [one], added)).toEqual(expected);
  });

  test('and a rule that count ages from different moments contradict each other', () => {
    const pulled = conditions([], { by: 'pulled', olderThan: { span: DAY, from: '--older-than 1d' } });
    const built = { ...APP, conditions: older(2) };
    expect(() => planned(images, [built], { conditions: pulled })).toThrow(
      expect.objectContaining({ name: 'UsageError' }),
    );
    expect(() => planned(images, [APP], { conditions: pulled })).not.toThrow();
  });

  test('carries what the policy protects', () => {
    const references = [{ text: 'app:c', source: 'tidy.yaml:2' }];
    const held = conditions([], { protection: protectionOf({ references, labels: [] }, []) });
    expect(goes(images, [{ ...APP, conditions: older(1) }], { conditions: held })).toEqual(['app:b']);
  });
});

describe('images without a name that become dangling', () => {
  const base = image('base:1');
  const middle = image('', { id: id('middle'), parent: base.id });
  const top = image('app:1', { parent: middle.id });
  const stays = rule('', '', { match: { dangling: true }, removes: 'nothing' });
  const young = conditions([], { olderThan: { span: 9999 * DAY, from: 'remove.olderThan 9999d' } });
  test.each<[string, PolicyRule[], string[]]>([
    ['go with what was built on them', [rule('app')], ['app:1', short('middle')]],
    ['unless a rule of their own lets them stay', [rule('app'), stays], ['app:1']],
    [
      'or its conditions do',
      [rule('app'), rule('', '', { match: { dangling: true }, conditions: young })],
      ['app:1'],
    ],
    ['or their image stays', [rule('app', '--keep-last 1')], []],
  ])('%s', (_, rules, expected) => {
    expect(goes([base, middle, top], rules)).toEqual([...expected].sort());
  });
});

test('how many images no rule is about: those with a name of which that is so, and those without any', () => {
  const images = [image('app:1'), image('app:2 other:2'), image('other:3 other:4'), nameless];
  const count = (rules: PolicyRule[]) => outsideRules({ images }, askedOf(inventory(images), rules));
  expect(count([rule('')])).toBe(0);
  expect(count([rule('app')])).toBe(3);
  expect(count([rule('other')])).toBe(3);
  expect(count([rule('app'), rule('other', '', { removes: 'nothing' })])).toBe(1);
  expect(count([rule('', '', { match: { dangling: true } })])).toBe(3);
  expect(count([])).toBe(4);
});

test('what containers use stays, whatever a rule says', () => {
  const used = image('app:1');
  const plan = planByRules(inventory([used], [container('web', used)]), [rule('')]);
  expect(lines(plan)).toEqual(['keep app:1']);
});
