// Looking into volumes and backing them up on real engines, where nothing may be left behind, and nothing in a volume may change.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pack } from 'tar-stream';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
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
      plain: { kind: 'files', evidence: '1 file or more', data: false },
      many: { kind: 'PostgreSQL', evidence: 'var/lib/postgresql/data/PG_VERSION says 15', data: true },
    });
    expect(await state()).toEqual(before);
  });

  test('looks at volumes too large to list leave the engine’s few remembered events to others', async (context) => {
    if (podman) return context.skip('podman remembers more');
    if (!near) return context.skip('needs the engine’s files');
    for (const name of ['large-1', 'large-2']) {
      const at = mountpoint(volume(name));
      sparse(join(at, '0-first'));
      execFileSync('mkdir', ['data', 'db'], { cwd: at });
    }
    const since = Date.now() / 1000;
    await lookInto(client, made, RUNS);
    const query = { since: since.toFixed(3), until: (Date.now() / 1000).toFixed(3) };
    const events = await client.read('GET', '/events', query, { timeout: 10_000 }, async ({ body }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of body) chunks.push(chunk);
      return Buffer.concat(chunks).toString().trim().split('\n');
    });
    // Of each volume: its container made, two mounts and unmounts, one reading, the container removed, on 20.10 the volume, too.
    expect(events.length).toBeGreaterThan(2);
    expect(events.length).toBeLessThanOrEqual(2 + 8 * made.length);
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

  test('where the folder cannot be read here, the engine’s archive gives the odd content back, by tar alone', async (context) => {
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    const folder = temporary();
    const from = mountpoint(volume('odd', '--label', 'team=shop'));
    execFileSync('sh', ['-c', ODD], { cwd: from });
    const before = await state();
    const nobody = vi.spyOn(process, 'getuid').mockReturnValue(65534);
    onTestFinished(() => nobody.mockRestore());
    const backup = await backUp(client, 'odd', folder, '2026-11-21T02:41:09Z', RUNS, 5_000_000);
    nobody.mockRestore();
    expect(await state()).toEqual(before);
    expect(backup.file).toBe(join(folder, 'volumes', 'odd-20261121T024109Z.tar'));
    expect(backup.bytes).toBe(statSync(backup.file).size);
    expect(createHash('sha256').update(readFileSync(backup.file)).digest('hex')).toBe(backup.sha256);
    expect(backup.entries).toBe(countIn(from));
    const facts = JSON.parse(readFileSync(backup.file.replace('.tar', '.json'), 'utf8'));
    expect(facts.volume).toMatchObject({ name: 'odd', driver: 'local', labels: { team: 'shop' } });
    const notKept = expect.arrayContaining(['sockets', 'fractions of a second']);
    expect(facts.archive).toMatchObject({ source: 'engine', notKept });
    const back = temporary();
    execFileSync('tar', [...RESTORE, '-f', backup.file, '-C', back], { stdio: 'pipe' });
    expect(sumOf(back, MODESTLY)).toEqual(sumOf(from, MODESTLY));
  });

  test('where the folder can be read here, a backup gives all back: attributes, ACLs, fractions of a second, holes', async (context) => {
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    const from = mountpoint(volume('odd'));
    const why = attributesUnavailable(from);
    if (why) return context.skip(why);
    execFileSync('sh', ['-c', ODD], { cwd: from });
    execFileSync('sh', ['-c', ATTRIBUTES], { cwd: from });
    const socket = createServer().listen(join(from, 'socket'));
    onTestFinished(() => void socket.close());
    execFileSync('touch', ['-d', '@1500000000.987654321', '.'], { cwd: from });
    const before = await state();
    const backup = await backUp(client, 'odd', temporary(), '2026-11-21T02:41:09Z', RUNS);
    expect(await state()).toEqual(before);
    expect(backup.entries).toBe(countIn(from));
    expect(backup.bytes).toBe(statSync(backup.file).size);
    const { archive } = JSON.parse(readFileSync(backup.file.replace('.tar', '.json'), 'utf8'));
    expect(archive).toMatchObject({ source: 'folder', sha256: backup.sha256 });
    expect(archive.notKept).toEqual(['sockets', 'times of access, change and birth', 'flags of chattr']);
    expect(backup.notKept).toEqual(archive.notKept);
    for (const more of [[], ['--acls']]) {
      // On the same disk, which has the same attributes; it goes with the volume.
      const back = join(from, '..', `back${more}`);
      mkdirSync(back);
      execFileSync('tar', [...RESTORE, ...more, '-f', backup.file, '-C', back], { stdio: 'pipe' });
      expect(sumOf(back, WHOLLY)).toEqual(sumOf(from, WHOLLY));
      expect(attributesOf(back)).toEqual(attributesOf(from));
      expect(statSync(join(back, 'sparse')).blocks).toBe(statSync(join(from, 'sparse')).blocks);
    }
    expect(attributesOf(from)).toContain('security.ours');
    const again = await backUp(client, 'odd', temporary(), '2026-11-21T02:41:09Z', RUNS);
    expect(again.sha256).toBe(backup.sha256);
  });

  test('a file that is written to while the volume is backed up is told, and nothing is left', async (context) => {
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    const from = mountpoint(volume('busy'));
    writeFileSync(join(from, 'log'), 'x'.repeat(100_000));
    const folder = temporary();
    const writing = setInterval(() => appendFileSync(join(from, 'log'), 'more'), 1);
    onTestFinished(() => clearInterval(writing));
    const error = await backUp(client, 'busy', folder, '2026-11-21T02:41:09Z', RUNS).catch((e: unknown) => e);
    expect(String(error)).toMatch(/volume busy changed while it was backed up \(log\)/);
    expect(readdirSync(join(folder, 'volumes'))).toEqual([]);
  });

  test('a backup that is cancelled ends its tar, and leaves nothing', async (context) => {
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    // 2 GB that are no hole: more than is read at once.
    const from = mountpoint(volume('large'));
    execFileSync('sh', ['-c', 'dd if=/dev/zero of=large bs=1M count=2000 status=none'], { cwd: from });
    const before = await state();
    const folder = temporary();
    const stop = new AbortController();
    const backingUp = backUp(client, 'large', folder, '2026-11-21T02:41:09Z', stop.signal);
    const part = join(folder, 'volumes', 'large-20261121T024109Z.tar.part');
    const begun = () => existsSync(part) && statSync(part).size > 0;
    while (!begun()) await new Promise((done) => setTimeout(done, 5));
    stop.abort(new Cancelled('cancelled'));
    await expect(backingUp).rejects.toThrow(Cancelled);
    expect(readdirSync(join(folder, 'volumes'))).toEqual([]);
    expect(processesOn(from)).toEqual([]);
    expect(await state()).toEqual(before);
  });

  test('a real PostgreSQL data folder comes back from its backup as it was', async (context) => {
    const why = postgresUnavailable();
    if (why) return context.skip(why);
    if (podman) return context.skip('podman does not tell whose the files are');
    if (!near) return context.skip('needs the engine’s files');
    const from = mountpoint(unpacked('pg', postgresFolder().tar));
    const { file } = await backUp(client, 'pg', temporary(), '2026-11-21T02:41:09Z', RUNS);
    const back = temporary();
    execFileSync('tar', [...RESTORE, '-f', file, '-C', back]);
    expect(sumOf(back, WHOLLY)).toEqual(sumOf(from, WHOLLY));
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

/** As it is told to restore. */
const RESTORE = ['-xp', '--numeric-owner', '--xattrs', '--xattrs-include=*'];

/** What the engine's archive keeps: whole seconds, and of the attributes capabilities. */
const MODESTLY = '--pax-option=delete=mtime --xattrs-include=security.capability';
const WHOLLY = '--xattrs-include=* --acls';

/** Names, types, owners, modes, times, links, devices, attributes and contents, as GNU tar sees them. */
function sumOf(folder: string, what: string): string {
  const pax = '--pax-option=exthdr.name=x,delete=atime,delete=ctime';
  const options = `--sort=name --numeric-owner --format=posix ${pax} --xattrs ${what}`;
  return execFileSync('sh', ['-fc', `tar ${options} -cf - . 2>/dev/null | sha256sum`], {
    cwd: folder,
    encoding: 'utf8',
  });
}

/** Command lines of the processes that were told of the folder. */
function processesOn(folder: string): string[] {
  const lines = readdirSync('/proc').map((id) => {
    try {
      return /^\d+$/.test(id) ? readFileSync(`/proc/${id}/cmdline`, 'utf8') : '';
    } catch {
      return ''; // it ended
    }
  });
  return lines.filter((line) => line.includes(folder));
}

function countIn(folder: string): number {
  const script = 'find . ! -type s -printf "x\\n" | wc -l';
  return Number(execFileSync('sh', ['-c', script], { cwd: folder }));
}

/** Every attribute of every file, by tools that are not tar. */
function attributesOf(folder: string): string {
  return execFileSync('sh', ['-c', `${TOOLS}\nfind . -print0 | sort -z | all_of`], {
    cwd: folder,
    encoding: 'utf8',
  });
}

function attributesUnavailable(folder: string): string | undefined {
  const tried = spawnSync('sh', ['-c', `${TOOLS}\nput user.try 00 . && put security.try 00 .`], {
    cwd: folder,
    encoding: 'utf8',
  });
  return tried.status === 0 ? undefined : `cannot set extended attributes here: ${tried.stderr.trim()}`;
}

/** `put NAME HEX FILE`; `all_of` names on its input. */
const TOOLS = `
if command -v setfattr >/dev/null && command -v getfattr >/dev/null; then
  put() { setfattr -h -n "$1" -v "0x$2" "$3"; }
  all_of() { xargs -0 getfattr -h -d -m - -e hex; }
else
  put() { python3 -c 'import os, sys
name, value, path = sys.argv[1:]
os.setxattr(path, name, bytes.fromhex(value), follow_symlinks=False)' "$@"; }
  all_of() { python3 -c 'import os, sys
for path in filter(None, sys.stdin.buffer.read().split(b"\\0")):
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        print(path, name, os.getxattr(path, name, follow_symlinks=False).hex())'; }
fi
`;

/** An ACL names users 1 and 1234 and group 99, in the kernel's own form. */
const ACL =
  '02000000 01000600ffffffff 0200050001000000 02000700d2040000 04000400ffffffff 0800030063000000 10000700ffffffff 20000400ffffffff';

const ATTRIBUTES = `
set -e
${TOOLS}
put user.text 68656c6c6f plain; put user.bytes 00ff0a3d00 plain; put user.empty '' empty-file
put security.ours 01 plain; put trusted.ours 02 sub; put trusted.link 03 dangling; put user.folder 04 .
put system.posix_acl_access ${ACL.replaceAll(' ', '')} plain
put system.posix_acl_access ${ACL.replaceAll(' ', '')} sub
put system.posix_acl_default ${ACL.replaceAll(' ', '')} sub
printf x >sub/inherits
touch -d @1300000000.000000001 plain sub/inherits; touch -h -d @1200000000.25 dangling
`;

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
