// Which hints were told when, so that none is told twice within a short time.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folder.ts';

/** What is older than this is forgotten, in milliseconds: longer than any hint waits. */
const FORGOTTEN = 7 * 24 * 3_600_000;

/** Whether a hint was not told for `again` milliseconds; it counts as told from now on. `false` where that cannot be written. */
export async function tellOnce(folder: string, key: string, now: number, again: number): Promise<boolean> {
  const file = join(folder, 'hints.json');
  const told = await read(file);
  const last = told[key];
  if (last !== undefined && last <= now && now - last < again) return false;
  const kept = Object.entries(told).filter(([, at]) => at <= now && now - at < FORGOTTEN);
  const part = `${file}.${process.pid}.part`;
  try {
    await makeFolder(folder);
    await writeFile(part, JSON.stringify({ ...Object.fromEntries(kept), [key]: now }), { mode: 0o600 });
    await rename(part, file);
    return true;
  } catch {
    await rm(part, { force: true }).catch(() => {});
    return false;
  }
}

/** Times by key; none where there is no such file, or it is damaged. */
async function read(file: string): Promise<Readonly<Record<string, number>>> {
  try {
    const found: unknown = JSON.parse(await readFile(file, 'utf8'));
    const entries = Object.entries(found ?? {}).filter(([, at]) => typeof at === 'number');
    return Object.fromEntries(entries) as Record<string, number>;
  } catch {
    return {};
  }
}
