import { expect, test } from 'vitest';
import { fullHint, heldIn, holdersHint, spaceHint } from '../../src/core/hint.ts';

const FROM = 'Error response from daemon: conflict: unable to';

test.each([
  [
    'a name, and the container that holds it',
    `${FROM} remove repository reference "app:v1" (must force) - container bf12e27a0fd2 is using its referenced image b55f24be147d`,
    [{ image: 'app:v1', container: 'bf12e27a0fd2' }],
  ],
  [
    'the containerd store',
    `${FROM} delete app:v1 (must be forced) - container c1fb9479e8f0 is using its referenced image 1cfbb158eccd`,
    [{ image: 'app:v1', container: 'c1fb9479e8f0' }],
  ],
  [
    'an ID, and a container that runs',
    `${FROM} delete b55f24be147d (cannot be forced) - image is being used by running container bf12e27a0fd2`,
    [{ image: 'b55f24be147d', container: 'bf12e27a0fd2' }],
  ],
  [
    'images built on it',
    `${FROM} delete b55f24be147d (cannot be forced) - image has dependent child images`,
    [{ image: 'b55f24be147d', why: 'other images are built on it' }],
  ],
  [
    'several names',
    `${FROM} delete b55f24be147d (must be forced) - image is referenced in multiple repositories`,
    [{ image: 'b55f24be147d', why: 'it has names in several repositories' }],
  ],
  [
    'several images, one of them twice, and one that is not there',
    [
      `${FROM} delete a:1 (must be forced) - container 111111111111 is using its referenced image 1cfbb158eccd`,
      'Error response from daemon: No such image: nosuch:latest',
      `${FROM} delete b:1 (must be forced) - container 222222222222 is using its referenced image 1cfbb158eccd`,
      `${FROM} delete a:1 (must be forced) - container 111111111111 is using its referenced image 1cfbb158eccd`,
    ].join('\n'),
    [
      { image: 'a:1', container: '111111111111' },
      { image: 'b:1', container: '222222222222' },
    ],
  ],
  ['nothing that was held', 'Error response from daemon: No such image: nosuch:latest', []],
])('an error of docker rmi tells %s', (_, error, held) => {
  expect(heldIn(error)).toEqual(held);
});

test('the hint names who holds an image, and the command that explains it', () => {
  const containers = new Map([['111111111111', { name: 'web', state: 'running' }]]);
  const hint = (...held: Parameters<typeof holdersHint>[0]) => holdersHint(held, containers, 'here')?.text;
  expect(hint({ image: 'a:1', container: '111111111111' })).toBe(
    'a:1 stays: the container web (running) uses it\nWhat would let it go: docker tidy why a:1',
  );
  expect(hint({ image: 'a:1', container: '222222222222' }, { image: 'b:1', why: 'something uses it' })).toBe(
    'a:1 stays: the container 222222222222 uses it\nb:1 stays: something uses it\nWhat would let them go: docker tidy why a:1 b:1',
  );
  expect(hint()).toBeUndefined();
});

test('a hint has no more lines than docker shows', () => {
  const held = Array.from({ length: 40 }, (_, i) => ({ image: `a:${i}`, why: 'something uses it' }));
  expect(holdersHint(held, new Map(), 'here')?.text.split('\n').length).toBeLessThanOrEqual(10);
});

const nameless = (count: number, size: number) => Array.from({ length: count }, () => ({ size }));
const disk = (free: number) => ({ free, total: 100e9 });

test.each([
  ['few and small', { nameless: nameless(9, 1e6), disk: disk(50e9) }, undefined],
  ['nothing known', {}, undefined],
  ['many', { nameless: nameless(10, 1e6) }, '10 images have no name, with up to 10MB'],
  ['large', { nameless: nameless(1, 2e9) }, '1 image has no name, with up to 2GB'],
  ['a full disk', { disk: disk(9e9) }, "The engine's disk has 9GB left of 100GB"],
])('space is worth a word or not: %s', (_, seen, first) => {
  expect(spaceHint(seen, 'here', 'build')?.text.split('\n')[0]).toBe(first);
});

test('after docker system df the hint leads to docker tidy df, else to the plan', () => {
  const last = (command: string) =>
    spaceHint({ nameless: nameless(10, 1) }, 'here', command)
      ?.text.split(': ')
      .at(-1);
  expect([last('system df'), last('pull')]).toEqual(['docker tidy df', 'docker tidy plan']);
});

test('a command that found no space is told what could go; any other failure is not spoken of', () => {
  expect(fullHint('write /var/lib/docker/tmp/x: no space left on device', 'here')?.text).toContain(
    'docker tidy plan',
  );
  expect(fullHint('pull access denied', 'here')).toBeUndefined();
});
