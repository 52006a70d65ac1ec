// Looking into volumes and backing them up on real engines, where nothing may be left behind, and nothing in a volume may change.
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pack } from 'tar-stream';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { Cancelled } from '../../src/core/errors.ts';
import { type Client, connect } from '../../src/engine/client.ts';
import { backUp } from '../../src/engine/volume-backup.ts';
import { lookInto } from '../../src/engine/volume-look.ts';
import { TestEngine } from '../support/engine.ts';
import { postgresFolder, postgresUnavailable } from '../support/postgres.ts';
import { endpointAt } from '../support/servers.ts';

const SRC = resolve(import.meta.dirname, '../../src');
const ENGINES = Object.entries(inject('engines'));
const RUNS = new AbortController().signal;

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on engine %s', (name, at) => {
  const podman = name.startsWith('podman');
  /** The engine's files are this machine's, and we are root. */
  const near = at.host.startsWith('unix:') && process.getuid?.() === 0;
  let engine: TestEngine;
  let client: Client;
  let made: string[] = [];
  let fillable = false;

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    client = await connect(endpointAt(at.host));
    return () => client.close();
  });
  beforeEach(() => engine.clear());
  afterEach(async () => {
    await engine.clear();
    if (made.length > 0) engine.docker('volume', 'rm', '-f', ...made);
    made = [];
    fillable = false;
  });

  const volume = (name: string, ...options: string[]) => {
    engine.docker('volume', 'create', ...options, name);
    made.push(name);
    return name;
  };

  /** Puts files into a volume, through a container that never runs. */
  const filled = async (name: string, files: Readonly<Record<string, string>>) => {
    const archive = pack();
    for (const [path, content] of Object.entries(files)) {
      const type = path.endsWith('/') ? 'directory' : 'file';
      if (type === 'file') archive.entry({ name: path, type }, content);
      else archive.entry({ name: path, type, mode: 0o755 });
    }
    archive.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    return unpacked(name, Buffer.concat(chunks));
  };

  const unpacked = (name: string, tar: Buffer) => {
    volume(name);
    if (!fillable) engine.load({ tags: ['fill:1'], created: '2026-01-01T00:00:00Z', layers: [{ 'v/': '' }] });
    fillable = true;
    engine.docker('create', '--name', 'fill', '-v', `${name}:/v:nocopy`, 'fill:1', '/bin/busybox', 'true');
    execFileSync('docker', ['cp', '-', 'fill:/v'], { env: engine.env, input: tar, stdio: 'pipe' });
    engine.docker('rm', 'fill');
    return name;
  };

  const mountpoint = (name: string) =>
    engine.docker('volume', 'inspect', '-f', '{{.Mountpoint}}', name).trim();

  /** All that a look could change. */
  const state = async () => ({
    images: await engine.get('/images/json?all=1'),
    containers: await engine.get('/containers/json?all=1'),
    volumes: (await engine.get<{ Volumes: { Name: string }[] }>('/volumes')).Volumes.sort((a, b) =>
      a.Name < b.Name ? -1 : 1,
    ),
    content: near
      ? made.map((name) =>
          execFileSync('find', [mountpoint(name), '-printf', '%p %m %U %G %s %T@ %C@\\n'], {
            encoding: 'utf8',
          }),
        )
      : [],
  });

  test('volumes are recognised by what they hold, and nothing is left behind or changed', async () => {
    await filled('mysql', { ibdata1: 'x', 'mysql.ibd': 'x', 'mysql/': '' });
    await filled('redis', { 'appendonlydir/': '', 'appendonlydir/appendonly.aof.manifest': 'x' });
    await filled('sqlite', { 'app/notes.txt': 'x', 'app/state': 'SQLite format 3\0 and more' });
    await filled('newer', { '18/': '', '18/docker/': '', '18/docker/PG_VERSION': '18\n' });
    await filled('git', { 'shop/.git/': '', 'shop/.git/HEAD': 'ref: refs/heads/main\n' });
    await filled('files', { a: 'x', 'b/c': 'x', 'b/d': 'x' });
    volume('empty');
    const before = await state();
    const looks = await lookInto(client, [...made, 'nowhere'], RUNS);
    expect(Object.fromEntries(looks)).toEqual({
      mysql: { kind: 'MySQL', evidence: 'mysql.ibd', data: true },
      redis: { kind: 'Redis', evidence: 'appendonlydir/', data: true },
      sqlite: { kind: 'SQLite', evidence: 'app/state', data: true },
      newer: { kind: 'PostgreSQL', evidence: '18/docker/PG_VERSION says 18', data: true },
      git: { kind: 'Git repository', evidence: 'shop/.git/', data: true },
      files: { kind: 'files', evidence: '3 files', data: false },
      empty: { kind: 'empty', data: false },
      nowhere: { unknown: expect.stringContaining('no such volume') },
    });
    expect([...looks.keys()]).toEqual([...made, 'nowhere']);
    expect(await state()).toEqual(before);
  });

  test('a real PostgreSQL data folder is recognised', async (context) => {
    const why = postgresUnavailable();
    if (why) return context.skip(why);
    const { tar, version } = postgresFolder();
    unpacked('pg', tar);
    const expected = { kind: 'PostgreSQL', evidence: `PG_VERSION says ${version}`, data: true };
    expect((await lookInto(client, ['pg'], RUNS)).get('pg')).toEqual(expected);
  });

  test('a volume that cannot be mounted is unknown, for itself only', async () => {
    volume('bogus', '-o', 'type=ext4', '-o', 'device=/dev/there/is/none');
    volume('nfs', '-o', 'type=nfs', '-o', 'o=addr=127.0.0.1,soft,timeo=1,retrans=1', '-o', 'device=:/none');
    await filled('redis', { 'dump.rdb': 'REDIS0011' });
    const before = await state();
    const looks = await lookInto(client, ['bogus', 'redis', 'nfs'], RUNS);
    const unknown = podman ? 'only while a container runs on it' : 'failed to mount local volume';
    expect(Object.fromEntries(looks)).toEqual({
      bogus: { unknown: expect.stringContaining(unknown) },
      nfs: { unknown: expect.stringContaining(unknown) },
      redis: { kind: 'Redis', evidence: 'dump.rdb', data: true },
    });
    expect(await state()).toEqual(before);
  });

  test('a volume of hundreds of GB is not read to its end, and recognised all the same', async (context) => {
    if (!near) return context.skip('needs the engine’s files');
    sparse(join(mountpoint(volume('huge')), '0-first'));
    writeFileSync(join(mountpoint('huge'), 'WiredTiger'), 'x');
    sparse(join(mountpoint(volume('plain')), '0-first'));
    const many = mountpoint(volume('many'));
    execFileSync('sh', ['-c', 'mkdir a && cd a && seq 5000 | xargs touch'], { cwd: many });
    execFileSync(
      'sh',
      ['-c', 'mkdir -p var/lib/postgresql/data; echo 15 >var/lib/postgresql/data/PG_VERSION'],
      {
        cwd: many,
      },
    );
    const before = await state();
    expect(Object.fromEntries(await lookInto(client, made, RUNS))).toEqual({
      huge: { kind: 'MongoDB', evidence: 'WiredTiger', data: true },
      plain: { kind: 'files', evidence: 'more than 1 file', data: false },
      many: { kind: 'PostgreSQL', evidence: 'var/lib/postgresql/data/PG_VERSION says 15', data: true },
    });
    expect(await state()).toEqual(before);
  });

  test('a look that is cancelled leaves nothing behind', async () => {
    for (let n = 0; n < 12; n++) volume(`v${n}`);
    const before = await state();
    const stop = new AbortController();
    const looking = lookInto(client, made, stop.signal);
    const seen = async () => (await engine.get<unknown[]>('/containers/json?all=1')).length > 0;
    while (!(await seen())) await new Promise((done) => setTimeout(done, 5));
    stop.abort(new Cancelled('cancelled'));
    await expect(looking).rejects.toThrow(Cancelled);
    expect(await state()).toEqual(before);
  });

  test('what a killed run left is removed by the next, and what another run is using is not', async () => {
    volume('held');
    const before = await state();
    const other = spawn(process.execPath, ['--input-type=module-typescript', '-e', HOLDS], {
      env: { ...process.env, SRC, HOST: at.host },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void other.kill('SIGKILL'));
    await new Promise((done) => other.stdout.once('data', done));
    expect(await engine.get('/containers/json?all=1')).toHaveLength(1);
    await lookInto(client, ['held'], RUNS);
    expect(await engine.get('/containers/json?all=1')).toHaveLength(1);
    const ended = new Promise((done) => other.once('exit', done));
    other.kill('SIGKILL');
    await ended;
    expect((await lookInto(client, ['held'], RUNS)).get('held')).toEqual({ kind: 'empty', data: false });
    expect(await state()).toEqual(before);
  });

  test('a backup gives the volume’s odd content back, by tar alone', async (context) => {
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    const folder = temporary();
    const from = mountpoint(volume('odd', '--label', 'team=shop'));
    execFileSync('sh', ['-c', ODD], { cwd: from });
    const before = await state();
    const backup = await backUp(client, 'odd', folder, '2026-11-21T02:41:09Z', RUNS, 5_000_000);
    expect(await state()).toEqual(before);
    expect(backup.file).toBe(join(folder, 'volumes', 'odd-20261121T024109Z.tar'));
    expect(backup.bytes).toBe(statSync(backup.file).size);
    expect(createHash('sha256').update(readFileSync(backup.file)).digest('hex')).toBe(backup.sha256);
    expect(backup.entries).toBe(
      Number(execFileSync('sh', ['-c', 'find . ! -type s -printf "x\\n" | wc -l'], { cwd: from })),
    );
    const facts = JSON.parse(readFileSync(backup.file.replace('.tar', '.json'), 'utf8'));
    expect(facts.volume).toMatchObject({ name: 'odd', driver: 'local', labels: { team: 'shop' } });
    const back = temporary();
    execFileSync(
      'tar',
      ['-xpf', backup.file, '--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', back],
      {
        stdio: 'pipe',
      },
    );
    expect(sumOf(back)).toEqual(sumOf(from));
  });

  test('a real PostgreSQL data folder comes back from its backup as it was', async (context) => {
    const why = postgresUnavailable();
    if (why) return context.skip(why);
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    const from = mountpoint(unpacked('pg', postgresFolder().tar));
    const { file } = await backUp(client, 'pg', temporary(), '2026-11-21T02:41:09Z', RUNS);
    const back = temporary();
    execFileSync('tar', ['-xpf', file, '--numeric-owner', '-C', back]);
    expect(sumOf(back)).toEqual(sumOf(from));
  });

  test('where the engine does not tell whose files are, a backup is refused with another way', async (context) => {
    if (!podman) return context.skip('docker tells');
    volume('odd');
    const folder = temporary();
    await expect(backUp(client, 'odd', folder, '2026-11-21T02:41:09Z', RUNS)).rejects.toThrow(
      /podman volume export/,
    );
    expect(existsSync(join(folder, 'volumes'))).toBe(false);
  });
});

/** A file of 300 GB that takes no space. */
function sparse(path: string): void {
  writeFileSync(path, '');
  truncateSync(path, 300e9);
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidy-volumes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Names, types, owners, modes, whole seconds, links, devices, capabilities and contents, as GNU tar sees them. */
function sumOf(folder: string): string {
  const pax = 'exthdr.name=x,delete=atime,delete=ctime,delete=mtime';
  const options = `--sort=name --numeric-owner --format=posix --pax-option=${pax} --xattrs --xattrs-include=security.capability`;
  return execFileSync('sh', ['-c', `tar ${options} -cf - . 2>/dev/null | sha256sum`], {
    cwd: folder,
    encoding: 'utf8',
  });
}

/** Looks into a volume, and never ends. */
const HOLDS = `
const { connect } = await import(process.env.SRC + '/engine/client.ts');
const { parseHost } = await import(process.env.SRC + '/engine/host.ts');
const { withEmptyImage, withPeek } = await import(process.env.SRC + '/engine/volume-peek.ts');
const address = parseHost(process.env.HOST);
const client = await connect({ context: 'default', host: address.host, transport: address.transport, headers: {} });
const { signal } = new AbortController();
await withEmptyImage(client, signal, (image) => withPeek(client, image, 'held', signal, async () => {
  console.log('held');
  await new Promise((done) => setTimeout(done, 600_000));
}));
`;

/** What breaks simple archivers. */
const ODD = `
set -e
printf hello >plain; chown 1000:1001 plain; chmod 640 plain; touch -d @1600000000.123456789 plain
: >owner-over-2-21; chown 3000000000:2500000 owner-over-2-21
: >empty-file; printf x >-dash; printf x >'*star'; printf x >"$(printf 'new\\nline')"; printf x >"$(printf 'not\\377utf8')"
printf x >"$(printf 'n%.0s' $(seq 250))"
mkdir -p "$(printf 'p%.0s' $(seq 200))/$(printf 'q%.0s' $(seq 200))"; printf deep >"$(printf 'p%.0s' $(seq 200))/$(printf 'q%.0s' $(seq 200))/deep"
mkdir -p empty/folder sticky sub lost+found; chmod 2750 empty/folder; chmod 1777 sticky; chown 12:13 sticky
printf '#!' >setuid; chown 5:6 setuid; chmod 6755 setuid
ln -s ../nowhere dangling; ln -s /etc/passwd absolute; chown -h 12:13 absolute; ln -s "$(printf 't%.0s' $(seq 300))" long-link
printf hard >hard-1; ln hard-1 hard-2; ln hard-1 sub/hard-3
mkfifo fifo; mknod null c 1 3; mknod block b 7 0; chmod 600 block
truncate -s 3M sparse; printf S | dd of=sparse bs=1 seek=1000000 conv=notrunc status=none
printf x >old; touch -d 1969-01-01T00:00:00Z old; printf x >future; touch -d 2200-01-01T00:00:00Z future
printf x >capable; if command -v setcap >/dev/null; then setcap cap_net_raw+ep capable; fi
chown 70:71 .; chmod 750 .; touch -d @1400000000.5 empty/folder empty sub sticky .
`;
