// What an image without a name was: clues as tables, free names, and that no suggestion takes a name from another image.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container, Image } from '../../src/core/inventory.ts';
import type { ImageAction } from '../../src/core/plan.ts';
import { parseReference } from '../../src/core/reference.ts';
import type { Surroundings } from '../../src/core/rescue.ts';
import { lostOf, nameToGive } from '../../src/core/rescue.ts';
import { pastNames } from '../../src/core/rescue-clue.ts';
import type { Traits } from '../../src/core/rescue-neighbour.ts';
import type { Run, RunStep } from '../../src/core/run.ts';
import { container, id, image } from '../support/builders.ts';

const NOW = '2026-01-10T00:00:00Z';
const at = '2026-01-09T22:00:00Z';
const lost = (more: Parameters<typeof image>[1] = {}) =>
  image('', { layers: ['base', 'lib', 'mine'], day: 2, ...more });
const around = (images: readonly Image[], more: Partial<Surroundings> = {}): Surroundings => ({
  images,
  containers: [],
  past: [],
  traits: new Map(),
  now: NOW,
  ...more,
});
const traits = (more: Partial<Traits> = {}): Traits => ({
  steps: ['FROM', 'COPY . .'],
  builtOn: [],
  runs: ['node', 'server.js'],
  config: '{}',
  ...more,
});
/** Suggestions as a test states them: `certainty name`. */
const names = (one: Image, where: Surroundings) =>
  lostOf(one, where).suggestions.map(({ certainty, name }) => `${certainty} ${name}`);
const reasons = (one: Image, where: Surroundings) =>
  lostOf(one, where).suggestions.flatMap(({ reasons: all }) => all);

describe('labels', () => {
  const OCI = 'org.opencontainers.image';
  const compose = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
  test.each<[string, Record<string, string>, string[]]>([
    ['a whole reference', { [`${OCI}.ref.name`]: 'shop/api:1.2' }, ['maybe shop/api:1.2']],
    [
      'a repository and a version',
      { [`${OCI}.ref.name`]: 'ubuntu', [`${OCI}.version`]: '22.04' },
      ['maybe ubuntu:22.04'],
    ],
    ['a repository alone', { [`${OCI}.ref.name`]: 'ubuntu' }, ['maybe ubuntu:latest']],
    [
      'a tag alone, beside a title: one name, said twice',
      { [`${OCI}.ref.name`]: '1.2', [`${OCI}.title`]: 'api', [`${OCI}.version`]: '1.2' },
      ['maybe api:1.2'],
    ],
    [
      'a title in free text, a version with build metadata',
      { [`${OCI}.title`]: 'My Shop: API', [`${OCI}.version`]: '1.2+build.5' },
      ['maybe my-shop-api:1.2-build.5'],
    ],
    ['a service of Compose', compose, ['likely shop-web:latest']],
    [
      'what is no name, nor can be made one, says nothing',
      { [`${OCI}.title`]: '???', [`${OCI}.ref.name`]: 'a@sha256:b' },
      [`maybe rescued:${id('nameless').slice(7, 19)}`],
    ],
    ['none', {}, [`maybe rescued:${id('nameless').slice(7, 19)}`]],
  ])('%s', (_, labels, expected) => {
    expect(names(lost({ labels }), around([lost({ labels })]))).toEqual(expected);
  });

  test('that it has from what it was built on say nothing of it, and its own are then likely', () => {
    const base = image('ubuntu:22.04', { layers: ['base'], labels: { [`${OCI}.ref.name`]: 'ubuntu' } });
    const inherits = lost({ labels: { ...base.labels } });
    expect(names(inherits, around([base, inherits]))).toEqual([
      `maybe rescued:${id('nameless').slice(7, 19)}`,
    ]);
    const own = lost({ labels: { ...base.labels, [`${OCI}.title`]: 'api' } });
    expect(names(own, around([base, own]))).toEqual(['likely api:latest']);
  });
});

describe('containers that were made from it', () => {
  test.each<[string, Partial<Container>, string]>([
    ['by a name', { image: 'app:v1' }, 'sure app:v1'],
    ['by a name without a tag', { image: 'docker.io/library/app' }, 'sure app:latest'],
    ['by its ID', { image: id('nameless') }, 'maybe rescued:'],
    ['by a short ID', { image: id('nameless').slice(7, 19) }, 'maybe rescued:'],
    ['by a digest', { image: `app@${id('digest')}` }, 'maybe rescued:'],
    ['not it, but another image', { image: 'app:v1', imageId: id('other') }, 'maybe rescued:'],
  ])('%s', (_, more, expected) => {
    const web = container('web', lost(), more);
    expect(names(lost(), around([lost()], { containers: [web] }))[0]).toContain(expected);
  });
});

describe('past runs', () => {
  const action = (kind: ImageAction['kind'], target: string, expects: string[]): ImageAction =>
    ({ kind, target, id: lost().id, expects: { names: expects } }) as unknown as ImageAction;
  const begun = { type: 'begun', action: 0, at, facts: {} } as const;
  const ended = (result: string) => ({ type: 'ended', action: 0, at, result }) as RunStep['ended'];
  const run = (...steps: object[]): Run =>
    ({ id: 'R1', at, command: ['--keep', '3', 'app'], steps }) as unknown as Run;
  const untag = action('untag', 'app:1', ['app:1', 'app:2']);
  const which = 'run R1, 2 hours ago (docker tidy --keep 3 app)';

  test.each<[string, object, string[], string[]]>([
    [
      'that took one name off it are sure of that, and know that it had the others',
      { action: untag, begun, ended: ended('done') },
      ['sure app:1', 'likely app:2'],
      [`untagged by ${which}`, `it had this name in ${which}`],
    ],
    [
      'that deleted it, when it came back later',
      { action: action('delete-image', 'app:2', ['app:2']), begun, ended: ended('done') },
      ['sure app:2'],
      [`deleted by ${which}`],
    ],
    [
      'that were killed meanwhile, or failed, know what it was',
      { action: action('delete-image', 'app:2', ['app:2']), begun },
      ['likely app:2'],
      [`it had this name in ${which}`],
    ],
  ])('%s', (_, step, expected, why) => {
    const past = pastNames(run(step), new Set([lost().id]));
    expect(names(lost(), around([lost()], { past }))).toEqual(expected);
    expect(reasons(lost(), around([lost()], { past }))).toEqual(why);
  });

  test('that never came to it, or were about another image, say nothing', () => {
    const ids = new Set([lost().id]);
    expect(pastNames(run({ action: untag }), ids)).toEqual([]);
    expect(pastNames(run({ action: { ...untag, id: id('other') }, begun }), ids)).toEqual([]);
    expect(pastNames(run({ action: action('untag', `a@${id('d')}`, []), begun }), ids)).toEqual([]);
  });
});

describe('the image that took its name', () => {
  const base = image('node:22', { layers: ['base'], day: 1 });
  const next = (more: Parameters<typeof image>[1] = {}) =>
    image('app:v1', { layers: ['base', 'lib', 'theirs'], day: 3, ...more });
  const both = new Map([lost().id, next().id].map((one) => [one, traits()]));

  test.each<[string, Image[], ReadonlyMap<string, Traits>, string]>([
    ['built after it by the same steps, on the same layers', [base, next()], both, 'likely app:v1-old'],
    ['by the same steps, with nothing known of a base', [next()], both, 'likely app:v1-old'],
    [
      'with layers in common that no base has, and nothing else known',
      [base, next()],
      new Map(),
      'likely app:v1-old',
    ],
    ['with layers in common that may be a base’s', [next()], new Map(), 'maybe app:v1-old'],
    ['built before it', [base, next({ day: 1 })], both, 'maybe app:v1-old'],
    ['with another first layer', [base, next({ layers: ['x', 'y', 'z'] })], both, 'maybe app:v1-old'],
    ['with nothing in common but the base', [base, next({ layers: ['base', 'x'] })], new Map(), 'rescued:'],
    ['with nothing in common', [next({ layers: ['x'] })], new Map(), 'rescued:'],
    ['whose layers are not known', [image('app:v1', { day: 3 })], new Map(), 'rescued:'],
    ['that it was built on', [base], new Map(), 'rescued:'],
  ])('%s', (_, others, known, expected) => {
    const [first] = names(lost(), around([lost(), ...others], { traits: known }));
    expect(first).toContain(expected);
  });

  test('is told with what is alike, when it was built, and that it has the name', () => {
    const labelled = { labels: { revision: 'a' } };
    const after = next({ labels: { revision: 'b' } });
    expect(reasons(lost(labelled), around([base, lost(labelled), after], { traits: both }))).toEqual([
      `app:v1 (${after.id.slice(7, 19)}), built 24 hours after it, has the same build steps, the same configuration, the same labels and 2 of its 3 layers`,
      `app:v1 itself is taken by ${after.id.slice(7, 19)}`,
    ]);
  });

  test('of several it is that with the same steps, else with most layers, else the next one', () => {
    const [sooner, later] = [next({ id: id('b') }), image('web:1', { layers: ['base', 'lib', 'w'], day: 4 })];
    const said = (...more: (readonly [string, Traits])[]) =>
      names(lost(), around([base, later, sooner, lost()], { traits: new Map(more) }));
    expect(said()).toEqual(['likely app:v1-old']);
    const mine = [lost().id, traits()] as const;
    const another = [sooner.id, traits({ steps: ['x'], config: 'x' })] as const;
    expect(said(mine, another, [later.id, traits()])).toEqual(['likely web:1-old']);
  });

  test('of its several tags it is the one that moves', () => {
    const tagged = (tags: string) => [base, lost(), { ...next(), tags: tags.split(' ') }];
    expect(names(lost(), around(tagged('app:1.2 app:latest app:edge')))).toEqual(['likely app:latest-old']);
    expect(names(lost(), around(tagged('app:1.2 app:edge')))).toEqual(['likely app:edge-old']);
  });

  test('what the classic builder writes of copied files is no other step', () => {
    const copied = (digit: string) => traits({ steps: [`COPY file:${digit.repeat(64)} in /`] });
    const known = new Map([
      [lost().id, copied('1')],
      [next().id, copied('2')],
    ]);
    expect(names(lost(), around([lost(), next()], { traits: known }))).toEqual(['likely app:v1-old']);
  });
});

test('the surest comes first, and one name has all its reasons', () => {
  const labels = { 'com.docker.compose.project': 'app', 'com.docker.compose.service': 'web' };
  const one = lost({ labels });
  const web = container('web', one, { image: 'app-web' });
  const next = image('app:v1', { layers: ['base', 'lib', 'x'], day: 3 });
  const { suggestions } = lostOf(one, around([one, next], { containers: [web] }));
  expect(suggestions).toMatchObject([
    {
      name: 'app-web:latest',
      certainty: 'sure',
      reasons: [
        'container web was made from it by this name',
        'service web of the Compose project app, by its labels',
      ],
      command: `docker tidy rescue ${one.id.slice(7, 19)} app-web:latest`,
    },
    { name: 'app:v1-old', was: 'app:v1', certainty: 'maybe' },
  ]);
});

test('of what nothing tells, it is told what it was built on', () => {
  const base = image('node:22', { layers: ['base'] });
  const [only] = lostOf(lost(), around([base, lost()])).suggestions;
  expect(only?.reasons).toEqual([
    'nothing tells what it was, only that it was built on node:22: any name that is free will do',
  ]);
  expect(only).not.toHaveProperty('was');
});

test('no suggestion is a name that another image has, and each can be given', () => {
  const tags = fc.constantFrom('latest', 'v1', 'v1-old', 'v1-old-2', 'x'.repeat(128));
  fc.assert(
    fc.property(fc.uniqueArray(tags), tags, (taken, wanted) => {
      const images = taken.map((tag) => image(`app:${tag}`));
      const web = container('web', lost(), { image: `app:${wanted}` });
      const [{ name } = { name: '' }] = lostOf(
        lost(),
        around([...images, lost()], { containers: [web] }),
      ).suggestions;
      expect(images.flatMap((each) => each.tags)).not.toContain(name);
      expect(parseReference(name)?.tag).toBeDefined();
    }),
  );
});

test.each([
  ['app', 'app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['app:v2', 'app:v2'],
  ['App:v2', undefined],
  [`app@${id('x')}`, undefined],
  ['', undefined],
  ['a b:c', undefined],
])('%j names %j', (text, expected) => {
  expect(nameToGive(text)).toBe(expected);
});
