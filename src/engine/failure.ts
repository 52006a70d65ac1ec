// Every way that reaching an engine fails, as one sentence with what to do about it. Never a stack trace.
import { EngineError } from '../core/errors.ts';
import type { Endpoint } from './endpoint.ts';
import { SshFailure } from './ssh.ts';
import { explainSsh } from './ssh-failure.ts';
import { explainTls } from './tls-failure.ts';

type Where = Pick<Endpoint, 'context' | 'host' | 'transport'>;

const UNREACHABLE = ['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'ETIMEDOUT', 'EADDRNOTAVAIL'];
const UNKNOWN_HOST = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NONAME', 'EAI_NODATA', 'EINVAL'];
const DROPPED = [
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'HPE_INVALID_EOF_STATE',
];

/**
 * Whatever was thrown on the way to the engine, or by dockerode, as an EngineError for people.
 * An error that the engine itself answered keeps its `status`.
 */
export function explain(error: unknown, where: Where): EngineError {
  if (error instanceof EngineError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (cause instanceof SshFailure) return new EngineError(explainSsh(cause, where), { cause });
  const status = (cause as { statusCode?: unknown }).statusCode;
  if (typeof status === 'number') return explainAnswer(status, (cause as { json?: unknown }).json, where);
  return new EngineError(sentence(cause, where), { cause });
}

/** The engine said no: its own words, as docker shows them, except where there is something to do. */
export function explainAnswer(status: number, body: unknown, where: Where): EngineError {
  const said = saidBy(body) || `status ${status}`;
  return new EngineError(askedWrongly(said, where) ?? `Error response from daemon: ${said}`, { status });
}

/** The engine did not answer within the time limit. */
export function overdue({ host }: Where, what: string, milliseconds: number): EngineError {
  const seconds = Math.round(milliseconds / 100) / 10;
  return new EngineError(
    `the engine at ${host} did not answer ${what} within ${seconds} s: it may be busy or hang; look at \`docker info\`, or try again later`,
  );
}

/** What answers is a server, but not an engine. */
export function noEngine({ host }: Where, found: string): EngineError {
  return new EngineError(
    `what answers at ${host} is not a Docker engine (${found}): check the host and port, with \`docker context ls\` and DOCKER_HOST`,
  );
}

function sentence(error: Error, where: Where): string {
  const code = codeOf(error);
  return (
    unreached(code, where) ??
    explainTls(code, error.message, where.host) ??
    interrupted(code, where) ??
    `error during connect to ${where.host}: ${firstLine(error.message) || code || error.name}`
  );
}

function unreached(code: string, { host, transport }: Where): string | undefined {
  const cannot = `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`;
  const other = 'or choose another engine with `docker context use` or DOCKER_HOST';
  if (transport.kind !== 'tcp') {
    const start = `start it (on Linux: \`sudo systemctl start docker\`; otherwise Docker Desktop), ${other}`;
    if (code === 'ENOENT') return `${cannot} There is no such socket: ${start}.`;
    if (code === 'ECONNREFUSED') return `${cannot} Nothing listens on that socket: ${start}.`;
    if (code === 'EACCES' || code === 'EPERM') return forbidden(host);
  }
  if (code === 'ECONNREFUSED') {
    return `${cannot} Nothing listens on that port: start the engine there, check the port, ${other}.`;
  }
  if (UNKNOWN_HOST.includes(code)) {
    return `cannot find the host of ${host} (${code}): check its name in DOCKER_HOST or \`docker context ls\`, and your network`;
  }
  if (UNREACHABLE.includes(code)) {
    return `cannot reach ${host} (${code}): check that the machine is up, and your network, VPN or firewall`;
  }
  return undefined;
}

function forbidden(host: string): string {
  return (
    `permission denied while trying to connect to the Docker daemon socket at ${host}: ` +
    'join the docker group (`sudo usermod -aG docker $USER`, then log in again), use sudo, or run a rootless engine'
  );
}

function interrupted(code: string, where: Where): string | undefined {
  if (DROPPED.includes(code)) {
    return `the connection to ${where.host} was dropped before the answer was complete: the engine may have stopped or restarted; check that it runs, and try again${tlsHint(where)}`;
  }
  if (code.startsWith('HPE_')) {
    return `what answers at ${where.host} does not speak http (${code}): check the port${tlsHint(where)}`;
  }
  return undefined;
}

// A TLS server that is spoken to in plain http hangs up, or answers with bytes that are no http; one that wants
// a client's certificate may hang up too.
function tlsHint({ transport }: Where): string {
  if (transport.kind !== 'tcp') return '';
  if (!transport.tls) return '; if the engine speaks TLS there, use --tlsverify';
  return transport.tls.cert ? '' : '; if the engine wants a client certificate, give --tlscert and --tlskey';
}

function askedWrongly(said: string, { host }: Where): string | undefined {
  if (/HTTP request to an HTTPS server/i.test(said)) {
    return `the engine at ${host} speaks TLS: use --tlsverify or DOCKER_TLS_VERIFY=1, with its certificates in DOCKER_CERT_PATH`;
  }
  const old = /client version (\S+) is too old\. Minimum supported API version is ([\d.]+\d)/i.exec(said);
  if (old) {
    return `the engine at ${host} needs at least API version ${old[2]}, and docker tidy speaks ${old[1]} to it: unset DOCKER_API_VERSION if it is set, otherwise install a newer docker tidy`;
  }
  const young = /client version (\S+) is too new\. Maximum supported API version is ([\d.]+\d)/i.exec(said);
  if (young) {
    return `the engine at ${host} speaks API version ${young[2]} at most, not ${young[1]}: unset DOCKER_API_VERSION`;
  }
  return undefined;
}

/** Podman's `message` holds its `cause` at its end, and is empty at times. */
function saidBy(body: unknown): string {
  if (typeof body === 'string') return body.trimStart().startsWith('<') ? '' : firstLine(body);
  if (body instanceof Uint8Array) return saidBy(Buffer.from(body).toString());
  const { message, cause } = (body ?? {}) as { message?: unknown; cause?: unknown };
  const text = [message, cause].find((part) => typeof part === 'string' && part !== '');
  return typeof text === 'string' ? text.trim() : '';
}

/** Of an error, or of what it wraps: several addresses tried, an abort with a reason. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, errors, cause } = error as Error & { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && code !== '') return code;
  return codeOf(errors?.[0]) || codeOf(cause);
}

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/, 1)[0]!.slice(0, 300);
}
