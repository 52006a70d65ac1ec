// The machine that a schedule is for: whose it is, and which schedulers it has.
import { existsSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UsageError } from '../core/errors.ts';
import type { Scheduler, Scope } from '../core/schedule.ts';
import type { RunProgram } from '../state/scheduler.ts';
import { runProgram } from '../state/scheduler.ts';
import type { Invocation } from './invocation.ts';
import { thisProgram } from './schedule-task.ts';

export interface Host {
  readonly platform: NodeJS.Platform;
  /** The user's number; 0 is root. */
  readonly uid: number;
  readonly home: string;
  /** The folders of systemd's units. */
  readonly units: Readonly<Record<Scope, string>>;
  /** systemd runs this machine. */
  readonly systemd: boolean;
  readonly run: RunProgram;
  readonly program: () => string;
  readonly machine: string;
  readonly now: Date;
}

export function thisHost({ env }: Invocation): Host {
  const home = homedir();
  const xdg = env['XDG_CONFIG_HOME'];
  const configHome = xdg && isAbsolute(xdg) ? xdg : join(home, '.config');
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    home,
    units: { user: join(configHome, 'systemd', 'user'), system: '/etc/systemd/system' },
    systemd: existsSync('/run/systemd/system'), // sd_booted(3)
    run: runProgram({ ...env, TZ: 'UTC', LC_ALL: 'C' }), // so that what they say can be read
    program: thisProgram,
    machine: hostname(),
    now: new Date(),
  };
}

/** Which scheduler the options mean, and whose. Throws UsageError. */
export function schedulerOf({ flags }: Invocation, host: Host): { scheduler: Scheduler; scope: Scope } {
  const [user, system, cron] = [flags.has('user'), flags.has('system'), flags.has('cron')];
  if (user && system) throw new UsageError('--user and --system contradict each other');
  if (cron && (user || system))
    throw new UsageError('a crontab is always of this user: leave out --user and --system');
  if (cron && host.platform === 'win32') throw new UsageError('Windows has no crontab: leave out --cron');
  const scope: Scope = system || (host.uid === 0 && !user) ? 'system' : 'user';
  if (cron) return { scheduler: 'cron', scope: 'user' };
  if (host.platform === 'win32') return { scheduler: 'windows', scope: system ? 'system' : 'user' };
  if (host.platform === 'darwin') return { scheduler: 'launchd', scope };
  return host.systemd || user || system
    ? { scheduler: 'systemd', scope }
    : { scheduler: 'cron', scope: 'user' };
}
