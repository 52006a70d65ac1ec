import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imagesJob } from '../../src/commands/images.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { readInventory } from '../../src/config/inventory-file.ts';
import { diskOf } from '../../src/core/df-disk.ts';
import { holdingsOf } from '../../src/core/holdings.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Plan } from '../../src/core/plan.ts';
import { reportOf } from '../../src/core/report.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { anInventory } from '../support/arbitrary.ts';
import { image, inventory, record } from '../support/builders.ts';

const EXAMPLE = await readInventory('examples/inventory.json');

const planOn = (inventory: Inventory, ...words: string[]): Plan => {
  const invocation = { ...parseArguments(words), words, globals: {}, env: { DOCKER_CONFIG: '/nowhere' } };
  const job = invocation.job === 'all' ? wholeJob : imagesJob;
  return job(invocation as unknown as Invocation).plan(inventory);
};
const report = (inventory: Inventory, ...words: string[]) =>
  reportOf(inventory, {
    version: '1.0.0',
    command: `docker tidy ${words.join(' ')}`,
    allCommand: 'docker tidy all -a',
    plan: planOn(inventory, ...words),
    levels: { dangling: planOn(inventory, 'all'), unused: planOn(inventory, 'all', '-a') },
  });
const sum = (all: readonly number[]) => all.reduce((bytes, each) => bytes + each, 0);

const layered = fc
  .tuple(anInventory, fc.array(fc.nat(50_000_000), { minLength: 1 }))
  .map(([host, sizes]) => ({
    ...host,
    layers: Object.fromEntries(
      ['a', 'ab', 'abc', 'ad', 'e', 'ef'].map((name, i) => [
        name,
        { size: sizes[i % sizes.length] as number },
      ]),
    ),
  }));

test('every byte of the images is in exactly one rectangle', () => {
  fc.assert(
    fc.property(layered, (host) => {
      const { images, shares } = report(host, 'all');
      const drawn =
        sum(images.map(({ own }) => own.alone + own.cached)) + sum(shares.map(({ bytes }) => bytes));
      expect(drawn).toBe(diskOf(host).sizeOf(host.images.map(({ id }) => id)).bytes);
    }),
  );
});

test('what is highlighted is what the plan frees of images', () => {
  fc.assert(
    fc.property(layered, (host) => {
      const { images, shares, actions } = report(host, 'images', '-a');
      const gone = images.map(({ goes, own }) => (goes ? own.alone : 0) + own.cachedFreed);
      const highlighted = sum(gone) + sum(shares.filter(({ freed }) => freed).map(({ bytes }) => bytes));
      expect(highlighted).toBe(sum(actions.map(({ frees }) => frees.frees)));
    }),
  );
});

test('an image’s rectangle is what removing it alone frees, where that is known', () => {
  const { images } = report(EXAMPLE, 'all');
  const sure = images.filter(({ alone }) => !alone.about);
  expect(sure.length).toBeGreaterThan(0);
  for (const { own, alone } of sure) expect(own.alone).toBe(alone.bytes);
  expect(holdingsOf(EXAMPLE).pieces.length).toBeGreaterThan(images.length);
});

test('what the build cache has, too, is the image’s, and goes with the last of both', () => {
  const layers = { base: { size: 5_000_000, disk: 5_000_000 } };
  const cache = [record('step', 10, { shared: true, size: 5_000_000 })];
  const host = inventory([image('app:1', { layers: ['base'] })], [], [], { layers, cache });
  const own = (...words: string[]) => report(host, ...words).images[0]?.own;
  const { alone = 0, cached = 0 } = own('all') ?? {};
  expect(cached).toBeGreaterThanOrEqual(5_000_000);
  expect(alone).toBeLessThan(100_000);
  expect(own('images', '-a')).toEqual({ alone, cached, cachedFreed: 0 });
  expect(own('all', '-a')).toEqual({ alone, cached, cachedFreed: cached });
});

test('an image says what the plan does with each of its names, and why', () => {
  const { images } = report(EXAMPLE, 'images', '--keep', '3', 'myapp');
  const image = images.find(({ names }) => names.includes('myapp:1.3'));
  expect(image).toMatchObject({ goes: false, group: 'myapp', byAll: [] });
  expect(image?.plan).toEqual([
    {
      target: 'myapp:1.3',
      does: 'untag',
      reasons: [expect.stringContaining('5th newest of myapp, beyond --keep 3')],
    },
  ]);
});

test('an image that the plan does not look at says what docker tidy all -a would do', () => {
  const { images } = report(EXAMPLE, 'all');
  const image = images.find(({ names }) => names.includes('myapp:1.2'));
  expect(image).toMatchObject({ goes: false, plan: [] });
  expect(image?.byAll.map(({ does, reasons }) => [does, ...reasons])).toEqual([
    ['keep', 'used by running container web'],
  ]);
});

test('containers say whether they go, and why', () => {
  const { containers } = report(EXAMPLE, 'all');
  expect(containers.filter(({ goes }) => goes).map(({ why }) => why)).toEqual([
    expect.stringMatching(/stopped|exited|never started/),
  ]);
});
