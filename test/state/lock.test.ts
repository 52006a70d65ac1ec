import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Cancelled, Refusal } from '../../src/core/errors.ts';
import { lockEngine } from '../../src/state/lock.ts';

const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'docker-tidy-lock-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};
const ME = { pid: process.pid, command: 'tidy -f', since: '2026-11-21T00:00:00Z' };
const on = { signal: new AbortController().signal };

test('the second on an engine is told who is at it; on another engine, and afterwards, nobody is', async () => {
  const at = folder();
  const first = await lockEngine(at, 'ENGINE', ME, on);
  await expect(lockEngine(at, 'ENGINE', ME, on)).rejects.toThrow(Refusal);
  await expect(lockEngine(at, 'ENGINE', ME, on)).rejects.toThrow(
    `process ${process.pid}, docker tidy -f, since 2026-11-21`,
  );
  await expect(lockEngine(at, 'ENGINE', ME, { ...on, doing: 'restored' })).rejects.toThrow(
    /^nothing was restored: /,
  );
  await (await lockEngine(at, 'OTHER', ME, on)).release();
  await first.release();
  const again = await lockEngine(at, 'ENGINE', ME, on);
  expect(again.waited).toBe(false);
  await again.release();
});

test('one that waits is told for whom, goes on when the other is done, and knows that it waited', async () => {
  const at = folder();
  const first = await lockEngine(at, 'ENGINE', ME, on);
  const told: unknown[] = [];
  const waiting = (holder: unknown) => {
    told.push(holder);
    void first.release();
  };
  const second = await lockEngine(at, 'ENGINE', ME, { ...on, waiting });
  expect([second.waited, told]).toEqual([true, [expect.objectContaining(ME)]]);
  await second.release();
});

test('cancelling ends the wait', async () => {
  const at = folder();
  const first = await lockEngine(at, 'ENGINE', ME, on);
  const controller = new AbortController();
  const waiting = () => controller.abort(new Cancelled('cancelled'));
  await expect(lockEngine(at, 'ENGINE', ME, { signal: controller.signal, waiting })).rejects.toThrow(
    Cancelled,
  );
  await first.release();
});

test('what a killed run left holds nobody up', async () => {
  const at = folder();
  const first = await lockEngine(at, 'ENGINE', ME, on);
  const [left = ''] = readdirSync(join(at, 'locks'))
    .filter((each) => each.endsWith('.lock'))
    .map((each) => join(at, 'locks', each));
  await first.release();
  mkdirSync(left);
  utimesSync(left, new Date('2026-01-01'), new Date('2026-01-01'));
  await (await lockEngine(at, 'ENGINE', ME, on)).release();
});

test('the lock of a process that is not there any more is taken at once', async () => {
  const at = folder();
  const { pid = 0 } = spawnSync('true');
  await lockEngine(at, 'ENGINE', { ...ME, pid }, on);
  const mine = await lockEngine(at, 'ENGINE', ME, on);
  await expect(lockEngine(at, 'ENGINE', ME, on)).rejects.toThrow(`process ${process.pid}`);
  await mine.release();
});

test('what an earlier run left of itself gives no lock away', async () => {
  const at = folder();
  const { pid = 0 } = spawnSync('true');
  const gone = await lockEngine(at, 'ENGINE', { ...ME, pid }, on);
  const [name = ''] = readdirSync(join(at, 'locks')).filter((each) => each.endsWith('.json'));
  const file = join(at, 'locks', name);
  const said = readFileSync(file, 'utf8');
  await gone.release();
  const mine = await lockEngine(at, 'ENGINE', ME, on);
  writeFileSync(file, said); // as it is between another's lock and its word
  utimesSync(file, new Date('2026-01-01'), new Date('2026-01-01'));
  await expect(lockEngine(at, 'ENGINE', ME, on)).rejects.toThrow('another docker tidy is at work');
  await mine.release();
});

test('where the state folder cannot be written there is no lock, and the work goes on', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  const lock = await lockEngine(file, 'ENGINE', ME, on);
  expect(lock.waited).toBe(false);
  await lock.release();
});
