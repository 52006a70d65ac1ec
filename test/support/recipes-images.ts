// What each recipe about images must come to, by its first column; each is given the commands of its row.
import { expect } from 'vitest';
import type { RecipeHost } from './recipe-host.ts';
import { later } from './recipe-host.ts';

export type Recipe = (host: RecipeHost, commands: readonly string[]) => Promise<void>;

const BUILDS = { 'myapp:1.9': 50, 'myapp:1.10': 40, 'myapp:1.11': 30, 'myapp:1.8-fix': 1 };

export const IMAGE_RECIPES: Readonly<Record<string, Recipe>> = {
  'see dangling images first': async (host, [see = '']) => {
    host.load({ 'app:1': 3 });
    const id = await host.nameless('app:1');
    const shown = await host.does(see);
    expect(shown).toMatch(/1 image to delete, 0 images kept/);
    expect(shown).toContain(id);
    expect(await host.engine.names()).toEqual(['<none>', 'app:1']);
  },
  'remove dangling images': async (host, [remove = '']) => {
    host.load({ 'app:1': 3, '': 3 });
    await host.does(remove);
    expect(await host.engine.names()).toEqual(['app:1']);
  },
  'remove every unused image': async (host, [remove = '']) => {
    host.load({ 'app:1': 3, 'web:1': 3, '': 3 });
    host.engine.docker('tag', 'web:1', 'web:stable');
    host.stopped('web', 'web:1');
    await host.does(remove);
    expect(await host.engine.names()).toEqual(['web:1', 'web:stable']);
  },
  '… but only older ones': async (host, [until = '', built = '', pulled = '']) => {
    host.load({ 'app:old': 30, 'app:new': 3 });
    for (const name of ['app:old', 'app:new']) host.engine.docker('tag', name, name); // overlay2 notes no load
    for (const line of [until, pulled]) {
      await host.does(line);
      expect(await host.engine.names()).toEqual(['app:new', 'app:old']);
      expect(await host.wouldRemove(line, later(8))).toEqual(['app:new', 'app:old']);
    }
    await host.does(built);
    expect(await host.engine.names()).toEqual(['app:new']);
  },
  '… or by label': async (host, [development = '', notProduction = '']) => {
    host.load({ 'app:dev': 3 }, { environment: 'development' });
    host.load({ 'app:prod': 3 }, { environment: 'production' });
    host.load({ 'app:none': 3 });
    await host.does(development);
    expect(await host.engine.names()).toEqual(['app:none', 'app:prod']);
    await host.does(notProduction);
    expect(await host.engine.names()).toEqual(['app:prod']);
  },
  'keep the last 3 builds of an app': async (host, [byDate = '', byVersion = '']) => {
    host.load({ ...BUILDS, 'myapp:1.7': 60, 'other:1': 99 });
    host.stopped('web', 'myapp:1.7');
    expect(await host.wouldRemove(byVersion, () => {})).toEqual(['myapp:1.8-fix']);
    await host.does(byDate);
    expect(await host.engine.names()).toEqual([
      'myapp:1.10',
      'myapp:1.11',
      'myapp:1.7',
      'myapp:1.8-fix',
      'other:1',
    ]);
  },
  'remove all versions of an app but latest': async (host, [remove = '']) => {
    host.load({ 'myapp:latest': 3, 'myapp:latest-rc': 2, 'myapp:1': 4, 'latest:1': 4 });
    await host.does(remove);
    expect(await host.engine.names()).toEqual(['latest:1', 'myapp:latest']);
  },
  'remove dev, test and staging tags': async (host, [remove = '']) => {
    host.load({ 'a:dev-1': 3, 'b:test': 3, 'a:staging': 3, 'a:prod': 3, 'dev:1': 3, 'c:dev': 3 });
    host.engine.docker('tag', 'c:dev', 'c:1');
    await host.does(remove);
    expect(await host.engine.names()).toEqual(['a:prod', 'c:1', 'dev:1']);
  },
  'remove what came from a registry no longer used': async (host, [remove = '']) => {
    host.load({
      'old-registry.example/a/b:1': 3,
      'old-registry.example/c:2': 3,
      'old-registry.example.org/a:1': 3,
    });
    await host.does(remove);
    expect(await host.engine.names()).toEqual(['old-registry.example.org/a:1']);
  },
  'see the largest images': async (host, [df = '', larger = '']) => {
    host.load({ 'app:small': 3, 'app:large': 3 });
    expect(await host.does(df)).toMatch(/Images, by what removing each alone would free\n[\s\S]*app:large/);
    const gone = await host.wouldRemove(larger, ({ images }) => {
      for (const image of images) if (image.tags.includes('app:large')) image.size = 1.2e9;
    });
    expect(gone).toEqual(['app:large']);
  },
  'remove images by the hundred': async (host, [remove = '']) => {
    host.load(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`myapp:${i}`, i + 1])));
    expect(await host.does(remove)).toContain('27 images to delete');
    expect(await host.engine.names()).toEqual(['myapp:0', 'myapp:1', 'myapp:2']);
  },
  'keep what was used recently': async (host, [unused = '']) => {
    host.load({ 'app:used': 300, 'app:unused': 300 });
    await host.does(unused);
    expect(await host.engine.names()).toEqual(['app:unused', 'app:used']); // nothing is known of the time before
    const gone = await host.wouldRemove(unused, (recorded) => {
      later(40)(recorded);
      const used = {
        at: new Date(Date.parse(recorded.takenAt) - 3_600_000).toISOString(),
        by: 'container web',
      };
      for (const image of recorded.images) if (image.tags.includes('app:used')) image.used = used;
    });
    expect(gone).toEqual(['app:unused']);
  },
  'make room on a disk that is nearly full': async (host, [target = '']) => {
    host.load({ 'app:old': 300, 'app:new': 3 });
    const free = (bytes: number) =>
      host.wouldRemove(target, (recorded) => {
        recorded.disk.free = bytes;
        const used = (days: number) => ({
          at: new Date(Date.parse(recorded.takenAt) - days * 86_400_000).toISOString(),
          by: 'container web',
        });
        for (const image of recorded.images) image.used = used(image.tags.includes('app:old') ? 90 : 3);
      });
    expect(await free(30e9)).toEqual([]);
    expect(await free(20e9 - 1)).toEqual(['app:old']);
  },
};
