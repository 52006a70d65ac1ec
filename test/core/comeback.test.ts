// How well images could come back: what is not known counts as lost, and --keep-local-only can only keep.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Comeback } from '../../src/core/comeback.ts';
import type { ComebackFacts, Inventory } from '../../src/core/inventory.ts';
import { planText } from '../../src/view/plan-text.ts';
import { anInventory, asked } from '../support/arbitrary.ts';
import { conditions, id, image, inventory, lines, planFor } from '../support/builders.ts';

const DIGEST = `app@sha256:${'a'.repeat(64)}`;
const OTHER = `app@sha256:${'b'.repeat(64)}`;
const PULLED = image('app:1', { digests: [DIGEST, OTHER] });
const MADE = image('app:1');
const facts = (more: Partial<ComebackFacts> = {}): ComebackFacts => ({ archived: [], notes: [], ...more });

function on(store: string, of: typeof MADE, comeback?: ComebackFacts): Inventory {
  const made = inventory([of]);
  return { ...made, engine: { ...made.engine, store }, ...(comeback && { comeback }) };
}

const LOCAL_ONLY = conditions([], { localOnly: { from: '--keep-local-only' } });

test.each<[string, Inventory, Comeback]>([
  ['built here', on('overlay2', MADE), 'local-only'],
  ['pulled or pushed, on a graph driver', on('overlay2', PULLED), 'pullable'],
  ['with a digest on the containerd store, which gives one to all', on('containerd', PULLED), 'local-only'],
  ['with a digest on podman, which does so, too', on('podman', PULLED), 'local-only'],
  ['that its registry has', on('containerd', PULLED, facts({ registry: { [DIGEST]: true } })), 'pullable'],
  [
    'that another of its registries has',
    on('containerd', PULLED, facts({ registry: { [DIGEST]: false, [OTHER]: true } })),
    'pullable',
  ],
  [
    'that its registry does not have any more',
    on('overlay2', PULLED, facts({ registry: { [DIGEST]: false } })),
    'local-only',
  ],
  [
    'whose registry was not asked, when others were',
    on('overlay2', PULLED, facts({ registry: {} })),
    'local-only',
  ],
  [
    'of which one registry is out of reach, and another does not have it',
    on('overlay2', PULLED, facts({ registry: { [DIGEST]: false, [OTHER]: 'not-asked' } })),
    'not-asked',
  ],
  [
    'that one registry has, when another is out of reach',
    on('overlay2', PULLED, facts({ registry: { [DIGEST]: 'not-asked', [OTHER]: true } })),
    'pullable',
  ],
  ['with an archive', on('overlay2', MADE, facts({ archived: [MADE.id] })), 'archived'],
  ['that is saved first', on('containerd', MADE, facts({ savedIn: '/archive' })), 'archived'],
])('an image %s', (_, found, comeback) => {
  expect(planFor(found, { all: true }).actions).toMatchObject([{ kind: 'delete-image', comeback }]);
  const kept = planFor(found, { all: true, conditions: LOCAL_ONLY });
  expect(lines(kept)).toEqual([/local-only|not-asked/.test(comeback) ? 'keep app:1' : 'delete app:1']);
});

test('a name comes off an image that stays; with the image each of its names goes', () => {
  const both = inventory([image('app:1 other:1')]);
  expect(planFor(both, { all: true, patterns: ['app'] }).actions).toMatchObject([
    { kind: 'untag', comeback: 'tagged-elsewhere' },
  ]);
  expect(planFor(both, { all: true }).actions).toMatchObject([
    { kind: 'untag', comeback: 'local-only' },
    { kind: 'delete-image', comeback: 'local-only' },
  ]);
});

test('what is kept as local only says so', () => {
  const { kept } = planFor(inventory([MADE]), { all: true, conditions: LOCAL_ONLY });
  expect(kept[0]?.reasons).toEqual([{ rule: 'local-only', text: 'local only, --keep-local-only' }]);
});

test('--keep-local-only never removes more', () => {
  const removed = (found: Inventory, options: Parameters<typeof planFor>[1]) =>
    planFor(found, options).actions.map(({ id, target }) => `${id} ${target}`);
  const archives = fc.array(fc.nat(20), { maxLength: 5 });
  fc.assert(
    fc.property(anInventory, asked, archives, (found, options, which) => {
      const archived = which.flatMap((i) => found.images[i]?.id ?? []);
      const known = { ...found, comeback: facts({ archived }) };
      const held = { ...(options.conditions ?? LOCAL_ONLY), localOnly: { from: '--keep-local-only' } };
      const before = new Set(removed(known, options));
      const after = planFor(known, { ...options, conditions: held });
      for (const { id, target, comeback } of after.actions) {
        expect(before).toContain(`${id} ${target}`);
        expect(comeback).not.toBe('local-only');
      }
    }),
    { numRuns: 1000 },
  );
});

test('what stays as local only says of the others by its label what it said before', () => {
  const [saved, labelled] = [
    image('', { id: id('c') }),
    image('', { id: id('b'), labels: { 'tidy.keep-last': '1' } }),
  ];
  const found = { ...inventory([saved, labelled]), comeback: facts({ archived: [saved.id] }) };
  const options = { groupBy: { kind: 'none' } } as const;
  expect(planFor(found, options).actions).toEqual([]);
  expect(planFor(found, { ...options, conditions: LOCAL_ONLY }).actions).toEqual([]);
});

describe('people are told', () => {
  const text = async (found: Inventory) =>
    await planText(planFor(found, { all: true }), { colour: false, noTrunc: false });

  test('what goes for good, where that is known', async () => {
    expect(await text(on('overlay2', MADE))).toContain('no container uses it; local only\n');
    expect(await text(on('containerd', MADE))).not.toContain('local only');
    expect(await text(on('containerd', MADE, facts({ registry: {} })))).toContain('; local only\n');
    expect(await text(on('overlay2', image('')))).not.toContain('local only');
    expect(await text(on('overlay2', PULLED))).not.toContain('local only');
  });

  test('how many images may go for good, where the engine does not tell', async () => {
    const said =
      '1 image with a name may be on this disk only, which this engine does not tell: --verify-registry asks.';
    expect(await text(on('containerd', MADE, facts()))).toContain(`${said}\n`);
    for (const told of [
      on('containerd', image(''), facts()),
      on('containerd', MADE, facts({ registry: {} })),
      on('containerd', MADE, facts({ savedIn: '/a' })),
      on('overlay2', MADE, facts()),
    ])
      expect(await text(told)).not.toContain('may be on this disk only');
  });

  test('where images are saved, if any go, and what could not be looked up', async () => {
    const saving = facts({ savedIn: '/archive', notes: ['Nobody answered.'] });
    expect(await text(on('overlay2', MADE, saving))).toContain(
      'Each image that goes is saved first, in /archive: up to 10MB, before it is packed.\nNobody answered.\n',
    );
    const nothing = planFor(on('overlay2', MADE, saving), {});
    expect(nothing.notes).toEqual(['Nobody answered.']);
  });

  test('which saved images a run removes as too old, but for those that it saves anew, and if it does anything', async () => {
    const old = facts({ tooOld: [MADE.id, 'sha256:1', 'sha256:2'] });
    const said = '2 saved images were saved longer ago than they are to be kept, and are removed first.';
    expect(await text(on('overlay2', MADE, old))).toContain(`${said}\n`);
    expect(planFor(on('overlay2', MADE, facts({ tooOld: [MADE.id] })), { all: true }).notes).toEqual([]);
    expect(planFor(on('overlay2', MADE, old), {}).notes).toEqual([]);
  });
});

test('what stays since a registry could not be asked says which', () => {
  const found = on('overlay2', PULLED, facts({ registry: { [DIGEST]: 'not-asked', [OTHER]: 'not-asked' } }));
  const [kept] = planFor(found, { all: true, conditions: LOCAL_ONLY }).kept;
  expect(kept?.reasons.map(({ text }) => text)).toEqual([
    'docker.io could not be asked whether it has it, --keep-local-only',
  ]);
});

test('that archives will not have room is said beforehand', () => {
  const room = { stored: 15_000_000, most: 20_000_000, from: '--archive-max-size', sweeps: false };
  const notes = (more: Partial<typeof room>) =>
    planFor(on('overlay2', MADE, facts({ savedIn: '/a', room: { ...room, ...more } })), { all: true }).notes;
  expect(notes({})).toContain(
    'Archives take 15MB of the 20MB that --archive-max-size allows, and what goes up to 10MB more, before it is packed: what does not fit stays.',
  );
  expect(notes({ stored: 20_000_000 })).toContain(
    'Archives take 20MB of the 20MB that --archive-max-size allows: images that would have to be saved stay.',
  );
  expect(notes({ stored: 1_000_000 })).toHaveLength(1);
});
