// Starts the engines that e2e tests talk to, before the first test; where it can't, says why, and the tests are skipped.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const ENGINE = resolve(import.meta.dirname, '../../scripts/engine');
const BINARY = resolve(import.meta.dirname, '../../dist/docker-tidy');
const NAMES = ['20.10', '28.5', '28.5-containerd', 'podman5'];

declare module 'vitest' {
  export interface ProvidedContext {
    /** DOCKER_HOST by engine; empty where none can be started. */
    engines: Record<string, string>;
  }
}

export default function setup(project: TestProject): (() => void) | undefined {
  if (!existsSync(BINARY))
    throw new Error('e2e tests run the packaged binary: make build first (make e2e does)');
  const can = spawnSync(ENGINE, ['can'], { encoding: 'utf8' });
  if (can.status !== 0) {
    const why = can.stderr.trim();
    if (process.env['CI']) throw new Error(`in CI the engine tests must run, but ${why}`);
    console.log(`\n  Tests on real engines are skipped: ${why}.\n`);
    project.provide('engines', {});
    return undefined;
  }
  const up = (name: string) =>
    execFileSync(ENGINE, ['up', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  project.provide('engines', Object.fromEntries(NAMES.map((name) => [name, up(name)])));
  return () => {
    for (const name of NAMES) spawnSync(ENGINE, ['down', name]);
  };
}
