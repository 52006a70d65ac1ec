// docker's own commands with hooks on, as docs/hooks.md turns them on: what docker shows below "What's next:".
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';

// The CLI of Docker 20.10 has no hooks; podman has no CLI that has.
const ENGINES = Object.entries(inject('engines')).filter(([name]) => name.startsWith('28'));

test.skipIf(ENGINES.length > 0)('needs real engines', ({ skip }) => skip('none can be started here'));

const DOCS = readFileSync('docs/hooks.md', 'utf8');

/** The lines that docs/hooks.md says to add. However busy the machine that tests them: time is not tried here. */
function configured(): string {
  const lines = /```json\n([^`]*)```/.exec(DOCS)?.[1] ?? '{}';
  const config = JSON.parse(lines) as { plugins: { tidy: Record<string, string> } };
  config.plugins.tidy['hint-wait'] = '1m';
  return JSON.stringify(config);
}

describe.each(ENGINES)('on Docker %s', (name, at) => {
  let engine: TestEngine;

  beforeAll(async () => {
    engine = new TestEngine(name, at);
    await engine.clearAll();
    engine.load({ tags: ['app:v1'], created: '2026-01-02T00:00:00Z', layers: [{ app: '1' }] });
    engine.run('web', 'app:v1');
    writeFileSync(join(engine.config, 'config.json'), configured());
  });

  const state = () => ({ DOCKER_TIDY_STATE: mkdtempSync(join(tmpdir(), 'docker-tidy-state-')) });
  /** What docker prints on a terminal. */
  const shown = async (words: readonly string[], env: Record<string, string>) =>
    (await engine.words(words, { typed: [], env })).stdout;

  test('a docker rmi that fails tells who holds the image, and what to ask next; once', async () => {
    const env = state();
    const first = await shown(['rmi', 'app:v1'], env);
    const documented = [...DOCS.matchAll(/^(What's next:| {4}.*)$/gm)].map(([line]) => line.trim());
    expect(documented).toHaveLength(3);
    for (const line of documented) expect(first).toContain(line);
    const ask = /: docker (tidy why app:v1)/.exec(first)?.[1]?.split(' ') ?? [];
    expect((await engine.words(ask, {})).stdout).toContain('web');
    expect(await shown(['image', 'rm', 'app:v1'], env)).not.toContain('next');
    expect(await shown(['rmi', 'app:v1'], { ...state(), DOCKER_CLI_HOOKS: 'false' })).not.toContain('next');
  });

  test('nothing is added to what went well, to other failures, or where the engine is away', async () => {
    engine.docker('tag', 'app:v1', 'more:v1');
    expect(await shown(['rmi', 'more:v1'], state())).toBe('Untagged: more:v1\n');
    expect(await shown(['rmi', 'nosuch'], state())).not.toContain('next');
    expect(await shown(['rmi', 'app:v1'], { ...state(), DOCKER_HOST: 'unix:///nowhere' })).not.toContain(
      'next',
    );
    expect(await shown(['system', 'df'], state())).not.toContain('no name');
  });

  test('images that pile up are told after a build and after docker system df', async () => {
    for (let i = 0; i <= 10; i++)
      engine.load({ tags: ['piled:v1'], created: '2026-01-02T00:00:00Z', layers: [{ piled: String(i) }] });
    const env = state();
    const df = await shown(['system', 'df'], env);
    expect(df).toContain('10 images have no name');
    expect(df).toContain('docker tidy df');
    const context = mkdtempSync(join(tmpdir(), 'docker-tidy-context-'));
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
    expect(await shown(['build', '-t', 'built:v1', context], env)).not.toContain('next');
    expect(await shown(['build', '-t', 'built:v1', context], state())).toContain('docker tidy plan');
    expect(await shown(['build', '-q', '-t', 'built:v1', context], state())).not.toContain('next');
  });
});
