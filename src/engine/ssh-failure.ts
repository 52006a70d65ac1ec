// Why ssh did not bring us to the engine, as one sentence: ssh's own words, and what to do.
import type { Endpoint } from './endpoint.ts';
import type { SshFailure } from './ssh.ts';

/** One sentence for a connection over ssh that failed. */
export function explainSsh(
  failure: SshFailure,
  { host, transport }: Pick<Endpoint, 'host' | 'transport'>,
): string {
  const cannot = `cannot reach the engine at ${host} over ssh:`;
  const started = (failure.cause as NodeJS.ErrnoException | undefined)?.code;
  if (started === 'ENOENT') return `${cannot} the command \`ssh\` was not found; install OpenSSH's client`;
  if (started !== undefined) return `${cannot} \`ssh\` could not be started (${started})`;
  const said = lastLines(failure.stderr);
  const told = said ? ` (${said})` : '';
  if (failure.status === 127 || /command not found|not found.*docker|docker.*not found/i.test(said)) {
    return `${cannot} \`docker\` is not there, or not on the PATH that ssh has there${told}; install the docker CLI on that machine`;
  }
  if (/not a docker command|unknown (command|flag)/i.test(said)) {
    return `${cannot} the docker over there is older than 18.09${told}; update it`;
  }
  const shell = transport.kind === 'ssh' ? loginOf(transport) : 'ssh';
  if (failure.status === 255)
    return `${cannot} ${said || 'ssh failed'}; check that \`${shell} docker version\` works`;
  const ended = failure.status === undefined ? 'ssh was stopped' : `exit status ${failure.status}`;
  return `${cannot} ${said || ended}; check that \`${shell} docker info\` works`;
}

function loginOf({ user, hostname, port }: { user?: string; hostname: string; port?: number }): string {
  return ['ssh', ...(user ? ['-l', user] : []), ...(port ? ['-p', String(port)] : []), hostname].join(' ');
}

/** ssh warns first and gives its reason last. */
function lastLines(stderr: string): string {
  const lines = stderr.split(/\r?\n/).map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-2)
    .join('; ')
    .slice(0, 400);
}
