// Measures how long whole processes take to start, as ratios to an empty Node program: `make bench`.
// Only measures: asserts nothing, since timings depend on the machine.
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROUNDS = 20;
const RUNS = 5; // per round and program, timed together: bash tells whole milliseconds
const METADATA = 'docker-cli-plugin-metadata';

const HOOKS = 'docker-cli-plugin-hooks';

/** What docker tells a hook when an image could not be removed. */
const HELD = {
  RootCmd: 'rmi',
  CommandError:
    'conflict: unable to delete app:v1 (must be forced) - container bf12e27a0fd2 is using its referenced image b55f24be147d',
};

interface Program {
  readonly name: string;
  readonly argv: readonly string[];
}

/** Milliseconds of one run. */
interface Sample {
  readonly cpu: number;
  readonly wall: number;
}

main();

function main(): void {
  if (spawnSync('bash', ['-c', ':']).status !== 0) {
    console.log('bench: needs bash, whose `time` tells the CPU time of a child');
    return;
  }
  const ours = fileURLToPath(new URL('../dist/docker-tidy', import.meta.url));
  const node: Program = { name: 'node -e 0', argv: [process.execPath, '-e', '0'] };
  const { env, stop } = engine();
  const asking = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ours];
  const programs = [
    node,
    { name: 'docker-tidy, metadata', argv: [ours, METADATA] },
    { name: 'docker-tidy, tidy --help', argv: [ours, 'tidy', '--help'] },
    { name: 'docker-tidy, TAB for an option', argv: [ours, '__complete', 'tidy', 'images', '--'] },
    { name: 'docker-tidy, TAB, 1,000 images', argv: [...asking, '__complete', 'tidy', 'why', 'reg'] },
    { name: 'docker-tidy, hook, 1,000 images', argv: [...asking, 'tidy', HOOKS, '{"RootCmd":"pull"}'] },
    { name: 'docker-tidy, hook after rmi', argv: [...asking, 'tidy', HOOKS, JSON.stringify(HELD)] },
    ...goPlugin(),
  ].filter(works);
  const medians = measure(programs);
  stop();
  console.log(table(programs, medians));
  console.log(`Medians of ${ROUNDS} interleaved rounds of ${RUNS} runs; Node ${process.versions.node}.`);
}

/** An engine of a thousand images, and the environment that leads to it. */
function engine(): { env: Record<string, string>; stop: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-bench-'));
  const socket = join(folder, 'engine.sock');
  const script = fileURLToPath(new URL('./bench-engine.ts', import.meta.url));
  const child = spawn(process.execPath, [script, socket], { stdio: 'ignore' });
  for (let tries = 0; tries < 100 && !existsSync(socket); tries++) spawnSync('sleep', ['0.1']);
  const stop = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { env: { DOCKER_HOST: `unix://${socket}`, DOCKER_TIDY_STATE: join(folder, 'state') }, stop };
}

/** A plugin in Go that is installed here, to compare with; docker-compose of Debian 12 is Python and is none. */
function goPlugin(): Program[] {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), ...pluginFolders()];
  for (const name of ['docker-compose', 'docker-buildx']) {
    for (const place of places) {
      const program = { name: `${name} (Go), metadata`, argv: [join(place, name), METADATA] };
      if (isExecutable(program.argv[0] as string) && isPlugin(program)) return [program];
    }
  }
  console.log('No Go plugin is here to compare with: `apt-get install docker-compose` (Debian 13 or later).');
  return [];
}

function pluginFolders(): string[] {
  const user = process.env['DOCKER_CONFIG'] ?? join(process.env['HOME'] ?? '', '.docker');
  const system = ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'];
  return [user, ...system.map((folder) => join(folder, 'docker'))].map((folder) =>
    join(folder, 'cli-plugins'),
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isPlugin({ argv: [file = '', ...args] }: Program): boolean {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' });
  return status === 0 && stdout.includes('SchemaVersion');
}

function works({ name, argv: [file = '', ...args] }: Program): boolean {
  const { status, error } = spawnSync(file, args);
  if (status === 0) return true;
  console.log(`Left out: ${name} (${error?.message ?? `exit status ${status}`}).`);
  return false;
}

/** The medians, by program. Interleaved, so that what else the machine does hits all alike. */
function measure(programs: readonly Program[]): Sample[] {
  const samples: Sample[][] = programs.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, program] of programs.entries()) samples[i]?.push(time(program));
  return samples.map((all) => ({
    cpu: median(all.map(({ cpu }) => cpu)),
    wall: median(all.map(({ wall }) => wall)),
  }));
}

/** Through bash, because Node does not tell what its children used of the CPU. */
function time({ argv }: Program): Sample {
  const script = `TIMEFORMAT='%R %U %S'; time for ((i = 0; i < ${RUNS}; i++)); do "$@" >/dev/null 2>&1; done`;
  // LC_ALL, since bash writes decimals as the locale does.
  const env = { ...process.env, LC_ALL: 'C' };
  const { stderr } = spawnSync('bash', ['-c', script, 'bash', ...argv], { encoding: 'utf8', env });
  const [real = NaN, user = NaN, system = NaN] = stderr.trim().split(' ').map(Number);
  const perRun = 1000 / RUNS;
  return { cpu: (user + system) * perRun, wall: real * perRun };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Ratios are of CPU time to the first program's. */
function table(programs: readonly Program[], medians: readonly Sample[]): string {
  const base = medians[0]?.cpu ?? NaN;
  const rows = programs.map(({ name }, i) => {
    const { cpu, wall } = medians[i] ?? { cpu: NaN, wall: NaN };
    return [name, cpu.toFixed(1), wall.toFixed(1), (cpu / base).toFixed(2)];
  });
  const all = [['', 'CPU ms', 'wall ms', 'ratio of CPU'], ...rows];
  const widest = Math.max(...all.map(([name = '']) => name.length));
  return all
    .map(
      ([name = '', ...figures]) =>
        name.padEnd(widest) + figures.map((figure) => figure.padStart(14)).join(''),
    )
    .join('\n');
}
