// Serves a watch's metrics over http.
import type { AddressInfo } from 'node:net';
import { Refusal } from '../core/errors.ts';
import type { Address } from './watch-asked.ts';

export interface MetricsServer {
  /** Where it listens, as a URL. */
  readonly url: string;
  readonly close: () => void;
}

/** Serves what `text` says at `/metrics`. Throws Refusal where it cannot listen. */
export async function serveMetrics(
  address: Address,
  type: string,
  text: () => string,
): Promise<MetricsServer> {
  const { createServer } = await import('node:http');
  const server = createServer((request, answer) => {
    const found = request.url?.replace(/\?.*/s, '') === '/metrics';
    const allowed = request.method === 'GET' || request.method === 'HEAD';
    answer.writeHead(found ? (allowed ? 200 : 405) : 404, { 'Content-Type': found ? type : 'text/plain' });
    answer.end(found && allowed ? text() : 'docker tidy serves /metrics\n');
  });
  server.requestTimeout = 10_000;
  server.maxConnections = 32;
  await new Promise<void>((resolve, reject) => {
    const failed = ({ message }: Error) =>
      reject(
        new Refusal(
          `metrics cannot be served at ${shown(address)} (${message}): give another address with --metrics`,
        ),
      );
    server.once('error', failed);
    server.listen(address.port, address.host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${shown({ ...address, port })}/metrics`, close };
}

function shown({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
