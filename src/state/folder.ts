// Where docker tidy keeps what outlives a run.
import { mkdir, stat } from 'node:fs/promises';
import { dirname, posix, win32 } from 'node:path';

/**
 * The folder of what outlives a run: DOCKER_TIDY_STATE, or else the platform's own place for it: `$XDG_STATE_HOME`
 * (`~/.local/state` where that is not set, or not absolute), `~/Library/Application Support`, `%LOCALAPPDATA%`.
 * Source: XDG Base Directory Specification 0.8. It need not exist.
 */
export function stateFolder(env: NodeJS.ProcessEnv, home: string, platform: NodeJS.Platform): string {
  const path = platform === 'win32' ? win32 : posix;
  const { DOCKER_TIDY_STATE: ours, XDG_STATE_HOME: xdg, LOCALAPPDATA: local } = env;
  if (ours) return ours;
  if (platform === 'win32') return path.join(local || path.join(home, 'AppData', 'Local'), 'docker-tidy');
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'docker-tidy');
  const base = xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'state');
  return path.join(base, 'docker-tidy');
}

/**
 * Makes the folder and those around it, for this user alone. Step by step: Node's own recursive mkdir never ends below
 * /proc, and says of a read-only disk that the folder is missing. Throws what the system says.
 */
export async function makeFolder(path: string): Promise<void> {
  await make(path, true);
}

/** `again`: what stands around it may be made by another run between two looks. */
async function make(path: string, again: boolean): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || !again) throw error;
    if (!(await isFolder(parent))) await make(parent, true);
    await make(path, false);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
