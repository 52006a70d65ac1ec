// What must not happen when the world changes between the plan and an action's turn: faults that a real engine won't produce on demand.
import { describe, expect, test } from 'vitest';
import { EngineError, Refusal } from '../../src/core/errors.ts';
import type { Outcome } from '../../src/core/outcome.ts';
import { exitStatus } from '../../src/core/outcome.ts';
import type { Action } from '../../src/core/plan.ts';
import { apply } from '../../src/engine/apply.ts';
import type { Client } from '../../src/engine/client.ts';
import { perform } from '../../src/engine/perform.ts';
import { id, image, inventory, planFor } from '../support/builders.ts';

type Answer = unknown | (() => unknown);

/** An engine with these answers by `METHOD path`; anything else is a 404. */
function engine(answers: Record<string, Answer>) {
  const calls: string[] = [];
  const call = async (method: string, path: string, query: Record<string, string> = {}) => {
    const key = `${method} ${decodeURIComponent(path)}`;
    if (method === 'DELETE') calls.push(`${key} ${new URLSearchParams(query)}`.trim());
    const answer = answers[key];
    if (answer === undefined)
      throw new EngineError('Error response from daemon: No such image', { status: 404 });
    return typeof answer === 'function' ? answer() : answer;
  };
  return { calls, client: { apiVersion: '1.51', podman: false, call } as unknown as Client };
}

const APP = id('app:1');
const seen = (RepoTags: string[], more = {}) => ({
  Id: APP,
  RepoTags,
  RepoDigests: [],
  Config: { Labels: {} },
  Parent: '',
  ...more,
});
const [DELETE_APP] = planFor(inventory([image('app:1')]), { all: true }).actions as [Action];
const [UNTAG_APP] = planFor(inventory([image('app:1 other:1', { id: APP })]), {
  all: true,
  patterns: ['app'],
}).actions as [Action];
const deleted = [{ Untagged: 'app:1' }, { Deleted: APP }];
const conflict = () => {
  throw new EngineError('Error response from daemon: conflict: unable to delete', { status: 409 });
};

describe('just before each action the plan’s expectations are looked up again', () => {
  const ok = {
    [`GET /images/${APP}/json`]: seen(['app:1']),
    'GET /containers/json': [],
    [`DELETE /images/${APP}`]: deleted,
  };

  test('what is as expected is deleted by ID, without force, and without what it was built on', async () => {
    const { client, calls } = engine(ok);
    expect(await perform(client, DELETE_APP, { swarm: false })).toMatchObject({ result: 'done' });
    expect(calls).toEqual([`DELETE /images/${APP} noprune=1`]);
  });

  test('an untag goes by name', async () => {
    const { client, calls } = engine({
      'GET /images/app:1/json': seen(['app:1', 'other:1']),
      'GET /containers/json': [],
      'DELETE /images/app:1': [{ Untagged: 'app:1' }],
    });
    expect(await perform(client, UNTAG_APP, { swarm: false })).toMatchObject({ result: 'done' });
    expect(calls).toEqual(['DELETE /images/app:1 noprune=1']);
  });

  test.each<[string, Action, Record<string, Answer>, Partial<Outcome>]>([
    ['an image that is gone', DELETE_APP, { [`GET /images/${APP}/json`]: undefined }, { result: 'gone' }],
    [
      'a name that moved to another image',
      UNTAG_APP,
      { 'GET /images/app:1/json': { ...seen(['app:1']), Id: id('new') } },
      { result: 'changed', why: `app:1 now names another image, ${id('new').slice(7, 19)}` },
    ],
    [
      'an image that got another name',
      DELETE_APP,
      { [`GET /images/${APP}/json`]: seen(['app:1', 'keep:me']) },
      { result: 'changed', why: 'the image is also named keep:me now' },
    ],
    [
      'an image that lost its name',
      DELETE_APP,
      { [`GET /images/${APP}/json`]: seen([]) },
      { result: 'changed', why: 'app:1 does not name the image any more' },
    ],
    [
      'an image that a container came to use',
      DELETE_APP,
      {
        'GET /containers/json': [
          { Id: 'c', Names: ['/web'], Image: 'app:1', ImageID: APP, State: 'created', Mounts: [] },
        ],
      },
      { result: 'changed', why: 'used by created container web' },
    ],
    [
      'an image that a container came to mount',
      DELETE_APP,
      {
        'GET /containers/json': [
          {
            Id: 'c',
            Names: ['/web'],
            Image: 'b',
            ImageID: id('b'),
            State: 'running',
            Mounts: [{ Type: 'image', Name: 'app:1' }],
          },
        ],
      },
      { result: 'changed', why: 'mounted by running container web' },
    ],
  ])('%s is left alone', async (_, action, answers, outcome) => {
    const { client, calls } = engine({ ...ok, ...answers });
    expect(await perform(client, action, { swarm: false })).toMatchObject(outcome);
    expect(calls).toEqual([]);
  });

  test('an image that cannot be archived stays, with all its names', async () => {
    const { client, calls } = engine({ ...ok, 'GET /images/app:1/json': seen(['app:1', 'other:1']) });
    const archive = async () => {
      throw new Refusal('no space is left');
    };
    for (const action of [DELETE_APP, UNTAG_APP])
      expect(await perform(client, action, { swarm: false }, { archive })).toMatchObject({
        result: 'failed',
        why: 'no space is left',
      });
    expect(calls).toEqual([]);
  });

  test('that nothing has changed is looked up after the archive was made', async () => {
    let names = ['app:1'];
    const { client, calls } = engine({ ...ok, [`GET /images/${APP}/json`]: () => seen(names) });
    const archive = async () => {
      names = ['app:1', 'late:1'];
    };
    expect(await perform(client, DELETE_APP, { swarm: false }, { archive })).toMatchObject({
      result: 'changed',
      why: 'the image is also named late:1 now',
    });
    expect(calls).toEqual([]);
  });

  test('where the engine restarts while an image is archived, it is archived before it goes', async () => {
    const tries: string[] = [];
    const { client, calls } = engine({ ...ok, 'GET /version': {} });
    const archive = async () => {
      tries.push(calls.length === 0 ? 'before' : 'after');
      if (tries.length === 1) throw new EngineError('the connection dropped');
    };
    expect(await perform(client, DELETE_APP, { swarm: false }, { archive })).toMatchObject({
      result: 'done',
    });
    expect(tries).toEqual(['before', 'before']);
  });

  test('what is missing once only is not said to be gone', async () => {
    let asked = 0;
    const passing = () => {
      if (asked++ === 0) throw new EngineError('content digest not found', { status: 404 });
      return seen(['app:1']);
    };
    const { client } = engine({ ...ok, [`GET /images/${APP}/json`]: passing });
    expect(await perform(client, DELETE_APP, { swarm: false })).toMatchObject({ result: 'done' });
  });

  test('an image that a swarm service came to use is left alone, where there is a swarm', async () => {
    const services = [
      { ID: 's', Spec: { Name: 'api', TaskTemplate: { ContainerSpec: { Image: 'app:1' } } } },
    ];
    const { client, calls } = engine({ ...ok, 'GET /services': services });
    expect(await perform(client, DELETE_APP, { swarm: true })).toMatchObject({
      why: 'used by swarm service api',
    });
    expect(calls).toEqual([]);
  });

  test('a refusal is a conflict, with the engine’s words', async () => {
    const { client } = engine({ ...ok, [`DELETE /images/${APP}`]: conflict });
    expect(await perform(client, DELETE_APP, { swarm: false })).toMatchObject({
      result: 'conflict',
      why: 'Error response from daemon: conflict: unable to delete',
    });
  });

  test('an image that the engine says to have untagged only is not said to be deleted', async () => {
    const { client } = engine({ ...ok, [`DELETE /images/${APP}`]: [{ Untagged: 'app:1' }] });
    expect(await perform(client, DELETE_APP, { swarm: false })).toMatchObject({ result: 'conflict' });
  });

  test('an engine that fails is told, and nothing is said to be done', async () => {
    const { client } = engine({
      ...ok,
      [`DELETE /images/${APP}`]: () => Promise.reject(new EngineError('no answer within 900 s')),
    });
    expect(await perform(client, DELETE_APP, { swarm: false }, { patience: 0 })).toMatchObject({
      result: 'failed',
      why: 'no answer within 900 s',
    });
  });
});

describe('applying', () => {
  const base = image('base:1');
  const plan = planFor(inventory([base, image('child:1', { parent: base.id }), image('a:1 b:1')]), {
    all: true,
  });

  test('does every action once, children before their parents, an image’s names in order', async () => {
    const done: string[] = [];
    const outcomes = await apply(
      plan,
      async (action) => {
        await Promise.resolve();
        done.push(action.target);
        return { action, result: 'done' };
      },
      new AbortController().signal,
      () => {},
    );
    expect(done.indexOf('child:1')).toBeLessThan(done.indexOf('base:1'));
    expect(done.indexOf('a:1')).toBeLessThan(done.indexOf('b:1'));
    expect(outcomes.map(({ action }) => action)).toEqual(plan.actions);
  });

  test('stops when the engine is out of reach, and says so once', async () => {
    const outcomes = await apply(
      plan,
      async (action) => ({ action, result: 'failed', why: 'Cannot connect', lost: true }),
      new AbortController().signal,
      () => {},
    );
    expect(outcomes.filter(({ result }) => result === 'failed').length).toBeLessThan(outcomes.length);
    expect(exitStatus(outcomes, false)).toBe(1);
  });

  test.each(['changed', 'conflict', 'failed'] as const)(
    'what an image was built on stays, when that is %s',
    async (result) => {
      const done: string[] = [];
      const outcomes = await apply(
        plan,
        async (action) => {
          done.push(action.target);
          return action.target === 'child:1' ? { action, result, why: 'x' } : { action, result: 'done' };
        },
        new AbortController().signal,
        () => {},
      );
      expect(done).not.toContain('base:1');
      expect(outcomes.find(({ action }) => action.target === 'base:1')).toMatchObject({
        result: 'changed',
        why: 'child:1 stays, which was built on it',
      });
    },
  );

  test('an image that keeps one name keeps the others', async () => {
    const outcomes = await apply(
      planFor(inventory([image('a:1 b:1')]), { all: true }),
      async (action) => ({ action, result: 'changed', why: 'used by running container web' }),
      new AbortController().signal,
      () => {},
    );
    expect(outcomes.map(({ why }) => why)).toEqual([
      'used by running container web',
      'the image stays, as a:1',
    ]);
  });

  test('starts nothing more once cancelled, and tells what was not started', async () => {
    const cancel = new AbortController();
    const outcomes = await apply(
      plan,
      async (action) => {
        cancel.abort();
        return { action, result: 'done' };
      },
      cancel.signal,
      () => {},
    );
    expect(outcomes.map(({ result }) => result)).toEqual(['done', 'cancelled', 'cancelled', 'cancelled']);
  });
});
