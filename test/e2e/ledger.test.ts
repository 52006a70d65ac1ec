// What was used stays: by the ledger's recorded moments, over missed events, and while several look at once.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { Ledger, LedgerImage } from '../../src/core/last-use.ts';
import { ledgerFile } from '../../src/state/ledger.ts';
import { TestEngine } from '../support/engine.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => !name.startsWith('podman'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

const DAY = 86_400_000;

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let state: string;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    state = mkdtempSync(join(tmpdir(), 'docker-tidy-state-'));
  });
  afterEach(() => rmSync(state, { recursive: true }));

  const tidy = (...args: string[]) => engine.tidy(args, { env: { DOCKER_TIDY_STATE: state } });
  const file = async () => ledgerFile(state, (await engine.get<{ ID: string }>('/info')).ID);
  const ledger = async () => JSON.parse(readFileSync(await file(), 'utf8')) as Ledger;
  const idOf = async (reference: string) =>
    (await engine.get<{ Id: string }>(`/images/${reference}/json`)).Id;
  const ago = (days: number) => new Date(Date.now() - days * DAY).toISOString();

  /** Images that docker tidy has known for a year, last used so many days ago. */
  const known = async (used: Readonly<Record<string, number>>) => {
    expect(await tidy('plan')).toMatchObject({ status: 0, stderr: '' });
    const before = await ledger();
    const images: Record<string, LedgerImage> = { ...before.images };
    for (const [reference, days] of Object.entries(used)) {
      const id = await idOf(reference);
      const one = { came: [ago(365)], uses: [ago(days)], used: { at: ago(days), by: 'container recorded' } };
      images[id] = { ...(images[id] ?? NEW), ...one };
    }
    writeFileSync(await file(), JSON.stringify({ ...before, names: {}, images }));
  };
  const NEW = { size: 1, came: [], went: [], names: {}, uses: [] };
  const load = (tag: string, days: number) =>
    engine.load({ tags: [tag], created: ago(days), layers: [{ own: tag }] });

  test('an image built two years ago and used yesterday stays, one built yesterday and used eight days ago goes', async () => {
    load('old:1', 730);
    load('young:1', 1);
    await known({ 'old:1': 1, 'young:1': 8 });
    const shown = await tidy('images', '-af', '--unused-for', '7d');
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(await engine.names()).toEqual(['old:1']);
    expect(shown.stdout).toContain('no container uses it; last used 8 days ago by container recorded');
    const why = await tidy('why', 'old:1', '--unused-for', '7d', '-a');
    expect(why.stdout).toContain('last used 24 hours ago by container recorded');
    expect(why.stdout).toContain('within --unused-for 7d, which ends in 6 days');
  });

  test('a container that came and went between two looks used its image, and so did docker tag', async () => {
    load('ran:1', 30);
    load('tagged:1', 30);
    load('idle:1', 30);
    await known({ 'ran:1': 8, 'tagged:1': 8, 'idle:1': 8 });
    engine.docker('run', '--rm', '--name', 'job', '--network', 'none', 'ran:1', '/bin/busybox', 'true');
    engine.docker('tag', 'tagged:1', 'tagged:2');
    const shown = await tidy('images', '-af', '--older-than', '7d', '--by', 'used');
    expect(shown.stdout).toMatch(/ran:1 .* by container job, within --older-than 7d --by used/);
    expect(await engine.names()).toEqual(['ran:1', 'tagged:1', 'tagged:2']);
  });

  test('what a policy would have removed too early is a row, of an image that docker finds', async () => {
    load('old:1', 730);
    await known({ 'old:1': 20 });
    engine.docker('tag', 'old:1', 'old:again');
    await tidy('df');
    const policy = join(state, 'tidy.yaml');
    writeFileSync(
      policy,
      'version: 1\nimages:\n  - name: a\n    keep: none\n    remove: { unusedFor: 7d }\n',
    );
    const format = ['--format', '{{.ID}} {{.Name}}'];
    const row = `${await idOf('old:1')} old:1\n`; // after a year, and after twenty days
    const played = await tidy('policy', 'test', policy, '--replay', await file(), '--no-trunc', ...format);
    expect(played).toEqual({ status: 0, stdout: row.repeat(2), stderr: '' });
  });

  test('what a build was built from was used, though the build has gone', async () => {
    engine.build('base:1', 'echo base > /base');
    await known({ 'base:1': 8 });
    engine.build('app:1', 'echo base > /base', 'echo app > /app');
    engine.docker('rmi', 'app:1');
    const shown = await tidy('images', '-af', '--unused-for', '7d');
    expect(shown.stdout).toMatch(/base:1 .* by a build/);
    expect(await engine.names()).toEqual(['base:1']);
  });

  test('over more events than the engine keeps, nothing that was used goes', async () => {
    load('used:1', 730);
    load('other:1', 730);
    await known({ 'used:1': 8, 'other:1': 8 });
    engine.docker('run', '--rm', '--network', 'none', 'used:1', '/bin/busybox', 'true');
    await flood(engine);
    const shown = await tidy('images', '-af', '--unused-for', '7d');
    expect(shown.stdout).toMatch(/used:1 .* events missed until .* ago, no use known since/);
    expect(await engine.names()).toEqual(['other:1', 'used:1']);
    expect((await ledger()).gap).toBeDefined();
  });

  test('looks at the same time leave one whole ledger, with all that was used', async () => {
    load('a:1', 1);
    load('b:1', 1);
    await known({ 'a:1': 8, 'b:1': 8 });
    engine.run('web', 'a:1');
    const looks = Array.from({ length: 4 }, (_, i) => tidy('plan', ...(i % 2 ? ['images', '-a'] : [])));
    for (const look of await Promise.all(looks)) expect(look).toMatchObject({ status: 0, stderr: '' });
    const { images } = await ledger();
    expect(images[await idOf('a:1')]?.used?.by).toBe('container web');
    expect(images[await idOf('b:1')]?.used?.by).toBe('container recorded');
  });

  test('a ledger that is damaged is told, put aside, and nothing goes by it', async () => {
    load('app:1', 730);
    await known({ 'app:1': 100 });
    writeFileSync(await file(), readFileSync(await file(), 'utf8').slice(0, -40));
    const shown = await tidy('images', '-af', '--unused-for', '7d');
    expect(shown.stderr).toContain('was damaged');
    expect(shown.stdout).toMatch(/app:1 .* first seen by docker tidy .* ago, no use known since/);
    expect(await engine.names()).toEqual(['app:1']);
    expect((await ledger()).images[await idOf('app:1')]?.used?.by).not.toBe('container recorded');
  });
});

/** So many events that the engine forgets what was before: volumes come and go. */
async function flood({ host }: TestEngine): Promise<void> {
  const ask = (method: string, path: string, body?: object) =>
    new Promise<void>((done, fail) => {
      const { hostname, port } = new URL(host);
      const target = host.startsWith('unix:') ? { socketPath: host.slice(7) } : { hostname, port };
      const headers = { 'content-type': 'application/json' };
      const asking = request({ ...target, method, path, headers, agent: false }, (answer) => {
        answer.resume().on('end', done);
      });
      asking.on('error', fail).end(body && JSON.stringify(body));
    });
  for (let i = 0; i < 140; i += 20) {
    await Promise.all(
      Array.from({ length: 20 }, async (_, j) => {
        await ask('POST', '/volumes/create', { Name: `flood-${i + j}` });
        await ask('DELETE', `/volumes/flood-${i + j}`);
      }),
    );
  }
}
