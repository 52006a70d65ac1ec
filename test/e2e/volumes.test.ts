// The guard: whatever is tried that is not the typed name, every volume stays, and the engine is asked afterwards.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { POSTGRES_UID, postgresFolder, postgresUnavailable } from '../support/postgres.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let state: string;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  afterAll(() => engine?.clearAll());
  beforeEach(async () => {
    await engine.clearAll();
    state = mkdtempSync(join(tmpdir(), 'docker-tidy-state-'));
    writeFileSync(join(engine.config, 'config.json'), '{}');
    engine.load({ tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: [{ f: 'x' }] });
  });

  const tidy = (...args: Parameters<TestEngine['tidy']>) =>
    engine.tidy(args[0], { ...args[1], env: { DOCKER_TIDY_STATE: state, ...args[1]?.env } });
  const volumes = async () => (await engine.others()).volumes;
  const backups = () => {
    try {
      return readdirSync(join(state, 'volumes')).filter((file) => file.endsWith('.tar'));
    } catch {
      return [];
    }
  };

  /** An anonymous volume with these files, left by a container that is gone. Resolves to its name. */
  const anonymous = async (script: string) => {
    const before = await volumes();
    engine.docker(
      'run',
      '--name',
      'filler',
      '--network',
      'none',
      '-v',
      '/data',
      'app:1',
      '/bin/busybox',
      'sh',
      '-c',
      script,
    );
    engine.docker('rm', 'filler');
    return (await volumes()).find((volume) => !before.includes(volume)) as string;
  };
  const named = (volume: string, script: string, ...options: string[]) => {
    engine.docker('volume', 'create', ...options, volume);
    engine.docker(
      'run',
      '--rm',
      '--network',
      'none',
      '-v',
      `${volume}:/data`,
      'app:1',
      '/bin/busybox',
      'sh',
      '-c',
      script,
    );
  };

  describe('with volumes of every kind', () => {
    let data: string;
    const populate = async () => {
      data = await anonymous('echo 15 > /data/PG_VERSION; mkdir /data/base /data/global');
      named('pgdata', 'echo hello > /data/file');
      engine.docker('volume', 'create', '--label', 'com.docker.compose.project=shop', 'shop_db');
      engine.docker('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'elsewhere');
      engine.docker('volume', 'create', '--label', 'tidy.keep=true', 'precious');
      engine.run('db', 'app:1', '-v', 'held:/data', '-v', '/anonymous');
      engine.docker('volume', 'create', 'mounted');
      engine.docker('network', 'create', 'free');
      return await volumes();
    };

    test('no attempt removes one', async () => {
      const all = await populate();
      expect(all.length).toBeGreaterThanOrEqual(8);
      const selections = [
        [],
        ['-a'],
        ['-a', '--filter', 'label!=nothing'],
        ['--older-than', '0s'],
        ['--larger-than', '0'],
      ];
      const attempts: string[][] = [
        ...selections.flatMap((words) => [
          ['-f', ...words],
          ['all', '-f', ...words],
          ['images', '-f', ...words],
        ]),
        ['cache', '-af'],
        ['cache', '-af', '--max-used-space', '0'],
        ['networks', '-f'],
        ['images', '-f', '--keep', '0', '-a'],
        ['volumes', '-f'],
        ['volumes', '-f', '--no-backup'],
        ['volumes', '-f', '--filter', 'label=com.docker.compose.project'],
        ['volumes', '-f', 'pgdata'],
        ['volumes', '-f', 'pgdata', '--no-backup'],
        ['volumes', '-f', 'pgdata', '--confirm', 'pgdat'],
        ['volumes', '-f', 'pgdata', 'shop_db', '--confirm', 'pgdata'],
        ['volumes', '-f', 'pgdata', '--confirm', 'shop_db'],
        ['volumes', '-f', data],
        ['volumes', '-f', 'held', '--confirm', 'held'],
        ['volumes', '-f', 'precious', '--confirm', 'precious'],
        ['volumes', '-f', 'pgdata', 'missing', '--confirm', 'pgdata'],
        ['volumes', '-f', '*', '--confirm', '*'],
        ['volumes', '-af'],
        ['volumes', '-f', '--filter', 'until=1s'],
        ['volumes', '-f', '--dry-run', 'pgdata', '--confirm', 'pgdata'],
        ['plan', 'volumes', '-f', 'pgdata', '--confirm', 'pgdata'],
        ['containers', '-f'],
        ['-af'],
      ];
      writeFileSync(join(engine.config, 'config.json'), JSON.stringify({ pruneFilters: ['label!=nothing'] }));
      for (const words of attempts) {
        await tidy(words);
        expect([words, await volumes()]).toEqual([words, all]);
      }
      expect(backups()).toEqual([]);
    });

    test('a name typed wrong, nothing typed, Ctrl-C and Ctrl-D remove none', async () => {
      const all = await populate();
      for (const [text, status] of [
        ['pgdat\n', 1],
        ['y\n', 1],
        ['\n', 1],
        ['\x03', 130],
        ['\x04', 130],
      ] as const) {
        const run = await tidy(['volumes', 'pgdata', '-f'], { typed: [{ after: 'Type its name', text }] });
        expect([text, run.status]).toEqual([text, status]);
        expect(run.stdout).toContain('nothing was removed');
        expect(await volumes()).toEqual(all);
      }
    });

    test('the plan tells of each what it is, and what keeps it', async () => {
      await populate();
      const { kept } = JSON.parse((await tidy(['plan', 'volumes', '--format', 'json'])).stdout);
      const by = (target: string) => kept.find((entry: { target: string }) => entry.target === target);
      expect(by(data)).toMatchObject({
        volume: { type: 'anonymous', looksLike: 'PostgreSQL', lastMountedBy: 'filler' },
      });
      expect(by('shop_db')).toMatchObject({
        volume: { type: 'compose', project: 'shop', looksLike: 'empty' },
      });
      expect(by('elsewhere')).toMatchObject({ volume: { type: 'driver' } });
      expect(by('held').reasons).toMatchObject([{ text: 'mounted by running container db' }]);
      expect(by('pgdata')).toMatchObject({ volume: { type: 'named', looksLike: 'files' } });
    });
  });

  test('by its typed name a volume goes, after a backup that tar alone reads', async () => {
    named(
      'pgdata',
      'echo hello > /data/file; chown 12:34 /data/file; chmod 640 /data/file; ln -s file /data/link',
    );
    const run = await tidy(['volumes', 'pgdata'], { typed: [{ after: 'Type its name', text: 'pgdata\n' }] });
    expect(run.status).toBe(0);
    expect(await volumes()).toEqual([]);
    const [file] = backups();
    expect(run.stdout).toContain(
      `Deleted: volume pgdata, backed up to ${join(state, 'volumes', file as string)}`,
    );
    const listed = execFileSync('tar', ['-tvf', join(state, 'volumes', file as string), '--numeric-owner'], {
      encoding: 'utf8',
    });
    expect(listed).toMatch(/^-rw-r----- 12\/34 +6 .* \.\/file$/m);
    expect(listed).toMatch(/^lrwxrwxrwx .* \.\/link -> file$/m);
    expect(statSync(join(state, 'volumes', file as string)).mode & 0o777).toBe(0o600);
  });

  test('--confirm is the typed name where there is no terminal; --no-backup leaves no file', async () => {
    named('pgdata', 'echo hello > /data/file');
    expect(await tidy(['volumes', 'pgdata', '--confirm', 'pgdata', '--no-backup'])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect([await volumes(), backups()]).toEqual([[], []]);
  });

  test('anonymous ones without data go by the plain question', async () => {
    await anonymous('true');
    await anonymous('echo log > /data/log.txt');
    expect(await volumes()).toHaveLength(2);
    expect(await tidy(['volumes'])).toMatchObject({ status: 1 });
    expect(await volumes()).toHaveLength(2);
    expect(await tidy(['volumes', '-f'])).toMatchObject({ status: 0, stderr: '' });
    expect([await volumes(), backups()]).toEqual([[], []]);
  });

  test('a volume that came into use while its name was typed stays', async () => {
    named('pgdata', 'echo hello > /data/file');
    const late = () =>
      void engine.docker('create', '--name', 'late', '-v', 'pgdata:/data', 'app:1', '/bin/busybox');
    const run = await tidy(['volumes', 'pgdata'], {
      typed: [{ after: 'Type its name', text: 'pgdata\n', first: late }],
    });
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Skipped: pgdata: mounted by created container late');
    expect([await volumes(), backups()]).toEqual([['pgdata'], []]);
  });

  test('without room for its backup a volume stays', async () => {
    named('pgdata', 'dd if=/dev/zero of=/data/file bs=1M count=4 2>/dev/null');
    const small = join(state, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', small]);
    try {
      const run = await tidy(['volumes', 'pgdata', '--confirm', 'pgdata'], {
        env: { DOCKER_TIDY_STATE: small },
      });
      expect(run.status).toBe(1);
      expect(run.stderr).toMatch(/Failed: pgdata: .* are needed, and .* are free/);
      expect(await volumes()).toEqual(['pgdata']);
      expect(readdirSync(join(small, 'volumes'))).toEqual([]);
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test('a volume whose driver cannot mount it is not known, not removed by default, and not without its backup', async () => {
    engine.docker('volume', 'create', '-o', 'type=ext4', '-o', 'device=/nowhere', 'broken');
    const plan = JSON.parse((await tidy(['plan', 'volumes', '--format', 'json'])).stdout);
    expect(plan.kept).toMatchObject([{ target: 'broken', volume: { type: 'driver' } }]);
    expect(plan.kept[0].volume.unknown).toBeTruthy();
    const run = await tidy(['volumes', 'broken', '--confirm', 'broken']);
    expect(run.status).toBe(1);
    expect(await volumes()).toEqual(['broken']);
    expect(await tidy(['volumes', 'broken', '--confirm', 'broken', '--no-backup'])).toMatchObject({
      status: 0,
    });
    expect(await volumes()).toEqual([]);
  });

  test('a real PostgreSQL data folder in an anonymous volume is recognised, backed up, and only removed by its typed name', async ({
    skip,
  }) => {
    const why = postgresUnavailable();
    if (why) return skip(why);
    const { tar, version } = postgresFolder();
    engine.docker(
      'create',
      '--name',
      'db',
      '-v',
      '/var/lib/postgresql/data',
      'app:1',
      '/bin/busybox',
      'true',
    );
    execFileSync(join(at.tools, 'docker'), ['cp', '-a', '-', 'db:/var/lib/postgresql/data'], {
      env: engine.env,
      input: tar,
    });
    engine.docker('rm', 'db');
    const [volume] = await volumes();

    expect(await tidy(['volumes', '-f'])).toMatchObject({ status: 0 });
    const kept = JSON.parse((await tidy(['plan', 'volumes', '--format', 'json'])).stdout).kept;
    expect(kept[0].reasons[0].text).toBe(
      `looks like PostgreSQL (PG_VERSION says ${version}): give its name to remove it`,
    );
    expect(await tidy(['volumes', volume as string, '-f'])).toMatchObject({ status: 1 });
    expect(await volumes()).toEqual([volume]);

    const run = await tidy(['volumes', volume as string], {
      typed: [{ after: 'Type its name', text: `${volume}\n` }],
    });
    expect(run.status).toBe(0);
    expect(await volumes()).toEqual([]);
    const file = join(state, 'volumes', backups()[0] as string);
    const said = execFileSync('tar', ['-xOf', file, './PG_VERSION'], { encoding: 'utf8' });
    expect(said.trim()).toBe(version);
    const names = (archive: Buffer | string[]) =>
      (Array.isArray(archive)
        ? archive
        : execFileSync('tar', ['-t'], { input: archive, encoding: 'utf8' }).split('\n')
      )
        .filter(Boolean)
        .sort();
    expect(names(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).split('\n'))).toEqual(names(tar));
    expect(
      execFileSync('tar', ['-tvf', file, '--numeric-owner', './PG_VERSION'], { encoding: 'utf8' }),
    ).toContain(`${POSTGRES_UID}/`);
  });
});
