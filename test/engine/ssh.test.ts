import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { EngineError } from '../../src/core/errors.ts';
import { connect } from '../../src/engine/client.ts';
import { sshArguments } from '../../src/engine/ssh.ts';
import { endpointAt, engine, fakeSsh, folder, onSocket, recorder } from '../support/servers.ts';

test.each([
  ['ssh://h', '-o ConnectTimeout=30 -T -- h docker system dial-stdio'],
  ['ssh://me@h:22', '-l me -p 22 -o ConnectTimeout=30 -T -- h docker system dial-stdio'],
  ['ssh://[::1]', '-o ConnectTimeout=30 -T -- ::1 docker system dial-stdio'],
  ['ssh://h/run/d.sock', '-o ConnectTimeout=30 -T -- h docker --host unix:///run/d.sock system dial-stdio'],
  ["ssh://h/it's;x", "-o ConnectTimeout=30 -T -- h docker --host 'unix:///it'\\''s;x' system dial-stdio"],
])('%s runs ssh %s', (host, expected) => {
  const { transport } = endpointAt(host);
  expect(transport.kind === 'ssh' && sshArguments(transport).join(' ')).toBe(expected);
});

test.each([
  { kind: 'ssh', hostname: '-oProxyCommand=touch x' } as const,
  { kind: 'ssh', hostname: 'h', user: '-oProxyCommand=touch x' } as const,
])('%j, which ssh could take for an option, is refused', async (transport) => {
  expect(() => sshArguments(transport)).toThrow('must not begin with a dash');
  const endpoint = { ...endpointAt('ssh://h'), transport };
  await expect(connect(endpoint)).rejects.toThrow(EngineError);
});

/** An ssh that leads to a socket on this machine, and writes down its arguments. */
function leadingTo(host: string, log: string): string {
  return `
    const socket = require('node:net').connect(${JSON.stringify(host.slice('unix://'.length))});
    require('node:fs').appendFileSync(${JSON.stringify(log)}, process.argv.slice(2).join(' ') + '\\n');
    process.stderr.write('Warning: Permanently added h to the list of known hosts.\\n');
    process.stdin.pipe(socket).pipe(process.stdout);
    socket.on('close', () => process.exit(0));
  `;
}

test('an engine behind ssh answers, over one ssh for several calls, which ends with the client', async () => {
  const list = Array.from({ length: 5000 }, (_, id) => ({ Id: `sha256:${id}` }));
  let peer: Socket | undefined;
  const { answer } = recorder(list);
  const host = await onSocket((request, response) => {
    peer = request.socket;
    engine(answer)(request, response);
  });
  const log = join(folder(), 'log');
  fakeSsh(leadingTo(host, log));
  const client = await connect(endpointAt('ssh://me@h:22'));
  for (let call = 0; call < 3; call++) expect(await client.call('GET', '/images/json')).toEqual(list);
  expect(readFileSync(log, 'utf8')).toBe(
    '-l me -p 22 -o ConnectTimeout=30 -T -- h docker system dial-stdio\n',
  );
  const closed = once(peer!, 'close');
  client.close();
  await closed;
});

test('calls at the same time go over a few ssh at most', async () => {
  const host = await onSocket(engine(recorder([]).answer));
  const log = join(folder(), 'log');
  fakeSsh(leadingTo(host, log));
  const client = await connect(endpointAt('ssh://h'));
  await Promise.all(Array.from({ length: 20 }, () => client.call('GET', '/info')));
  client.close();
  expect(readFileSync(log, 'utf8').trim().split('\n').length).toBeLessThanOrEqual(4);
});

test('an ssh whose engine never answers is not waited for', async () => {
  const host = await onSocket(() => {});
  const log = join(folder(), 'log');
  fakeSsh(leadingTo(host, log));
  await expect(connect(endpointAt('ssh://h'), { pingTimeout: 500 })).rejects.toThrow(
    /did not answer GET \/_ping/,
  );
});

const says = (text: string, status: number) =>
  `process.stderr.write(${JSON.stringify(text)}, () => process.exit(${status}));`;

test.each([
  [
    'ssh cannot connect',
    says('ssh: connect to host h port 22: Connection refused\r\n', 255),
    /over ssh: ssh: connect to host h port 22: Connection refused; check that `ssh -l me h docker version` works$/,
  ],
  [
    'ssh is not let in',
    says('Warning: added h\nme@h: Permission denied (publickey).\n', 255),
    /Permission denied \(publickey\)/,
  ],
  [
    'docker is not there',
    says('bash: line 1: docker: command not found\n', 127),
    /`docker` is not there.*install the docker CLI/,
  ],
  ['docker there is old', says("docker: 'dial-stdio' is not a docker command.\n", 1), /older than 18\.09/],
  [
    'the engine there does not run',
    says('Cannot connect to the Docker daemon at unix:///var/run/docker.sock.\n', 1),
    /Cannot connect to the Docker daemon at unix:\/\/\/var\/run\/docker\.sock\.; check that/,
  ],
  ['ssh says nothing', says('', 255), /over ssh: ssh failed; check/],
  ['ssh is killed', "process.kill(process.pid, 'SIGKILL');", /ssh was stopped/],
])('%s: ssh’s own words are told', async (_name, script, expected) => {
  fakeSsh(script);
  const error = await connect(endpointAt('ssh://me@h')).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EngineError);
  expect((error as EngineError).message).toMatch(expected);
  expect((error as EngineError).message).toMatch(/^cannot reach the engine at ssh:\/\/me@h over ssh:/);
});

test('a machine without ssh is told', async () => {
  vi.stubEnv('PATH', folder());
  try {
    await expect(connect(endpointAt('ssh://h'))).rejects.toThrow(/the command `ssh` was not found/);
  } finally {
    vi.unstubAllEnvs();
  }
});

test('an ssh that ends between two calls is told, or taken up again', async () => {
  const host = await onSocket(engine((request) => request.socket.destroy()));
  const log = join(folder(), 'log');
  fakeSsh(leadingTo(host, log));
  const client = await connect(endpointAt('ssh://h'));
  await expect(client.call('GET', '/info')).rejects.toThrow(EngineError);
  client.close();
  expect(existsSync(log)).toBe(true);
});
