// Taking runs back on every engine: the same image IDs, names, settings and contents, and nothing that is there is touched.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

const built = (tags: string, day = 1): HandMade => ({
  tags: tags.split(' '),
  created: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
  layers: [{ [`of-${tags.replaceAll(/\W/g, '-')}`]: tags }],
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let state: string;

  beforeAll(() => {
    engine = new TestEngine(name, at);
    state = join(engine.config, '.local/state/docker-tidy');
  });
  beforeEach(async () => {
    await engine.clearAll();
    writeFileSync(join(engine.config, 'config.json'), '{}');
    rmSync(state, { recursive: true, force: true });
    engine.load(built('app:1'));
  });

  const done = async (...args: string[]) => {
    const ran = await engine.tidy(args);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    return ran.stdout;
  };
  const journals = () => {
    const [folder = ''] = readdirSync(state).filter((each) => !['locks', 'layers', 'volumes'].includes(each));
    return readdirSync(join(state, folder, 'runs')).map((file) => join(state, folder, 'runs', file));
  };
  const idOf = (image: string) => engine.docker('image', 'inspect', '--format', '{{.Id}}', image);

  test('names that were taken off an image that stays are given back, and history tells', async () => {
    engine.docker('tag', 'app:1', 'other/app:x');
    engine.docker('tag', 'app:1', 'other/app:y');
    engine.run('web', 'app:1');
    engine.docker('tag', 'app:1', 'late:1');
    const id = idOf('app:1');
    engine.docker('rm', '-f', 'web');
    engine.load(built('app:2', 2));
    await done('images', '--keep', '1', 'app', '-f'); // untags app:1, since the image has other names
    expect(await engine.names()).toEqual(['app:2', 'late:1', 'other/app:x', 'other/app:y']);
    const listed = await done('history');
    expect(listed).toMatch(/1 untagged .*docker tidy images --keep 1 app -f/);
    expect(await done('undo', '-f')).toContain('Restored: name app:1');
    expect(idOf('app:1')).toBe(id);
    expect(await done('history')).toContain('undone, 1 untagged');
    const again = await engine.tidy(['undo', '-f']);
    expect(again).toMatchObject({ status: 1 });
    expect(again.stderr).toContain('there is no run on this engine that could be taken back');
  });

  test('a name that was taken meanwhile stays with what has it now', async () => {
    engine.docker('tag', 'app:1', 'keep:1');
    await done('images', '-a', '--keep-tag', '9', 'app', '-f').catch(() => {});
    engine.load(built('app:9', 9));
    await done('images', '-a', '--keep-tag', '9', 'app', '-f');
    engine.load(built('new:1', 5));
    engine.docker('tag', 'new:1', 'app:1');
    const newer = idOf('app:1');
    const said = await engine.tidy(['undo', '-f']);
    expect(said.stdout).toMatch(/app:1: it names another image now, [0-9a-f]{12}, and is left alone/);
    expect(idOf('app:1')).toBe(newer);
  });

  test('containers and networks come back as they were, with their own volumes', async () => {
    const ipv6 = ['--subnet', '10.77.3.0/24', '--gateway', '10.77.3.9'];
    engine.docker('network', 'create', ...ipv6, '--label', 'a=b', '--internal', 'lan');
    engine.docker('network', 'create', 'second');
    const options = [
      '-e',
      'MODE=test',
      '--label',
      'team=ops',
      '--restart',
      'on-failure:3',
      '-v',
      'named:/data',
    ];
    engine.docker(
      'create',
      '--name',
      'job',
      '--network',
      'lan',
      '--network-alias',
      'worker',
      ...options,
      '-v',
      '/own',
      'app:1',
      '/bin/busybox',
      'true',
    );
    engine.docker('network', 'connect', 'second', 'job');
    const before = JSON.parse(engine.docker('inspect', 'job'))[0];
    const lan = JSON.parse(engine.docker('network', 'inspect', 'lan'))[0];
    await done('containers', '-f');
    await done('networks', '-f');
    expect((await engine.others()).networks).toEqual([]);
    await done('undo', '-f');
    await done('undo', '-f');
    const after = JSON.parse(engine.docker('inspect', 'job'))[0];
    const { Hostname: _, Image: __, ...config } = before.Config;
    expect(after.Config).toMatchObject(config);
    expect(after.Image).toBe(before.Image);
    expect(after.HostConfig.RestartPolicy).toEqual(before.HostConfig.RestartPolicy);
    const mounts = (each: { Mounts: { Name: string; Destination: string }[] }) =>
      each.Mounts.map(({ Name, Destination }) => `${Name} ${Destination}`).sort();
    expect(mounts(after)).toEqual(mounts(before));
    expect(Object.keys(after.NetworkSettings.Networks).sort()).toEqual(['lan', 'second']);
    expect(after.NetworkSettings.Networks.lan.Aliases).toContain('worker');
    const again = JSON.parse(engine.docker('network', 'inspect', 'lan'))[0];
    for (const field of ['Driver', 'Internal', 'EnableIPv6', 'Labels', 'Options', 'IPAM'])
      expect([field, again[field]]).toEqual([field, lan[field]]);
    engine.docker('start', '-a', 'job');
  });

  test('a volume comes back with the same content, owners, modes, times and links', async () => {
    engine.docker('volume', 'create', '--label', 'of=tests', 'pgdata');
    const script = [
      'cd /v',
      'mkdir -p deep/er',
      'echo 16 > PG_VERSION',
      'echo secret > deep/er/file',
      'ln deep/er/file hard',
      'ln -s deep/er/file soft',
      'echo run > tool && chown 5:6 tool && chmod 6755 tool && ln tool deep/tool',
      'chown 70:71 PG_VERSION .',
      'chmod 600 PG_VERSION',
      'chmod 1700 .',
      'touch -d "2020-02-02 02:02:02" deep/er/file deep .',
    ].join(' && ');
    engine.docker(
      'run',
      '--rm',
      '--network',
      'none',
      '-v',
      'pgdata:/v',
      'app:1',
      '/bin/busybox',
      'sh',
      '-c',
      script,
    );
    const census = () =>
      createHash('sha256')
        .update(
          engine.docker(
            'run',
            '--rm',
            '--network',
            'none',
            '-v',
            'pgdata:/v',
            'app:1',
            '/bin/busybox',
            'sh',
            '-c',
            'cd /v && /bin/busybox find . | /bin/busybox sort | while read f; do /bin/busybox stat -c "%n %F %a %u %g %Y %h %s" "$f"; done; /bin/busybox cat PG_VERSION hard soft',
          ),
        )
        .digest('hex');
    const before = census();
    await done('volumes', 'pgdata', '--confirm', 'pgdata', '-f');
    expect((await engine.others()).volumes).toEqual([]);
    await done('restore', 'pgdata', '-f');
    expect(census()).toBe(before);
    expect(JSON.parse(engine.docker('volume', 'inspect', 'pgdata'))[0].Labels).toEqual({ of: 'tests' });
    const there = await engine.tidy(['restore', 'pgdata', '-f']);
    expect(there.stdout).toContain('a volume of that name is there, and is left alone');
  });

  test('a damaged backup is refused, and makes no volume', async () => {
    engine.docker('volume', 'create', 'pgdata');
    engine.docker(
      'run',
      '--rm',
      '--network',
      'none',
      '-v',
      'pgdata:/v',
      'app:1',
      '/bin/busybox',
      'sh',
      '-c',
      'echo 16 > /v/PG_VERSION',
    );
    await done('volumes', 'pgdata', '--confirm', 'pgdata', '-f');
    const [tar = ''] = readdirSync(join(state, 'volumes')).filter((each) => each.endsWith('.tar'));
    appendFileSync(join(state, 'volumes', tar), 'x');
    const refused = await engine.tidy(['undo', '-f']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/Failed: volume pgdata: its backup .* is not what was written/);
    const row = await engine.tidy([
      'restore',
      'pgdata',
      '-f',
      '--format',
      '{{.Name}} {{.Result}}: {{.Problem}}',
    ]);
    expect([row.status, row.stderr]).toEqual([1, refused.stderr]);
    expect(row.stdout).toMatch(/^pgdata failed: its backup .* is not what was written.*\n$/);
    expect((await engine.others()).volumes).toEqual([]);
  });

  test.skipIf(!at.host.startsWith('unix:'))(
    'what a registry has is pulled by its digest and named as before; with the registry away that is said',
    async () => {
      const registry = engine.script('registry');
      engine.docker('tag', 'app:1', `${registry}/shop/app:1`);
      engine.docker('push', `${registry}/shop/app:1`);
      await engine.clear();
      engine.docker('pull', `${registry}/shop/app:1`);
      engine.docker('tag', `${registry}/shop/app:1`, 'mine:1');
      const id = idOf('mine:1');
      await done('images', '-a', '-f');
      expect(await engine.names()).toEqual([]);
      engine.script('exec', 'pkill', '-f', 'docker-registry');
      const away = await engine.tidy(['undo', '-f']);
      expect(away.status).toBe(1);
      expect(away.stderr).toMatch(/no registry gave it back/);
      expect(await engine.names()).toEqual([]);
      engine.script('registry');
      await done('undo', '-f');
      expect([idOf('mine:1'), idOf(`${registry}/shop/app:1`)]).toEqual([id, id]);
    },
  );

  test('what was built here comes back from the archive: parents and children, with their names and IDs', async () => {
    engine.docker('tag', 'app:1', 'more/app:2');
    engine.docker('create', '--name', 'base', 'app:1', '/bin/busybox', 'true');
    engine.docker('commit', 'base', 'child:1');
    engine.docker('rm', 'base');
    const before = Object.fromEntries(['app:1', 'more/app:2', 'child:1'].map((each) => [each, idOf(each)]));
    await done('images', '-a', '--archive', '-f');
    expect(await engine.names()).toEqual([]);
    const rows = await done('undo', '--dry-run', '--no-trunc', '--format', '{{.Action}} {{.From}} {{.ID}}');
    expect(rows).toContain(`load archive ${before['child:1']}\n`);
    const { steps } = JSON.parse(await done('undo', '--dry-run', '--format', 'json')) as { steps: unknown[] };
    expect(rows.trimEnd().split('\n')).toHaveLength(steps.length);
    expect(await done('undo', '--dry-run', '--no-trunc')).toContain(`(${before['child:1']}): loaded`);
    await done('undo', '-f');
    for (const [name, id] of Object.entries(before)) expect([name, idOf(name)]).toEqual([name, id]);
    engine.docker('run', '--rm', '--network', 'none', 'child:1', '/bin/busybox', 'true');
  });

  test('an image that only this disk had is said to be lost', async () => {
    await done('images', '-a', 'app', '-f');
    const said = await engine.tidy(['undo', '-f']);
    expect(said.status).toBe(1);
    expect(`${said.stdout}${said.stderr}`).toMatch(
      /app:1: (only this disk had it|no registry gave it back)|no registry gave it back/,
    );
  });

  test('a run that was killed after its call is told by the next, and taken back', async () => {
    engine.docker('tag', 'app:1', 'other/app:x');
    await done('images', '-a', 'other/app', '-f');
    const [journal = ''] = journals();
    const lines = readFileSync(journal, 'utf8').split('\n');
    writeFileSync(journal, `${lines.slice(0, 2).join('\n')}\n{"type":"ended","acti`); // killed while it wrote
    engine.docker('tag', 'app:1', 'third:1');
    const next = await engine.tidy(['images', '-a', 'third', '-f']);
    expect(next.status).toBe(0);
    expect(next.stderr).toMatch(
      /was interrupted after 0 of 1 step, and perhaps other\/app:x\. .*docker tidy undo/,
    );
    const id = /docker tidy undo (\S+) /.exec(next.stderr)?.[1] as string;
    await done('undo', id, '-f');
    expect(await engine.names()).toEqual(['app:1', 'other/app:x']);
    expect((await engine.tidy(['images', '-a', 'other/app', '-f'])).stderr).toBe('');
  });

  test.skipIf(process.getuid?.() === 0 && process.platform !== 'linux')(
    'where the journal cannot be written nothing is removed, unless --no-journal says so',
    async () => {
      engine.docker('tag', 'app:1', 'other/app:x');
      mkdirSync(engine.config, { recursive: true });
      writeFileSync(join(engine.config, 'no-folder'), '');
      const env = { DOCKER_TIDY_STATE: join(engine.config, 'no-folder', 'state') };
      const refused = await engine.tidy(['images', '-a', 'other/app', '-f'], { env });
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('nothing was removed: what is removed cannot be written down in');
      expect(await engine.names()).toEqual(['app:1', 'other/app:x']);
      const went = await engine.tidy(['images', '-a', 'other/app', '-f', '--no-journal'], { env });
      expect(went.status).toBe(0);
      expect(await engine.names()).toEqual(['app:1']);
      chmodSync(join(engine.config, 'no-folder'), 0o600);
      execFileSync('rm', ['-f', join(engine.config, 'no-folder')]);
    },
  );
});
