// Which engine docker would talk to, and how: flags, environment, config.json and the context store
// become one plain record. Opens no connection.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, UsageError } from '../core/errors.ts';
import { type Address, BadHost, defaultHost, parseHost, type Tls, type Transport } from './host.ts';
import { type TlsFlags, tlsOfContext, tlsOfEnvironment } from './tls.ts';

/** One engine, completely described: nothing more is looked up to reach it. */
export interface Endpoint {
  /** `default`, or the name of a docker context. */
  readonly context: string;
  /** As shown to people, e.g. `unix:///var/run/docker.sock`. */
  readonly host: string;
  readonly transport: Transport;
  /** `HttpHeaders` of config.json. */
  readonly headers: Readonly<Record<string, string>>;
  /** DOCKER_API_VERSION, e.g. `1.43`. */
  readonly apiVersion?: string;
}

/** Everything the choice depends on. */
export interface EndpointInput {
  readonly globals: TlsFlags & { readonly context?: string; readonly host?: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: {
    readonly currentContext?: string;
    readonly httpHeaders: Readonly<Record<string, string>>;
  };
  readonly configDir: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * Resolves the engine with docker's own precedence: `--context`, `-H`, DOCKER_HOST, DOCKER_CONTEXT,
 * `currentContext`, `default` (docker/cli, cli/command/cli.go).
 *
 * @throws UsageError for flags that contradict each other or cannot be read, EngineError for an
 * environment or a context that is wrong.
 */
export async function resolveEndpoint(input: EndpointInput): Promise<Endpoint> {
  const { globals, env, config } = input;
  if (globals.context && globals.host !== undefined) {
    throw new UsageError('conflicting options: cannot specify both --host and --context');
  }
  const context = contextName(input);
  const address = await (context === 'default' ? fromEnvironment(input) : fromContext(input, context));
  const apiVersion = env['DOCKER_API_VERSION'];
  return {
    context,
    ...address,
    headers: config.httpHeaders,
    ...(apiVersion && { apiVersion: checkedVersion(apiVersion) }),
  };
}

function contextName({ globals, env, config }: EndpointInput): string {
  if (globals.context) return globals.context;
  if (globals.host !== undefined || env['DOCKER_HOST']) return 'default';
  return env['DOCKER_CONTEXT'] || config.currentContext || 'default';
}

async function fromEnvironment({ globals, env, home, platform }: EndpointInput): Promise<Address> {
  const tls = tlsOfEnvironment(globals, env, home);
  const given = (globals.host ?? env['DOCKER_HOST'])?.trim();
  const host = given || defaultHost(platform, tls !== undefined);
  const address = read(host, (why) =>
    globals.host === undefined
      ? new EngineError(`cannot use DOCKER_HOST "${host}": ${why}`)
      : new UsageError(`cannot use -H "${host}": ${why}`),
  );
  return withTls(address, tls);
}

async function fromContext({ configDir, platform }: EndpointInput, name: string): Promise<Address> {
  const { createHash } = await import('node:crypto'); // which takes its time to load
  const folder = createHash('sha256').update(name).digest('hex');
  const host = await hostOfContext(join(configDir, 'contexts', 'meta', folder, 'meta.json'), name);
  const address = read(
    host.Host || defaultHost(platform, false),
    (why) => new EngineError(`cannot use the host "${host.Host}" of the docker context "${name}": ${why}`),
  );
  const files = join(configDir, 'contexts', 'tls', folder, 'docker');
  return withTls(address, () => tlsOfContext(files, host.SkipTLSVerify === true));
}

interface ContextHost {
  readonly Host?: string;
  readonly SkipTLSVerify?: boolean;
}

async function hostOfContext(file: string, name: string): Promise<ContextHost> {
  const see = 'see `docker context ls` for those there are';
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'context not found' : `cannot read ${file} (${(error as Error).message})`;
    throw new EngineError(`context "${name}": ${why}; ${see}`, { cause: error });
  }
  const host = dockerEndpoint(text);
  if (!host) throw new EngineError(`context "${name}": ${file} names no docker endpoint; ${see}`);
  return host;
}

function dockerEndpoint(text: string): ContextHost | undefined {
  try {
    const host = JSON.parse(text)?.Endpoints?.docker;
    return typeof host === 'object' && typeof (host?.Host ?? '') === 'string' ? host : undefined;
  } catch {
    return undefined;
  }
}

// TLS has a meaning for tcp only: its files are not even looked at for a socket.
async function withTls(
  address: Address,
  read: (() => Promise<Tls | undefined>) | undefined,
): Promise<Address> {
  const { host, transport } = address;
  if (transport.kind !== 'tcp' || !read) return address;
  const tls = await read();
  return tls ? { host, transport: { ...transport, tls } } : address;
}

function read(host: string, refusal: (why: string) => Error): Address {
  try {
    return parseHost(host);
  } catch (error) {
    throw error instanceof BadHost ? refusal(error.message) : error;
  }
}

function checkedVersion(text: string): string {
  const version = text.replace(/^v/, '');
  if (/^\d+\.\d+$/.test(version)) return version;
  throw new EngineError(`DOCKER_API_VERSION is "${text}": it must look like 1.41, or be unset`);
}
