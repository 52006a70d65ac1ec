// What takes a run back: from its journal and what is there now.
import { describe, expect, test } from 'vitest';
import type { Image, Inventory } from '../../src/core/inventory.ts';
import type { Action } from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { planImages } from '../../src/core/plan-images.ts';
import type { JournalLine, Run } from '../../src/core/run.ts';
import { openSteps, runOf } from '../../src/core/run.ts';
import { restorationOf, tookAnything } from '../../src/core/undo.ts';
import {
  conditions,
  container,
  id,
  image,
  imagesAsked,
  inventory,
  network,
  planFor,
  volume,
} from '../support/builders.ts';

const NONE = { archived: new Set<string>() };
const HEAD = {
  type: 'run',
  schemaVersion: 1,
  id: 'RUN',
  at: '2026-11-21T02:41:09Z',
  engine: { id: 'ENGINE', name: '', host: '', version: '', store: 'overlay2' },
  command: ['images'],
  user: 'ann',
  pid: 1,
  version: '0',
} as const;

type Fate = 'done' | 'failed' | 'open' | 'untouched';

/** The run of actions, each with what came of it and what was written of it before. */
function ran(...steps: readonly (readonly [Action, Fate, object?])[]): Run {
  const lines: JournalLine[] = [{ ...HEAD, actions: steps.map(([action]) => action) }];
  steps.forEach(([, fate, facts = {}], action) => {
    if (fate !== 'untouched') lines.push({ type: 'begun', action, at: HEAD.at, facts: { ...facts } });
    if (fate === 'done' || fate === 'failed')
      lines.push({ type: 'ended', action, at: HEAD.at, result: fate });
  });
  return runOf(lines) as Run;
}

/** The run that removed images with `-a`, each written down as it was at its turn. */
function removed(images: Image[], fate: Fate = 'done'): Run {
  const on = inventory(images);
  const { actions } = planOf(on, [], [planImages(on, [imagesAsked({ all: true })])]);
  const of = (action: Action) => images.find((each) => each.id === action.id) as Image;
  return ran(
    ...actions.map((action) => {
      const tags =
        'names' in action.expects ? action.expects.names.filter((name) => !name.includes('@')) : [];
      return [action, fate, { image: { ...of(action), tags } }] as const;
    }),
  );
}

/** The plan as tests say it. */
function back(run: Run, now: Inventory, archived: string[] = []): string[] {
  const { steps, there, lost } = restorationOf(run, now, { archived: new Set(archived) });
  return [
    ...steps.map((step) => `${step.do} ${step.target}`),
    ...there.map(({ target, why }) => `there ${target}: ${why}`),
    ...lost.map(({ target }) => `lost ${target}`),
  ];
}

describe('images', () => {
  const app = image('app:1 app:2');
  const pulled = image('web:1', { digests: [`web@sha256:${'a'.repeat(64)}`] });

  test('one that is still there gets its names back', () => {
    expect(back(removed([app]), inventory([{ ...app, tags: ['other:1'] }]))).toEqual([
      'tag-image app:1',
      'tag-image app:2',
    ]);
  });

  test('one that is gone is pulled by its digest, then named', () => {
    expect(back(removed([pulled]), inventory([]))).toEqual(['pull-image web:1', 'tag-image web:1']);
  });

  test('the archive goes before the registry', () => {
    expect(back(removed([pulled]), inventory([]), [pulled.id])).toEqual([
      'load-image web:1',
      'tag-image web:1',
    ]);
  });

  test('what neither has is lost, with each of its names', () => {
    expect(back(removed([app]), inventory([]))).toEqual(['lost app:1', 'lost app:2']);
  });

  test('a name that another image has now is left alone', () => {
    const now = inventory([{ ...app, tags: ['x:1'] }, image('app:2', { id: id('other') })]);
    expect(back(removed([app]), now)).toEqual([
      'tag-image app:1',
      `there app:2: it names another image now, ${id('other').slice(7, 19)}, and is left alone`,
    ]);
  });

  test('what failed, and what never had its turn, needs nothing', () => {
    expect(back(removed([app], 'failed'), inventory([app]))).toEqual([]);
    expect(back(removed([app], 'untouched'), inventory([app]))).toEqual([]);
    expect(tookAnything(removed([app], 'untouched'))).toBe(false);
  });

  test('a step that the run was killed in counts where the engine has not its object any more', () => {
    const run = removed([app], 'open');
    expect(openSteps(run).map(({ action }) => action.target)).toEqual(['app:1', 'app:2']);
    expect(back(run, inventory([app]))).toEqual([]);
    expect(back(run, inventory([{ ...app, tags: ['app:2'] }]))).toEqual(['tag-image app:1']);
    expect(tookAnything(run)).toBe(true);
  });

  test('what others were built on comes back before them', () => {
    const base = image('base:1', { digests: [`base@sha256:${'b'.repeat(64)}`] });
    const child = { ...pulled, parent: base.id };
    expect(back(removed([base, child]), inventory([])).filter((line) => line.startsWith('pull'))).toEqual([
      'pull-image base:1',
      'pull-image web:1',
    ]);
  });
});

describe('the other kinds', () => {
  const action = (kind: string, target: string, more: object = {}) =>
    ({
      kind,
      target,
      id: target,
      group: '',
      because: { rule: '', text: '' },
      after: [],
      frees: 0,
      ...more,
    }) as unknown as Action;

  test('volumes and networks come before containers', () => {
    const run = ran(
      [action('delete-container', 'job'), 'done', { container: { Image: id('app:1') } }],
      [action('delete-network', 'lan'), 'done', { network: { Driver: 'bridge' } }],
      [action('delete-volume', 'data'), 'done', { volume: { Driver: 'local' }, backup: '/b/data.tar' }],
    );
    expect(back(run, inventory([image('app:1')]))).toEqual([
      'create-volume data',
      'create-network lan',
      'create-container job',
    ]);
  });

  test('a volume that an undo was cut off in is said to be not whole, instead of being there', () => {
    const run = ran([
      action('delete-volume', 'data'),
      'done',
      { volume: { Driver: 'local' }, backup: '/b/data.tar' },
    ]);
    const now = inventory([], [], [], { volumes: [volume('data')] });
    expect(restorationOf({ ...run, halfFilled: ['data'] }, now, NONE)).toMatchObject({
      steps: [],
      lost: [{ target: 'data', why: expect.stringContaining('may not be whole') }],
    });
    expect(back({ ...run, halfFilled: ['data'] }, inventory([]))).toEqual(['create-volume data']);
  });

  test('a container whose image cannot come back is lost', () => {
    const run = ran([action('delete-container', 'job'), 'done', { container: { Image: id('app:1') } }]);
    expect(back(run, inventory([]))).toEqual(['lost job']);
  });

  test('what is there by that name now is left alone', () => {
    const run = ran(
      [action('delete-container', 'job'), 'done', { container: { Image: id('app:1') } }],
      [action('delete-network', 'lan'), 'done', { network: { Driver: 'bridge' } }],
      [action('delete-volume', 'data'), 'done', { volume: { Driver: 'local' }, backup: '/b/data.tar' }],
    );
    const now = inventory([], [container('job', 'app:1')], [], {
      networks: [network('lan')],
      volumes: [volume('data')],
    });
    expect(restorationOf(run, now, NONE)).toMatchObject({ steps: [], lost: [], there: { length: 3 } });
  });

  test('a volume without a backup, and what the journal says nothing of, are lost; build cache is only told', () => {
    const run = ran(
      [action('delete-volume', 'data'), 'done', { volume: { Driver: 'local' } }],
      [action('delete-network', 'lan'), 'done'],
      [action('prune-cache', 'abc'), 'done'],
    );
    expect(back(run, inventory([]))).toEqual(['lost data', 'lost lan']);
    expect(restorationOf(run, inventory([]), NONE).notes).toEqual([
      'The build cache that went (1 record) comes back with the next build.',
    ]);
  });
});

describe('containers that refer to others', () => {
  const gone = (target: string, idOf: string, HostConfig: object = {}) =>
    [
      {
        kind: 'delete-container',
        target,
        id: idOf,
        group: '',
        because: { rule: '', text: '' },
        after: [],
        frees: 0,
      } as unknown as Action,
      'done',
      { container: { Image: id('app:1'), HostConfig } },
    ] as const;

  test('come after these, and by their names instead of the IDs that they have no more', () => {
    const run = ran(
      gone('a', 'id-a', { NetworkMode: 'container:id-b', VolumesFrom: ['c:ro'] }),
      gone('b', 'id-b', { PidMode: 'container:id-c' }),
      gone('c', 'id-c'),
    );
    const { steps } = restorationOf(run, inventory([image('app:1')]), NONE);
    expect(steps.map(({ target }) => target)).toEqual(['c', 'b', 'a']);
    expect(steps.map((step) => ('facts' in step ? step.facts['HostConfig'] : undefined))).toEqual([
      {},
      { PidMode: 'container:c' },
      { NetworkMode: 'container:b', VolumesFrom: ['c:ro'] },
    ]);
  });
});

test('an image between others that has no name comes with what was built on it', () => {
  const between = image('', { id: id('between') });
  const child = image('web:1', { digests: [`web@sha256:${'a'.repeat(64)}`], parent: between.id });
  expect(back(removed([between, child]), inventory([]), [between.id, child.id])).toEqual([
    'load-image web:1',
    'tag-image web:1',
  ]);
});

describe('quarantine', () => {
  const app = image('app:1 app:2');
  const held = conditions([], { quarantine: { span: 604_800_000, from: '--quarantine 7d' } });
  const put = (of: Image, fate: Fate = 'done'): [Run, string] => {
    const { actions } = planFor(inventory([of]), { all: true, conditions: held });
    const last = actions.at(-1);
    const steps = actions.map((action) => {
      const isLast = action === last;
      return [action, isLast ? fate : 'done', { image: { ...of, tags: action.expects.names } }] as const;
    });
    return [ran(...steps), last?.kind === 'quarantine' ? last.as : ''];
  };

  test('an image that is there gets its names back, and only then leaves', () => {
    const [run, as] = put(app);
    expect(tookAnything(run)).toBe(true);
    expect(back(run, inventory([{ ...app, tags: [as] }]))).toEqual([
      'tag-image app:1',
      'tag-image app:2',
      `leave-quarantine ${as}`,
    ]);
  });

  test('one that was nameless leaves, and is nameless again', () => {
    const nameless = image('');
    const [run, as] = put(nameless);
    const { steps } = restorationOf(run, inventory([{ ...nameless, tags: [as] }]), NONE);
    expect(steps).toEqual([{ do: 'leave-quarantine', target: as, id: nameless.id, nameless: true }]);
  });

  test('killed between its two calls it has both names, and keeps its own', () => {
    const [run, as] = put(image('app:1'), 'open');
    expect(back(run, inventory([{ ...image('app:1'), tags: ['app:1', as] }]))).toEqual([
      `leave-quarantine ${as}`,
      'there app:1: it is there',
    ]);
    expect(back(run, inventory([image('app:1')]))).toEqual([]);
  });

  test('where others have all its names it stays there', () => {
    const [run, as] = put(image('app:1'));
    const other = image('app:1', { id: id('other') });
    const said = back(run, inventory([{ ...image('app:1'), tags: [as] }, other]));
    expect(said).toEqual([
      `there app:1: it names another image now, ${id('other').slice(7, 19)}, and is left alone`,
      expect.stringContaining('it stays in quarantine, since other images have its names'),
    ]);
  });

  test('one that has gone since comes back by the names that it had', () => {
    const [run] = put(app);
    expect(back(run, inventory([]), [app.id])).toEqual([
      'load-image app:1',
      'tag-image app:1',
      'tag-image app:2',
    ]);
  });
});
