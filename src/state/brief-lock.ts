// A lock for what takes milliseconds, as the change of a small file: loading a library for it would take longer than the work.
import { open, rm, stat } from 'node:fs/promises';

/** How long others are waited for, and after how long a lock was surely left by one that was killed. Milliseconds. */
const WAIT = { most: 2_000, each: 20, stale: 5_000 } as const;

/**
 * Runs `work` while no other process does, by a file that only one can make. Throws where the file cannot be made, or is
 * held for too long. Only for work that does no harm where two do it after all, as one that was stopped for seconds may.
 */
export async function whileLocked<T>(file: string, work: () => Promise<T>): Promise<T> {
  await take(file);
  try {
    return await work();
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}

async function take(file: string): Promise<void> {
  for (let waited = 0; ; waited += WAIT.each) {
    try {
      await (await open(file, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (waited >= WAIT.most) throw new Error(`${file} is held by another run`, { cause: error });
    }
    const made = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (made !== undefined && Date.now() - made > WAIT.stale) await rm(file, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, WAIT.each));
  }
}
