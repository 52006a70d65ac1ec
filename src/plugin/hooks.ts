// docker's hooks: what it shows below "What's next:" after a command of its own, where the user has asked for it.
import { printable } from '../core/printable.ts';

/**
 * The answer to `docker-cli-plugin-hooks ARGUMENT`; empty where there is nothing to say, which docker passes over.
 * Source: docker/cli, cli-plugins/hooks and cli-plugins/manager/hooks.go (28.5).
 */
export async function hook(argument: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { RootCmd: command, Flags: flags, CommandError: error } = read(argument);
  if (typeof command !== 'string') return '';
  const { hintAfter, hintLimit } = await import('../commands/hook.ts');
  const limit = hintLimit(env);
  const left = limit - process.uptime() * 1000;
  if (left <= 0) return '';
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), left);
  const done = { command, error: typeof error === 'string' ? error : '', quiet: isQuiet(flags) };
  const late = new Promise<undefined>((resolve) => {
    ended.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const hint = await Promise.race([hintAfter(done, env, ended.signal).catch(() => undefined), late]);
  clearTimeout(timer);
  return hint === undefined || process.uptime() * 1000 > limit
    ? ''
    : `${JSON.stringify({ Type: 0, Template: template(hint) })}\n`;
}

interface Argument {
  readonly RootCmd?: unknown;
  readonly Flags?: unknown;
  readonly CommandError?: unknown;
}

function read(argument: string): Argument {
  try {
    return (JSON.parse(argument) ?? {}) as Argument;
  } catch {
    return {};
  }
}

function isQuiet(flags: unknown): boolean {
  return typeof flags === 'object' && flags !== null && ('quiet' in flags || 'q' in flags);
}

/** docker takes it for a Go template, and prints it as it comes. */
function template(hint: string): string {
  return hint.split('\n').map(printable).join('\n').replaceAll('{{', '{{"{{"}}');
}
