// Puts the program into Node through pkg, for any target, so that twice the same program gives the same bytes.
import childProcess, { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { log } from '@yao-pkg/pkg/lib-es5/log.js';
import { bundle, bundlePage } from './bundle.ts';
import { isHost, nodeVersion, type Target } from './targets.ts';

/** What goes into every binary, as files. */
export interface Program {
  readonly entry: string;
  /** Files that the binary contains beside its program, read only by the command that needs them; their places by name. */
  readonly assets: Readonly<Record<string, string>>;
}

/** Bundles the program into `folder`. */
export async function program(folder: string, version: string): Promise<Program> {
  const entry = join(folder, 'bundle.cjs');
  await bundle(entry, version);
  const parts = Object.entries(await bundlePage()).map(([name, text]): [string, string] => {
    writeFileSync(join(folder, name), text);
    return [name, join(folder, name)];
  });
  return { entry, assets: Object.fromEntries(parts) };
}

/**
 * Puts the program into a copy of `node`, as `output`.
 *
 * pkg works in a folder of its own below the program's: there it finds the Node that it would download otherwise, and
 * the entry under a name that is the same on every machine, since that name becomes part of the binary.
 */
export async function pack(
  { entry, assets }: Program,
  target: Target,
  node: string,
  output: string,
): Promise<void> {
  const folder = mkdtempSync(join(dirname(entry), 'pkg-'));
  const env = { HOME: folder, USERPROFILE: folder, TMPDIR: folder, TEMP: folder, TMP: folder };
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  offer(node, target, join(folder, '.pkg-cache', 'sea'));
  log.info = () => {}; // pkg tells every step
  const seaModule = await seededPkg();
  const seaConfig = {
    // As seen from the folder that pkg makes below ours.
    main: `../../${basename(entry)}`,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Halves the start. It holds only for the platform that makes it: elsewhere every start would warn.
    useCodeCache: isHost(target),
    // Else the user's NODE_OPTIONS reaches the plugin, and can break it.
    execArgvExtension: 'none',
    // docker-modem's url.parse() would warn (DEP0169): outside node_modules Node takes it for our own code.
    execArgv: ['--no-deprecation'],
    assets,
  };
  const nodeRange = `node${nodeVersion(target)}`;
  const { platform, arch } = target;
  Object.assign(process.env, env);
  try {
    // The module itself, since pkg's exec() drops seaConfig (6.23.0).
    await seaModule(entry, {
      signature: isHost(target),
      seaConfig,
      targets: [{ nodeRange, platform, arch, output: resolve(output) }],
    });
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lays `node` where pkg looks for what it has downloaded (lib-es5/sea.js, getNodejsExecutable; 6.23.0). */
function offer(node: string, target: Target, cache: string): void {
  const windows = target.platform === 'win';
  const system = target.platform === 'macos' ? 'darwin' : target.platform;
  const name = `node-v${nodeVersion(target)}-${system}-${target.arch}`;
  const place = windows ? join(cache, `${name}.exe`) : join(cache, name, 'bin', 'node');
  const archive = join(cache, `${name}.${windows ? 'zip' : 'tar.gz'}`);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(resolve(node), place);
  for (const file of [archive, `${archive}.ok`, `${place}.ok`]) writeFileSync(file, '');
}

/**
 * pkg's own step, with a fixed seed for the process that makes the blob: V8 seeds its hashes at random for each process,
 * and the order of what it hashes shows in the code cache. The seed is no part of what V8 checks when it reads the cache.
 * It cannot be given in NODE_OPTIONS, and pkg takes no arguments for that process.
 */
async function seededPkg() {
  const run = promisify(childProcess.execFile);
  const seeded = (file: string, args: readonly string[]) =>
    run(file, args[0] === '--experimental-sea-config' ? ['--random-seed=1', ...args] : args);
  const { execFile } = childProcess;
  const stand = Object.assign(execFile.bind(childProcess), { [promisify.custom]: seeded });
  childProcess.execFile = stand as unknown as typeof execFile;
  try {
    return (await import('@yao-pkg/pkg/lib-es5/sea.js')).default.default; // which takes execFile as it loads
  } finally {
    childProcess.execFile = execFile;
  }
}

/**
 * Node without its symbols (32 MiB), where that can be done: after pkg's injection it would break the file.
 * A strip that knows the target's processor is needed: this machine's own, Debian's for arm64, or LLVM's for all.
 */
export function lean(node: string, target: Target, scratch: string): string {
  if (target.platform !== 'linux') return node;
  const stripped = join(scratch, `node-${target.name}`);
  const tools = isHost(target) ? ['strip'] : [`${GNU[target.arch]}-linux-gnu-strip`, 'llvm-strip'];
  for (const tool of tools) {
    try {
      execFileSync(tool, ['-o', stripped, node], { stdio: ['ignore', 'ignore', 'inherit'] });
      return stripped;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  console.error(
    `build: no ${tools.join(' or ')} here, so the binary for ${target.name} will be 32 MiB larger`,
  );
  return node;
}

const GNU = { x64: 'x86_64', arm64: 'aarch64' };
