import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Inventory } from '../../src/core/inventory.ts';
import { completed } from '../../src/plugin/complete.ts';
import { COMMANDS, IMAGES, KIND_COMMANDS, planned, ROOT, SUBCOMMANDS } from '../../src/plugin/options.ts';
import { rememberNames } from '../../src/state/names.ts';
import { folder, onSocket } from '../support/servers.ts';

const AWAY = { DOCKER_HOST: 'unix:///nowhere.sock', DOCKER_CONFIG: '/nowhere' };
const never = new AbortController().signal;

/** What is offered after `docker tidy WORD…`, without descriptions, and the directive. */
async function offered(words: readonly string[], env: NodeJS.ProcessEnv = AWAY, signal = never) {
  const lines = (await completed(['__complete', 'tidy', ...words], env, signal)).trimEnd().split('\n');
  return lines.map((line) => line.split('\t')[0]);
}

const KEEPS = IMAGES.options.map(({ name }) => `--${name}`).filter((name) => name.startsWith('--keep'));

test.each<[string[], string[]]>([
  [[''], [...COMMANDS.map(({ name }) => name), ':4']],
  [['pl'], ['plan', ':4']],
  [
    ['help', 'pl'],
    ['plan', ':4'],
  ],
  [
    ['plan', 'c'],
    ['containers', 'cache', ':4'],
  ],
  [
    ['policy', ''],
    ['init', 'check', 'schema', 'test', ':4'],
  ],
  [['policy', 'init', ''], [':4']],
  [['schedule', 'list', ''], [':4']],
  [['nonsense', 'x'], [':4']],
  [
    ['images', '--keep-t'],
    ['--keep-tag', ':4'],
  ],
  [['--keep-t'], ['--keep-tag', ':4']],
  [['inventory', '--k'], [':4']],
  [
    ['plan', 'cache', '--max'],
    ['--max-used-space', '--max-remove', ':4'],
  ],
  [
    ['policy', 'check', '-'],
    ['--format', '--help', '-h', ':4'],
  ],
  // A word that is an option's value names no command.
  [['--filter', 'label=cache', '--reserved'], [':4']],
  [
    ['cache', '--filter', 'type=images', '--max-u'],
    ['--max-used-space', ':4'],
  ],
  // What was given is not offered again, unless it may be repeated.
  [
    ['images', '--keep', '3', '--keep-tag', 'x', '--keep'],
    [...KEEPS.slice(1), ':4'],
  ],
  [
    ['images', '--keep=3', '--dry'],
    ['--dry-run', ':4'],
  ],
  [['images', '--', '--keep'], [':4']],
])('TAB after docker tidy %j offers %j, and no file names', async (words, wanted) => {
  expect(await offered(words)).toEqual(wanted);
});

test.each<[string[], string[]]>([
  [
    ['--sort', ''],
    ['created', 'pulled', 'version', ':36'],
  ],
  [['--sort=v'], ['version', ':36']],
  [
    ['schedule', ''],
    ['list', 'remove', ':36'],
  ],
  [
    ['images', '--format', ''],
    ['table', 'json', ':36'],
  ],
  [
    ['plan', 'images', '-q', '--by', 'p'],
    ['pulled', ':36'],
  ],
  [
    ['--group-by', 'l'],
    ['label:', ':38'],
  ],
  [
    ['--older-than', ''],
    ['24h', '7d', '2w', '30d', '3mo', '1y', ':36'],
  ],
  [
    ['--older-than', '14'],
    ['14h', '14d', '14w', '14mo', '14y', ':36'],
  ],
  [['--grace=1d12'], ['1d12h', '1d12d', '1d12w', '1d12mo', '1d12y', ':36']],
  [
    ['--larger-than', '2'],
    ['2MB', '2GB', '2GiB', ':36'],
  ],
  [
    ['images', '--filter', 'd'],
    ['dangling=', ':38'],
  ],
  [
    ['images', '--filter', 'dangling=t'],
    ['dangling=true', ':36'],
  ],
  [
    ['containers', '--filter', ''],
    ['until=', 'label=', 'label!=', ':38'],
  ],
  [['volumes', '--filter', 'until='], [':4']],
  [
    ['cache', '--filter=ty'],
    ['type=', ':38'],
  ],
  // Shells disagree about what a second = leaves to be completed.
  [['cache', '--filter=type=r'], [':4']],
  [
    ['cache', '--filter', 'until=7'],
    ['until=7h', 'until=7d', 'until=7w', 'until=7mo', 'until=7y', ':36'],
  ],
  [
    ['schedule', '--on-calendar', 'd'],
    ['daily', ':36'],
  ],
  [
    ['schedule', ''],
    ['list', 'remove', ':36'],
  ],
])('the value of an option: TAB after docker tidy %j offers %j', async (words, wanted) => {
  expect(await offered(words)).toEqual(wanted);
});

test.each<[string[], string[]]>([
  [
    ['policy', 'check', ''],
    ['yaml', 'yml', ':8'],
  ],
  [
    ['policy', 'test', 'tidy.yaml', '--from', ''],
    ['json', ':8'],
  ],
  [
    ['--policy', ''],
    ['yaml', 'yml', ':8'],
  ],
  [
    ['policy', 'init', '-o', ''],
    ['yaml', 'yml', ':8'],
  ],
  [
    ['plan', '-o', ''],
    ['json', ':8'],
  ],
  [
    ['apply', ''],
    ['json', ':8'],
  ],
  [['apply', 'plan.json', ''], [':4']],
  [
    ['policy', 'test', 'tidy.yaml', '--replay', ''],
    ['json', ':8'],
  ],
])('files by their ending: TAB after docker tidy %j offers %j', async (words, wanted) => {
  expect(await offered(words)).toEqual(wanted);
});

test('every option of every command is offered', async () => {
  const rows = [ROOT, ...COMMANDS, ...KIND_COMMANDS.map(planned), ...Object.values(SUBCOMMANDS).flat()];
  for (const { name, options } of rows) {
    const words = [...name.split(' ').filter((word) => word !== ''), '--'];
    expect(await offered(words)).toEqual([...options.map((option) => `--${option.name}`), ':4']);
  }
});

test('without descriptions where they are not wanted, and by itself', async () => {
  expect(await completed(['__completeNoDesc', 'tidy', 'pl'], AWAY)).toBe('plan\n:4\n');
  expect(await completed(['__completeNoDesc', 'pl'], AWAY)).toBe('plan\n:4\n');
});

/** Answers as an engine with a thousand images does, of 50 repositories. */
const tags = Array.from({ length: 1000 }, (_, i) => `app${i % 50}:1.${Math.floor(i / 50)}`);
const many = tags.map((tag, i) => ({
  Id: `sha256:${i}`,
  RepoTags: [tag],
  Created: 0,
  Size: 1,
  Labels: { team: `t${i % 3}`, evil: '$(touch /tmp/x)' },
}));
const answers: Record<string, unknown> = {
  '/images/json': many,
  '/containers/json': [
    { Id: 'c1', Names: ['/web'], State: 'running', ImageID: 'sha256:1', Image: 'app1:1.0', Created: 0 },
  ],
  '/networks': [{ Id: 'n1', Name: 'backend' }],
  '/volumes': {
    Volumes: [
      { Name: 'pgdata', Driver: 'local' },
      { Name: 'x;reboot', Driver: 'local' },
      { Name: 'ab'.repeat(32), Driver: 'local' },
    ],
  },
};
const there = async (): Promise<NodeJS.ProcessEnv> => ({
  DOCKER_CONFIG: '/nowhere',
  DOCKER_HOST: await onSocket((request, response) => {
    const body = answers[new URL(request.url ?? '/', 'http://engine').pathname];
    response.writeHead(body ? 200 : 404).end(JSON.stringify(body ?? { message: 'no such thing' }));
  }),
  DOCKER_TIDY_STATE: folder(),
});

test('names are the engine’s', async () => {
  const env = await there();
  const ofApp7 = tags.filter((tag) => tag.startsWith('app7:'));
  expect(await offered(['images', 'app7'], env)).toEqual(['app7', ':4']);
  expect(await offered(['images', 'app7:'], env)).toEqual([...ofApp7, ':4']);
  expect(await offered(['app1'], env)).toHaveLength(12);
  expect(await offered(['images', 'app7', 'app7'], env)).toEqual([':4']);
  expect(await offered(['why', ''], env)).toEqual([...tags, 'web', 'backend', 'pgdata', ':4']);
  expect(await offered(['volumes', ''], env)).toEqual(['pgdata', ':4']);
  expect(await offered(['volumes', 'pgdata', '--confirm', ''], env)).toEqual(['pgdata', ':4']);
  expect(await offered(['--keep-tag', '1.1'], env)).toHaveLength(12);
  expect(await offered(['--group-by', 'label:t'], env)).toEqual(['label:team', ':4']);
  expect(await offered(['--keep-label', 'team=t1'], env)).toEqual(['team=t1', ':4']);
  expect(await offered(['images', '--filter', 'before=app7:1.1'], env)).toHaveLength(12);
});

test('a budget is a size or a share of the disk', async () => {
  expect(await offered(['--target-free', ''])).toEqual(['100MB', '1GB', '10GB', '20%', ':36']);
  expect(await offered(['--max-used-space', '50'])).toEqual(['50MB', '50GB', '50GiB', ':36']);
});

test('contexts are those of docker, also after a comma, and no engine is asked', async () => {
  const DOCKER_CONFIG = folder();
  for (const name of ['prod-1', 'prod-2']) {
    mkdirSync(join(DOCKER_CONFIG, 'contexts/meta', name), { recursive: true });
    writeFileSync(join(DOCKER_CONFIG, 'contexts/meta', name, 'meta.json'), JSON.stringify({ Name: name }));
  }
  const env = { DOCKER_CONFIG, DOCKER_HOST: 'unix:///nonexistent/docker.sock', DOCKER_TIDY_STATE: folder() };
  expect(await offered(['--contexts', ''], env)).toEqual(['all', 'default', 'prod-1', 'prod-2', ':4']);
  expect(await offered(['--contexts', 'prod-1,pr'], env)).toEqual(['prod-1,prod-2', ':4']);
});

test('a volume that nobody named is offered only to who begins to type it', async () => {
  const env = await there();
  expect(await offered(['volumes', 'ab'], env)).toEqual(['ab'.repeat(32), ':4']);
});

test('podman’s own images go by their name without its registry, too', async () => {
  const DOCKER_HOST = await onSocket((_, response) => {
    response.writeHead(200, { 'Libpod-API-Version': '5.4.2' });
    response.end(JSON.stringify([{ Id: 'a', RepoTags: ['localhost/app:1'], Created: 0, Size: 1 }]));
  });
  const env = { DOCKER_CONFIG: '/nowhere', DOCKER_HOST, DOCKER_TIDY_STATE: folder() };
  expect(await offered(['images', 'ap'], env)).toEqual(['app', ':4']);
  expect(await offered(['images', 'lo'], env)).toEqual(['localhost/app', ':4']);
  expect(await offered(['images', 'localhost/'], env)).toEqual(['localhost/app', ':4']);
});

test('what a shell could take for more than a name is not offered', async () => {
  const env = await there();
  expect(await offered(['volumes', 'x'], env)).toEqual([':4']);
  expect(await offered(['--keep-label', 'evil='], env)).toEqual([':4']);
});

test('an engine that takes too long is answered for by what a run saw last; one that is away, by nothing', async () => {
  const DOCKER_HOST = await onSocket(() => {});
  const env = { DOCKER_CONFIG: '/nowhere', DOCKER_HOST, DOCKER_TIDY_STATE: join(folder(), 'state') };
  const over = AbortSignal.timeout(1);
  expect(await offered(['images', ''], env, over)).toEqual([':4']);
  const images = [{ tags: ['app:1', 'app:2', 'web:1'], labels: {} }] as unknown as Inventory['images'];
  await rememberNames(env.DOCKER_TIDY_STATE, DOCKER_HOST, images);
  expect(await offered(['images', ''], env, over)).toEqual(['app', 'web', ':4']);
  expect(await offered(['why', 'app'], env, over)).toEqual(['app:1', 'app:2', ':4']);
  await rememberNames(env.DOCKER_TIDY_STATE, AWAY.DOCKER_HOST, images);
  expect(await offered(['images', ''], { ...env, ...AWAY })).toEqual([':4']);
});

test('nothing is offered, and nothing said, where docker could not tell which engine either', async () => {
  expect(await offered(['why', ''], { DOCKER_CONFIG: '/nowhere', DOCKER_CONTEXT: 'gone' })).toEqual([':4']);
  expect(await offered(['why', ''], { DOCKER_CONFIG: '/nowhere', DOCKER_HOST: 'x://y' })).toEqual([':4']);
});

test('over ssh nobody is asked', async () => {
  const env = { DOCKER_CONFIG: '/nowhere', DOCKER_HOST: 'ssh://host', DOCKER_TIDY_STATE: folder() };
  await rememberNames(env.DOCKER_TIDY_STATE, 'ssh://host', [
    { tags: ['far:1'], labels: {} },
  ] as unknown as Inventory['images']);
  expect(await offered(['images', ''], { ...env, PATH: '/nowhere' })).toEqual(['far', ':4']);
});
