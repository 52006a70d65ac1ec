// What docker writes after -H and in DOCKER_HOST, as the transport it means. Pure: opens nothing.
import { isIPv6 } from 'node:net';

/** How an engine is reached. `path` of unix and npipe is as node:net takes it. */
export type Transport =
  | { readonly kind: 'unix' | 'npipe'; readonly path: string }
  | TcpTransport
  | SshTransport;

export interface TcpTransport {
  readonly kind: 'tcp';
  /** Without the brackets of an IPv6 address. */
  readonly hostname: string;
  readonly port: number;
  /** Put before every request's path: an engine behind a proxy. Begins with a slash, does not end with one. */
  readonly path?: string;
  readonly tls?: Tls;
}

export interface SshTransport {
  readonly kind: 'ssh';
  readonly user?: string;
  readonly hostname: string;
  readonly port?: number;
  /** The engine's socket over there, where it is not docker's default. */
  readonly path?: string;
}

/** PEM texts. Without a `ca` the system's authorities are trusted. */
export interface Tls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
}

/** A host as shown to people, with what it means. */
export interface Address {
  readonly host: string;
  readonly transport: Transport;
}

/** Why a host cannot be used: a clause, for a sentence that says where the host comes from. */
export class BadHost extends Error {
  override readonly name = 'BadHost';
}

const DEFAULT_PORT = 2375;
const FORMS = 'use unix:///path, tcp://host:port, ssh://user@host or npipe:////./pipe/name';

/** The host docker takes when none is given: docker/cli, opts/hosts.go. */
export function defaultHost(platform: NodeJS.Platform, tls: boolean): string {
  if (tls) return 'tcp://localhost:2376';
  return platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
}

/**
 * Reads a host as docker's `ParseHost` does: no scheme means tcp, what is left out has a default.
 *
 * @throws BadHost
 */
export function parseHost(text: string): Address {
  const [, scheme = 'tcp', rest = ''] = /^(?:([^:/[\]]*):\/\/)?(.*)$/s.exec(text.trim()) ?? [];
  switch (scheme) {
    case 'tcp':
      return tcp(rest);
    case 'unix':
    case 'npipe':
      return local(scheme, rest);
    case 'ssh':
      return ssh(rest);
    default:
      throw new BadHost(`invalid bind address format: ${FORMS}`);
  }
}

function local(kind: 'unix' | 'npipe', rest: string): Address {
  if (rest.includes('://')) throw new BadHost(`invalid proto, expected ${kind}`);
  const fallback = defaultHost(kind === 'npipe' ? 'win32' : 'linux', false).slice(`${kind}://`.length);
  const path = rest || fallback;
  return { host: `${kind}://${path}`, transport: { kind, path } };
}

function tcp(rest: string): Address {
  const { hostname, port = DEFAULT_PORT, path } = splitAuthority(rest);
  const name = hostname || 'localhost';
  const prefix = path.replace(/\/+$/, '');
  return {
    host: `tcp://${bracketed(name)}:${port}${prefix}`,
    transport: { kind: 'tcp', hostname: name, port, ...(prefix && { path: prefix }) },
  };
}

// ssh takes what begins with a dash for an option (-oProxyCommand=… runs a program), so none may.
function ssh(rest: string): Address {
  const { user, hostname, port, path } = splitAuthority(rest);
  if (user?.includes(':')) throw new BadHost('a password in an ssh URL is not supported: use a key');
  if (hostname === '') throw new BadHost('the ssh URL names no host: ssh://user@host');
  if (hostname.startsWith('-')) throw new BadHost('an ssh host must not begin with a dash');
  if (user?.startsWith('-')) throw new BadHost('an ssh user must not begin with a dash');
  const socket = path === '/' ? '' : path;
  return {
    host: `ssh://${user ? `${user}@` : ''}${bracketed(hostname)}${port === undefined ? '' : `:${port}`}${socket}`,
    transport: {
      kind: 'ssh',
      hostname,
      ...(user && { user }),
      ...(port !== undefined && { port }),
      ...(socket && { path: socket }),
    },
  };
}

interface Authority {
  readonly user?: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
}

function splitAuthority(text: string): Authority {
  if (/[\s?#]/.test(text)) throw new BadHost('a query, a fragment or a space has no place in it');
  const [, authority = '', path = ''] = /^([^/]*)(.*)$/s.exec(text) ?? [];
  const at = authority.lastIndexOf('@');
  const user = at > 0 ? unescaped(authority.slice(0, at)) : undefined;
  return { ...splitPort(authority.slice(at + 1)), path: unescaped(path), ...(user && { user }) };
}

function splitPort(text: string): Pick<Authority, 'hostname' | 'port'> {
  if (isIPv6(text)) return { hostname: text };
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(text);
  if (!match) throw new BadHost('invalid host or port');
  const [, bracketedName, name = '', port] = match;
  const hostname = bracketedName === undefined ? name : unescaped(bracketedName);
  if (bracketedName !== undefined && !isIPv6(hostname)) throw new BadHost('invalid IPv6 address');
  if (!port) return { hostname };
  if (Number(port) > 65535) throw new BadHost(`invalid port ${port}`);
  return { hostname, port: Number(port) };
}

function bracketed(hostname: string): string {
  return hostname.includes(':') ? `[${hostname}]` : hostname;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadHost('invalid percent-encoding');
  }
}
