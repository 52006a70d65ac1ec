// The ad-hoc signature without which macOS on arm64 kills a program: `codesign --sign -` for machines that have none.
// Formats: Apple's mach-o/loader.h and kern/cs_blobs.h (xnu). Nothing is signed with a key: the signature holds hashes of
// the file's pages, by which the kernel sees that they are whole.
import { createHash } from 'node:crypto';

const MH_MAGIC_64 = 0xfeedfacf;
const HEADER = 32;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const CS_SUPERBLOB = 0xfade0cc0;
const CS_CODEDIRECTORY = 0xfade0c02;
const CS_ADHOC = 0x2;
const CS_EXECSEG_MAIN_BINARY = 0x1n;
const SHA256 = 2;
const HASH_SIZE = 32;
const PAGE = 4096;
const SUPERBLOB = 20;
const CODEDIRECTORY = 88;

interface Command {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

const isMachO = (file: Buffer): boolean => file.length > HEADER && file.readUInt32LE(0) === MH_MAGIC_64;

function commands(file: Buffer): Command[] {
  const found: Command[] = [];
  for (let at = HEADER, left = file.readUInt32LE(16); left > 0; left--) {
    const size = file.readUInt32LE(at + 4);
    found.push({ type: file.readUInt32LE(at), at, size });
    at += size;
  }
  return found;
}

function segment(file: Buffer, name: string) {
  const found = commands(file).find(
    ({ type, at }) => type === LC_SEGMENT_64 && text(file.subarray(at + 8, at + 24)) === name,
  );
  if (!found) throw new Error(`the program has no segment ${name}`);
  const { at } = found;
  return { at, offset: Number(file.readBigUInt64LE(at + 40)), size: Number(file.readBigUInt64LE(at + 48)) };
}

const text = (bytes: Buffer): string => bytes.toString('latin1').split('\0')[0] as string;
const align = (value: number, to: number): number => Math.ceil(value / to) * to;

/**
 * A 64-bit Mach-O program with an ad-hoc signature of `identifier` behind it.
 *
 * @throws Error if it is signed already, or has no room for one more load command, or something behind its last segment.
 */
export function signed(program: Buffer, identifier: string): Buffer {
  if (!isMachO(program)) throw new Error('not a 64-bit Mach-O program');
  if (commands(program).some(({ type }) => type === LC_CODE_SIGNATURE)) throw new Error('signed already');
  const link = segment(program, '__LINKEDIT');
  if (link.offset + link.size !== program.length) throw new Error('__LINKEDIT is not the end of the program');
  const limit = align(program.length, 16);
  const ident = Buffer.from(`${identifier}\0`);
  const slots = Math.ceil(limit / PAGE);
  const directory = CODEDIRECTORY + ident.length + slots * HASH_SIZE;
  const size = align(SUPERBLOB + directory, 16);
  const file = Buffer.concat([program], limit + size);
  addCommand(file, limit, size);
  // The segment grows by the signature, in memory to whole pages (16 KiB on arm64).
  file.writeBigUInt64LE(BigInt(limit + size - link.offset), link.at + 48);
  file.writeBigUInt64LE(BigInt(align(limit + size - link.offset, 0x4000)), link.at + 32);
  writeSignature(file, limit, directory, ident, slots);
  return file;
}

function addCommand(file: Buffer, offset: number, size: number): void {
  const end = HEADER + file.readUInt32LE(20);
  if (file.subarray(end, end + 16).some((byte) => byte !== 0)) throw new Error('no room for a load command');
  [LC_CODE_SIGNATURE, 16, offset, size].forEach((word, i) => {
    file.writeUInt32LE(word, end + 4 * i);
  });
  file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) + 16, 20);
}

/** A SuperBlob with one CodeDirectory (version 0x20400); big-endian, as all of it. */
function writeSignature(file: Buffer, limit: number, directory: number, ident: Buffer, slots: number): void {
  const code = segment(file, '__TEXT');
  const words = (at: number, values: readonly number[]) => {
    values.forEach((value, i) => {
      file.writeUInt32BE(value, at + 4 * i);
    });
  };
  words(limit, [CS_SUPERBLOB, SUPERBLOB + directory, 1, 0, SUPERBLOB]);
  const at = limit + SUPERBLOB;
  const hashes = CODEDIRECTORY + ident.length;
  words(at, [CS_CODEDIRECTORY, directory, 0x20400, CS_ADHOC, hashes, CODEDIRECTORY, 0, slots, limit]);
  file.set([HASH_SIZE, SHA256, 0, Math.log2(PAGE)], at + 36);
  // From byte 40 on: no scatter, no team, no limit beyond 4 GiB.
  file.writeBigUInt64BE(BigInt(code.offset), at + 64);
  file.writeBigUInt64BE(BigInt(code.size), at + 72);
  file.writeBigUInt64BE(CS_EXECSEG_MAIN_BINARY, at + 80);
  file.set(ident, at + CODEDIRECTORY);
  for (let slot = 0; slot < slots; slot++)
    file.set(
      sha256(file.subarray(slot * PAGE, Math.min((slot + 1) * PAGE, limit))),
      at + hashes + slot * HASH_SIZE,
    );
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();

/** Whether a Mach-O program has a signature with a SHA-256 hash of each page, and each is that of the page. */
export function isSigned(file: Buffer): boolean {
  const command = isMachO(file) && commands(file).find(({ type }) => type === LC_CODE_SIGNATURE);
  if (!command) return false;
  const blob = file.readUInt32LE(command.at + 8);
  const directory = directoryOf(file, blob);
  if (directory === undefined) return false;
  const [hashes, slots, limit] = [16, 28, 32].map((offset) => file.readUInt32BE(directory + offset)) as [
    number,
    number,
    number,
  ];
  const page = 2 ** (file[directory + 39] as number);
  if (limit !== blob || slots !== Math.ceil(limit / page)) return false;
  return Array.from({ length: slots }).every((_, slot) => {
    const hash = directory + hashes + slot * HASH_SIZE;
    const bytes = file.subarray(slot * page, Math.min((slot + 1) * page, limit));
    return sha256(bytes).equals(file.subarray(hash, hash + HASH_SIZE));
  });
}

/** Where the CodeDirectory with SHA-256 hashes begins. */
function directoryOf(file: Buffer, blob: number): number | undefined {
  if (file.readUInt32BE(blob) !== CS_SUPERBLOB) return undefined;
  const count = file.readUInt32BE(blob + 8);
  return Array.from({ length: count }, (_, i) => blob + file.readUInt32BE(blob + 16 + 8 * i)).find(
    (at) => file.readUInt32BE(at) === CS_CODEDIRECTORY && file[at + 37] === SHA256,
  );
}
