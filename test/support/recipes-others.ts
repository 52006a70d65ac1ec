// What each recipe about conflicts, the other kinds and schedules must come to, by its first column.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { later } from './recipe-host.ts';
import type { Recipe } from './recipes-images.ts';

export const OTHER_RECIPES: Readonly<Record<string, Recipe>> = {
  'know which containers hold an image': async (host, [why = '']) => {
    host.load({ 'myapp:v1.0': 3 });
    host.stopped('web', 'myapp:v1.0');
    expect(await host.does(why)).toContain('web');
  },
  'remove an image together with its containers': async (host, [remove = '']) => {
    host.load({ 'myapp:1': 3, 'myapp:2': 3 });
    host.stopped('old', 'myapp:1');
    host.engine.run('web', 'myapp:2');
    await host.does(remove);
    expect(await host.engine.names()).toEqual(['myapp:2']);
    expect((await host.engine.others()).containers).toEqual(['web']);
  },
  'get past "conflict: unable to remove repository reference (must force)"': async (host, [remove = '']) => {
    host.load({ 'myapp:v1.0': 3, 'myapp:v0.9': 4 });
    host.stopped('web', 'myapp:v1.0');
    expect(() => host.engine.docker('rmi', 'myapp:v1.0')).toThrow(/conflict/);
    expect(await host.does(remove)).toContain('used by created container web');
    expect(await host.engine.names()).toEqual(['myapp:v1.0']);
  },
  'find images without a name under a container': async (host, [see = '']) => {
    host.load({ 'app:1': 3 });
    host.stopped('web', 'app:1');
    await host.nameless('app:1');
    expect(await host.does(see)).toMatch(/keep +<none> .*used by created container web/);
    expect(await host.engine.names()).toEqual(['<none>', 'app:1']);
  },
  'give an image its name back': async (host, [list = '', rescue = '']) => {
    host.load({ 'app:v1': 3, '': 4 });
    const images = await host.engine.get<{ Id: string; RepoTags: string[] | null }[]>('/images/json');
    const id = images.find(({ RepoTags }) => !RepoTags?.includes('app:v1'))?.Id.slice(7, 19) as string;
    expect(await host.does(list)).toContain(id);
    await host.does(rescue, { a1b2c3d4e5f6: id });
    expect(await host.engine.names()).toEqual(['app:v1', 'app:v2']);
  },
  'remove stopped containers': async (host, [remove = '']) => {
    host.load({ 'app:1': 3 });
    host.stopped('old', 'app:1');
    host.engine.run('web', 'app:1');
    await host.does(remove);
    expect((await host.engine.others()).containers).toEqual(['old', 'web']);
    expect(await host.wouldRemove(remove, later(2))).toEqual(['old']);
  },
  'tidy up everything but volumes': async (host, [short = '', long = '']) => {
    for (const line of [short, long]) {
      host.load({ 'app:1': 3, '': 3 });
      host.stopped('old', 'app:1', '-v', 'data:/data');
      host.engine.docker('network', 'create', 'app-net');
      await host.does(line);
      expect(await host.engine.names()).toEqual(['app:1']);
      expect(await host.engine.others()).toMatchObject({ containers: [], networks: [], volumes: ['data'] });
    }
  },
  'never lose a database': async (host, [all = '', volumes = '']) => {
    host.load({ 'app:1': 3 });
    host.stopped('db', 'app:1', '-v', 'pgdata:/data');
    await host.does(all);
    expect((await host.engine.others()).containers).toEqual([]);
    await host.does(volumes);
    expect((await host.engine.others()).volumes).toEqual(['pgdata']);
  },
  'empty the build cache': async (host, [older = '', bound = '']) => {
    host.engine.build('app:1', 'echo 1 >/one');
    host.engine.docker('rmi', 'app:1');
    const before = (await host.engine.others()).cache;
    expect(before.length).toBeGreaterThan(0);
    await host.does(older);
    expect((await host.engine.others()).cache).toEqual(before);
    expect((await host.wouldRemove(older, later(4))).length).toBeGreaterThan(0);
    await host.does(bound);
    expect((await host.engine.others()).cache).toEqual(before);
    const large = await host.wouldRemove(bound, ({ cache }) => {
      for (const record of cache) record.size += 9e9;
    });
    expect(large.length).toBeGreaterThan(0);
  },
  'remove unused networks': async (host, [remove = '']) => {
    host.load({ 'app:1': 3 });
    host.engine.docker('network', 'create', 'idle-net');
    host.engine.docker('network', 'create', 'app-net');
    host.stopped('web', 'app:1', '--network', 'app-net');
    await host.does(remove);
    expect((await host.engine.others()).networks).toEqual(['app-net']);
  },
  'know how much there is to gain': async (host, [df = '']) => {
    host.load({ 'app:1': 3, 'app:2': 3 });
    const unused = /^Images +2 +0 +\S+ +\S+ +(\S+)$/m.exec(await host.does(df))?.[1];
    const { stdout } = await host.engine.tidy(['images', '-af']);
    expect(stdout).toContain(`Total reclaimed space: ${unused}\n`);
  },
  'see before and after': async (host, [tidy = '']) => {
    host.load({ '': 3 });
    const done = await host.does(tidy);
    const promised = /Frees (\S+)\.\n/.exec(done)?.[1];
    expect(done).toContain(`Total reclaimed space: ${promised}\n`);
  },
  'tidy up after a CI job': async (host, [tidy = '']) => {
    host.load({ 'app:1': 3, '': 3 });
    host.stopped('job', 'app:1');
    await host.does(tidy);
    expect(await host.engine.names()).toEqual(['app:1']);
    expect((await host.engine.others()).containers).toEqual(['job']);
  },
  'tidy up each week, with a log': async (host, [schedule = '']) => {
    const shown = await host.does(schedule);
    expect(shown).toContain('Written by docker tidy schedule (weekly)');
    expect(shown).toContain('--older-than 7d');
    expect(await host.does('docker tidy schedule')).not.toContain('weekly');
  },
  'keep production for 90 days, staging for 30, development for 7': async (host, [plan = '', tidy = '']) => {
    const policy = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/policies.md', 'utf8'))?.[1] as string;
    writeFileSync(join(host.folder, 'tidy.yaml'), policy);
    const at = 'registry.example.com';
    host.load({ [`${at}/prod/a:1`]: 100, [`${at}/prod/a:2`]: 80, [`${at}/staging/a:1`]: 40 });
    host.load({ [`${at}/staging/a:2`]: 20, [`${at}/dev/a:1`]: 8, [`${at}/dev/a:2`]: 6, 'app:1': 999 });
    expect(await host.does(plan)).toContain('3 images to delete');
    await host.does(tidy);
    const left = [`${at}/dev/a:2`, `${at}/prod/a:2`, `${at}/staging/a:2`];
    expect(await host.engine.names()).toEqual(['app:1', ...left]);
  },
  'take it back': async (host, [undo = '', restore = '']) => {
    for (const line of [undo, restore]) {
      if (line === undo) host.engine.docker('network', 'create', 'app-net');
      await host.does('docker tidy networks -f');
      expect((await host.engine.others()).networks).toEqual([]);
      await host.does(line);
      expect((await host.engine.others()).networks).toEqual(['app-net']);
    }
  },
  'watch the trend': async (host, [trend = '']) => {
    host.load({ 'app:1': 3 });
    await host.does('docker tidy plan');
    expect(await host.does(trend)).toContain('1 day is known');
  },
  'leave builds alone': async (host, [tidy = '']) => {
    host.engine.build('app:1', 'echo 1 >/one');
    const before = await host.engine.others();
    await host.does(tidy);
    expect(await host.engine.names()).toEqual(['app:1']);
    expect(await host.engine.others()).toEqual(before);
    expect((await host.wouldRemove(tidy, later(1))).length).toBeGreaterThan(0);
  },
};
