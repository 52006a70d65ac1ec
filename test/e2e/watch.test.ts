import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import type { HandMade } from '../support/image-archive.ts';
import { TestWatch, until } from '../support/watch.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28.5'));
const POLICY = 'version: 1\nimages:\n  - keep: { last: 3 }\nlimits: { grace: 0s }\n';

const built = (tag: string, day: number): HandMade => ({
  tags: [tag],
  created: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
  layers: [{ [tag]: `${tag} ${day}` }],
});

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let folder: string;
  let policy: string;
  const watches: TestWatch[] = [];

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    rmSync(join(engine.config, '.local/state/docker-tidy'), { recursive: true, force: true });
    folder = mkdtempSync(join(tmpdir(), 'docker-tidy-watch-'));
    policy = join(folder, 'tidy.yaml');
    writeFileSync(policy, POLICY);
  });
  afterEach(async () => {
    await Promise.all(watches.splice(0).map((watch) => watch.end('SIGKILL')));
    rmSync(folder, { recursive: true });
  });

  const watching = async (...args: string[]) => {
    const watch = new TestWatch(engine, '--quiet-time', '100ms', ...args);
    watches.push(watch);
    await watch.logged('watching');
    return watch;
  };
  const names = (...wanted: string[]) =>
    until(wanted.join(' '), async () => (await engine.names()).join(' ') === [...wanted].sort().join(' '));
  /** What happened to images since a moment, by the engine's own record, in its order: `tag app:1`. */
  const happened = async (since: number) => {
    const filters = encodeURIComponent(JSON.stringify({ type: ['image'] }));
    const text = await engine.text(
      `/events?since=${since / 1000}&until=${Math.ceil(Date.now() / 1000)}&filters=${filters}`,
    );
    return text
      .split('\n')
      .filter(Boolean)
      .map(
        (line) =>
          JSON.parse(line) as { Action: string; time: number; Actor: { Attributes: { name: string } } },
      );
  };

  test('under a burst of loads, builds, tags and runs it keeps what the policy keeps, and waits for a build', async () => {
    const watch = await watching('--policy', policy);
    engine.load(built('app:1', 1), built('app:2', 2));
    engine.run('web', 'app:1');
    engine.docker('tag', 'app:2', 'other:2');
    for (const n of [3, 4, 5, 6]) engine.load(built(`app:${n}`, n));
    await names('app:1', 'app:4', 'app:5', 'app:6', 'other:2');

    const since = Date.now();
    const building = engine.building('slow:1', '/bin/busybox sleep 3');
    engine.load(built('app:7', 7));
    await building;
    await names('app:1', 'app:5', 'app:6', 'app:7', 'other:2', 'slow:1');
    const order = (await happened(since)).map(({ Action, Actor }) => `${Action} ${Actor.Attributes.name}`);
    expect(order).toContain('tag slow:1');
    expect(order.indexOf('tag slow:1')).toBeLessThan(order.findIndex((each) => each.startsWith('untag')));

    await until('what was told, and counted', async () => {
      const gone = watch.log.flatMap(({ outcomes = [] }) => outcomes);
      const images = gone.filter(({ target, result }) => result === 'done' && target.includes(':'));
      const counted = (await watch.metrics()).get('docker_tidy_removals_total{kind="image",result="done"}');
      const targets = images.map(({ target }) => target);
      return ['app:2', 'app:3', 'app:4'].every((name) => targets.includes(name)) && counted === images.length;
    });
    expect(await watch.end()).toBe(0);
    expect((await engine.tidy(['history'])).stdout).not.toContain('interrupted');
  });

  test('it waits for another run, says so, and goes by what is there then', async () => {
    const { ID } = await engine.get<{ ID: string }>('/info');
    const name = createHash('sha256').update(ID).digest('hex').slice(0, 16);
    const lock = join(engine.config, '.local/state/docker-tidy/locks', `${name}.json.lock`);
    mkdirSync(lock, { recursive: true }); // as a run at work holds it
    utimesSync(lock, Date.now() / 1000 + 60, Date.now() / 1000 + 60);
    const watch = await watching('--policy', policy);
    engine.load(...[1, 2, 3, 4, 5].map((n) => built(`app:${n}`, n)));
    const { level, message } = await watch.logged('said');
    expect(`${level}: ${message}`).toMatch(/^warning: Waiting: another docker tidy is at work/);
    engine.docker('rmi', 'app:1');
    rmSync(lock, { recursive: true });
    await names('app:3', 'app:4', 'app:5');
    await until('what was counted', async () => {
      const told = await watch.metrics();
      return told.get('docker_tidy_removals_total{kind="image",result="done"}') === 1;
    });
    const told = await watch.metrics();
    expect(told.get('docker_tidy_removals_total{kind="image",result="changed"}')).toBe(0);
    expect(told.get('docker_tidy_reclaimable_bytes{kind="image"}')).toBe(0);
    expect(await watch.end()).toBe(0);
  });

  test('it keeps a budget while images come', async () => {
    const BUDGET = 12_000_000;
    const watch = await watching('--max-used-space', String(BUDGET), '--grace', '0s');
    for (const n of [1, 2, 3, 4, 5, 6])
      engine.load({ ...built(`app:${n}`, n), layers: [{ [`of-${n}`]: randomBytes(2_000_000) }] });
    await until('the budget', async () => {
      const takes = (await watch.metrics()).get('docker_tidy_space_bytes{kind="image"}') ?? 0;
      return takes > 0 && takes <= BUDGET && (await engine.names()).length < 6;
    });
    expect(await engine.names()).not.toEqual([]);
    expect(await watch.end()).toBe(0);
  });

  test('it comes back to an engine that was restarted; a policy with an error removes nothing, until it is right', async ({
    skip,
  }) => {
    if (!engine.ours) return skip('only engines of our own are restarted');
    const watch = await watching('--policy', policy);
    engine.script('stop');
    await watch.logged('lost');
    engine.script('up');
    await watch.logged('back');
    writeFileSync(policy, POLICY.replace('last', 'lsat'));
    const before = watch.log.length;
    engine.load(...[1, 2, 3, 4].map((n) => built(`app:${n}`, n)));
    expect((await watch.logged('failed', before)).message).toMatch(/tidy\.yaml:3:\d+: .*lsat/);
    expect(await engine.names()).toHaveLength(4);
    writeFileSync(policy, POLICY);
    engine.docker('tag', 'app:4', 'other:4');
    await names('app:2', 'app:3', 'app:4', 'other:4');
    expect((await watch.metrics()).get('docker_tidy_errors_total{reason="policy"}')).toBeGreaterThan(0);
    expect(await watch.end('SIGINT')).toBe(0);
  });

  test('of more events than the engine remembers its ledger misses none', async () => {
    const created = new Date().toISOString(); // overlay2 does not tell when an image was loaded
    engine.load({ ...built('app:1', 1), created }, { ...built('noise:1', 2), created });
    const watch = await watching('-a', '--grace', '1h');
    const runs = async () => (await watch.metrics()).get('docker_tidy_runs_total') ?? 0;
    await until('a look', async () => (await runs()) > 0);
    engine.docker('run', '--rm', '--name', 'job', '--network', 'none', 'app:1', '/bin/busybox', 'true');
    const before = await runs();
    for (let i = 0; i < 300; i++) await engine.text('/images/noise:1/tag?repo=noise&tag=1', 'POST');
    await until('another look', async () => (await runs()) > before);
    const [id] = (await engine.get<{ Id: string; RepoTags: string[] }[]>('/images/json')).flatMap(
      ({ Id, RepoTags }) => (RepoTags.includes('app:1') ? Id : []),
    );
    const { ID } = await engine.get<{ ID: string }>('/info');
    const ledger = JSON.parse(
      readFileSync(join(engine.config, '.local/state/docker-tidy', ID, 'ledger.json'), 'utf8'),
    );
    expect(ledger.gap).toBeUndefined();
    expect(ledger.images[id as string].used.by).toBe('container job');
    expect((await watch.metrics()).get('docker_tidy_space_bytes{kind="image"}')).toBeGreaterThan(0);
    expect(await watch.end()).toBe(0);
  });

  test('what is younger than the grace age stays until then, and goes though nothing more happens', async () => {
    const GRACE = 2;
    const watch = await watching('-a', '--grace', `${GRACE}s`);
    const since = Date.now();
    engine.build('young:1', 'echo young');
    const [{ Created }] = await engine.get<[{ Created: number }]>('/images/json');
    await names();
    const untagged = (await happened(since)).find(({ Action }) => Action === 'untag');
    expect(untagged?.time).toBeGreaterThanOrEqual(Created + GRACE);
    expect(await watch.end()).toBe(0);
  });
});

test('it does not start where nothing says what may go', async ({ skip }) => {
  const [first] = ENGINES;
  if (!first) return skip('no engine is here');
  const ran = await new TestEngine(...first).tidy(['watch', '--grace', '1h']);
  expect(ran.status).toBe(125);
  expect(ran.stderr).toMatch(/nothing says what may go: give a policy with --policy FILE/);
});
