// Keep rules, labels and policies on every engine: what goes, what stays, and what a file that has an error does.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));
const DAY = 86_400_000;
const SHIPPED = resolve(import.meta.dirname, '../../examples/policies');

/** An image of its own layer that was built so many days ago, at noon in UTC. */
const built = (tags: string, days: number, labels: Record<string, string> = {}): HandMade => {
  const noon = Math.floor((Date.now() - days * DAY) / DAY) * DAY + DAY / 2;
  return {
    tags: tags.split(' ').filter(Boolean),
    created: new Date(Math.min(noon, Date.now() - days * DAY)).toISOString(),
    labels,
    layers: [{ [`of-${tags.replaceAll(/\W/g, '-')}-${days}`]: `${tags} ${days} ${JSON.stringify(labels)}` }],
  };
};

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let folder: string;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    writeFileSync(join(engine.config, 'config.json'), '{}');
    folder = mkdtempSync(join(tmpdir(), 'docker-tidy-policy-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    rmSync(join(engine.config, '.config'), { recursive: true, force: true });
  });

  const file = (text: string, called = 'tidy.yaml') => {
    const path = join(folder, called);
    writeFileSync(path, text);
    return path;
  };
  const done = async (...args: string[]) => {
    const ran = await engine.tidy([...args, '-f']);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    return ran.stdout;
  };

  test('calendar rules keep the newest of each day, in local time, and the plan says which', async () => {
    engine.load(
      { ...built('app:a', 0), created: '2026-03-10T22:30:00Z' },
      { ...built('app:b', 1), created: '2026-03-10T23:30:00Z' }, // the 11th in Berlin
      { ...built('app:c', 2), created: '2026-03-11T12:00:00Z' },
      { ...built('app:d', 3), created: '2026-03-09T12:00:00Z' },
    );
    const env = { TZ: 'Europe/Berlin' };
    const args = ['images', '--keep-daily', '2', 'app'];
    const planned = await engine.tidy(['plan', ...args], { env });
    expect(planned.stdout).toMatch(/keep +app:c .*newest of 2026-03-11, --keep-daily 2/);
    expect(planned.stdout).toMatch(/delete +app:b .*2nd newest of app, beyond --keep-daily 2/);
    expect(await engine.tidy([...args, '-f'], { env })).toMatchObject({ status: 0 });
    expect(await engine.names()).toEqual(['app:a', 'app:c']);
  });

  test('labels keep until their time is over; one that cannot be read keeps, and is told', async () => {
    engine.load(
      built('ttl:over', 30, { 'tidy.ttl': '1ms' }),
      built('ttl:left', 30, { 'tidy.ttl': '90d' }),
      built('ttl:slip', 30, { 'tidy.ttl': 'soon' }),
      built('date:over', 30, { 'tidy.expires': '2026-01-01' }),
      built('date:left', 30, { 'tidy.expires': '2999-01-01' }),
      built('quay:left', 30, { 'quay.expires-after': '52w' }),
      built('last:1', 40),
      built('last:2', 30),
      built('last:3', 20, { 'tidy.keep-last': '2' }),
    );
    const printed = await done('images', '-a');
    expect(printed).toContain('ttl:slip: its label tidy.ttl=soon cannot be read, so it stays.');
    expect(await engine.names()).toEqual(
      ['date:left', 'last:2', 'last:3', 'quay:left', 'ttl:left', 'ttl:slip'].sort(),
    );
  });

  test('bases of what stays are kept, too, and only these', async () => {
    const base = { os: 'one' };
    engine.load(
      { tags: ['base:1'], created: '2026-01-01T00:00:00Z', layers: [base] },
      { tags: ['base:2'], created: '2026-01-02T00:00:00Z', layers: [{ os: 'two' }] },
      { tags: ['app:1'], created: '2026-02-01T00:00:00Z', layers: [base, { app: '1' }] },
    );
    await done('images', '-a', '--keep-tag', '1', 'app');
    engine.run('web', 'app:1');
    expect(await done('images', '-a', '--keep-bases')).toMatch(
      /keep +base:1 .*app:1, which stays, has all its layers/,
    );
    expect(await engine.names()).toEqual(['app:1', 'base:1']);
  });

  test('production 90 days, staging 30, development 7: each name belongs to the first rule that it meets', async () => {
    engine.load(
      built('reg.example/prod/api:1', 100),
      built('reg.example/prod/api:2', 80),
      built('reg.example/staging/api:1 reg.example/dev/api:s', 40),
      built('reg.example/staging/api:2', 20),
      built('reg.example/dev/api:1', 10),
      built('reg.example/dev/api:2', 1),
      built('other:1', 500),
    );
    const policy = file(`version: 1
images:
  - { name: production, match: { references: ['reg.example/prod/**'] }, remove: { olderThan: 90d } }
  - { name: staging, match: { references: ['reg.example/staging/**'] }, remove: { olderThan: 30d } }
  - { name: development, match: { references: ['reg.example/dev/**'] }, remove: { olderThan: 7d } }
`);
    const planned = await engine.tidy(['plan', '--policy', policy, '--format', 'json']);
    const { actions, notes } = JSON.parse(planned.stdout) as {
      actions: { target: string }[];
      notes: string[];
    };
    const going = ['prod/api:1', 'staging/api:1', 'dev/api:s', 'dev/api:1'].map(
      (each) => `reg.example/${each}`,
    );
    expect(actions.map(({ target }) => target).sort()).toEqual(going.sort());
    expect(notes).toContain(`No rule of ${policy} is about 1 image, which stays.`);
    await done('--policy', policy);
    expect(await engine.names()).toEqual([
      'other:1',
      'reg.example/dev/api:2',
      'reg.example/prod/api:2',
      'reg.example/staging/api:2',
    ]);
    const why = await engine.tidy(['why', '--policy', policy, 'reg.example/prod/api:2']);
    expect(why.stdout).toMatch(/within olderThan 90d \(tidy\.yaml:3\)/);
  });

  test('it is found in the user’s folder, by config.json and by the environment; one in this folder is only mentioned', async () => {
    engine.load(built('app:1', 30));
    const text = (tag: string) =>
      `version: 1\nimages:\n  - { match: { references: ['app:*'] }, keep: { tags: ['${tag}'] }, remove: { all: true } }\n`;
    const kept = async (env: Record<string, string> = {}) => {
      const { stdout } = await engine.tidy(['plan'], { env });
      return /tag 1 matches|keep.tags/.test(stdout) ? 'by the policy' : 'without';
    };
    expect(await kept()).toBe('without');
    const mine = file(text('1'));
    expect(await kept({ DOCKER_TIDY_POLICY: mine })).toBe('by the policy');
    writeFileSync(
      join(engine.config, 'config.json'),
      JSON.stringify({ plugins: { tidy: { policy: mine } } }),
    );
    expect(await kept()).toBe('by the policy');
    expect((await engine.tidy(['plan', '--no-policy'])).stdout).not.toContain('keep.tags');
    writeFileSync(join(engine.config, 'config.json'), '{}');
    mkdirSync(join(engine.config, '.config/docker-tidy'), { recursive: true });
    writeFileSync(join(engine.config, '.config/docker-tidy/tidy.yaml'), text('1'));
    expect(await kept()).toBe('by the policy');
    rmSync(join(engine.config, '.config'), { recursive: true });
    const lying = await engine.tidy(['plan'], { cwd: folder });
    expect(lying.stdout).toContain(
      'tidy.yaml in this folder is not used: add --policy tidy.yaml if you trust it.',
    );
  });

  test('a policy with an error removes nothing, and says where it is', async () => {
    engine.load(built('app:1', 30));
    const policy = file('version: 1\nimages:\n  - match: {}\n    remvoe: { all: true }\n');
    const ran = await engine.tidy(['-f', '--policy', policy]);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/tidy\.yaml:4:5: .*remvoe.*remove/);
    expect(await engine.names()).toEqual(['app:1']);
    expect((await engine.tidy(['policy', 'check', policy])).stdout).toMatch(/tidy\.yaml:4:5: error: /);
  });

  test('a plan beyond --max-remove is shown and refused', async () => {
    engine.load(built('app:1', 3), built('app:2', 2), built('app:3', 1));
    const refused = await engine.tidy(['images', '-a', '--max-remove', '50%', '-f']);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(
      'nothing was removed: it would remove 3 of 3 objects, more than --max-remove 50% allows',
    );
    expect(await engine.names()).toEqual(['app:1', 'app:2', 'app:3']);
    await done('images', '--keep', '2', '--max-remove', '50%', 'app');
    expect(await engine.names()).toEqual(['app:2', 'app:3']);
  });

  test('what a policy protects stays from every command: references, labels, and what files need', async () => {
    engine.load(
      built('ref:1', 9),
      built('label:1', 9, { owner: 'ann' }),
      built('listed:1', 9),
      built('build-base:3', 9),
      built('in-cluster:2', 9),
      built('loose:1', 9),
    );
    engine.docker('network', 'create', '--label', 'owner=ann', 'hers');
    file('listed:1 # for later\n', 'images.txt');
    file('ARG V=3\nFROM build-base:$V AS one\nFROM one\n', 'Dockerfile');
    file('kind: Pod\nspec: { containers: [{ name: a, image: in-cluster:2 }] }\n', 'pod.yaml');
    const policy = file(`version: 1
protect:
  references: ['ref:*']
  labels: [owner]
  roots: { lists: [images.txt], dockerfiles: [Dockerfile], kubernetes: ['*od.yaml'] }
`);
    await done('images', '-a', '--policy', policy);
    await done('networks', '--policy', policy);
    expect(await engine.names()).toEqual(['build-base:3', 'in-cluster:2', 'label:1', 'listed:1', 'ref:1']);
    expect((await engine.others()).networks).toEqual(['hers']);
    expect((await engine.tidy(['why', '--policy', policy, 'listed:1'])).stdout).toContain('images.txt:1');
  });

  test('compose down, docker tidy -a -f, compose up: with the compose file as a root nothing must be pulled', async () => {
    engine.load({ ...built('shop/web:1', 9), cmd: ['/bin/busybox', 'sleep', '3600'] }, built('other:1', 9));
    const compose = file(
      `name: shop\nservices:\n  web: { image: "shop/web:\${TAG:-1}", network_mode: none, pull_policy: never }\n`,
      'compose.yaml',
    );
    const policy = file('version: 1\nprotect: { roots: { compose: [compose.yaml] } }\n');
    const hasCompose = /compose/.test(engine.docker('info', '--format', '{{json .ClientInfo.Plugins}}'));
    if (hasCompose) engine.docker('compose', '-f', compose, 'up', '-d');
    if (hasCompose) engine.docker('compose', '-f', compose, 'down');
    await done('-a', '--policy', policy);
    expect(await engine.names()).toEqual(['shop/web:1']);
    if (!hasCompose) return;
    engine.docker('compose', '-f', compose, 'up', '-d');
    expect((await engine.others()).containers).toEqual(['shop-web-1']);
  });

  describe('the policies that are shipped', () => {
    /** As it is, but for the grace age: what a test loads came here just now. */
    const shipped = (called: string) =>
      file(readFileSync(join(SHIPPED, called), 'utf8').replace(/grace: \w+/, 'grace: 0s'), called);

    test.each(readdirSync(SHIPPED).filter((each) => each.endsWith('.yaml')))(
      '%s is right',
      async (called) => {
        const ran = await engine.tidy(['policy', 'check', join(SHIPPED, called)]);
        expect(ran).toMatchObject({ status: 0, stderr: '' });
        expect(ran.stdout).toMatch(/is right\.\n$/);
      },
    );

    test.each<[string, HandMade[], string[]]>([
      [
        'production.yaml',
        [
          built('registry.example.com/prod/api:1', 400),
          built('registry.example.com/prod/api:stable', 300),
          ...[120, 110, 100, 95, 10].map((days) => built(`registry.example.com/prod/api:d${days}`, days)),
          ...[50, 45, 40].map((days) => built(`registry.example.com/staging/api:d${days}`, days)),
          built('registry.example.com/dev/api:old', 8),
          built('registry.example.com/dev/api:new', 6),
          built('who-knows:1', 900),
        ],
        [
          'registry.example.com/dev/api:old',
          'registry.example.com/prod/api:1',
          'registry.example.com/staging/api:d50',
        ],
      ],
      [
        'ci-runner.yaml',
        [built('ci/app:aaa', 3), built('ci/app:bbb', 2), built('ci/app:ccc', 0), built('postgres:16', 99)],
        ['ci/app:aaa', 'ci/app:bbb'],
      ],
      [
        'build-farm.yaml',
        [
          ...Array.from({ length: 14 }, (_, i) => built(`farm/app:b${100 + i}`, 3 * i)),
          built('farm/app:v1', 700),
        ],
        ['farm/app:b111'], // 10 of the last, 4 weeks, and months: the oldest stays, and so does the last of a month
      ],
      ['nightly.yaml', [built('app:1', 400), built('app:2', 300, { keep: '' })], []],
      [
        'laptop.yaml',
        [
          ...[1, 4, 9].map((days) =>
            built(`shop-web:d${days}`, days, { 'com.docker.compose.project': 'shop' }),
          ),
          ...[1, 80, 100].map((days) => built(`tool:d${days}`, days)),
          built('old-but-needed:1', 300),
          built('old-but-needed:2', 200),
        ],
        ['shop-web:d9', 'tool:d100'],
      ],
      ['registry-mirror.yaml', [built('mirror:1', 400), built('mirror:2', 300)], []], // they came just now
      ['small-disk.yaml', [built('app:1', 400), built('app:2', 300)], []], // far below its mark
    ])('%s does what it says', async (called, images, going) => {
      const shop = join(engine.config, 'src/shop');
      mkdirSync(shop, { recursive: true }); // a root of laptop.yaml
      writeFileSync(join(shop, 'compose.yaml'), 'services: { a: { image: "old-but-needed:1" } }');
      engine.load(...images);
      const before = await engine.names();
      await done('--policy', shipped(called));
      const gone = before.filter((each) => !new Set(going).has(each));
      if (called !== 'build-farm.yaml') expect(await engine.names()).toEqual(gone);
      else expect((await engine.names()).length).toBeLessThan(before.length);
    });

    test('nothing that came here within the grace age goes, wherever the engine tells when that was', async () => {
      engine.load(built('registry.example.com/dev/api:old', 8));
      engine.docker('tag', 'registry.example.com/dev/api:old', 'registry.example.com/dev/api:again');
      await done('--policy', join(SHIPPED, 'production.yaml'));
      expect((await engine.names()).length).toBe(2);
    });
  });
});
