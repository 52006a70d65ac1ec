// Lists by docker's own templates, and what is said of work that takes long, on a terminal and beside a pipe.
import { rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';

const ENGINES = Object.entries(inject('engines')).filter(([name]) => name === '28.5');

test.skipIf(ENGINES.length > 0)('needs a real engine', ({ skip }) => skip('none can be started here'));

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(() => {
    engine = new TestEngine(name, at);
  });
  beforeEach(async () => {
    await engine.clearAll();
    engine.load(
      { tags: ['shop/api:1.0'], created: '2026-01-01T00:00:00Z', layers: [{ a: 'one' }] },
      { tags: ['shop/api:1.1'], created: '2026-01-02T00:00:00Z', layers: [{ a: 'two' }] },
    );
  });

  test('a plan prints what goes by a template, and docker itself finds these IDs and names', async () => {
    const format = '{{.ID}}\\t{{.Repository}}:{{.Tag}}';
    const ours = await engine.tidy(['plan', 'images', '-a', '--format', format]);
    expect(ours).toMatchObject({ status: 0, stderr: '' });
    const theirs = engine.docker('images', '--format', '{{.ID}}\t{{.Repository}}:{{.Tag}}');
    expect(ours.stdout.trim().split('\n').sort()).toEqual(theirs.split('\n').sort());
    const table = await engine.tidy([
      'plan',
      'images',
      '-a',
      '--format',
      'table {{upper .Action}}\\t{{.Name}}',
    ]);
    expect(table.stdout.split('\n').slice(0, 2)).toEqual(['ACTION   NAME', 'DELETE   shop/api:1.1']);
  });

  test('a slip in a template is told before anything is done', async () => {
    const ran = await engine.tidy(['images', '-a', '-f', '--format', '{{.Idd}}']);
    expect(ran.status).toBe(125);
    expect(ran.stderr).toContain('there is no .Idd here, but .ID, ');
    expect(await engine.names()).toEqual(['shop/api:1.0', 'shop/api:1.1']);
  });

  test('a run prints what came of each action', async () => {
    const ran = await engine.tidy(['images', '-a', '-f', '--format', '{{.Name}} {{.Result}}']);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout.trim().split('\n').sort()).toEqual(['shop/api:1.0 done', 'shop/api:1.1 done']);
    const [run] = (await engine.tidy(['history', '--format', '{{.ID}}'])).stdout.split('\n');
    const steps = await engine.tidy(['history', run as string, '--format', '{{.Action}} {{.Result}}']);
    expect(steps.stdout).toBe('delete done\ndelete done\n');
  });

  test('what a run took is listed before it comes back, and after that', async () => {
    engine.docker('tag', 'shop/api:1.0', 'other/api:1');
    engine.docker('network', 'create', 'lan');
    await engine.tidy(['images', '-a', 'other/api', '-f']);
    const format = ['--format', 'table {{.Action}}\\t{{.Kind}}\\t{{.Name}}\\t{{.Result}}'];
    const header = (result: string) => [
      'ACTION   KIND    NAME          RESULT',
      `tag      image   other/api:1${result}`,
    ];
    const shown = await engine.tidy(['undo', '--dry-run', ...format]);
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout.trimEnd().split('\n')).toEqual(header(''));
    const slip = await engine.tidy(['undo', '-f', '--format', '{{.Names}}']);
    expect(slip).toMatchObject({ status: 125, stdout: '' });
    const back = await engine.tidy(['undo', '-f', ...format]);
    expect(back).toMatchObject({ status: 0, stderr: '' });
    expect(back.stdout.trimEnd().split('\n')).toEqual(header('   done'));
    await engine.tidy(['networks', '-f']);
    await engine.tidy(['images', '-a', 'shop/api', '--keep-tag', '1.1', '-f']);
    const rows = ['--format', '{{.Kind}} {{.Name}} {{.Result}}'];
    const both = await engine.tidy(['restore', 'lan', 'shop/api:1.0', '-f', ...rows]);
    expect(both.stdout).toBe('network lan done\nimage shop/api:1.0 done\n');
    expect(await engine.names()).toEqual(['other/api:1', 'shop/api:1.0', 'shop/api:1.1']);
  });

  test('what does not come back is told on standard error, and is no row', async () => {
    await engine.tidy(['images', '-a', 'shop/api', '--keep-tag', '1.1', '-f']);
    const lost = await engine.tidy(['undo', '-f', '--format', '{{.ID}} {{.Name}}']);
    expect(lost).toMatchObject({ status: 1, stdout: '' });
    expect(lost.stderr).toContain('lost: shop/api:1.0: only this disk had it');
  });

  test('-q prints IDs that docker takes, whole with --no-trunc', async () => {
    engine.docker('network', 'create', 'lan');
    const ids = await engine.tidy(['why', '-q', 'shop/api:1.0', 'lan']);
    const short = engine.docker('images', '-q', 'shop/api:1.0');
    expect(ids).toEqual({
      status: 0,
      stdout: `${short}\n${engine.docker('network', 'ls', '-qf', 'name=lan')}\n`,
      stderr: '',
    });
    const whole = engine.docker('images', '-q', '--no-trunc', 'shop/api:1.0');
    expect((await engine.tidy(['why', '-q', '--no-trunc', 'shop/api:1.0'])).stdout).toBe(`${whole}\n`);
    expect((await engine.tidy(['why', '--no-trunc', 'shop/api:1.0'])).stdout).toContain(`(${whole}, `);
    const byTemplate = await engine.tidy(['why', '-q', '--format', '{{.Name}}', 'lan']);
    expect(byTemplate.stdout).toBe('lan\n');
    engine.docker('volume', 'create', 'a-volume-of-a-long-name');
    const volume = await engine.tidy(['why', '-q', 'a-volume-of-a-long-name']);
    expect(volume.stdout).toBe('a-volume-of-a-long-name\n');
    expect((await engine.tidy(['schedule', 'list', '-q'])).status).toBe(0);
  });

  test('a trend has no IDs for -q, and says what to write', async () => {
    const { status, stdout, stderr } = await engine.tidy(['history', '--trend', '-q']);
    expect([status, stdout]).toEqual([125, '']);
    expect(stderr).toContain("--format '{{.Day}}'");
  });

  test('cases and what a policy would have removed too early are rows, too', async () => {
    const of = (...words: string[]) => engine.tidy(['policy', 'test', ...words]);
    const policy = resolve('examples/policies/nightly.yaml');
    const cases = resolve('examples/policy-tests/nightly.yaml');
    const held = await of(
      policy,
      '--expect',
      cases,
      '--format',
      '{{.Result}} {{.Source}}{{range .Differences}}!{{end}}',
    );
    expect(held).toMatchObject({ status: 0, stdout: `ok nightly.yaml:2\n`, stderr: '' });
    const trace = resolve('examples/trace.json');
    const format = 'table {{.Name}}\\t{{.Size}}\\t{{.By}}';
    const unused = join(engine.config, 'unused.yaml');
    writeFileSync(
      unused,
      'version: 1\nimages:\n  - name: unused\n    keep: none\n    remove: { unusedFor: 7d }\n',
    );
    const played = await of(unused, '--replay', trace, '--format', format);
    expect(played).toMatchObject({ status: 0, stderr: '' });
    expect(played.stdout.split('\n').slice(0, 2)).toEqual([
      'NAME             SIZE      BY',
      'old/report:1     26.23MB   rebuild',
    ]);
    const slip = await of(policy, '--expect', cases, '--format', '{{.ID}}');
    expect(slip).toMatchObject({ status: 125 });
    expect(slip.stderr).toContain('there is no .ID here, but .Name, .Source, .Result, .Differences');
  });

  describe('while the engine is slow', () => {
    let slow: Server;
    let host: string;

    beforeAll(async () => {
      const path = join(engine.config, 'slow.sock');
      slow = slowly(engine.host.replace('unix://', ''));
      await new Promise<void>((resolve) => slow.listen(path, resolve));
      host = `unix://${path}`;
    });
    afterAll(() => {
      slow.close();
      rmSync(engine.config, { recursive: true, force: true });
    });

    test.each([80, 40])('a terminal of %i columns has a line that goes again', async (columns) => {
      const on = { typed: [], columns, env: { DOCKER_HOST: host } };
      const { status, stdout } = await engine.tidy(['images', '-a', '-f'], on);
      expect(status).toBe(0);
      const drawn = stdout.split(/\n|\u001b\[[0-9;?]*[A-Za-z]/).filter((part) => part.startsWith('Removing'));
      expect(drawn.length).toBeGreaterThan(0);
      for (const line of drawn) expect(line.trimEnd().length).toBeLessThan(columns);
      expect(stdout).toMatch(/Deleted: shop\/api:1\.1[^\n]*\n/);
      expect(stdout).not.toContain('CHANGED');
      expect(stdout).not.toContain('\u001b[?25l');
      expect(await engine.names()).toEqual([]);
    });

    test('plain lines are on standard error alone, and -q has none', async () => {
      const env = { DOCKER_HOST: host };
      const format = ['--format', '{{.Name}} {{.Result}}'];
      const plain = await engine.tidy(['images', '-a', '-f', '--progress', 'plain', ...format], { env });
      expect(plain.stderr).toMatch(/^Removing: \d\/2.*after \d+s$/m);
      expect(plain.stdout).toMatch(/^(shop\/api:1\.\d done\n){2}$/);
      engine.load({ tags: ['shop/api:1.2'], created: '2026-01-03T00:00:00Z', layers: [{ a: 'three' }] });
      const quiet = await engine.tidy(['images', '-a', '-f', '-q', '--progress', 'plain'], { env });
      expect(quiet).toEqual({ status: 0, stdout: 'shop/api:1.2\n', stderr: '' });
    });
  });
});

/** An engine whose deletions take their time. */
function slowly(engine: string): Server {
  return createServer((client) => {
    const upstream = createConnection(engine);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    upstream.pipe(client);
    client.on('data', (data) => {
      const wait = data.toString('latin1', 0, 7) === 'DELETE ' ? 2500 : 0;
      setTimeout(() => upstream.destroyed || upstream.write(data), wait);
    });
  });
}
