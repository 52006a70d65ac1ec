// The one way from HTTP to an engine: an http.Agent whose every connection goes to one transport,
// be it a socket, tcp, TLS or ssh. What a request says of host and port is not looked at.
import { Agent, type AgentOptions } from 'node:http';
import { connect, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { inspect } from 'node:util';
import type { TcpTransport, Tls, Transport } from './host.ts';
import { SshConnection } from './ssh.ts';

const OPTIONS: AgentOptions = {
  keepAlive: true,
  maxSockets: 16,
  // An idle connection is dropped before a proxy would: a request sent into one that just closed fails.
  timeout: 15_000,
  // Else Node looks whether each request's host is an address, for TLS, which is settled here. Source: node, lib/_http_agent.js.
  ...{ servername: '' },
};
/** Every one is an ssh process and a login: sshd refuses more than ten at a time by default. */
const MAX_SSH = 4;

/** Its connections stay open between requests; `destroy()` ends them, and the ssh processes with them. */
export class EngineAgent extends Agent {
  readonly #open: () => Duplex;

  /** @throws Error where the TLS texts are not what OpenSSL can read. */
  constructor(transport: Transport) {
    super(transport.kind === 'ssh' ? { ...OPTIONS, maxSockets: MAX_SSH } : OPTIONS);
    this.#open = opener(transport);
  }

  override createConnection(): Duplex {
    return this.#open();
  }

  // All connections are alike, whatever the request says: else the first, of the ping, is not used again.
  override getName(): string {
    return 'engine';
  }

  // docker-modem inspects each request's options to any depth, whether its log is on or not: with the
  // agent's sockets in them that takes longer than the request.
  [inspect.custom](): string {
    return 'EngineAgent {}';
  }
}

function opener(transport: Transport): () => Duplex {
  switch (transport.kind) {
    case 'unix':
    case 'npipe':
      return () => connect({ path: transport.path });
    case 'ssh':
      return () => new SshConnection(transport);
    case 'tcp':
      return tcpOpener(transport);
  }
}

/** Loading it takes longer than all else of a question at a glance, and most engines need none. */
const tls = () => process.getBuiltinModule('node:tls');

/** Else nobody would ever notice that an engine has gone from which no event is heard any more. Milliseconds. */
const ALIVE = { keepAlive: true, keepAliveInitialDelay: 30_000 };

function tcpOpener({ hostname: host, port, tls: given }: TcpTransport): () => Duplex {
  if (!given) return () => connect({ host, port, noDelay: true, ...ALIVE });
  const options = {
    host,
    port,
    ...ALIVE,
    secureContext: secureContext(given),
    rejectUnauthorized: given.rejectUnauthorized,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) ? {} : { servername: host }),
  };
  return () => tls().connect(options);
}

// Made once: reading certificates takes longer than connecting.
function secureContext({ ca, cert, key, rejectUnauthorized }: Tls): SecureContext {
  // As Go does: the system's authorities, where the user names none.
  const trusted = ca ?? (rejectUnauthorized ? tls().getCACertificates('system') : []);
  return tls().createSecureContext({
    ...(trusted.length > 0 && { ca: trusted }),
    ...(cert && { cert }),
    ...(key && { key }),
  });
}
