// What an engine's data takes on the disk, once the engine does nothing to it by itself.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ENGINE, type TestEngine } from './engine.ts';

/**
 * BuildKit writes the trace of a build (90 kB) three seconds after it, and keeps it with the records of the last 50
 * builds, which no prune takes. Source: BuildKit, solver/llbsolver/history.go and solver.go, recordBuildHistory.
 */
const TRACED_AFTER = 3_500;

/** Once all that builds leave behind is written, and all that nothing holds has gone. */
export async function settle(engine: TestEngine, built?: number): Promise<void> {
  if (built !== undefined && hasHistory(engine)) await pause(Math.max(0, built + TRACED_AFTER - Date.now()));
  if (!engine.containerd) return;
  // containerd collects its garbage when it likes, and the classic builder leaves some; ending a lease makes it do so now
  await ctr(engine, 'leases', 'create', '--id', 'space');
  await ctr(engine, 'leases', 'rm', '--sync', 'space');
}

/** Bytes, once they do not change any more. */
export async function diskUsed(engine: TestEngine): Promise<number> {
  let bytes = await du(engine);
  for (let tries = 0; tries < 50; tries++) {
    await pause(200);
    const again = await du(engine);
    if (again === bytes) break;
    bytes = again;
  }
  return bytes;
}

/** An engine that holds nothing that could go later. */
export async function clearDisk(engine: TestEngine): Promise<void> {
  await clearAll(engine);
  engine.docker('builder', 'prune', '-af'); // also what is not listed
  if (hasHistory(engine)) engine.docker('buildx', 'history', 'rm', '--all');
  if (!engine.containerd) return;
  const leases = (await ctr(engine, 'leases', 'ls', '-q')).split('\n').filter(Boolean);
  for (const lease of leases) await ctr(engine, 'leases', 'rm', '--sync', lease);
}

async function clearAll(engine: TestEngine): Promise<void> {
  for (let tries = 5; tries > 0; tries--) {
    try {
      return await engine.clearAll();
    } catch (error) {
      if (tries === 1) throw error; // a parent's turn came before its child's
    }
  }
}

function hasHistory({ name }: TestEngine): boolean {
  return name !== '20.10';
}

async function du(engine: TestEngine): Promise<number> {
  return Number((await promisify(execFile)(ENGINE, ['du', engine.name])).stdout);
}

async function ctr(engine: TestEngine, ...words: string[]): Promise<string> {
  const socket = resolve(new URL(engine.host).pathname, '../exec/containerd/containerd.sock');
  const command = ['exec', engine.name, 'ctr', '-a', socket, '-n', 'moby', ...words];
  return (await promisify(execFile)(ENGINE, command)).stdout;
}
