import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { Cancelled, EngineError } from '../../src/core/errors.ts';
import { connect } from '../../src/engine/client.ts';
import { endpointAt, engine, onPort, onSocket, recorder } from '../support/servers.ts';

const nothing = recorder(null).answer;

test.each([
  ['1.41', undefined, '1.41'],
  ['1.44', undefined, '1.44'],
  ['1.51', undefined, '1.51'],
  ['1.60', undefined, '1.51'],
  ['2.0', undefined, '1.51'],
  ['1.51', '1.43', '1.43'],
  ['1.41', '1.51', '1.51'],
])('with an engine of API %s and DOCKER_API_VERSION %s, %s is spoken', async (theirs, asked, spoken) => {
  const { asked: requests, answer } = recorder([]);
  const host = await onSocket(engine(answer, { 'Api-Version': theirs }));
  const client = await connect(endpointAt(host, asked ? { apiVersion: asked } : {}));
  await client.call('GET', '/images/json');
  client.close();
  expect(client).toMatchObject({ apiVersion: spoken, podman: false, host });
  expect(requests[0]?.url).toBe(`/v${spoken}/images/json`);
});

test('podman is known by its header', async () => {
  const host = await onSocket(engine(nothing, { 'Api-Version': '1.41', 'Libpod-API-Version': '5.4.2' }));
  const client = await connect(endpointAt(host));
  client.close();
  expect(client.podman).toBe(true);
});

test('docker’s environment cannot lead dockerode to another engine', async () => {
  const { asked, answer } = recorder([]);
  const host = await onSocket(engine(answer));
  for (const [name, value] of Object.entries({
    DOCKER_HOST: 'tcp://192.0.2.1:2376',
    DOCKER_TLS_VERIFY: '1',
    DOCKER_CERT_PATH: '/nowhere',
    DOCKER_CLIENT_TIMEOUT: '1',
    DOCKER_PATH_PREFIX: '/wrong',
  })) {
    vi.stubEnv(name, value);
  }
  try {
    const client = await connect(endpointAt(host));
    await client.call('GET', '/info');
    await client.docker.listImages();
    client.close();
    expect(asked.map(({ url }) => url)).toEqual(['/v1.51/info', '/v1.51/images/json']);
    expect(process.env['DOCKER_HOST']).toBe('tcp://192.0.2.1:2376');
  } finally {
    vi.unstubAllEnvs();
  }
});

test('a DOCKER_HOST that cannot be read does no harm where another engine was chosen', async () => {
  const host = await onSocket(engine(nothing));
  vi.stubEnv('DOCKER_HOST', 'tcp://[');
  try {
    (await connect(endpointAt(host))).close();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('config.json’s headers go with every request, and over tcp the host is named', async () => {
  const asked: IncomingMessage[] = [];
  const host = await onPort((request, response) => {
    asked.push(request);
    engine(nothing)(request, response);
  });
  const client = await connect(endpointAt(host, { headers: { 'X-Team': 'a', 'User-Agent': 'x' } }));
  await client.call('GET', '/info');
  client.close();
  expect(asked[0]?.url).toBe('/_ping');
  for (const { headers } of asked) {
    expect(headers).toMatchObject({
      'x-team': 'a',
      'user-agent': 'docker-tidy',
      host: host.slice('tcp://'.length),
    });
  }
});

test('an engine behind a path is asked under that path', async () => {
  const urls: (string | undefined)[] = [];
  const host = await onPort((request, response) => {
    urls.push(request.url);
    response.writeHead(200, { 'Api-Version': '1.51' }).end('{}');
  });
  const client = await connect(endpointAt(`${host}/engine`));
  await client.call('GET', '/info');
  client.close();
  expect(urls).toEqual(['/engine/_ping', '/engine/v1.51/info']);
});

test.each<[string, object | undefined, string]>([
  ['/images/json', undefined, '/images/json'],
  ['/images/json', {}, '/images/json'],
  ['/images/json', { all: true, since: undefined, limit: 3 }, '/images/json?all=true&limit=3&'],
  [
    '/images/json',
    { filters: { label: ['a=b c'] } },
    '/images/json?filters=%7B%22label%22%3A%5B%22a%3Db+c%22%5D%7D&',
  ],
  ['/images/get', { names: ['a', 'b&c'] }, '/images/get?names=a&names=b%26c&'],
  ['/images/localhost:5000/a/b:1/json', undefined, '/images/localhost:5000/a/b:1/json'],
  ['/images/a@sha256:00/json', undefined, '/images/a@sha256:00/json'],
  ['/images/ä b?c#d%/json', undefined, '/images/%C3%A4%20b%3Fc%23d%25/json'],
  ['/images/localhost%3A5000%2Fa/json', undefined, '/images/localhost%3A5000%2Fa/json'],
])('%s with %j is asked as %s', async (path, query, url) => {
  const { asked, answer } = recorder([]);
  const client = await connect(endpointAt(await onSocket(engine(answer))));
  await client.call('GET', path, query as Record<string, string>);
  client.close();
  // docker-modem cuts off the last character of a query that it did not write: we send one to spare.
  expect(asked[0]?.url).toBe(`/v1.51${url.replace(/&$/, '')}`);
});

test.each(['/images//json', '/images/../containers/x', '/images/..%2F..%2Fcontainers%2Fx', '/images/'])(
  '%s, which the engine would take for another path, is never asked',
  async (path) => {
    const { asked, answer } = recorder([]);
    const client = await connect(endpointAt(await onSocket(engine(answer))));
    await expect(client.call('DELETE', path)).rejects.toThrow(EngineError);
    client.close();
    expect(asked).toEqual([]);
  },
);

test.each([
  ['[{"Id":"a"}]', [{ Id: 'a' }]],
  ['{}', {}],
  ['null', null],
  ['0', 0],
  ['', undefined],
])('the answer %j is %j', async (body, expected) => {
  const host = await onSocket(engine((_request, response) => response.writeHead(200).end(body)));
  const client = await connect(endpointAt(host));
  expect(await client.call('POST', '/images/prune')).toEqual(expected);
  client.close();
});

test('a large answer in pieces is put together', async () => {
  const list = Array.from({ length: 20_000 }, (_, id) => ({ Id: id, name: 'ü' }));
  const host = await onSocket(engine(recorder(list).answer));
  const client = await connect(endpointAt(host));
  expect(await client.call('GET', '/images/json')).toEqual(list);
  client.close();
});

test.each([
  [404, '{"message":"No such image: a"}', 'Error response from daemon: No such image: a'],
  [409, '{"message":"conflict: in use\\n"}', 'Error response from daemon: conflict: in use'],
  [
    500,
    '{"cause":"no such image","message":"a: no such image","response":500}',
    'Error response from daemon: a: no such image',
  ],
  [500, '{"cause":"no such image","message":""}', 'Error response from daemon: no such image'],
  [403, 'denied by policy\nmore', 'Error response from daemon: denied by policy'],
  [502, '<html><h1>Bad Gateway</h1></html>', 'Error response from daemon: status 502'],
  [301, '', 'Error response from daemon: status 301'],
  [500, '', 'Error response from daemon: status 500'],
])('status %d with %j is an engine’s error', async (status, body, message) => {
  const host = await onSocket(engine((_request, response) => response.writeHead(status).end(body)));
  const client = await connect(endpointAt(host));
  const error = await client.call('DELETE', '/images/a').catch((thrown: unknown) => thrown);
  client.close();
  expect(error).toBeInstanceOf(EngineError);
  expect(error).toMatchObject({ status, message });
});

test('an engine that needs a newer API than ours says what to do', async () => {
  const message =
    'client version 1.51 is too old. Minimum supported API version is 1.60, please upgrade your client';
  const host = await onSocket(
    engine((_request, response) => response.writeHead(400).end(JSON.stringify({ message })), {
      'Api-Version': '1.70',
    }),
  );
  const client = await connect(endpointAt(host));
  await expect(client.call('GET', '/info')).rejects.toThrow(
    /needs at least API version 1\.60, .* newer docker tidy$/,
  );
  client.close();
});

test('what answers a call without JSON is told', async () => {
  const host = await onSocket(engine((_request, response) => response.end('<html>')));
  const client = await connect(endpointAt(host));
  await expect(client.call('GET', '/info')).rejects.toThrow(/GET \/info is not JSON/);
  client.close();
});

test('a call that is cancelled ends as cancelled, before it and during it', async () => {
  const arrived = Promise.withResolvers<void>();
  const client = await connect(endpointAt(await onSocket(engine(() => arrived.resolve()))));
  const stop = new AbortController();
  const call = client.call('GET', '/info', {}, { signal: stop.signal });
  arrived.promise.then(() => stop.abort());
  await expect(call).rejects.toThrow(Cancelled);
  await expect(client.call('GET', '/info', {}, { signal: stop.signal })).rejects.toThrow(Cancelled);
  client.close();
});

test('a connection is used again, and closing the client closes it', async () => {
  const sockets = new Set<Socket>();
  const { answer } = recorder([]);
  const host = await onSocket((request, response) => {
    sockets.add(request.socket);
    engine(answer)(request, response);
  });
  const client = await connect(endpointAt(host));
  for (let call = 0; call < 5; call++) await client.call('GET', '/info');
  expect(sockets.size).toBe(1);
  const [socket] = sockets;
  const closed = once(socket!, 'close');
  client.close();
  await closed;
});

test('at most sixteen connections are open at a time', async () => {
  const sockets = new Set<Socket>();
  const { answer } = recorder([]);
  const host = await onSocket((request, response) => {
    sockets.add(request.socket);
    engine(answer)(request, response);
  });
  const client = await connect(endpointAt(host));
  await Promise.all(Array.from({ length: 100 }, () => client.call('GET', '/info')));
  client.close();
  expect(sockets.size).toBeLessThanOrEqual(16);
});

test.each([
  [{ a: 'ü' }, '{"a":"ü"}', 'application/json'],
  [Buffer.from('a tar'), 'a tar', 'application/x-tar'],
])('%j is sent as a body of its kind, with the headers of every request', async (sent, text, type) => {
  let body = '';
  const asked: IncomingMessage[] = [];
  const host = await onSocket(
    engine((request, response) => {
      asked.push(request);
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.end('{}'));
    }),
  );
  const client = await connect(endpointAt(host, { headers: { 'X-Team': 'a' } }));
  await client.call('POST', '/containers/create', { name: 'a' }, { body: sent });
  client.close();
  expect(body).toBe(text);
  expect(asked[0]).toMatchObject({ method: 'POST', url: '/v1.51/containers/create?name=a' });
  expect(asked[0]?.headers).toMatchObject({
    'content-type': type,
    'content-length': String(Buffer.byteLength(text)),
    'x-team': 'a',
    'user-agent': 'docker-tidy',
  });
});

const collected = async ({ body }: { body: AsyncIterable<Buffer> }) => {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

test('an answer is read as it comes, to its end, and the connection is used again', async () => {
  const sockets = new Set<Socket>();
  const host = await onSocket((request, response) => {
    sockets.add(request.socket);
    engine((_request, answer) => {
      answer.write('one ');
      setTimeout(() => answer.end('two'), 5);
    })(request, response);
  });
  const client = await connect(endpointAt(host));
  expect(await client.read('GET', '/a', {}, {}, collected)).toBe('one two');
  expect(await client.read('GET', '/a', {}, {}, collected)).toBe('one two');
  client.close();
  expect(sockets.size).toBe(1);
});

test('headers alone can be asked for', async () => {
  const host = await onSocket(
    engine((_request, response) => response.writeHead(200, { 'X-Stat': 'e30=' }).end()),
  );
  const client = await connect(endpointAt(host));
  for (let n = 0; n < 3; n++) {
    expect(await client.read('HEAD', '/a', {}, {}, async ({ headers }) => headers['x-stat'])).toBe('e30=');
  }
  client.close();
});

test('what is left unread of an answer is not waited for', async () => {
  const closed = Promise.withResolvers<void>();
  const host = await onSocket(
    engine((_request, response) => {
      response.on('close', () => closed.resolve());
      response.write('the beginning');
    }),
  );
  const client = await connect(endpointAt(host));
  const first = await client.read('GET', '/a', {}, {}, async ({ body }) => {
    for await (const chunk of body) return chunk.toString();
    return undefined;
  });
  await closed.promise;
  expect(first).toBe('the beginning');
  expect(await client.read('GET', '/a', {}, {}, async () => 'nothing read')).toBe('nothing read');
  client.close();
});

test('an answer that is read fails in the engine’s words, by its status', async () => {
  const host = await onSocket(
    engine((_request, response) => response.writeHead(409).end('{"message":"in use"}')),
  );
  const client = await connect(endpointAt(host));
  const error = await client.read('GET', '/a', {}, {}, collected).catch((thrown: unknown) => thrown);
  client.close();
  expect(error).toMatchObject({ status: 409, message: 'Error response from daemon: in use' });
});

test('an answer that breaks off while it is read is an engine’s error', async () => {
  const host = await onSocket(
    engine((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half', () => response.destroy());
    }),
  );
  const client = await connect(endpointAt(host));
  await expect(client.read('GET', '/a', {}, {}, collected)).rejects.toThrow(EngineError);
  client.close();
});

test('what is thrown while an answer is read is thrown on as it is', async () => {
  const host = await onSocket(engine((_request, response) => response.end('x')));
  const client = await connect(endpointAt(host));
  const thrown = new RangeError('mine');
  const work = async ({ body }: { body: AsyncIterable<Buffer> }) => {
    for await (const _ of body) throw thrown;
  };
  await expect(client.read('GET', '/a', {}, {}, work)).rejects.toBe(thrown);
  client.close();
});

test('reading has a limit for each wait, and can be cancelled', async () => {
  const host = await onSocket(engine((_request, response) => void response.write('half')));
  const client = await connect(endpointAt(host));
  await expect(client.read('GET', '/a', {}, { timeout: 20 }, collected)).rejects.toThrow(
    /did not answer GET \/a within/,
  );
  const stop = new AbortController();
  const reading = client.read('GET', '/a', {}, { signal: stop.signal }, async ({ body }) => {
    for await (const _ of body) stop.abort();
  });
  await expect(reading).rejects.toThrow(Cancelled);
  await expect(client.read('GET', '/a', {}, { signal: stop.signal }, collected)).rejects.toThrow(Cancelled);
  client.close();
});

test('what is done with an answer may take longer than the engine may', async () => {
  const host = await onSocket(
    engine((_request, response) => {
      response.write('one ');
      setTimeout(() => response.end('two'), 5);
    }),
  );
  const client = await connect(endpointAt(host));
  const slowly = async ({ body }: { body: AsyncIterable<Buffer> }) => {
    let text = '';
    for await (const chunk of body) {
      text += chunk;
      await new Promise((done) => setTimeout(done, 300));
    }
    return text;
  };
  expect(await client.read('GET', '/a', {}, { timeout: 200 }, slowly)).toBe('one two');
  client.close();
});
