import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import { type Client, connect } from '../../src/engine/client.ts';
import type { Endpoint } from '../../src/engine/endpoint.ts';
import { explain } from '../../src/engine/failure.ts';
import {
  certificates,
  endpointAt,
  engine,
  folder,
  freePort,
  onPort,
  onSocket,
  rawOnPort,
  recorder,
} from '../support/servers.ts';

const pems = certificates();
const { answer } = recorder({});

/** What a user reads when connecting fails: one sentence, never a stack trace. */
async function failure(endpoint: Endpoint, pingTimeout = 5000): Promise<string> {
  const outcome: unknown = await connect(endpoint, { pingTimeout }).then(
    (client) => client.close(),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(EngineError);
  const { message } = outcome as EngineError;
  expect(message).not.toMatch(/\n|^\s+at /);
  return message;
}

test('a missing socket is a daemon that does not run', async () => {
  const path = join(folder(), 'none.sock');
  expect(await failure(endpointAt(`unix://${path}`))).toMatch(
    `Cannot connect to the Docker daemon at unix://${path}. Is the docker daemon running? There is no such socket`,
  );
});

test('a port on which nothing listens is a daemon that does not run', async () => {
  const host = `tcp://127.0.0.1:${await freePort()}`;
  expect(await failure(endpointAt(host))).toMatch(
    `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running? Nothing listens`,
  );
});

test('a host that does not exist is told', async () => {
  expect(await failure(endpointAt('tcp://engine.invalid:2375'), 30_000)).toMatch(
    /cannot find the host of tcp:/,
  );
});

test('an engine that hangs is not waited for', async () => {
  const host = await onSocket(() => {});
  expect(await failure(endpointAt(host), 50)).toMatch(/did not answer GET \/_ping within 0.1 s/);
});

test('a server that accepts and never speaks TLS is not waited for', async () => {
  const host = await rawOnPort(() => {});
  expect(await failure(endpointAt(host, { tls: { rejectUnauthorized: true } }), 50)).toMatch(
    /did not answer/,
  );
});

test.each([
  ['a web page', 200, {}, '<html>hello</html>', /is not a Docker engine .*without an API version/],
  ['not found', 404, {}, 'nope', /is not a Docker engine .*status 404/],
  ['a redirection', 302, { Location: '/login' }, '', /is not a Docker engine .*status 302/],
  ['an odd version', 200, { 'Api-Version': 'x' }, 'OK', /is not a Docker engine/],
  ['a proxy without its engine', 503, {}, '<html>', /cannot answer now \(status 503\)/],
  [
    'an engine that wants TLS',
    400,
    {},
    'Client sent an HTTP request to an HTTPS server.\n',
    /speaks TLS: use --tlsverify/,
  ],
  ['an old engine', 200, { 'Api-Version': '1.40' }, 'OK', /too old: it speaks API version 1\.40.*1\.41/],
])('%s is told as what it is', async (_name, status, headers, body, expected) => {
  const host = await onPort((_request, response) => response.writeHead(status, headers).end(body));
  expect(await failure(endpointAt(host))).toMatch(expected);
});

test('a DOCKER_API_VERSION that is too old for us is told', async () => {
  const host = await onSocket(engine(answer));
  expect(await failure(endpointAt(host, { apiVersion: '1.40' }))).toMatch(
    /DOCKER_API_VERSION asks for .* 1\.40/,
  );
});

test('a connection that is dropped at once is told', async () => {
  const host = await rawOnPort((socket) => socket.once('data', () => socket.destroy()));
  expect(await failure(endpointAt(host))).toMatch(/dropped before the answer was complete/);
});

test('a server that does not speak http is told', async () => {
  const host = await rawOnPort((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
  expect(await failure(endpointAt(host))).toMatch(/does not speak http/);
});

test('headers that http cannot carry are told', async () => {
  const host = await onSocket(engine(answer));
  expect(await failure(endpointAt(host, { headers: { 'X Y': 'a' } }))).toMatch(/Header name/);
});

describe('during a call', () => {
  async function callFailing(handle: Parameters<typeof engine>[0], timeout = 5000): Promise<string> {
    const client: Client = await connect(endpointAt(await onSocket(engine(handle))));
    const error = await client.call('GET', '/info', {}, { timeout }).catch((thrown: unknown) => thrown);
    client.close();
    expect(error).toBeInstanceOf(EngineError);
    return (error as EngineError).message;
  }

  test('an engine that hangs is not waited for', async () => {
    expect(await callFailing(() => {}, 50)).toMatch(/did not answer GET \/info within/);
  });

  test('an engine that hangs in the middle of its answer is not waited for', async () => {
    const handle = callFailing((_request, response) => void response.writeHead(200).write('[1,'), 50);
    expect(await handle).toMatch(/did not answer GET \/info within/);
  });

  test('a connection dropped in the middle of an answer is told', async () => {
    const handle = callFailing((_request, response) => {
      response.writeHead(200).write('[1,', () => response.destroy());
    });
    expect(await handle).toMatch(/dropped before the answer was complete/);
  });

  test('a connection dropped before an answer is told', async () => {
    expect(await callFailing((request) => request.socket.destroy())).toMatch(/dropped before/);
  });

  test('a connection dropped in the middle of an error is told', async () => {
    const handle = callFailing((_request, response) => {
      response.writeHead(500).write('{"mess', () => response.destroy());
    });
    expect(await handle).toMatch(/dropped before the answer was complete/);
  });
});

describe('TLS', () => {
  const { ca, otherCa, server, misnamed, expired, client } = pems;
  const trusting = { ca, rejectUnauthorized: true };

  test('an engine whose certificate is trusted is reached, with a client’s certificate where it wants one', async () => {
    const host = await onPort(engine(answer), { ...server, ca, requestCert: true, rejectUnauthorized: true });
    const connected = await connect(endpointAt(host, { tls: { ...trusting, ...client } }));
    expect(await connected.call('GET', '/info')).toEqual({});
    connected.close();
  });

  test('an engine is reached unverified where that is asked for', async () => {
    const host = await onPort(engine(answer), expired);
    (await connect(endpointAt(host, { tls: { rejectUnauthorized: false } }))).close();
  });

  test.each([
    [
      'an unknown authority',
      server,
      { ca: otherCa, rejectUnauthorized: true },
      /authority that is not trusted/,
    ],
    ['no authority given', server, { rejectUnauthorized: true }, /authority that is not trusted/],
    ['an expired certificate', expired, trusting, /certificate has expired/],
    ['a certificate for another name', misnamed, trusting, /for another host name/],
  ])('%s is told', async (_name, certificate, tls, expected) => {
    const host = await onPort(engine(answer), certificate);
    expect(await failure(endpointAt(host, { tls }))).toMatch(expected);
  });

  test('a client’s certificate that is wanted and missing is told', async () => {
    const host = await onPort(engine(answer), { ...server, ca, requestCert: true, rejectUnauthorized: true });
    expect(await failure(endpointAt(host, { tls: trusting }))).toMatch(/--tlscert and --tlskey/);
  });

  test('a server that speaks plain http is told', async () => {
    const host = await onPort(engine(answer));
    expect(await failure(endpointAt(host, { tls: trusting }))).toMatch(/speaks plain http/);
  });

  test('plain http to a server that speaks TLS is told', async () => {
    const host = await onPort(engine(answer), server);
    expect(await failure(endpointAt(host))).toMatch(/if the engine speaks TLS there, use --tlsverify/);
  });

  test.each([
    ['a certificate that is none', { ca, cert: 'garbage', key: client.key, rejectUnauthorized: true }],
    ['a key of another certificate', { ca, cert: client.cert, key: server.key, rejectUnauthorized: true }],
  ])('%s is told before anything is asked', async (_name, tls) => {
    expect(await failure(endpointAt('tcp://127.0.0.1:1', { tls }))).toMatch(
      /ca\.pem, cert\.pem or key\.pem cannot be used/,
    );
  });
});

describe('errors that need another machine', () => {
  const socket = endpointAt('unix:///run/d.sock');
  const tcp = endpointAt('tcp://h:2376');
  const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

  test.each<[string, Endpoint, unknown, RegExp]>([
    ['no permission', socket, coded('EACCES'), /permission denied .*docker group .*sudo.*rootless/],
    ['a stale socket', socket, coded('ECONNREFUSED'), /Nothing listens on that socket/],
    ['no route', tcp, coded('EHOSTUNREACH'), /cannot reach tcp:\/\/h:2376 \(EHOSTUNREACH\).*VPN/],
    ['no network', tcp, coded('ENETUNREACH'), /cannot reach/],
    ['packets lost', tcp, coded('ETIMEDOUT'), /cannot reach/],
    ['name server down', tcp, coded('EAI_AGAIN'), /cannot find the host/],
    ['several addresses', tcp, new AggregateError([coded('EHOSTUNREACH')]), /cannot reach/],
    [
      'a wrapped error',
      tcp,
      new Error('x', { cause: coded('ECONNREFUSED') }),
      /Nothing listens on that port/,
    ],
    ['clocks apart', tcp, coded('CERT_NOT_YET_VALID'), /clocks of both machines/],
    [
      'a certificate wanted',
      tcp,
      coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
      /refuses our certificate, or wants one/,
    ],
    ['a certificate refused', tcp, coded('ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'), /refuses our certificate/],
    [
      'another TLS failure',
      tcp,
      coded('EPROTO', 'odd\nstack'),
      /^TLS with tcp:\/\/h:2376 failed: odd; check the certificates and the TLS versions of both sides$/,
    ],
    ['anything else', tcp, new Error('odd\n    at x'), /^error during connect to tcp:\/\/h:2376: odd$/],
    ['no error at all', tcp, 'odd', /^error during connect to tcp:\/\/h:2376: odd$/],
    [
      'dockerode’s own error',
      tcp,
      Object.assign(new Error('x'), { statusCode: 404, json: { message: 'No such image' } }),
      /^Error response from daemon: No such image$/,
    ],
  ])('%s', (_name, endpoint, error, expected) => {
    expect(explain(error, endpoint).message).toMatch(expected);
  });

  test('what is explained already stays', () => {
    const error = new EngineError('x', { status: 409 });
    expect(explain(error, tcp)).toBe(error);
  });
});
