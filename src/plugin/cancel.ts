// Signals and docker's plugin socket as one cancellation: the first asks to stop, the third stops at once.
import { connect } from 'node:net';
import { Cancelled } from '../core/errors.ts';

export const EXIT_CANCELLED = 130;

/**
 * Aborts the returned signal on SIGINT, SIGTERM, SIGHUP, or when docker closes the plugin socket (it does when it is
 * interrupted without a terminal). The call in flight is then finished and reported; a third signal ends the process.
 */
export function cancellation(env: NodeJS.ProcessEnv): AbortSignal {
  const controller = new AbortController();
  const cancel = () => controller.abort(new Cancelled('cancelled: nothing was removed'));
  let signals = 0;
  const signalled = () => {
    signals++;
    if (signals >= 3) process.exit(EXIT_CANCELLED);
    cancel();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, signalled);
  watchSocket(env['DOCKER_CLI_PLUGIN_SOCKET'], cancel);
  return controller.signal;
}

/** `@name` is an abstract socket, on Linux; elsewhere it is a path. Failure to connect is silent, as in docker's own plugins. */
function watchSocket(address: string | undefined, cancel: () => void): void {
  if (!address) return;
  const path = address.startsWith('@') ? `\0${address.slice(1)}` : address;
  const socket = connect({ path });
  socket.unref();
  socket.on('error', () => {});
  socket.on('connect', () => socket.on('close', cancel));
  socket.resume();
}
