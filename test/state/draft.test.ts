import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Cancelled, Refusal } from '../../src/core/errors.ts';
import { Draft } from '../../src/state/draft.ts';
import { folder } from '../support/servers.ts';

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test('a draft has its name only once it is kept, with its facts beside it, for its owner alone', async () => {
  const into = join(folder(), 'deep', 'down');
  const draft = await Draft.open(into, 'db', 'tar');
  const written = await draft.write(pieces('hello ', 'world'));
  expect(written).toEqual({
    bytes: 11,
    sha256: createHash('sha256').update('hello world').digest('hex'),
  });
  expect(readdirSync(into)).toEqual(['db.tar.part']);
  expect((await draft.read(6, 100)).toString()).toBe('world');
  await draft.keep({ a: 1 });
  expect(readdirSync(into)).toEqual(['db.json', 'db.tar']);
  expect(readFileSync(draft.file, 'utf8')).toBe('hello world');
  expect(JSON.parse(readFileSync(join(into, 'db.json'), 'utf8'))).toEqual({ a: 1 });
  expect(readdirSync(into).map((name) => statSync(join(into, name)).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(statSync(into).mode & 0o777).toBe(0o700);
});

test('no draft takes the place of another, finished or not', async () => {
  const into = folder();
  const first = await Draft.open(into, 'db', 'tar');
  const second = await Draft.open(into, 'db', 'tar');
  await first.write(pieces('1'));
  await second.write(pieces('2'));
  await first.keep({});
  await second.keep({});
  const third = await Draft.open(into, 'db', 'tar');
  await third.write(pieces('3'));
  await third.keep({});
  expect(readdirSync(into).filter((name) => name.endsWith('.tar'))).toEqual([
    'db-2.tar',
    'db-3.tar',
    'db.tar',
  ]);
  expect(readFileSync(join(into, 'db.tar'), 'utf8')).toBe('1');
});

test('a draft that is discarded leaves nothing, however far it came', async () => {
  const into = folder();
  await (await Draft.open(into, 'a', 'tar')).discard();
  const draft = await Draft.open(into, 'b', 'tar');
  const broken = async function* () {
    yield Buffer.from('half');
    throw new Cancelled('cancelled');
  };
  await expect(draft.write(broken())).rejects.toThrow(Cancelled);
  await draft.discard();
  expect(readdirSync(into)).toEqual([]);
});

test('a folder that cannot be made or written to is a refusal that says what to do', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  await expect(Draft.open(join(file, 'volumes'), 'db', 'tar')).rejects.toThrow(Refusal);
  await expect(Draft.open(join(file, 'volumes'), 'db', 'tar')).rejects.toThrow(/DOCKER_TIDY_STATE/);
});

test('too little space is refused before anything is written', async () => {
  const into = folder();
  const draft = await Draft.open(into, 'db', 'tar');
  await draft.needs(1);
  await expect(draft.needs(2 ** 60)).rejects.toThrow(
    /^about 1\.153EB are needed, and [\d.]+\w?B are free in .*DOCKER_TIDY_STATE/,
  );
  await draft.discard();
});

const ROOT = process.platform === 'linux' && process.getuid?.() === 0;
test.skipIf(!ROOT)('a disk that fills up meanwhile is a refusal, and nothing is left', async ({ skip }) => {
  const into = join(folder(), 'small');
  mkdirSync(into);
  const mounted = spawnSync('sh', ['-c', 'mount -t tmpfs -o size=64k tmpfs "$0"', into], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) return skip(`nothing can be mounted here: ${mounted.stderr.trim()}`);
  onTestFinished(() => void execFileSync('sh', ['-c', 'umount "$0"', into]));
  const draft = await Draft.open(into, 'db', 'tar');
  await expect(draft.write(pieces('x'.repeat(40_000), 'y'.repeat(40_000)))).rejects.toThrow(
    /^no space is left in .*: free some, or set DOCKER_TIDY_STATE/,
  );
  await draft.discard();
  expect(readdirSync(into)).toEqual([]);
});
