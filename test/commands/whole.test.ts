// `docker tidy` under a policy: how options meet the file.
import { describe, expect, test } from 'vitest';
import type { Invocation } from '../../src/commands/invocation.ts';
import { wholeJob } from '../../src/commands/whole.ts';
import { parsePolicy } from '../../src/config/policy-file.ts';
import type { Inventory } from '../../src/core/inventory.ts';
import type { Policy } from '../../src/core/policy.ts';
import { protectionOf } from '../../src/core/protection.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { image, inventory, lines, network, record, stopped } from '../support/builders.ts';

const ON: Inventory = inventory(
  [
    image('app:1', { day: 1 }),
    image('app:2', { day: 2 }),
    image('other:1', { day: 1 }),
    image('', { day: 1 }),
  ],
  [stopped('job', 1)],
  [],
  { networks: [network('lan')], cache: [record('c', 1)] },
);

/** What a command line plans under a policy: names and IDs of all that goes. */
function goes(yaml: string, line = '', on = ON): string[] {
  const { policy } = parsePolicy(`version: 1\n${yaml}`, 'tidy.yaml') as { policy: Policy };
  const inForce = { policy, protection: protectionOf(policy.protect, []), warnings: [] };
  const words = line.split(' ').filter(Boolean);
  const invocation = {
    ...parseArguments(words),
    words,
    globals: {},
    env: { DOCKER_CONFIG: '/nowhere' },
    policy: inForce,
  } as unknown as Invocation;
  return lines({ ...wholeJob(invocation).plan(on), kept: [] })
    .map((each) => each.split(' ')[1] as string)
    .sort();
}

const DEFAULT = ['6e616d656c65', 'c', 'job', 'lan'];
const RULES = 'images:\n  - { match: { references: [app] }, keep: { last: 1 } }\n';

describe('what the file says', () => {
  test.each<[string, string, string[]]>([
    ['nothing of a kind: it is tidied as without it', 'protect: { references: [x] }', DEFAULT],
    ['rules of images: names that belong to none stay', RULES, ['app:1', 'c', 'job', 'lan']],
    ['false: they stay', 'containers: false\nnetworks: false\nimages: false\ncache: false', []],
    ['ages', 'containers: { olderThan: 10000d }\ncache: { olderThan: 10000d }', ['6e616d656c65', 'lan']],
    ['grace: nothing younger, of any kind', 'limits: { grace: 10000d }', []],
    ['protected references', `${RULES}protect: { references: ['app:1'] }`, ['c', 'job', 'lan']],
  ])('%s', (_, yaml, expected) => {
    expect(goes(yaml)).toEqual(expected);
  });
});

describe('options beside it', () => {
  test.each<[string, string, string, string[]]>([
    ['narrow the rules', RULES, '--older-than 10000d', []],
    ['add what stays', RULES, '--keep 2', ['c', 'job', 'lan']],
    [
      '-a takes the place of the rules',
      RULES,
      '-a',
      ['6e616d656c65', 'app:1', 'app:2', 'c', 'job', 'lan', 'other:1'],
    ],
    [
      'but not of what is protected',
      "protect: { references: ['app:*'] }",
      '-a',
      [...DEFAULT, 'other:1'].sort(),
    ],
    ['nor of a kind that is to stay', 'containers: false\nimages: false', '-a', ['c', 'lan']],
  ])('%s', (_, yaml, line, expected) => {
    expect(goes(yaml, line)).toEqual(expected);
  });

  test('that the rules say themselves are refused', () => {
    expect(() => goes(RULES, '--keep 1 --sort pulled')).toThrow('the rules of tidy.yaml say that themselves');
    expect(() => goes(`${RULES}`, '--older-than 5d --by pulled')).not.toThrow();
    const aged = 'images:\n  - { match: {}, remove: { olderThan: 9d } }\n';
    expect(() => goes(aged, '--older-than 5d --by pulled')).toThrow('give --by created');
  });
});

describe('a budget', () => {
  const LOW = { ...ON, disk: { free: 10_000_000, total: 1_000_000_000 } };
  const all = ['6e616d656c65', 'app:1', 'app:2', 'c', 'job', 'lan', 'other:1'];
  test.each<[string, string, string, string[]]>([
    ['looks at all that nothing uses, of images and of the cache', 'protect: {}', '--max-used-space 0', all],
    ['leaves all of it where it is met', 'protect: {}', '--max-used-space 1TB', ['job', 'lan']],
    ['is what the file says', 'budget: { maxUsedSpace: { high: 1B, low: 0B } }', '', all],
    ['stands back for the options', 'budget: { maxUsedSpace: 0B }', '--max-used-space 1TB', ['job', 'lan']],
    [
      'takes only what the rules do',
      `${RULES}budget: { maxUsedSpace: 0B }`,
      '',
      ['app:1', 'c', 'job', 'lan'],
    ],
    ['and what -a does in their place', `${RULES}budget: { maxUsedSpace: 0B }`, '-a', all],
    [
      'is about images alone where the cache has bounds of its own',
      'cache: { maxUsedSpace: 1TB }',
      '--max-used-space 0',
      all.filter((each) => each !== 'c'),
    ],
    [
      'is about the cache alone where images stay',
      'images: false',
      '--max-used-space 0',
      ['c', 'job', 'lan'],
    ],
    ['of free space', 'budget: { targetFree: { low: 1%, high: 100% } }', '', ['job', 'lan']],
    ['of free space, below its low mark', 'budget: { targetFree: { low: 2%, high: 100% } }', '', all],
  ])('%s', (_, yaml, line, expected) => {
    expect(goes(yaml, line, LOW)).toEqual(expected);
  });

  test('of a share of the disk, or of free space, is refused where the disk cannot be seen', () => {
    for (const line of ['--max-used-space 40%', '--target-free 20GB'])
      expect(() => goes('protect: {}', line)).toThrow(
        `the engine is on another machine and does not tell how full its disk is, so ${line} cannot be judged here. Run docker tidy there, or give --max-used-space a size`,
      );
  });
});
