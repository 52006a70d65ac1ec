// Measures what `docker tidy watch` takes while nothing happens: memory, and CPU time as a share of one core: `make bench`.
// The engine is a small server here that has nothing and says nothing. Only measures: asserts nothing.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const SECONDS = 20;
/** Of utime and stime in /proc: USER_HZ, the same on every Linux. */
const TICKS = 100;

await main();

async function main(): Promise<void> {
  if (process.platform !== 'linux') {
    console.log('\nbench-watch: needs /proc, as Linux has it');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-bench-'));
  const host = await idleEngine(join(folder, 'engine.sock'));
  const binary = fileURLToPath(new URL('../dist/docker-tidy', import.meta.url));
  const words = ['tidy', 'watch', '-a', '--quiet-time', '100ms', '--metrics', ':0'];
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: folder, DOCKER_TIDY_STATE: folder };
  const child = spawn(binary, words, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await delay(3000); // the look after the start is over
  const pid = child.pid as number;
  const before = ticks(pid);
  await delay(SECONDS * 1000);
  const share = (ticks(pid) - before) / TICKS / SECONDS;
  console.log(
    `\ndocker tidy watch, idle for ${SECONDS} s: ${(share * 100).toFixed(2)} % of a core, ${memory(pid)} MB`,
  );
  child.kill();
  await new Promise((resolve) => child.once('close', resolve));
  rmSync(folder, { recursive: true });
  process.exit();
}

/** An engine that holds nothing, and whose events never come. */
async function idleEngine(path: string): Promise<string> {
  const answers: Record<string, unknown> = {
    '/images/json': [],
    '/containers/json': [],
    '/networks': [],
    '/volumes': {},
    '/system/df': {},
    '/info': { ID: 'idle', Driver: 'overlay2', SystemTime: new Date().toISOString() },
  };
  const server = createServer((request, answer) => {
    const place = (request.url ?? '').replace(/\?.*/, '').replace(/^\/v[\d.]+/, '');
    answer.setHeader('Api-Version', '1.51');
    if (place === '/events') answer.flushHeaders();
    else answer.end(place === '/_ping' ? 'OK' : JSON.stringify(answers[place] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return `unix://${path}`;
}

/** CPU time so far. Source: proc(5), /proc/PID/stat, after the name in brackets. */
function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** What it has in memory, in MB. */
function memory(pid: number): number {
  const kb = /^VmRSS:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) * 1.024e-3);
}
