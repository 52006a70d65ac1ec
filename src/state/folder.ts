// Where docker tidy keeps what outlives a run.
import { posix, win32 } from 'node:path';

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
