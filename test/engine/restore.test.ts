// Bringing things back, where the engine has moved on or refuses: nothing that is there is touched, and what failed is told.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import type { Client } from '../../src/engine/client.ts';
import { restore } from '../../src/engine/restore.ts';
import { id } from '../support/builders.ts';

const signal = new AbortController().signal;
const RUN = { id: 'RUN', engine: { id: 'ENGINE', name: '', host: '', version: '', store: '' } };
const APP = id('app');

/** An engine with these answers by `METHOD path`; anything else is a 404. Notes what changes it, with what was sent. */
function engine(answers: Record<string, unknown>, apiVersion = '1.51') {
  const calls: string[] = [];
  const bodies: unknown[] = [];
  const ask = (method: string, path: string, query: object, body: unknown) => {
    const key = `${method} ${decodeURIComponent(path)}`;
    if (method !== 'GET') {
      calls.push(`${key} ${JSON.stringify(query)}`);
      bodies.push(body);
    }
    const answer = answers[key];
    if (answer === undefined) throw new EngineError(`no such object: ${path}`, { status: 404 });
    return typeof answer === 'function' ? answer() : answer;
  };
  const call = async (method: string, path: string, query = {}, { body }: { body?: unknown } = {}) =>
    ask(method, path, query, body);
  const read = async (
    method: string,
    path: string,
    query: object,
    _: object,
    work: (answer: object) => Promise<unknown>,
  ) => work({ headers: {}, body: [Buffer.from(String(ask(method, path, query, undefined)))] });
  return { calls, bodies, client: { apiVersion, podman: false, call, read } as unknown as Client };
}
const fails = (status: number, message: string) => () => {
  throw new EngineError(message, { status });
};

describe('a name', () => {
  const step = { do: 'tag-image', target: 'app:1', id: APP } as const;

  test('is given, where it is free', async () => {
    const { client, calls } = engine({ [`POST /images/${APP}/tag`]: '' });
    await restore(client, step, { signal });
    expect(calls).toEqual([`POST /images/${APP}/tag {"repo":"app","tag":"1"}`]);
  });

  test('that the image has already needs nothing', async () => {
    const { client, calls } = engine({ 'GET /images/app:1/json': { Id: APP } });
    await restore(client, step, { signal });
    expect(calls).toEqual([]);
  });

  test('that another image has now stays with it', async () => {
    const { client, calls } = engine({ 'GET /images/app:1/json': { Id: id('other') } });
    await expect(restore(client, step, { signal })).rejects.toThrow('it names another image now');
    expect(calls).toEqual([]);
  });
});

describe('an image of a registry', () => {
  const digests = [`a@sha256:${'1'.repeat(64)}`, `b@sha256:${'2'.repeat(64)}`];
  const step = { do: 'pull-image', sure: true, target: 'app:1', id: APP, digests } as const;
  const there = { [`GET /images/${APP}/json`]: { Id: APP } };

  test('is pulled by the first digest that gives it', async () => {
    let first = true;
    const { client, calls } = engine({
      ...there,
      'POST /images/create': () => {
        if (!first) return '{"status":"Pulling"}\n{"status":"Done"}\n';
        first = false;
        return '{"status":"Pulling"}\n{"error":"manifest unknown"}\n';
      },
    });
    await restore(client, step, { signal });
    expect(calls.map((each) => /"fromImage":"(\w)"/.exec(each)?.[1])).toEqual(['a', 'b']);
  });

  test.each<[string, Record<string, unknown>, string]>([
    [
      'no registry answers',
      { 'POST /images/create': fails(500, 'connection refused') },
      'no registry gave it back (a: connection refused; b: connection refused)',
    ],
    ['what came is another image', { 'POST /images/create': '{}' }, 'what came is not the image that went'],
  ])('is not said to be back where %s', async (_, answers, why) => {
    await expect(restore(engine(answers).client, step, { signal })).rejects.toThrow(why);
  });
});

describe('a network', () => {
  const facts = {
    Driver: 'bridge',
    Internal: true,
    IPAM: { Config: [{ Subnet: '10.1.0.0/24' }] },
    Options: null,
    Labels: { a: 'b' },
  };
  const step = { do: 'create-network', target: 'lan', facts } as const;

  test('is made with its settings', async () => {
    const { client, bodies } = engine({ 'POST /networks/create': { Id: 'new' } });
    await restore(client, step, { signal });
    expect(bodies).toMatchObject([
      { Name: 'lan', Internal: true, IPAM: facts.IPAM, Labels: { a: 'b' }, Options: {} },
    ]);
  });

  test('whose name is taken is left alone', async () => {
    const { client, calls } = engine({ 'GET /networks/lan': { Id: 'theirs' } });
    await expect(restore(client, step, { signal })).rejects.toThrow('is left alone');
    expect(calls).toEqual([]);
  });
});

describe('a container', () => {
  const facts = {
    Id: 'f'.repeat(64),
    Image: APP,
    Config: { Image: 'app:1', Hostname: 'f'.repeat(12), Cmd: ['x'], Volumes: { '/own': {} } },
    HostConfig: { Binds: ['named:/data'], RestartPolicy: { Name: 'always' } },
    Mounts: [
      { Type: 'volume', Name: 'named', Destination: '/data', RW: true },
      { Type: 'volume', Name: 'e'.repeat(64), Destination: '/own', RW: false },
    ],
    NetworkSettings: {
      Networks: {
        lan: { Aliases: ['f'.repeat(12), 'worker'], IPAddress: '10.0.0.2' },
        second: { Aliases: null },
      },
    },
  };
  const step = { do: 'create-container', target: 'job', facts, imageId: APP } as const;
  const made = { 'POST /containers/create': { Id: 'new' } };
  const networks = { 'GET /networks/lan': {}, 'GET /networks/second': {} };
  const byName = { 'GET /images/app:1/json': { Id: APP }, ...networks };

  test('is not made while a network of its own is missing', async () => {
    const { client, calls } = engine({ ...made, 'GET /images/app:1/json': { Id: APP } });
    await expect(restore(client, step, { signal })).rejects.toThrow('its network lan is not there');
    expect(calls).toEqual([]);
  });

  test('is made with its configuration, networks and own volumes, and no name that was the engine’s choice', async () => {
    const { client, bodies } = engine({ ...made, ...byName });
    await restore(client, step, { signal });
    expect(bodies).toEqual([
      {
        Cmd: ['x'],
        Volumes: { '/own': {} },
        Image: 'app:1',
        HostConfig: {
          RestartPolicy: { Name: 'always' },
          Binds: ['named:/data', `${'e'.repeat(64)}:/own:ro`],
        },
        NetworkingConfig: { EndpointsConfig: { lan: { Aliases: ['worker'] }, second: {} } },
      },
    ]);
  });

  test('is connected to one network after the other where an engine takes one only', async () => {
    const { client, calls } = engine({ ...made, ...byName, 'POST /networks/second/connect': '' }, '1.41');
    await restore(client, step, { signal });
    expect(calls.map((each) => each.split(' ')[1])).toEqual([
      '/containers/create',
      '/networks/second/connect',
    ]);
  });

  test('goes by its image’s ID when the name is another’s, and is not made without it', async () => {
    const moved = { ...networks, 'GET /images/app:1/json': { Id: id('other') } };
    const { client, bodies } = engine({ ...made, ...moved, [`GET /images/${APP}/json`]: { Id: APP } });
    await restore(client, step, { signal });
    expect(bodies).toMatchObject([{ Image: APP }]);
    const without = engine({ ...made, ...moved });
    await expect(restore(without.client, step, { signal })).rejects.toThrow('its image app:1 is not there');
    expect(without.calls).toEqual([]);
  });

  test('whose name is taken is the engine’s to refuse', async () => {
    const { client } = engine({ ...byName, 'POST /containers/create': fails(409, 'the name is in use') });
    await expect(restore(client, step, { signal })).rejects.toThrow('the name is in use');
  });
});

describe('a volume', () => {
  const folder = () => mkdtempSync(join(tmpdir(), 'docker-tidy-restore-'));
  const step = (backup: string) =>
    ({ do: 'create-volume', run: RUN, target: 'data', facts: {}, backup }) as const;

  test.each<[string, string | undefined, string]>([
    ['is not there', undefined, 'its backup cannot be read'],
    ['has no sum', '{}', 'is not what was written'],
    ['has another sum', '{"archive":{"sha256":"00"}}', 'is not what was written'],
    ['is garbled', '{', 'is not what was written'],
  ])('is not made where what tells of its backup %s', async (_, text, why) => {
    const backup = join(folder(), 'data.tar');
    writeFileSync(backup, 'tar');
    if (text !== undefined) writeFileSync(backup.replace('.tar', '.json'), text);
    const { client, calls } = engine({ 'POST /volumes/create': {} });
    await expect(restore(client, step(backup), { signal })).rejects.toThrow(why);
    expect(calls).toEqual([]);
  });
});
