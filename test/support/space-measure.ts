// What a removal frees, by three words: docker tidy's own, the disk's, and docker's.
import type { TestEngine } from './engine.ts';
import { diskUsed, settle } from './space-disk.ts';

/** As in src/core/plan.ts. */
export interface SaidSpace {
  readonly frees: number;
  readonly about?: true;
  /** Where nothing bounds it the upper one is null, as JSON writes infinity. */
  readonly between?: readonly [number, number | null];
}

export interface SaidPlan extends SaidSpace {
  readonly actions: readonly (SaidSpace & { readonly kind: string; readonly target: string })[];
}

export interface SaidRun extends SaidPlan {
  readonly outcomes: readonly { readonly result: string; readonly target: string; readonly why?: string }[];
  readonly reclaimed: SaidSpace;
}

export interface Measured {
  readonly plan: SaidPlan;
  readonly run: SaidRun;
  /** Bytes of the engine's data folder before less those after. */
  readonly real: number;
  /** Images that went. */
  readonly images: number;
  /** What docker's lists say of what went: `docker images`, `docker ps -s` and `docker buildx du`. */
  readonly docker: number;
  /** The images' names and the build cache, as the engine told them before: what a promise that fails is understood by. */
  readonly had: string;
  /** RECLAIMABLE of `docker system df` for what the command is about; only where it removes all of that. */
  readonly df?: number;
}

/** Plans a command, runs it, and looks what came of it. `built` is when the last build was. */
export async function measure(
  engine: TestEngine,
  command: readonly string[],
  built?: number,
): Promise<Measured> {
  const plan = await said<SaidPlan>(engine, ['plan', ...command, '--format', 'json']);
  const sizes = await sizesOf(engine);
  const had = await toldOf(engine);
  const df = reclaimable(engine, command);
  await settle(engine, built);
  const before = await diskUsed(engine);
  const run = await said<SaidRun>(engine, [...command, '-f', '--format', 'json']);
  const real = before - (await diskUsed(engine));
  const left = await sizesOf(engine);
  const gone = [...sizes].filter(([id]) => !left.has(id));
  return {
    plan,
    run,
    real,
    had,
    images: gone.filter(([, { kind }]) => kind === 'image').length,
    docker: gone.reduce((sum, [, { size }]) => sum + size, 0),
    ...(df !== undefined && { df }),
  };
}

async function said<T>(engine: TestEngine, words: readonly string[]): Promise<T> {
  const { status, stdout, stderr } = await engine.tidy(words);
  if (status !== 0)
    throw new Error(`docker tidy ${words.join(' ')}: exit status ${status}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

interface Listed {
  readonly kind: 'image' | 'container' | 'cache';
  readonly size: number;
}

/** By ID, what people read of sizes. */
async function sizesOf(engine: TestEngine): Promise<Map<string, Listed>> {
  const [images, shown, containers, df] = await Promise.all([
    engine.get<{ Id: string }[]>('/images/json?all=1'),
    engine.get<{ Id: string; Size: number }[]>('/images/json'),
    engine.get<{ Id: string; SizeRw?: number }[]>('/containers/json?all=1&size=1'),
    engine.get<{ BuildCache: { ID: string; Size: number; Shared: boolean }[] | null }>('/system/df'),
  ]);
  const row = (kind: Listed['kind'], id: string, size: number) => [id, { kind, size }] as const;
  return new Map([
    ...images.map(({ Id }) => row('image', Id, 0)),
    ...shown.map(({ Id, Size }) => row('image', Id, Size)),
    ...containers.map(({ Id, SizeRw = 0 }) => row('container', Id, SizeRw)),
    ...(df.BuildCache ?? []).map(({ ID, Size }) => row('cache', ID, Size)),
  ]);
}

interface ToldRecord {
  readonly ID: string;
  readonly Size: number;
  readonly Shared: boolean;
  readonly CreatedAt: string;
  readonly Parents?: readonly string[] | null;
}

async function toldOf(engine: TestEngine): Promise<string> {
  const images = await engine.get<{ Id: string; RepoTags: string[] | null }[]>('/images/json?all=1');
  const { BuildCache } = await engine.get<{ BuildCache: ToldRecord[] | null }>('/system/df');
  const records = (BuildCache ?? []).map(
    ({ ID, Size, Shared, CreatedAt, Parents }) =>
      `  ${ID} ${Size}${Shared ? ' shared' : ''} ${CreatedAt} on ${Parents?.join() ?? 'nothing'}`,
  );
  return [...images.map(({ Id, RepoTags }) => `  ${Id} ${RepoTags?.join()}`), ...records].join('\n');
}

const DF_TYPES: Readonly<Record<string, readonly string[]>> = {
  'images -a': ['Images'],
  'all -a': ['Images', 'Containers', 'Build Cache'],
  'cache -a': ['Build Cache'],
  containers: ['Containers'],
};

function reclaimable(engine: TestEngine, command: readonly string[]): number | undefined {
  const types = DF_TYPES[command.join(' ')];
  if (!types) return undefined;
  const rows = engine.docker('system', 'df', '--format', '{{.Type}}\t{{.Reclaimable}}').split('\n');
  return rows
    .map((row) => row.split('\t') as [string, string])
    .filter(([type]) => types.includes(type))
    .reduce((sum, [, text]) => sum + bytesOf(text), 0);
}

/** `1.234MB (56%)`. */
function bytesOf(text: string): number {
  const [, number, unit] = /^(-?[\d.]+)([kMGT]?)B/.exec(text) ?? [];
  return Number(number) * 1000 ** ['', 'k', 'M', 'G', 'T'].indexOf(unit ?? '');
}
