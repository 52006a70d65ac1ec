// The list of what is in the binaries (CycloneDX): npm makes it of the lockfile; what is random in it is fixed here.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import manifest from '../package.json' with { type: 'json' };

/** CycloneDX as far as it is changed here. */
interface Bom {
  serialNumber: string;
  readonly metadata: { timestamp: string; readonly component: { name: string } };
  readonly components: readonly { readonly purl: string }[];
}

/** The SBOM as JSON, told to be of `time`. Throws where npm has no `sbom`: before version 10. */
export function sbom(time: Date): string {
  const flags = ['--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev', '--package-lock-only'];
  return fixed(JSON.parse(npm(['--loglevel=error', 'sbom', ...flags])) as Bom, time);
}

function npm(words: readonly string[]): string {
  const windows = process.platform === 'win32';
  try {
    return execFileSync(windows ? 'npm.cmd' : 'npm', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 2 ** 26,
      shell: windows,
    });
  } catch (error) {
    throw new Error('the list of parts could not be made: `npm sbom` needs npm 10 or later', {
      cause: error,
    });
  }
}

/** Without what differs between two runs: the time, the serial number, the name of the folder that npm ran in. */
export function fixed(bom: Bom, time: Date): string {
  bom.metadata.timestamp = time.toISOString();
  bom.metadata.component.name = manifest.name;
  bom.serialNumber = '';
  const hash = createHash('sha256').update(JSON.stringify(bom)).digest('hex');
  // A UUID of version 8: one made of what it names (RFC 9562).
  const [, a, b, c, d, e] = /^(.{8})(.{4})(.{3})(.{3})(.{12})/.exec(hash) as unknown as string[];
  bom.serialNumber = `urn:uuid:${a}-${b}-8${c}-8${d}-${e}`;
  return `${JSON.stringify(bom, null, 2)}\n`;
}
