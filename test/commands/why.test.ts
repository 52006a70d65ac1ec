// `docker tidy why` with options, on the example: what the command of the object's kind would do with it, and by which rule.
import { describe, expect, test } from 'vitest';
import { containersJob } from '../../src/commands/containers.ts';
import { imagesJob } from '../../src/commands/images.ts';
import type { Invocation } from '../../src/commands/invocation.ts';
import type { Job } from '../../src/commands/job.ts';
import { networksJob } from '../../src/commands/networks.ts';
import { volumesJob } from '../../src/commands/volumes.ts';
import { why } from '../../src/commands/why.ts';
import { planOrRefusal } from '../../src/commands/why-asked.ts';
import { Refusal, UsageError } from '../../src/core/errors.ts';
import { parseArguments } from '../../src/plugin/arguments.ts';
import { inventory } from '../support/builders.ts';

const JOBS: Record<string, (invocation: Invocation) => Job> = {
  images: imagesJob,
  containers: containersJob,
  networks: networksJob,
  volumes: volumesJob,
};

/** What `docker tidy why` prints on the example. */
async function said(line: string): Promise<string> {
  let text = '';
  const invocationOf = (words: readonly string[]) =>
    ({
      ...parseArguments(words),
      words,
      globals: {},
      env: { DOCKER_CONFIG: '/nowhere' },
      stdout: {
        write: (more: string) => {
          text += more;
        },
      },
    }) as unknown as Invocation & { job: string };
  const jobOf = async (words: readonly string[]) => {
    const invocation = invocationOf(words);
    return (JOBS[invocation.job] as (i: Invocation) => Job)(invocation);
  };
  const words = line.replaceAll("'", '').split(' ');
  await why(invocationOf(['why', '--from', 'examples/inventory.json', ...words]), jobOf);
  return text;
}

const answers = async (line: string) => (await said(line)).match(/(?<=^ {2})with .*$/gm);

test.each<[string, string[] | null]>([
  ['myapp:1.4', null],
  ['--keep 3 myapp:1.4', ['with --keep 3: would go: 4th newest of myapp, beyond --keep 3']],
  [
    '--keep 3 myapp:1.3',
    [
      'with --keep 3: would go: 5th newest of myapp, beyond --keep 3; the image stays as registry.example.com/shop/api:stable',
    ],
  ],
  ['--keep 3 registry.example.com/shop/api:stable', ['with --keep 3: kept: newest of 1']],
  ['--keep -1 myapp:1.4', ['with --keep -1: kept: --keep -1 keeps all']],
  ["-a --keep-tag '1.*' myapp:1.4", ["with -a --keep-tag '1.*': kept: tag 1.4 matches --keep-tag '1.*'"]],
  [
    '-a --older-than 30d myapp:1.6',
    [
      'with -a --older-than 30d: kept: built 8 days ago, within --older-than 30d, which ends in 3 weeks (2026-12-12T09:40:53Z)',
    ],
  ],
  [
    '--older-than 30d myapp:1.6',
    [
      'with --older-than 30d: kept: it has a name, and is looked at only by -a or a keep option',
      'with -a --older-than 30d: kept: built 8 days ago, within --older-than 30d, which ends in 3 weeks (2026-12-12T09:40:53Z)',
    ],
  ],
  ['--filter label=a=b myapp:1.6', ['with --filter label=a=b: kept: not among what the filters select']],
  ['--keep 1 0c435134df1c', ['with --keep 1: kept: used by stopped container nightly-import']],
  [
    '--with-containers 0c435134df1c',
    [
      'with --with-containers: would go: dangling: no name, and no container uses it once nightly-import has gone',
    ],
  ],
  [
    '--grace 4d nightly-import',
    [
      'with --grace 4d: kept: stopped 3 days ago, within --grace 4d, which ends in 23 hours (2026-11-22T02:04:38Z)',
    ],
  ],
  [
    '--older-than 1h nightly-import',
    ['with --older-than 1h: would go: stopped 3 days ago; leaves 1 volume unused'],
  ],
  ['--older-than 1h web', ['with --older-than 1h: kept: it is running']],
  ['--older-than 1h loadtest', ['with --older-than 1h: would go: no container is on it']],
  ['--older-than 1h bridge', ["with --older-than 1h: kept: the engine's own network"]],
  ['--grace 1h pgdata', ['with --grace 1h: kept: mounted by running container db']],
])('%s: %j', async (line, expected) => {
  expect(await answers(line)).toEqual(expected);
});

test('the same is in the JSON, with the whole command and the time when a reason ends', async () => {
  expect(JSON.parse(await said('--format json -a --older-than 30d myapp:1.6'))).toMatchObject([
    {
      kind: 'image',
      asked: [
        {
          command: 'docker tidy images -a --older-than 30d',
          target: 'myapp:1.6',
          does: 'keep',
          reasons: [{ rule: 'younger-than', eligible: '2026-12-12T09:40:53Z' }],
        },
      ],
    },
  ]);
  expect(JSON.parse(await said('--format json myapp:1.6'))[0]).not.toHaveProperty('asked');
});

test('an image that only stopped containers hold says what lets it go, with its container or by hand', async () => {
  expect(await said('0c435134df1c')).toMatch(
    / {2}would go by: docker tidy images -a --with-containers;.*\n {2}or by hand: docker rm nightly-import, then docker tidy images\n/,
  );
  expect(await said('myapp:1.2')).toContain(
    'to let it go: docker stop web, then docker tidy images -a --with-containers myapp:1.2\n',
  );
});

describe('options that the command of the object’s kind does not take are refused', () => {
  test.each([
    ['--keep 3 web', 'web is a container, and docker tidy containers says: unknown flag: --keep'],
    ['--larger-than 1GB loadtest', 'loadtest is a network, and docker tidy networks says: unknown flag'],
    ['--filter until=24h pgdata', 'pgdata is a volume, and docker tidy volumes says: invalid filter'],
    [
      '-a --filter reference=x web',
      'web is a container, and docker tidy containers says: unknown flag: --all',
    ],
    ['--keep many myapp:1.4', 'invalid argument "many" for "--keep"'],
    ['--older-than soon web', 'invalid argument "soon" for "--older-than"'],
  ])('%s: %s', async (line, message) => {
    await expect(said(line)).rejects.toThrow(UsageError);
    await expect(said(line)).rejects.toThrow(message);
  });
});

test('an image is told by the name that it was asked for by, with its others', async () => {
  expect(await said('registry.example.com/shop/api:stable')).toMatch(
    /^image registry\.example\.com\/shop\/api:stable \(.*\)\n {2}also named myapp:1\.3\n/,
  );
});

test('a policy whose plan cannot be made on an engine is told as that; what is a bug stays one', () => {
  const failing = (error: Error) => ({
    plan: () => {
      throw error;
    },
  });
  const refusal = new Refusal('nothing was removed: how full its disk is cannot be seen');
  expect(planOrRefusal(failing(refusal), inventory([]))).toBe('how full its disk is cannot be seen');
  expect(() => planOrRefusal(failing(new TypeError('bug')), inventory([]))).toThrow(TypeError);
});
