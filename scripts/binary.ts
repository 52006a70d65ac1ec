// What a released binary is, read from its bytes: for which system and processor, and whether the program is in it.
import { isSigned } from './macho.ts';

/** What a look at a file tells. */
export interface Facts {
  readonly platform?: 'linux' | 'macos' | 'win';
  readonly arch?: 'x64' | 'arm64';
  /** Node's own mark says that a program was put into it, and the program's last line is there. */
  readonly filled: boolean;
  /** A Mach-O signature that holds, page by page; undefined where there is none to ask for. */
  readonly signed?: boolean;
}

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';
const LAST_LINE = '//# sourceURL=docker-tidy';

/** By the numbers in the headers: ELF's e_machine, Mach-O's cputype, PE's Machine. */
export function inspect(file: Buffer): Facts {
  const filled = file.includes(`${FUSE}1`) && file.includes(LAST_LINE);
  const read = ELF(file) ?? machO(file) ?? PE(file) ?? {};
  return { ...read, filled, ...(read.platform === 'macos' && { signed: isSigned(file) }) };
}

type Header = Pick<Facts, 'platform' | 'arch'>;

const header = (platform: NonNullable<Facts['platform']>, arch: Facts['arch']): Header => ({
  platform,
  ...(arch && { arch }),
});

function ELF(file: Buffer): Header | undefined {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46) return undefined;
  return header('linux', ({ 62: 'x64', 183: 'arm64' } as const)[file.readUInt16LE(18)]);
}

function machO(file: Buffer): Header | undefined {
  if (file.length < 64 || file.readUInt32LE(0) !== 0xfeedfacf) return undefined;
  return header('macos', ({ 16777223: 'x64', 16777228: 'arm64' } as const)[file.readUInt32LE(4)]);
}

/** Where a Windows program's PE header begins. */
function headerPE(file: Buffer): number | undefined {
  if (file.length < 64 || file.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const at = file.readUInt32LE(60);
  return file.toString('latin1', at, at + 4) === 'PE\0\0' ? at : undefined;
}

function PE(file: Buffer): Header | undefined {
  const at = headerPE(file);
  if (at === undefined) return undefined;
  return header('win', ({ 34404: 'x64', 43620: 'arm64' } as const)[file.readUInt16LE(at + 4)]);
}

/**
 * A 64-bit Windows program that says that it is not signed. Node's own certificate no longer holds once a program is in it,
 * and a signature that does not hold is worse than none. (PE's data directory 4, in the optional header of PE32+.)
 */
export function withoutCertificate(file: Buffer): Buffer {
  const at = headerPE(file);
  if (at === undefined || file.readUInt16LE(at + 24) !== 0x20b)
    throw new Error('not a 64-bit program for Windows');
  const copy = Buffer.from(file);
  copy.fill(0, at + 168, at + 176);
  return copy;
}
