// What systemd is told of a watch: ready, stopping, its state in words, and that it is alive.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Notifier {
  /** Variables as sd_notify(3) has them, `READY=1`. Resolves when systemd has them; never throws. */
  readonly tell: (...variables: string[]) => Promise<void>;
  /** Ends the signs of life. */
  readonly end: () => void;
}

/** systemd-notify waits until systemd has read the message, five seconds at the most. */
const TIMEOUT = 10_000;

/**
 * What tells systemd, where it listens (NOTIFY_SOCKET), and shows it signs of life as often as it wants them
 * (WATCHDOG_USEC). Node has no datagram sockets of the file system, so that systemd's own program sends: a unit needs
 * NotifyAccess=all. `failed` is called once where it cannot. Source: sd_notify(3), sd_watchdog_enabled(3).
 */
export function notifierFor(env: NodeJS.ProcessEnv, failed: (why: string) => void): Notifier {
  if (!env['NOTIFY_SOCKET']) return { tell: async () => {}, end: () => {} };
  let turn = Promise.resolve();
  let told = false;
  const tell = (...variables: string[]) => {
    turn = turn.then(async () => {
      try {
        await promisify(execFile)('systemd-notify', variables, { env, timeout: TIMEOUT });
      } catch (error) {
        const { stderr, message } = error as Error & { readonly stderr?: string };
        if (!told) failed(stderr?.trim() || message);
        told = true;
      }
    });
    return turn;
  };
  const every = watchdogOf(env);
  const timer = every === undefined ? undefined : setInterval(() => tell('WATCHDOG=1'), every);
  timer?.unref();
  return { tell, end: () => clearInterval(timer) };
}

/** Milliseconds between two signs of life: half of what systemd waits for. The process that it means is this one, or docker's, which started it. */
function watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  if (WATCHDOG_PID && ![process.pid, process.ppid].includes(Number(WATCHDOG_PID))) return undefined;
  const usec = Number(WATCHDOG_USEC);
  return usec > 0 ? Math.max(1, Math.floor(usec / 2000)) : undefined;
}
