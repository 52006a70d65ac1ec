// Which backups are made from the volume's folder, and which by the engine; and a tar that fails, here one of our own.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Cancelled, Refusal } from '../../src/core/errors.ts';
import { connect } from '../../src/engine/client.ts';
import { backUp } from '../../src/engine/volume-backup.ts';
import { entryIn, nearFolder } from '../../src/engine/volume-near.ts';
import { endpointAt, engine, folder, onPort, onSocket } from '../support/servers.ts';

const NOW = '2026-11-21T02:41:09Z';
const RUNS = new AbortController().signal;
const OPTIONS = { timeout: 5000, signal: RUNS };

/** What an engine tells, by the path's end; `stat` is of the volume's root. */
interface Told {
  readonly info?: object;
  readonly volume?: object;
  readonly stat?: object;
}

/** An engine on this machine with the volume `db`, whose folder it tells as it is. */
async function near(told: Told = {}, on: typeof onSocket = onSocket) {
  const root = folder();
  const data = join(root, 'data');
  mkdirSync(data);
  writeFileSync(join(data, 'file'), 'content');
  const stat = lstatSync(data, { bigint: true });
  const seconds = new Date(Number(stat.mtimeNs / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(stat.mtimeNs % 1_000_000_000n).padStart(9, '0');
  const mode = 2 ** 31 + Number(stat.mode & 0o777n);
  const known = { mode, size: Number(stat.size), mtime: `${seconds}.${fraction}Z`, ...told.stat };
  const volume = { Name: 'db', Driver: 'local', Options: null, Mountpoint: data, ...told.volume };
  const info = { Name: hostname(), DockerRootDir: root, SecurityOptions: ['name=seccomp'], ...told.info };
  const answers: Record<string, object> = {
    'GET json': [],
    'POST create': { Id: 'peek', status: 'sha256:aa' },
    'GET db': volume,
    'GET info': info,
  };
  const host = await on(
    engine((request, response) => {
      const call = `${request.method} ${new URL(request.url ?? '', 'http://engine').pathname.split('/').at(-1)}`;
      const header = Buffer.from(JSON.stringify(known)).toString('base64');
      if (request.method === 'HEAD') response.setHeader('X-Docker-Container-Path-Stat', header);
      if (call === 'GET archive') return void response.end(Buffer.alloc(1024));
      response.end(request.method === 'HEAD' ? undefined : JSON.stringify(answers[call] ?? {}));
    }),
  );
  const client = await connect(endpointAt(host));
  onTestFinished(() => client.close());
  return { client, data, found: () => nearFolder(client, 'peek', volume, OPTIONS) };
}

const ROOT = process.platform === 'linux' && process.getuid?.() === 0;

test.skipIf(!ROOT)('root takes the folder that has the stat which the engine tells', async () => {
  const { data, found } = await near();
  expect(await found()).toBe(data);
});

test.each<[string, Told]>([
  ['of another driver', { volume: { Driver: 'nfs' } }],
  ['with options', { volume: { Options: { type: 'tmpfs', device: 'tmpfs' } } }],
  ['without a mount point', { volume: { Mountpoint: '' } }],
  ['whose folder is not here', { volume: { Mountpoint: '/nowhere/at/all' } }],
  ['of an engine on another machine', { info: { Name: `not-${hostname()}` } }],
  ['of an engine whose folder is not here', { info: { DockerRootDir: '/nowhere/at/all' } }],
  ['of a rootless engine', { info: { SecurityOptions: ['name=seccomp', 'name=rootless'] } }],
  ['of an engine with a user namespace', { info: { SecurityOptions: ['name=userns'] } }],
  ['whose folder has another time here', { stat: { mtime: '2026-11-21T02:41:09.000000001Z' } }],
  ['whose folder has another mode here', { stat: { mode: 2 ** 31 + 0o751 } }],
  ['whose folder has another size here', { stat: { size: 1 } }],
  ['of which the engine does not tell the stat', { stat: { mode: undefined } }],
])('a volume %s is left to the engine', async (_what, told) => {
  const { found } = await near(told);
  expect(await found()).toBeUndefined();
});

test('an engine that is not on a socket of this machine is never taken for one', async () => {
  const { found } = await near({}, onPort);
  expect(await found()).toBeUndefined();
});

test.skipIf(!process.getuid)('who is not root leaves the volume to the engine', async () => {
  const { found } = await near();
  const spy = vi.spyOn(process, 'getuid').mockReturnValue(1000);
  onTestFinished(() => spy.mockRestore());
  expect(await found()).toBeUndefined();
});

test('what is at a path of the folder is told, and no link leads out of it', async () => {
  const outside = folder();
  writeFileSync(join(outside, 'secret'), 'x');
  const root = folder();
  mkdirSync(join(root, 'sub'));
  writeFileSync(join(root, 'sub', 'PG_VERSION'), '15\n');
  writeFileSync(join(root, 'large'), 'x'.repeat(2000));
  symlinkSync(outside, join(root, 'out'));
  symlinkSync('sub', join(root, 'in'));
  expect(await entryIn(root, 'sub', 1024)).toEqual({ type: 'folder' });
  expect(await entryIn(root, 'sub/PG_VERSION', 1024)).toEqual({ type: 'file', head: '15\n' });
  expect(await entryIn(root, 'in/PG_VERSION', 1024)).toEqual({ type: 'file', head: '15\n' });
  expect(await entryIn(root, 'large', 1024)).toEqual({ type: 'file' });
  expect(await entryIn(root, 'out', 1024)).toEqual({ type: 'other' });
  expect(await entryIn(root, 'out/secret', 1024)).toBeUndefined();
  expect(await entryIn(root, 'nothing', 1024)).toBeUndefined();
});

/** A tar of our own, a shell script, in place of any other; the probe's run, which has --no-recursion, passes unless told. */
function fakeTar(script: string, probe = 'exit 0'): void {
  const bin = folder();
  const text = `#!/bin/sh\ncase "$*" in *--no-recursion*) ${probe};; esac\n${script}\n`;
  writeFileSync(join(bin, 'tar'), text);
  chmodSync(join(bin, 'tar'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const SAYS = (words: string, status: number) =>
  `head -c 10240 /dev/zero; echo 'tar: ${words}' >&2; exit ${status}`;

test.skipIf(!ROOT).each<[string, string, RegExp]>([
  [
    'a file that changes',
    SAYS('./base/1: file changed as we read it', 1),
    /^volume db changed while it was backed up \(base\/1\): /,
  ],
  [
    'a file that cannot be read',
    SAYS('./base/1: Cannot open: Input/output error', 2),
    /^tar could not read all of volume db \(base\/1: Cannot open: Input\/output error\)/,
  ],
  ['a tar that is killed', 'kill -9 $$', /^tar could not read all of volume db \(it was killed\)/],
])('with %s a backup from the folder is refused, and nothing is left', async (_what, script, words) => {
  const { client } = await near();
  fakeTar(script);
  const into = folder();
  const error = await backUp(client, 'db', into, NOW, RUNS).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Refusal);
  expect((error as Error).message).toMatch(words);
  expect(readdirSync(join(into, 'volumes'))).toEqual([]);
});

test.skipIf(!ROOT)(
  'a backup from the folder that is cancelled ends its tar, and leaves nothing',
  async () => {
    const { client } = await near();
    const note = join(folder(), 'pid');
    fakeTar(`echo $$ >${note}; while :; do head -c 10240 /dev/zero; sleep 0.01; done`);
    const stop = new AbortController();
    const into = folder();
    const backingUp = backUp(client, 'db', into, NOW, stop.signal);
    await vi.waitFor(() => expect(readFileSync(note, 'utf8')).toMatch(/\d+\n/), { timeout: 10_000 });
    stop.abort(new Cancelled('cancelled'));
    await expect(backingUp).rejects.toThrow(Cancelled);
    expect(readdirSync(join(into, 'volumes'))).toEqual([]);
    expect(() => process.kill(Number(readFileSync(note, 'utf8')), 0)).toThrow(/ESRCH/);
  },
);

test.skipIf(!ROOT).each([
  ['that does not take the options', 'echo "tar: unrecognized option" >&2; exit 64'],
  ['that has no attributes', 'echo "tar: XATTR support is not available" >&2; exit 0'],
])('where there is a tar %s, the engine makes the backup', async (_what, probe) => {
  const { client } = await near();
  fakeTar('exit 99', probe);
  expect(await backUp(client, 'db', folder(), NOW, RUNS)).toMatchObject({ source: 'engine' });
});

test.skipIf(!ROOT)('tar is not told anything by the environment', async () => {
  const { client } = await near();
  const note = join(folder(), 'environment');
  fakeTar(`env >${note}; exit 2`);
  vi.stubEnv('TAR_OPTIONS', '--exclude=*');
  vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
  await backUp(client, 'db', folder(), NOW, RUNS).catch(() => {});
  const lines = readFileSync(note, 'utf8').split('\n');
  expect(lines).toContain('LC_ALL=C');
  expect(lines.filter((line) => line.startsWith('TAR_OPTIONS'))).toEqual([]);
});
