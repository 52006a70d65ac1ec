// Lists by docker's own templates, and what is said of work that takes long, on a terminal and beside a pipe.
import { rmSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { join } from 'node:path';
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
