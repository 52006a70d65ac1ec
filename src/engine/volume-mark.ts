// Whose a thing is that docker tidy made on an engine for a look: the process that made it, by which another run can
// tell what a killed one left from what is being used.
import { randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Nobody needs what is left of a run on another host after that long. */
const LEFT = 2 * 24 * 60 * 60 * 1000;

const HOST = hostname().replaceAll(/[^\w.-]/g, '_') + processSpace();

/** Ours, and no other mark is the same. */
export function newMark(): string {
  return `${HOST}/${process.pid}/${randomBytes(6).toString('hex')}`;
}

/** Whether its process is gone, or on another host and days old. What is no mark is nobody's to judge. */
export function isAbandoned(mark: string, created: Date): boolean {
  const [host, pid] = mark.split('/');
  if (!/^\d+$/.test(pid ?? '')) return false;
  if (host === HOST) return !isRunning(Number(pid));
  return Date.now() - created.getTime() > LEFT;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Containers on one host count their processes each for themselves. */
function processSpace(): string {
  try {
    return `-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))}`;
  } catch {
    return '';
  }
}
