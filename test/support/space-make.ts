// Makes the population of a set on an engine, with docker's own command line.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestEngine } from './engine.ts';
import { imageArchive } from './image-archive.ts';
import type { Content, Files, Step } from './space-population.ts';

/** Gives the time when BuildKit built last, if it did. */
export function makeSteps(engine: TestEngine, tools: string, steps: readonly Step[]): number | undefined {
  let built: number | undefined;
  for (const step of steps) {
    make(engine, tools, step);
    if (step.do === 'build' && step.with === 'buildkit') built = Date.now();
  }
  return built;
}

function make(engine: TestEngine, tools: string, step: Step): void {
  switch (step.do) {
    case 'import':
      inFolder(tools, step.files, (folder) => {
        execFileSync('tar', [
          '-C',
          folder,
          '--mtime=@1700000000',
          '--sort=name',
          '-cf',
          `${folder}.tar`,
          '.',
        ]);
        engine.docker('import', `${folder}.tar`, step.as);
        rmSync(`${folder}.tar`);
      });
      return;
    case 'build':
      inFolder(tools, step.files, (folder) => {
        writeFileSync(join(folder, 'Dockerfile'), step.dockerfile.join('\n'));
        const env = {
          ...engine.env,
          DOCKER_BUILDKIT: step.with === 'buildkit' ? '1' : '0',
          BUILDX_NO_DEFAULT_ATTESTATIONS: step.attested ? '0' : '1',
        };
        const words = ['build', '-q', '--network', 'none', '-t', step.as, folder];
        const { status, stderr } = spawnSync(join(tools, 'docker'), words, { env, encoding: 'utf8' });
        if ((status === 0) === (step.fails === true))
          throw new Error(`docker ${words.join(' ')}: exit status ${status}\n${stderr}`);
      });
      return;
    case 'load': {
      const layers = step.layers.map((files) =>
        Object.fromEntries(Object.entries(files).map(([path, content]) => [path, bytesOf(content, tools)])),
      );
      const archive = imageArchive([{ tags: [step.as], created: '2026-01-01T00:00:00Z', layers }]);
      execFileSync(join(tools, 'docker'), ['load'], { env: engine.env, input: archive, stdio: 'pipe' });
      return;
    }
    case 'tag':
      engine.docker('tag', step.image, step.as);
      return;
    case 'container': {
      const create = ['create', '--name', step.name, '--network', 'none', step.image, '/bin/busybox'];
      if (step.writes === undefined) {
        engine.docker(...create, 'true');
      } else {
        engine.docker(
          ...create,
          'dd',
          'if=/dev/urandom',
          'of=/written',
          'bs=1000',
          `count=${step.writes / 1000}`,
        );
        engine.docker('start', '-a', step.name);
      }
      return;
    }
    case 'prune cache':
      engine.docker('builder', 'prune', '-af');
  }
}

function inFolder(tools: string, files: Files, use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-space-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytesOf(content, tools), { mode: 0o755 });
  }
  use(folder);
  rmSync(folder, { recursive: true });
}

function bytesOf({ kind, bytes, seed }: Content, tools: string): Buffer {
  if (kind === 'busybox')
    return Buffer.concat([readFileSync(join(tools, 'busybox')), Buffer.from(`${seed}`)]);
  if (kind === 'zeros') return Buffer.alloc(bytes);
  if (kind === 'text') return Buffer.alloc(bytes, `the quick brown fox ${seed} jumps over the lazy dog\n`);
  return createHash('shake256', { outputLength: Math.max(1, bytes) })
    .update(`${seed}`)
    .digest();
}
