// What systemd is told, by a systemd-notify of the test's own that writes down what it is given.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { notifierFor } from '../../src/commands/watch-notify.ts';
import { folder } from '../support/servers.ts';

/** A folder with a systemd-notify, and what it was called with, a line each. */
function systemd(script = '') {
  const path = folder();
  const file = join(path, 'systemd-notify');
  writeFileSync(file, `#!/bin/sh\n${script}\necho "$*" >>'${path}/told'\n`);
  chmodSync(file, 0o755);
  writeFileSync(join(path, 'told'), '');
  const told = () => readFileSync(join(path, 'told'), 'utf8').split('\n').slice(0, -1);
  return { env: { PATH: `${path}:${process.env['PATH']}`, NOTIFY_SOCKET: '/run/there' }, told };
}

const never = () => {
  throw new Error('it has failed');
};

test('what is told comes in its order, each once', async () => {
  const { env, told } = systemd();
  const notifier = notifierFor(env, never);
  notifier.tell('READY=1', 'STATUS=watching');
  await notifier.tell('STOPPING=1');
  expect(told()).toEqual(['READY=1 STATUS=watching', 'STOPPING=1']);
});

test('signs of life come while systemd wants them of this process, or of docker, which started it', async () => {
  for (const [pid, alive] of [
    [undefined, true],
    [String(process.ppid), true],
    ['1234567', false],
  ] as const) {
    const { env, told } = systemd();
    const notifier = notifierFor({ ...env, WATCHDOG_USEC: '20000', WATCHDOG_PID: pid }, never);
    for (let i = 0; i < 200 && told().length === 0 && (alive || i < 5); i++) await delay(20);
    notifier.end();
    await notifier.tell('STOPPING=1');
    expect([pid, told().includes('WATCHDOG=1')]).toEqual([pid, alive]);
  }
});

test('that it cannot be told is said once; without systemd nothing is run', async () => {
  const { env, told } = systemd('echo no such socket >&2; exit 1');
  const failures: string[] = [];
  const notifier = notifierFor(env, (why) => failures.push(why));
  await notifier.tell('READY=1');
  await notifier.tell('STOPPING=1');
  expect(failures).toEqual(['no such socket']);
  await notifierFor({ PATH: env.PATH }, never).tell('READY=1');
  expect(told()).toEqual([]);
});
