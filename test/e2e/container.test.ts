// The image of packaging/docker: it is built, and its container tidies the engine whose socket it has.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, linkSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { BINARY, TestEngine } from '../support/engine.ts';
import type { Layer } from '../support/image-archive.ts';

const ENGINES = Object.entries(inject('engines')).filter(
  ([name, { host }]) => name === '28.5' && host.startsWith('unix:'),
);
const ROOT = resolve(import.meta.dirname, '../..');

const CONFINED = 'run --rm --network none --read-only --cap-drop ALL --security-opt no-new-privileges';

test.skipIf(ENGINES.length > 0)('needs a real engine', ({ skip }) =>
  skip('none with a socket can be started here'),
);

/** What the Dockerfile takes from BASE: a shell, and the libraries of this machine. */
function base(busybox: Buffer): Layer {
  const libraries = execFileSync('ldd', [BINARY], { encoding: 'utf8' }).match(/\/[^ ]+(?= \()/g) ?? [];
  return {
    'bin/': '',
    'bin/sh': busybox,
    'tmp/': '',
    ...Object.fromEntries(libraries.map((path) => [path.slice(1), readFileSync(path)])),
  };
}

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;
  let context: string;

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    await engine.clearAll();
    const busybox = readFileSync(join(at.tools, 'busybox'));
    engine.load({ tags: ['base:local'], created: '2026-01-01T00:00:00Z', layers: [base(busybox)] });
    context = mkdtempSync(join(tmpdir(), 'docker-tidy-image-'));
    const binary = join(context, 'docker-tidy');
    try {
      linkSync(BINARY, binary);
    } catch {
      copyFileSync(BINARY, binary); // another disk
    }
    const file = join(ROOT, 'packaging/docker/Dockerfile');
    engine.docker(
      ...'build -q --network none --build-arg BASE=base:local -t docker-tidy -f'.split(' '),
      file,
      context,
    );
  });
  afterAll(async () => {
    rmSync(context, { recursive: true });
    await engine.clearAll();
  });

  const socket = at.host.slice('unix://'.length);
  const inContainer = (...words: string[]) => inContainerWith([], ...words);
  const inContainerWith = (options: readonly string[], ...words: string[]) =>
    engine.docker(
      ...CONFINED.split(' '),
      ...[
        '-v',
        `${socket}:/var/run/docker.sock`,
        '-v',
        'tidy-state:/state',
        ...options,
        'docker-tidy',
        ...words,
      ],
    );

  test('it tidies the engine that it runs on, keeps itself, and knows of that the next time', async () => {
    engine.load({ tags: ['app:1'], created: '2026-01-01T00:00:00Z', layers: [{ app: '1' }] });
    expect(inContainer('images', '-a', '-f', '--keep-tag', 'local')).toContain('Deleted: app:1');
    expect(await engine.names()).toEqual(['base:local', 'docker-tidy:latest']);
    expect(inContainer('history')).toMatch(/1 deleted .*docker tidy images -a -f/);
  });

  test('it sees the engine’s disk where that is mounted, under the host’s name, and not else', () => {
    const share = ['plan', 'cache', '-a', '--max-used-space', '50%'];
    expect(() => inContainer(...share)).toThrow('disk');
    const root = engine.docker('info', '-f', '{{.DockerRootDir}}');
    expect(inContainerWith(['--uts', 'host', '-v', `${root}:${root}:ro`], ...share)).toContain('50%');
  });

  test('it has no more in it than the binary and what that is linked with', () => {
    const id = engine.docker('create', 'docker-tidy');
    const files = execFileSync('tar', ['-t'], {
      input: execFileSync('docker', ['export', id], { env: engine.env, maxBuffer: 2 ** 30 }),
      encoding: 'utf8',
    });
    engine.docker('rm', id);
    const others = files.split('\n').filter((path) => path !== '' && !path.endsWith('/'));
    const known =
      /^(\.dockerenv|usr\/local\/bin\/docker-tidy|dev\/console|etc\/(hostname|hosts|mtab|resolv\.conf)|.*\/?(ld-linux|lib(atomic|c|dl|gcc_s|m|pthread|stdc\+\+))[^/]*\.so[.\d]*)$/;
    expect(others.filter((path) => !known.test(path))).toEqual([]);
    expect(others).toContain('usr/local/bin/docker-tidy');
  });

  test('the Compose file is one that Compose takes', () => {
    const file = join(ROOT, 'examples/watch/compose.yaml');
    const { services } = JSON.parse(engine.docker('compose', '-f', file, 'config', '--format', 'json'));
    expect(services.tidy).toMatchObject({
      read_only: true,
      network_mode: 'none',
      command: expect.arrayContaining(['watch']),
    });
    const { context, dockerfile } = services.tidy.build;
    expect(existsSync(resolve(context, dockerfile))).toBe(true);
  });
});
