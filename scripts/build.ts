// Makes dist/docker-tidy for this machine: bundle, then one binary out of it and the pinned Node.
// Needs no network and leaves nothing outside dist/. How the bundle is made: bundle.ts; the binary: pack.ts.
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
import manifest from '../package.json' with { type: 'json' };
import { lean, pack, program } from './pack.ts';
import { hostTarget, programName } from './targets.ts';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));

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
    const output = join(scratch, programName(target));
    const parts = await program(scratch, manifest.version);
    await pack(parts, target, lean(process.execPath, target, scratch), output);
    // Run from source, the program reads them there.
    for (const [name, file] of Object.entries(parts.assets)) copyFileSync(file, join(dist, name));
    report(sum(install(output)));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Moves a copy of the binary to its place at once, so that no one ever runs half of it. A copy, since Linux has a file that
 * was written in one piece, as pkg writes it, in memory in large pieces: 20 MiB more of it would count for each process.
 */
function install(output: string): string {
  const place = join(dist, basename(output));
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
