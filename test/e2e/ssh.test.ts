// An engine behind a real sshd, reached by the user's own ssh and its configuration.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';

const at = inject('engines')['28.5'];
const sshd = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find(
  (file) => spawnSync('test', ['-x', file]).status === 0,
);

test('ssh:// goes through the user’s ssh, with a host alias, and leaves no ssh process behind', async ({
  skip,
}) => {
  if (!at?.host.startsWith('unix:')) return skip('no engine of its own can be started here');
  if (!sshd && process.env['CI']) throw new Error('in CI this test must run, but there is no sshd');
  if (!sshd) return skip('there is no sshd here (openssh-server)');
  const engine = new TestEngine('28.5', at);
  await engine.clear();
  engine.load({ tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: [{ a: 'a' }] });
  engine.load({ tags: ['app:2'], created: '2026-01-02T00:00:00Z', layers: [{ b: 'b' }] });

  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-ssh-'));
  const file = (name: string, ...lines: string[]) => {
    writeFileSync(join(folder, name), `${lines.join('\n')}\n`, { mode: 0o700 });
    return join(folder, name);
  };
  for (const key of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  const port = await freePort();
  const settings = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `AuthorizedKeysFile ${folder}/user.pub`,
    'StrictModes no',
    'PidFile none',
    `SetEnv PATH=${at.tools}:/usr/bin:/bin DOCKER_HOST=${engine.host}`,
  ];
  mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(sshd, ['-D', '-f', file('sshd_config', ...settings)], { stdio: 'ignore' });
  try {
    await listening(port);
    const alias = file(
      'config',
      'Host build-box',
      'HostName 127.0.0.1',
      `Port ${port}`,
      `IdentityFile ${folder}/user`,
      'StrictHostKeyChecking no',
      'UserKnownHostsFile /dev/null',
      'LogLevel ERROR',
    );
    mkdirSync(join(folder, 'bin'));
    file('bin/ssh', '#!/bin/sh', `echo $$ >>${folder}/pids`, `exec /usr/bin/ssh -F ${alias} "$@"`);
    const env = {
      DOCKER_HOST: 'ssh://build-box',
      PATH: [join(folder, 'bin'), at.tools, process.env['PATH']].join(delimiter),
    };
    const run = await engine.tidy(['--keep', '1', '-f', 'app'], { env });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.names()).toEqual(['app:2']);
    const pids = execFileSync('cat', [`${folder}/pids`], { encoding: 'utf8' })
      .trim()
      .split('\n');
    await expect.poll(() => pids.filter(running), { timeout: 10_000 }).toEqual([]);
  } finally {
    server.kill();
  }
});

/** A process that ended but was not yet waited for does not run. */
function running(pid: string): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const open = await new Promise<boolean>((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('sshd did not start');
}
