// An engine for `make bench` to ask: a thousand images and a container, on the socket that it is told.
import { createServer } from 'node:http';

const images = Array.from({ length: 1000 }, (_, i) => ({
  Id: `sha256:${String(i).padStart(64, '0')}`,
  RepoTags: i % 10 === 0 ? [] : [`registry.example/team/app${i % 50}:1.${i}`],
  Created: 1_790_000_000 - i,
  Size: 100_000_000,
  Labels: { 'org.opencontainers.image.revision': String(i), maintainer: 'somebody' },
}));

const answers: Readonly<Record<string, unknown>> = {
  '/images/json': images,
  '/info': { ID: 'bench', Name: 'bench' },
  '/containers/bf12e27a0fd2/json': { Name: '/web', State: { Status: 'running' } },
};

createServer(({ url = '/' }, response) => {
  const answer = answers[new URL(url, 'http://engine').pathname];
  response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer ?? { message: 'no such thing' }));
}).listen(process.argv[2], () => console.log('ready'));
