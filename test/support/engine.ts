// A real engine of the test's own, and the real docker CLI with the packaged binary as its plugin.
import { execFile, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HandMade, Layer } from './image-archive.ts';
import { imageArchive } from './image-archive.ts';

export const BINARY = resolve(import.meta.dirname, '../../dist/docker-tidy');
export const ENGINE = resolve(import.meta.dirname, '../../scripts/engine');

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Typed at a terminal that the command runs on; each text is sent once `after` was printed and `first` was done. */
  readonly typed?: readonly { readonly after: string; readonly text: string; readonly first?: () => void }[];
  readonly env?: Readonly<Record<string, string>>;
  /** How wide that terminal is; then it prints CHANGED if its settings are not as they were. */
  readonly columns?: number;
  /** The folder it runs in. */
  readonly cwd?: string;
  /** Sees standard output as it comes. */
  readonly watch?: (sofar: string, kill: (signal: NodeJS.Signals) => void) => void;
}

export interface SeenImage {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
}

export class TestEngine {
  readonly name: string;
  readonly host: string;
  readonly config: string;
  readonly #path: string;

  constructor(name: string, { host, tools }: { host: string; tools: string }) {
    this.name = name;
    this.host = host;
    this.config = mkdtempSync(join(tmpdir(), 'docker-tidy-config-'));
    mkdirSync(join(this.config, 'cli-plugins'));
    symlinkSync(BINARY, join(this.config, 'cli-plugins', 'docker-tidy'));
    for (const plugin of ['docker-buildx', 'docker-compose']) {
      const path = join(tools, '../libexec/docker/cli-plugins', plugin);
      if (existsSync(path)) symlinkSync(path, join(this.config, 'cli-plugins', plugin));
    }
    this.#path = tools;
  }

  get containerd(): boolean {
    return this.name.endsWith('containerd');
  }

  get env(): Record<string, string> {
    return {
      PATH: `${this.#path}:${process.env['PATH']}`,
      HOME: this.config,
      DOCKER_CONFIG: this.config,
      DOCKER_HOST: this.host,
      TERM: 'xterm',
    };
  }

  /** Whether scripts/engine started it, so that it may be stopped. */
  get ours(): boolean {
    return this.host.includes(`/run/${this.name}/`);
  }

  /** `scripts/engine WORD NAME …`; fails, with what it said, when it fails. */
  script(word: string, ...words: readonly string[]): string {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return execFileSync(ENGINE, [word, this.name, ...words], { encoding: 'utf8', stdio: [...stdio] }).trim();
  }

  /** `docker tidy …` through the real docker CLI. */
  tidy(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.words(['tidy', ...args], options);
  }

  /** `docker …`, with flags of docker's own before `tidy`. */
  words(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run([join(this.#path, 'docker'), ...args], { ...this.env, ...options.env }, options);
  }

  /** Any docker command; fails when it fails. */
  docker(...args: string[]): string {
    return execFileSync(join(this.#path, 'docker'), args, {
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  }

  /** Images made by hand; each gets the layer that makes it able to run. */
  load(...images: HandMade[]): void {
    const archive = imageArchive(
      images.map((image) => ({ ...image, layers: [this.#base(), ...image.layers] })),
    );
    execFileSync(join(this.#path, 'docker'), ['load'], {
      env: this.env,
      input: archive,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  #base(): Layer {
    return { 'bin/': '', 'bin/busybox': readFileSync(join(this.#path, 'busybox')), 'etc/': '', 'tmp/': '' };
  }

  /** A container that runs until it is removed. */
  run(name: string, image: string, ...options: string[]): void {
    this.docker(
      'run',
      '-d',
      '--name',
      name,
      '--network',
      'none',
      ...options,
      image,
      '/bin/busybox',
      'sleep',
      '3600',
    );
  }

  /** Builds with BuildKit, from busybox alone, one layer a command; leaves build cache. */
  build(tag: string, ...commands: string[]): void {
    const context = this.#context(commands);
    execFileSync(join(this.#path, 'docker'), buildWords(tag, context), {
      env: { ...this.env, DOCKER_BUILDKIT: '1' },
      stdio: 'pipe',
    });
    rmSync(context, { recursive: true });
  }

  /** The same while the test goes on. */
  async building(tag: string, ...commands: string[]): Promise<void> {
    const context = this.#context(commands);
    const env = { ...this.env, DOCKER_BUILDKIT: '1' };
    await promisify(execFile)(join(this.#path, 'docker'), buildWords(tag, context), { env });
    rmSync(context, { recursive: true });
  }

  #context(commands: readonly string[]): string {
    const context = mkdtempSync(join(tmpdir(), 'docker-tidy-context-'));
    copyFileSync(join(this.#path, 'busybox'), join(context, 'busybox'));
    const steps = commands.map((command) => `RUN ["/bin/busybox", "sh", "-c", ${JSON.stringify(command)}]`);
    writeFileSync(
      join(context, 'Dockerfile'),
      ['FROM scratch', 'COPY busybox /bin/busybox', ...steps].join('\n'),
    );
    return context;
  }

  /** What the engine itself says, not through docker nor docker tidy. */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  /** The same as it stands; of any request without a body. */
  async text(path: string, method = 'GET'): Promise<string> {
    const { hostname, port } = new URL(this.host);
    const target = this.host.startsWith('unix:')
      ? { socketPath: this.host.slice('unix://'.length) }
      : { hostname, port };
    return await new Promise((done, fail) => {
      const asking = request({ ...target, method, path, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => done(text));
      });
      asking.on('error', fail).end();
    });
  }

  /** Every name of every image, sorted; a nameless one by `<none>`. */
  async names(): Promise<string[]> {
    const images = await this.get<SeenImage[]>('/images/json');
    const names = images.flatMap(({ RepoTags }) => {
      const tags = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
      return tags.length > 0 ? tags : ['<none>'];
    });
    return names.sort();
  }

  async ids(): Promise<string[]> {
    return (await this.get<SeenImage[]>('/images/json?all=1')).map(({ Id }) => Id).sort();
  }

  /** Names of containers, networks that people made, volumes, and IDs of cache records. */
  async others(): Promise<Record<'containers' | 'networks' | 'volumes' | 'cache', string[]>> {
    const [containers, networks, volumes, df] = await Promise.all([
      this.get<{ Names: string[] }[]>('/containers/json?all=1'),
      this.get<{ Name: string }[]>('/networks'),
      this.get<{ Volumes: { Name: string }[] | null }>('/volumes'),
      this.get<{ BuildCache: { ID: string }[] | null }>('/system/df'),
    ]);
    return {
      containers: containers.map(({ Names }) => (Names[0] as string).slice(1)).sort(),
      networks: networks
        .map(({ Name }) => Name)
        .filter((name) => !/^(bridge|host|none|docker_gwbridge)$/.test(name))
        .sort(),
      volumes: (volumes.Volumes ?? []).map(({ Name }) => Name).sort(),
      cache: (df.BuildCache ?? []).map(({ ID }) => ID).sort(),
    };
  }

  /** Removes all that tests left, of every kind. */
  async clearAll(): Promise<void> {
    await this.clear();
    const { networks, volumes, cache } = await this.others();
    if (networks.length > 0) this.docker('network', 'rm', ...networks);
    if (volumes.length > 0) this.docker('volume', 'rm', '-f', ...volumes);
    if (cache.length > 0) this.docker('builder', 'prune', '-af');
  }

  /** Removes all containers and images that tests left. */
  async clear(): Promise<void> {
    const ids = async (path: string) => (await this.get<{ Id: string }[]>(path)).map(({ Id }) => Id);
    const containers = await ids('/containers/json?all=1');
    if (containers.length > 0) this.docker('rm', '-f', '-v', ...containers);
    for (
      let images = await ids('/images/json?all=0');
      images.length > 0;
      images = await ids('/images/json?all=0')
    )
      this.docker('rmi', '-f', ...images);
  }
}

function buildWords(tag: string, context: string): string[] {
  return ['build', '-q', '--network', 'none', '-t', tag, context];
}

function run(
  command: readonly string[],
  env: Record<string, string>,
  { typed, watch, cwd, columns }: RunOptions,
): Promise<Ran> {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const within = `stty cols ${columns} rows 24; was=$(stty -g); ${quoted}; ended=$?; [ "$was" = "$(stty -g)" ] || echo CHANGED; exit $ended`;
  const [file, ...args] = typed
    ? ['script', '-qec', columns === undefined ? quoted : within, '/dev/null']
    : command;
  const child = spawn(file as string, args, {
    env,
    ...(cwd && { cwd }),
    stdio: [typed ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const left = [...(typed ?? [])];
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    try {
      watch?.(stdout, (signal) => child.kill(signal));
    } catch (error) {
      child.emit('error', error);
    }
    while (left[0] && stdout.includes(left[0].after)) {
      left[0].first?.();
      child.stdin?.write((left.shift() as { text: string }).text);
    }
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout: stdout.replaceAll('\r\n', '\n'), stderr }));
  });
}
