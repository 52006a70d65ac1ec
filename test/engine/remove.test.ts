// Containers, networks, cache records and volumes: what changed since the plan stays, and nothing is called that must not be.
import { describe, expect, test } from 'vitest';
import { Cancelled, EngineError, Refusal } from '../../src/core/errors.ts';
import type {
  Action,
  CacheAction,
  ContainerAction,
  NetworkAction,
  VolumeAction,
} from '../../src/core/plan.ts';
import { planOf } from '../../src/core/plan.ts';
import { planCache } from '../../src/core/plan-cache.ts';
import { planContainers } from '../../src/core/plan-containers.ts';
import { planNetworks } from '../../src/core/plan-networks.ts';
import { planVolumes } from '../../src/core/plan-volumes.ts';
import { apply } from '../../src/engine/apply.ts';
import type { Client } from '../../src/engine/client.ts';
import { perform, told } from '../../src/engine/perform.ts';
import type { BackUp } from '../../src/engine/remove-volume.ts';
import { removeVolume } from '../../src/engine/remove-volume.ts';
import {
  conditions,
  image,
  inventory,
  network,
  planFor,
  record,
  stopped,
  volume,
} from '../support/builders.ts';

/** An engine with these answers by `METHOD path`; anything else is a 404. Notes what changes it. */
function engine(answers: Record<string, unknown>) {
  const calls: string[] = [];
  const call = async (method: string, path: string, query: Record<string, unknown> = {}) => {
    const key = `${method} ${decodeURIComponent(path)}`;
    if (method !== 'GET') calls.push(`${key} ${JSON.stringify(query)}`);
    const answer = answers[key];
    if (answer === undefined) throw new EngineError('no such object', { status: 404 });
    return typeof answer === 'function' ? answer() : answer;
  };
  return { calls, client: { apiVersion: '1.51', podman: false, call } as unknown as Client };
}
const fails = (status: number, message: string) => () => {
  throw new EngineError(message, { status });
};
const NO_SWARM = { swarm: false };

describe('a container', () => {
  const old = stopped('old', 10);
  const [action] = planContainers(inventory([], [old]), conditions()).actions as [ContainerAction];
  const now = (Status: string, FinishedAt = old.finished) => ({
    [`GET /containers/${old.id}/json`]: { State: { Status, FinishedAt } },
  });
  const path = `DELETE /containers/${old.id}`;

  test('is removed without its volumes, and without force', async () => {
    const { client, calls } = engine({ ...now('exited'), [path]: '' });
    expect(await perform(client, action, NO_SWARM)).toMatchObject({ result: 'done' });
    expect(calls).toEqual([`${path} {}`]);
  });

  test.each([
    ['runs', now('running'), 'it is running now'],
    ['ran again, and stopped', now('exited', '2026-11-21T00:00:00Z'), 'it has been started since'],
    ['is being removed', now('removing'), 'it is removing now'],
  ])('that %s by now stays', async (_, answers, why) => {
    const { client, calls } = engine({ ...answers, [path]: '' });
    expect(await perform(client, action, NO_SWARM)).toMatchObject({ result: 'changed', why });
    expect(calls).toEqual([]);
  });

  test('that is gone is told as gone, one that the engine holds as a conflict', async () => {
    expect(await perform(engine({}).client, action, NO_SWARM)).toMatchObject({ result: 'gone' });
    const busy = engine({ ...now('exited'), [path]: fails(409, 'removal is already in progress') });
    expect(await perform(busy.client, action, NO_SWARM)).toMatchObject({ result: 'conflict' });
  });

  test('that stays keeps the networks and images that were to go after it', async () => {
    const networks = [network('net')];
    const on = inventory([], [{ ...old, networks: ['net'] }], [], { networks });
    const actions: Action[] = [action, ...planNetworks(on, conditions(), new Set([old.id])).actions];
    const plan = { ...planOf(on, [], []), actions };
    const outcomes = await apply(
      plan,
      async (each) => ({ action: each, result: each === action ? 'conflict' : 'done' }),
      new AbortController().signal,
      () => {},
    );
    expect(outcomes[1]).toMatchObject({ result: 'changed', why: 'container old stays, which uses it' });
  });
});

describe('a network', () => {
  const net = network('net');
  const [action] = planNetworks(inventory([], [], [], { networks: [net] }), conditions()).actions as [
    NetworkAction,
  ];
  const ok = { [`GET /networks/${net.id}`]: { Id: net.id, Name: 'net' }, 'GET /containers/json': [] };
  const path = `DELETE /networks/${net.id}`;

  test('that nothing uses goes', async () => {
    expect(await perform(engine({ ...ok, [path]: '' }).client, action, NO_SWARM)).toMatchObject({
      result: 'done',
    });
  });

  test.each([
    [
      'a stopped container came to be on',
      {
        'GET /containers/json': [
          {
            Id: 'c',
            Names: ['/late'],
            Image: 'app:1',
            ImageID: 'x',
            State: 'exited',
            NetworkSettings: { Networks: { net: {} } },
          },
        ],
      },
      'stopped container late is on it now',
    ],
    [
      'something is connected to',
      { [`GET /networks/${net.id}`]: { Id: net.id, Name: 'net', Containers: { e: { Name: 'gateway' } } } },
      'gateway is connected to it now',
    ],
  ])('that %s stays', async (_, more, why) => {
    const { client, calls } = engine({ ...ok, [path]: '', ...more });
    expect(await perform(client, action, NO_SWARM)).toMatchObject({ result: 'changed', why });
    expect(calls).toEqual([]);
  });

  test('that a service came to use stays', async () => {
    const services = [{ ID: 's', Spec: { Name: 'api', TaskTemplate: { Networks: [{ Target: net.id }] } } }];
    const { client } = engine({ ...ok, [path]: '', 'GET /services': services });
    expect(await perform(client, action, { swarm: true })).toMatchObject({
      result: 'changed',
      why: 'swarm service api uses it now',
    });
  });

  test('that the engine refuses to remove is a conflict', async () => {
    const { client } = engine({ ...ok, [path]: fails(403, 'network net has active endpoints') });
    expect(await perform(client, action, NO_SWARM)).toMatchObject({
      result: 'conflict',
      why: 'network net has active endpoints',
    });
  });
});

describe('a cache record', () => {
  const [action] = planCache(inventory([], [], [], { cache: [record('abc', 10)] }), {
    all: false,
    conditions: conditions(),
  }).actions as [CacheAction];
  const info = { 'GET /info': { SystemTime: '2026-11-10T00:01:00Z' } };

  test('is pruned by its own ID, unless it was used since, and shared ones not at all', async () => {
    const { client, calls } = engine({
      ...info,
      'POST /build/prune': { CachesDeleted: ['abc'], SpaceReclaimed: 7 },
    });
    expect(await perform(client, action, NO_SWARM)).toEqual({ action, result: 'done' });
    expect(calls).toEqual(['POST /build/prune {"filters":{"id":["^abc$"],"until":["58999ms"]}}']);
  });

  test('that images share is asked for with all, as the plan saw it', async () => {
    const cache = [record('abc', 10, { shared: true })];
    const [shared] = planCache(inventory([], [], [], { cache }), { all: true, conditions: conditions() })
      .actions as [CacheAction];
    const { client, calls } = engine({ ...info, 'POST /build/prune': { CachesDeleted: ['abc'] } });
    await perform(client, shared, NO_SWARM);
    expect(calls[0]).toContain('"all":"1"');
  });

  test('that the engine did not remove stays, and is told', async () => {
    const { client } = engine({ ...info, 'POST /build/prune': { CachesDeleted: null, SpaceReclaimed: 0 } });
    expect(await perform(client, action, NO_SWARM)).toMatchObject({ result: 'changed' });
  });
});

describe('a volume', () => {
  const looks = new Map([['pgdata', { kind: 'PostgreSQL', data: true }]]);
  const on = inventory([], [], [], { volumes: [volume('pgdata')] });
  const asked = { names: ['pgdata'], conditions: conditions(), looks, mounters: new Map() };
  const [action] = planVolumes(on, asked).actions as [VolumeAction];
  const seen = { Name: 'pgdata', Driver: 'local', CreatedAt: '2026-11-01T00:00:00Z' };
  const user = [
    {
      Id: 'c',
      Names: ['/late'],
      Image: 'app:1',
      ImageID: 'x',
      State: 'created',
      Mounts: [{ Type: 'volume', Name: 'pgdata' }],
    },
  ];
  const ok = { 'GET /volumes/pgdata': seen, 'GET /containers/json': [], 'DELETE /volumes/pgdata': '' };
  const removed = (answers: Record<string, unknown>, backUp?: BackUp) => {
    const { client, calls } = engine(answers);
    return told(client, action, () => removeVolume(client, action, NO_SWARM, backUp, async () => {}), 0).then(
      (outcome) => ({
        outcome,
        calls,
      }),
    );
  };

  test('goes after its backup, without force', async () => {
    const { outcome, calls } = await removed(ok, async () => ({ file: 'FILE' }));
    expect([outcome, calls]).toMatchObject([
      { result: 'done', backup: { file: 'FILE' } },
      ['DELETE /volumes/pgdata {}'],
    ]);
  });

  test.each<[string, BackUp, string]>([
    ['there is no space for', async () => Promise.reject(new Refusal('about 5GB are needed')), 'failed'],
    ['the engine breaks off', async () => Promise.reject(new EngineError('the answer ended')), 'failed'],
    ['the user cancels', async () => Promise.reject(new Cancelled('cancelled')), 'cancelled'],
  ])('whose backup %s stays', async (_, backUp, result) => {
    const { outcome, calls } = await removed(ok, backUp);
    expect([outcome.result, calls]).toEqual([result, []]);
  });

  test('that came into use during its backup stays, and its backup is told', async () => {
    const answers: Record<string, unknown> = { ...ok };
    const { outcome, calls } = await removed(answers, async () => {
      answers['GET /containers/json'] = user;
      return { file: 'FILE' };
    });
    expect(outcome).toMatchObject({
      result: 'changed',
      why: 'mounted by created container late',
      backup: { file: 'FILE' },
    });
    expect(calls).toEqual([]);
  });

  test.each([
    ['a container uses', { 'GET /containers/json': user }],
    ['was made anew', { 'GET /volumes/pgdata': { ...seen, CreatedAt: '2026-11-20T00:00:00Z' } }],
    ['has another driver', { 'GET /volumes/pgdata': { ...seen, Driver: 'rexray' } }],
  ])('that %s by now is not even backed up', async (_, more) => {
    let backups = 0;
    const { outcome, calls } = await removed({ ...ok, ...more }, async () => {
      backups++;
      return { file: 'FILE' };
    });
    expect([outcome.result, calls, backups]).toEqual(['changed', [], 0]);
  });

  test('that its driver fails to remove is told as failed, one that the engine holds as a conflict', async () => {
    const broken = await removed({ ...ok, 'DELETE /volumes/pgdata': fails(500, 'driver: no route to host') });
    expect(broken.outcome).toMatchObject({ result: 'failed', why: 'driver: no route to host' });
    const held = await removed({ ...ok, 'DELETE /volumes/pgdata': fails(409, 'volume is in use') });
    expect(held.outcome).toMatchObject({ result: 'conflict' });
  });

  test('is removed by no other command', async () => {
    const { client, calls } = engine(ok);
    expect(await perform(client, action, NO_SWARM)).toMatchObject({
      result: 'failed',
      why: 'only docker tidy volumes removes a volume',
    });
    expect(calls).toEqual([]);
  });
});

describe('when the connection drops in the middle of a removal', () => {
  const old = stopped('old', 10);
  const [action] = planContainers(inventory([], [old]), conditions()).actions as [ContainerAction];
  const there = { State: { Status: 'exited', FinishedAt: old.finished } };
  const at = (path: string) => `${path}/containers/${old.id}`;
  const lost = () => {
    throw new EngineError('the connection ended');
  };

  test('and the engine comes back, what is still there is removed in a second attempt', async () => {
    let attempts = 0;
    const { client } = engine({
      [`${at('GET ')}/json`]: there,
      [at('DELETE ')]: () => (attempts++ === 0 ? lost() : ''),
      'GET /version': {},
    });
    expect([await perform(client, action, NO_SWARM), attempts]).toMatchObject([{ result: 'done' }, 2]);
  });

  test('and it is not there any more, that is told as gone, not as done', async () => {
    const answers: Record<string, unknown> = { [`${at('GET ')}/json`]: there, 'GET /version': {} };
    answers[at('DELETE ')] = () => {
      delete answers[`${at('GET ')}/json`];
      return lost();
    };
    expect(await perform(engine(answers).client, action, NO_SWARM)).toMatchObject({
      result: 'gone',
      why: 'the connection dropped meanwhile; it is not there any more',
    });
  });

  test('and an image has lost its last name by that already, it is deleted all the same', async () => {
    const [last] = planFor(inventory([image('app:1')]), { all: true }).actions as [Action];
    const seen = (RepoTags: string[]) => ({ Id: last.id, RepoTags, RepoDigests: [] });
    const answers: Record<string, unknown> = {
      [`GET /images/${last.id}/json`]: seen(['app:1']),
      'GET /containers/json': [],
      'GET /version': {},
    };
    answers[`DELETE /images/${last.id}`] = () => {
      answers[`GET /images/${last.id}/json`] = seen([]);
      answers[`DELETE /images/${last.id}`] = [{ Deleted: last.id }];
      throw new EngineError('error deleting lease: context canceled', { status: 500 });
    };
    expect(await perform(engine(answers).client, last, NO_SWARM)).toMatchObject({ result: 'done' });
  });

  test('and the engine stays away, nothing more is tried', async () => {
    const { client } = engine({ [`${at('GET ')}/json`]: there, [at('DELETE ')]: lost, 'GET /version': lost });
    expect(await perform(client, action, NO_SWARM, { patience: 0 })).toMatchObject({
      result: 'failed',
      lost: true,
    });
  });
});
