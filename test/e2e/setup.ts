// Starts the engines that e2e tests talk to (E2E_ENGINES="28.5 20.10": these alone), before the first test; where it can't,
// says why, and the tests are skipped.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';

const SCRIPTS = resolve(import.meta.dirname, '../../scripts');
const BINARY = resolve(import.meta.dirname, '../../dist/docker-tidy');

declare module 'vitest' {
  export interface ProvidedContext {
    /** By engine: its DOCKER_HOST, and the folder with its docker CLI. Empty where none can be started. */
    engines: Record<string, { host: string; tools: string }>;
  }
}

/** Real engines from Debian's packages, or else docker:dind in a docker that is here. */
function starter(): { script: string } | { why: string } {
  const reasons: string[] = [];
  for (const name of ['engine', 'engine-dind']) {
    const script = resolve(SCRIPTS, name);
    const can = spawnSync(script, ['can'], { encoding: 'utf8' });
    if (can.status === 0) return { script };
    reasons.push(can.stderr.trim().replace(/^[\w-]+: /, ''));
  }
  return { why: reasons.join(', and ') };
}

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!existsSync(BINARY))
    throw new Error('e2e tests run the packaged binary: make build first (make e2e does)');
  const found = starter();
  if ('why' in found) {
    if (process.env['CI']) throw new Error(`in CI the engine tests must run, but ${found.why}`);
    console.log(`\n  Tests on real engines are skipped: ${found.why}.\n`);
    project.provide('engines', {});
    return undefined;
  }
  const ask = async (...args: string[]) => (await promisify(execFile)(found.script, args)).stdout.trim();
  const wanted = process.env['E2E_ENGINES']?.split(' ');
  const names = (await ask('names')).split('\n').filter((name) => wanted?.includes(name) ?? true);
  const started = names.map(async (name) => [
    name,
    { host: await ask('up', name), tools: await ask('tools', name) },
  ]);
  project.provide('engines', Object.fromEntries(await Promise.all(started)));
  return async () => {
    await Promise.all(names.map((name) => ask('down', name)));
  };
}
