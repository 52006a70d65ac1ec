// Makes what is released, in dist/release/: a binary and an archive for each platform, SHA256SUMS and an SBOM.
// Twice the same bytes on the same kind of machine. `--only NAME,…` leaves platforms out; `--out FOLDER` puts it elsewhere.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { archive } from './archive.ts';
import { type Facts, inspect, withoutCertificate } from './binary.ts';
import { signed } from './macho.ts';
import { lean, type Program, pack, program } from './pack.ts';
import { sbom } from './sbom.ts';
import { baseNode, hostTarget, nodeLicense, programName, TARGETS, type Target } from './targets.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const SUMS = 'SHA256SUMS';
const SBOM = 'docker-tidy.cdx.json';

try {
  await main();
} catch (error) {
  console.error(`dist: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, out: { type: 'string' } } });
  const targets = chosen(values.only);
  hostTarget(); // refuses any Node but the pinned one
  const out = resolve(values.out ?? join(root, 'dist', 'release'));
  emptied(out);
  const time = sourceDate();
  writeFileSync(join(out, SBOM), sbom(time));
  const scratch = mkdtempSync(join(root, 'dist', '.dist-'));
  try {
    const parts = await program(scratch, manifest.version);
    const missing: string[] = [];
    for (const target of targets) {
      const node = await baseNode(target, join(root, 'dist', 'base')).catch((error: Error) => {
        missing.push(`${target.name}: its Node cannot be had (${error.message.split('\n')[0]})`);
      });
      if (node) await release(target, node, parts, { scratch, out, time });
    }
    writeSums(out);
    if (missing.length > 0)
      throw new Error(`not made:\n  ${missing.join('\n  ')}\nThe rest is in ${out}; --only chooses`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function chosen(only: string | undefined): readonly Target[] {
  if (only === undefined) return TARGETS;
  return only.split(',').map((name) => {
    const target = TARGETS.find((known) => known.name === name);
    if (!target)
      throw new Error(`no platform is called "${name}": ${TARGETS.map((known) => known.name).join(', ')}`);
    return target;
  });
}

/** Makes the folder; takes away what an earlier run left in it, and nothing else. */
function emptied(out: string): void {
  mkdirSync(out, { recursive: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  for (const name of readdirSync(out))
    if (name === SUMS || name.startsWith('docker-tidy-') || name === SBOM) rmSync(join(out, name));
}

/** SOURCE_DATE_EPOCH, else the time of the commit (reproducible-builds.org); a zip knows none before 1980. */
function sourceDate(): Date {
  const git = () => execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  const seconds = Number(process.env['SOURCE_DATE_EPOCH'] ?? git());
  if (!Number.isSafeInteger(seconds)) throw new Error('SOURCE_DATE_EPOCH is no number of seconds');
  return new Date(Math.max(seconds, 315_532_800) * 1000);
}

interface Place {
  readonly scratch: string;
  readonly out: string;
  readonly time: Date;
}

async function release(
  target: Target,
  node: string,
  parts: Program,
  { scratch, out, time }: Place,
): Promise<void> {
  const packed = join(scratch, programName(target));
  await pack(parts, target, lean(node, target, scratch), packed);
  const bytes = finished(readFileSync(packed), target);
  rmSync(packed);
  const name = `docker-tidy-${target.name}`;
  const binary = join(out, target.platform === 'win' ? `${name}.exe` : name);
  writeFileSync(binary, bytes);
  chmodSync(binary, 0o755);
  const ending = target.platform === 'win' ? 'zip' : 'tar.gz';
  const members = [
    { name: `${name}/${programName(target)}`, bytes, executable: true },
    { name: `${name}/LICENSE`, bytes: readFileSync(join(root, 'LICENSE')) },
    { name: `${name}/LICENSE-node`, bytes: readFileSync(nodeLicense()) },
    { name: `${name}/README.md`, bytes: readFileSync(join(root, 'README.md')) },
  ];
  await archive(join(out, `${name}.${ending}`), members, time);
  console.log(`${relative(process.cwd(), binary)}  ${(bytes.length / 2 ** 20).toFixed(1)} MiB`);
}

/** With the signature that macOS asks for, without the one of Windows that no longer holds; refuses what is not right. */
function finished(packed: Buffer, target: Target): Buffer {
  const bytes = resigned(packed, target);
  const facts = inspect(bytes);
  const expected: Facts = { platform: target.platform, arch: target.arch, filled: true };
  const wrong = Object.entries({
    ...expected,
    ...(target.platform === 'macos' && { signed: true }),
  }).filter(([key, value]) => facts[key as keyof Facts] !== value);
  if (wrong.length > 0)
    throw new Error(
      `the binary for ${target.name} is not right: ${wrong.map(([key]) => key).join(', ')} in ${JSON.stringify(facts)}`,
    );
  return bytes;
}

function resigned(packed: Buffer, { platform }: Target): Buffer {
  if (platform === 'win') return withoutCertificate(packed);
  return platform === 'macos' && !inspect(packed).signed ? signed(packed, 'docker-tidy') : packed;
}

function writeSums(out: string): void {
  const names = readdirSync(out).filter((name) => name.startsWith('docker-tidy') && name !== SUMS);
  const lines = names.sort().map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(out, name)))
        .digest('hex')}  ${name}\n`,
  );
  writeFileSync(join(out, SUMS), lines.join(''));
}
