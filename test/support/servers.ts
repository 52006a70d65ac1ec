// Small servers that answer as engines do, or fail as they do, on a socket or on 127.0.0.1.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, createServer as createNet, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { Endpoint } from '../../src/engine/endpoint.ts';
import { parseHost, type Tls } from '../../src/engine/host.ts';

/** A folder of the test's own, removed when it ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tidy-engine-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The endpoint of a host as `-H` takes it. */
export function endpointAt(host: string, more: Partial<Endpoint> & { tls?: Tls } = {}): Endpoint {
  const { tls, ...rest } = more;
  const address = parseHost(host);
  const transport =
    tls && address.transport.kind === 'tcp' ? { ...address.transport, tls } : address.transport;
  return { context: 'default', host: address.host, transport, headers: {}, ...rest };
}

/** Answers /_ping as an engine does, and every other request with `answer`. */
export function engine(answer: RequestListener, ping: Record<string, string> = {}): RequestListener {
  return (request, response) => {
    if (request.url !== '/_ping') return answer(request, response);
    response.writeHead(200, { 'Api-Version': '1.51', ...ping }).end('OK');
  };
}

/** Answers with JSON; keeps what was asked. */
export function recorder(body: unknown): { asked: IncomingMessage[]; answer: RequestListener } {
  const asked: IncomingMessage[] = [];
  const answer: RequestListener = (request, response) => {
    asked.push(request);
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  return { asked, answer };
}

/** A http server on a socket of its own. */
export async function onSocket(listener: RequestListener): Promise<string> {
  const path = join(folder(), 'engine.sock');
  await listening(createHttp(listener), path);
  return `unix://${path}`;
}

/** A http server on 127.0.0.1, with TLS when it is given; the host ends in its port. */
export async function onPort(listener: RequestListener, tls?: TlsOptions): Promise<string> {
  const server = tls ? createHttps({ ...tls }, listener) : createHttp(listener);
  return `tcp://127.0.0.1:${await listening(server, 0)}`;
}

/** A server of bytes. */
export async function rawOnPort(listener: (socket: Socket) => void): Promise<string> {
  return `tcp://127.0.0.1:${await listening(createNet(listener), 0)}`;
}

/** A port on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createNet();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(server: Server, where: string | number): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const ready = () => resolve((server.address() as AddressInfo).port);
    if (typeof where === 'string') server.listen(where, ready);
    else server.listen(where, '127.0.0.1', ready);
  });
}

/** PEM texts made by openssl: an authority, and certificates by it for 127.0.0.1. */
export function certificates() {
  const dir = mkdtempSync(join(tmpdir(), 'tidy-tls-'));
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: dir, stdio: 'pipe' });
  const text = (name: string) => readFileSync(join(dir, name), 'utf8');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = (name: string) => {
    const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-subj', `/CN=${name}`];
    openssl('req', '-x509', ...key, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '2', ...ca);
  };
  const signed = (name: string, altName: string, ...dates: string[]) => {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(dir, 'ext'), `subjectAltName=${altName}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext'];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...by, ...dates);
    return { cert: text(`${name}.pem`), key: text(`${name}.key`) };
  };
  try {
    authority('ca');
    authority('other');
    return {
      ca: text('ca.pem'),
      otherCa: text('other.pem'),
      server: signed('server', 'IP:127.0.0.1', '-days', '2'),
      misnamed: signed('misnamed', 'DNS:engine.example', '-days', '2'),
      expired: signed('expired', 'IP:127.0.0.1', '-days', '-1'),
      client: signed('client', 'DNS:client', '-days', '2'),
    };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Puts an `ssh` of our own first in PATH: a script for node, which is given ssh's arguments. */
export function fakeSsh(script: string): void {
  const dir = folder();
  writeFileSync(join(dir, 'ssh'), `#!${process.execPath}\n${script}\n`);
  chmodSync(join(dir, 'ssh'), 0o755);
  const { PATH } = process.env;
  process.env['PATH'] = `${dir}:${PATH}`;
  onTestFinished(() => {
    process.env['PATH'] = PATH;
  });
}
