// The packaged binary writing reports of saved inventories, for which no engine is asked.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Report } from '../../src/core/report.ts';
import { BINARY } from './engine.ts';

/** `docker tidy report` in a folder, which has its state, too. */
export function reportWritten(folder: string, args: readonly string[]) {
  const env = { ...process.env, DOCKER_CONFIG: '/nowhere', DOCKER_TIDY_STATE: join(folder, 'state') };
  const { status, stdout, stderr } = spawnSync(BINARY, ['tidy', 'report', ...args], {
    encoding: 'utf8',
    cwd: folder,
    env,
    maxBuffer: 2 ** 26,
  });
  return { status, stdout, stderr };
}

/** What a page shows. */
export function reportIn(html: string): Report {
  const json = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
  return JSON.parse(json) as Report;
}

/** Whether tests that ask no engine run here: e2e tests run once for each group of engines, and these once in all. */
export function isRunOnce(engines: readonly (readonly [name: string, at: unknown])[]): boolean {
  return engines.length === 0 || engines.some(([name]) => name === '28.5');
}
