// Looking and backing up through engines that fail in the ways in which real ones do.
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { expect, onTestFinished, test } from 'vitest';
import { Cancelled, EngineError, Refusal } from '../../src/core/errors.ts';
import { type Client, connect } from '../../src/engine/client.ts';
import { backUp } from '../../src/engine/volume-backup.ts';
import { lookInto } from '../../src/engine/volume-look.ts';
import { PEEK_LABEL, removeLeftovers } from '../../src/engine/volume-peek.ts';
import { endpointAt, engine, folder, onSocket } from '../support/servers.ts';

type Respond = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

const NOW = '2026-11-21T02:41:09Z';
const RUNS = new AbortController().signal;
const json =
  (body: unknown, status = 200): Respond =>
  (_request, response) =>
    response.writeHead(status).end(JSON.stringify(body));

/** An engine with one volume, `db`, which answers as told: by method and the path's second part. What it made and removed is kept. */
async function fake(told: Readonly<Record<string, Respond>>, ping: Record<string, string> = {}) {
  const calls: string[] = [];
  const routes: Readonly<Record<string, Respond>> = {
    'GET containers/json': json([]),
    'GET images/json': json([]),
    'POST images/create': json({ status: 'sha256:aa' }),
    'GET volumes/db': json({ Name: 'db', Driver: 'local', Labels: null, Options: null }),
    'POST containers/create': json({ Id: 'peek' }, 201),
    'DELETE containers/peek': json(undefined, 204),
    'DELETE images/sha256:aa': json([]),
    'GET info': json({ ID: 'e', Name: 'host', ServerVersion: '28' }),
    ...told,
  };
  const host = await onSocket(
    engine((request, response) => {
      const url = new URL(request.url ?? '', 'http://engine');
      const call = `${request.method} ${decodeURIComponent(url.pathname).replace(/^\/v[\d.]+\//, '')}`;
      if (!/^(GET|HEAD)/.test(call)) calls.push(call);
      (routes[call] ?? json({ message: `no route ${call}` }, 404))(request, response, url);
    }, ping),
  );
  const client: Client = await connect(endpointAt(host));
  onTestFinished(() => client.close());
  return { client, calls };
}

const MADE = [
  'POST images/create',
  'POST containers/create',
  'DELETE containers/peek',
  'DELETE images/sha256:aa',
];

/** The archive that the engine gives: its root, and files. */
async function tarOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const archive = pack();
  archive.entry({ name: './', type: 'directory' });
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) archive.entry({ name: `./${name}`, type: 'directory' });
    else archive.entry({ name: `./${name}` }, content);
  }
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** One answer after the other; the last again and again. */
function inTurn(...answers: Respond[]): Respond {
  let at = 0;
  return (...given) => answers[Math.min(at++, answers.length - 1)]?.(...given);
}

const whole =
  (tar: Buffer): Respond =>
  (_request, response) =>
    response.end(tar);
const cut =
  (tar: Buffer, bytes: number): Respond =>
  (_request, response) => {
    response.write(tar.subarray(0, bytes), () => response.destroy());
  };
const archive = (respond: Respond) => ({ 'GET containers/peek/archive': respond });

test('what is made to look into a volume is removed again, the container before its image', async () => {
  const { client, calls } = await fake(archive(whole(await tarOf({ PG_VERSION: '15\n' }))));
  const looks = await lookInto(client, ['db'], RUNS);
  expect(looks.get('db')).toEqual({ kind: 'PostgreSQL', evidence: 'PG_VERSION says 15', data: true });
  expect(calls).toEqual(MADE);
});

test('no names are no requests', async () => {
  const { client, calls } = await fake({});
  expect(await lookInto(client, [], RUNS)).toEqual(new Map());
  expect(calls).toEqual([]);
});

test('the container mounts its volume read-only and without a copy, has no network, and can be recognised', async () => {
  let body = '';
  const create: Respond = (request, response) => {
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.writeHead(201).end('{"Id":"peek"}'));
  };
  const { client } = await fake({ ...archive(whole(await tarOf({}))), 'POST containers/create': create });
  await lookInto(client, ['db'], RUNS);
  const label = { [PEEK_LABEL]: expect.stringMatching(/^\S+\/\d+\/\w+$/) };
  expect(JSON.parse(body)).toMatchObject({
    Image: 'sha256:aa',
    Labels: label,
    NetworkDisabled: true,
    HostConfig: {
      Mounts: [{ Source: 'db', ReadOnly: true, VolumeOptions: { NoCopy: true, Labels: label } }],
    },
  });
});

test('where the listing is cut, known paths are asked for, but not those that it went past', async () => {
  const many = Object.fromEntries(Array.from({ length: 2500 }, (_, n) => [`data/a${10_000 + n}`, '']));
  const tar = await tarOf({ 'data/': '', ...many });
  const asked: string[] = [];
  const stat = (mode: number) => ({
    'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify({ mode, size: 5000 })).toString('base64'),
  });
  const { client } = await fake({
    ...archive(whole(tar)),
    'HEAD containers/peek/archive': (_request, response, url) => {
      const path = url.searchParams.get('path') ?? '';
      asked.push(path);
      if (path === '/v/data/ibdata1') response.writeHead(200, stat(0o644)).end();
      else if (path === '/v/mnesia') response.writeHead(200).end();
      else response.writeHead(path === '/v/member' ? 500 : 404).end();
    },
  });
  const look = (await lookInto(client, ['db'], RUNS)).get('db');
  expect(look).toEqual({ kind: 'MySQL', evidence: 'data/ibdata1', data: true });
  expect(asked).toContain('/v/mysql.ibd');
  expect(asked).not.toContain('/v/PG_VERSION');
  expect(asked).not.toContain('/v/data');
  expect(asked).not.toContain('/v/data/PG_VERSION');
  expect(new Set(asked).size).toBe(asked.length);
});

test.each<[string, Record<string, Respond>, string]>([
  [
    'a driver that cannot mount it',
    archive(json({ message: 'error while mounting volume: no such device\n' }, 500)),
    'error while mounting volume: no such device',
  ],
  [
    'a volume that is gone',
    { 'GET volumes/db': json({ message: 'get db: no such volume' }, 404) },
    'get db: no such volume',
  ],
  [
    'a swarm’s volume',
    { 'GET volumes/db': json({ Name: 'db', ClusterVolume: {} }) },
    'only for swarm services',
  ],
  [
    'a container that cannot be made',
    { 'POST containers/create': json({ message: 'denied' }, 403) },
    'denied',
  ],
  ['an image that is not taken', { 'POST images/create': json({ message: 'denied' }, 403) }, 'denied'],
  ['an image that fails in passing', { 'POST images/create': json({ error: 'no space' }) }, 'no space'],
  ['a connection that drops', archive((_request, response) => void response.destroy()), 'connect'],
  ['an answer that is no tar', archive(whole(Buffer.alloc(2048, 'x'))), 'tar'],
])('with %s the volume is unknown, and nothing is left', async (_what, told, why) => {
  const { client, calls } = await fake(told);
  const look = (await lookInto(client, ['db'], RUNS)).get('db');
  expect(look).toEqual({ unknown: expect.stringContaining(why) });
  expect(look).not.toEqual({ unknown: expect.stringContaining('Error response') });
  const count = (method: string, kind: string) =>
    calls.filter((call) => call.startsWith(`${method} ${kind}`)).length;
  if (!('POST containers/create' in told))
    expect(count('DELETE', 'containers')).toBe(count('POST', 'containers'));
  if (!('POST images/create' in told)) expect(count('DELETE', 'images')).toBe(1);
});

test('a volume that went away is not made anew: what the engine made in its place goes again', async () => {
  let mark = '';
  const create: Respond = (request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      mark = JSON.parse(body).HostConfig.Mounts[0].VolumeOptions.Labels[PEEK_LABEL];
      response.writeHead(201).end('{"Id":"peek"}');
    });
  };
  const remade: Respond = (_request, response) =>
    response.end(JSON.stringify({ Name: 'db', Labels: { [PEEK_LABEL]: mark } }));
  const { client, calls } = await fake({
    'POST containers/create': create,
    'GET volumes/db': inTurn(json({ Name: 'db' }), remade),
    'DELETE volumes/db': json(undefined, 204),
  });
  expect((await lookInto(client, ['db'], RUNS)).get('db')).toEqual({ unknown: 'get db: no such volume' });
  expect(calls.slice(2)).toEqual(['DELETE containers/peek', 'DELETE volumes/db', 'DELETE images/sha256:aa']);
});

test('podman shows an unmounted volume as empty, so one that needs mounting is unknown there', async () => {
  const Options = { type: 'nfs', device: ':/x', o: 'addr=a' };
  const volume = { 'GET volumes/db': json({ Name: 'db', Driver: 'local', Options }) };
  const { client } = await fake(
    { ...volume, ...archive(whole(await tarOf({}))) },
    { 'Libpod-API-Version': '5.4.2' },
  );
  expect((await lookInto(client, ['db'], RUNS)).get('db')).toEqual({
    unknown: expect.stringContaining('only while a container runs on it'),
  });
});

test('a look that is cancelled while the volume is read removes what it made', async () => {
  const stop = new AbortController();
  const { client, calls } = await fake(
    archive((_request, response) => {
      response.write(Buffer.alloc(100));
      setTimeout(() => stop.abort(new Cancelled('cancelled')), 10);
    }),
  );
  await expect(lookInto(client, ['db'], stop.signal)).rejects.toThrow(Cancelled);
  expect(calls).toEqual(MADE);
});

test('leftovers go when their process is gone or they are days old; what runs, or is another’s, stays', async () => {
  let own = '';
  const { client: first } = await fake({
    'POST images/create': (_request, response, url) => {
      own = url.searchParams.get('changes')?.replace(/^LABEL [\w.]+=/, '') ?? '';
      response.end('{"status":"sha256:aa"}');
    },
  });
  await lookInto(first, ['db'], RUNS);
  const [here, pid] = own.split('/') as [string, string];
  const now = Math.floor(Date.now() / 1000);
  const found = (Id: string, owner: string, more = {}) => ({
    Id,
    Labels: { [PEEK_LABEL]: owner },
    Created: now,
    State: 'created',
    ...more,
  });
  const { client, calls } = await fake({
    'GET containers/json': json([
      found('ours', `${here}/${pid}/1`),
      found('dead', `${here}/4194305/1`),
      found('elsewhere', 'other-1/7/1'),
      found('elsewhere-old', 'other-1/7/1', { Created: now - 3 * 24 * 3600 }),
      found('started', `${here}/4194305/1`, { State: 'running' }),
      found('strange', 'hello'),
    ]),
    'GET images/json': json([found('image-ours', own), found('image-dead', `${here}/4194305/1`)]),
  });
  await removeLeftovers(client, RUNS);
  expect(calls).toEqual([
    'DELETE containers/dead',
    'DELETE containers/elsewhere-old',
    'DELETE images/image-dead',
  ]);
});

test('a backup is the engine’s archive byte for byte, with what the volume was beside it', async () => {
  const tar = await tarOf({ 'base/1': 'one', 'base/2': 'x'.repeat(100_000) });
  const { client, calls } = await fake(archive(whole(tar)));
  const into = folder();
  const backup = await backUp(client, 'db', into, NOW, RUNS, 100_000);
  expect(backup).toMatchObject({
    file: join(into, 'volumes', 'db-20261121T024109Z.tar'),
    bytes: tar.length,
    entries: 3,
  });
  expect(readFileSync(backup.file).equals(tar)).toBe(true);
  expect(JSON.parse(readFileSync(backup.file.replace('.tar', '.json'), 'utf8'))).toMatchObject({
    takenAt: NOW,
    engine: { id: 'e', name: 'host', version: '28' },
    volume: { name: 'db', driver: 'local', options: {}, labels: {} },
    archive: { bytes: tar.length, entries: 3, sha256: backup.sha256 },
  });
  expect(calls).toEqual(MADE);
  expect((await backUp(client, 'db', into, NOW, RUNS)).file).toBe(
    join(into, 'volumes', 'db-20261121T024109Z-2.tar'),
  );
});

const GOOD = await tarOf({ a: 'a', b: 'x'.repeat(5000), c: 'c' });

test.each<[string, Respond, RegExp, typeof Refusal | typeof EngineError]>([
  [
    'content that changed',
    inTurn(whole(GOOD), whole(await tarOf({ a: 'a', b: 'y'.repeat(5000), c: 'c' }))),
    /volume db changed while it was backed up \(b\)/,
    Refusal,
  ],
  [
    'a file that came',
    inTurn(whole(GOOD), whole(await tarOf({ a: 'a', b: 'x'.repeat(5000), c: 'c', d: '' }))),
    /volume db changed/,
    Refusal,
  ],
  [
    'a file that went',
    inTurn(whole(GOOD), whole(await tarOf({ a: 'a', b: 'x'.repeat(5000) }))),
    /volume db changed/,
    Refusal,
  ],
  ['a stream that is cut', cut(GOOD, 3000), /connection|closed|dropped|broke/i, EngineError],
  [
    'a second look that is cut',
    inTurn(whole(GOOD), cut(GOOD, 3000)),
    /connection|closed|dropped|broke/i,
    EngineError,
  ],
  [
    'an error of the engine',
    json({ message: 'error while mounting volume: no' }, 500),
    /error while mounting volume: no/,
    EngineError,
  ],
  [
    'an archive that ends early',
    whole(GOOD.subarray(0, 3000)),
    /did not hand out all of volume db/,
    EngineError,
  ],
  [
    'an archive without its end mark',
    whole(GOOD.subarray(0, GOOD.length - 1024)),
    /did not hand out all of volume db/,
    EngineError,
  ],
  [
    'an archive that is none',
    whole(Buffer.alloc(4096, 'x')),
    /did not hand out all of volume db/,
    EngineError,
  ],
  ['an archive of nothing', whole(Buffer.alloc(0)), /did not hand out all of volume db/, EngineError],
])('with %s a backup fails with a sentence, and nothing is left', async (_what, respond, message, kind) => {
  const { client, calls } = await fake(archive(respond));
  const into = folder();
  const error = await backUp(client, 'db', into, NOW, RUNS).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).toMatch(message);
  expect(readdirSync(join(into, 'volumes'))).toEqual([]);
  expect(calls).toEqual(MADE);
});

test('a backup that is cancelled leaves nothing', async () => {
  const stop = new AbortController();
  const { client, calls } = await fake(
    archive((_request, response) => {
      response.write(GOOD.subarray(0, 2000));
      setTimeout(() => stop.abort(new Cancelled('cancelled')), 10);
    }),
  );
  const into = folder();
  await expect(backUp(client, 'db', into, NOW, stop.signal)).rejects.toThrow(Cancelled);
  expect(readdirSync(join(into, 'volumes'))).toEqual([]);
  expect(calls).toEqual(MADE);
});

test('a backup for which there is no space is refused before the engine is asked', async () => {
  const { client, calls } = await fake({});
  const into = folder();
  await expect(backUp(client, 'db', into, NOW, RUNS, 2 ** 60)).rejects.toThrow(/are free in/);
  expect(readdirSync(join(into, 'volumes'))).toEqual([]);
  expect(calls).toEqual([]);
});

test('a volume’s name becomes a file’s, whatever it is', async () => {
  const names = ['a.b_c-D', 'x'.repeat(255), '-dash', '.hidden', 'ü'];
  for (const name of names) {
    const path = `volumes/${name}`;
    const { client } = await fake({ ...archive(whole(GOOD)), [`GET ${path}`]: json({ Name: name }) });
    const into = folder();
    await backUp(client, name, into, NOW, RUNS);
    const [, tar = ''] = readdirSync(join(into, 'volumes')).sort();
    expect(tar).toMatch(/^[A-Za-z0-9%][\w.%~-]*-20261121T024109Z\.tar$/);
    expect(tar.length).toBeLessThan(240);
  }
});
