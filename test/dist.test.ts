// What is released: archives that are the same twice, binaries read by their headers, macOS signatures, the list of parts.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { archive } from '../scripts/archive.ts';
import { inspect, withoutCertificate } from '../scripts/binary.ts';
import { isSigned, signed } from '../scripts/macho.ts';
import { fixed } from '../scripts/sbom.ts';
import { programName, TARGETS } from '../scripts/targets.ts';

const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-dist-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TIME = new Date('2026-03-01T12:00:00Z');

const members = [
  { name: 'docker-tidy-x/docker-tidy', bytes: Buffer.from('a program'), executable: true },
  { name: 'docker-tidy-x/LICENSE', bytes: Buffer.alloc(70_000, 'words ') },
];

describe.each(['one.tar.gz', 'one.zip'])('%s', (name) => {
  const made = async (file: string, zone: string): Promise<Buffer> => {
    const before = process.env['TZ'];
    process.env['TZ'] = zone;
    try {
      await archive(join(folder, file), members, TIME);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
    return readFileSync(join(folder, file));
  };

  test('has the same bytes in every time zone', async () => {
    const one = await made(`utc-${name}`, 'UTC');
    expect(one.equals(await made(`tokyo-${name}`, 'Asia/Tokyo'))).toBe(true);
  });
});

test('a .tar.gz holds what it was given, the program executable, all of root', async () => {
  await archive(join(folder, 'one.tar.gz'), members, TIME);
  const told = execFileSync('tar', ['-tvzf', join(folder, 'one.tar.gz'), '--numeric-owner'], {
    encoding: 'utf8',
  });
  const lines = told.trim().split('\n');
  expect(lines.map((line) => line.split(/\s+/).slice(0, 3).join(' '))).toEqual([
    '-rwxr-xr-x 0/0 9',
    '-rw-r--r-- 0/0 70000',
  ]);
});

/** A Mach-O program: a header, __TEXT over the code, __LINKEDIT to the end, and room for one more command. */
function machO(size: number): Buffer {
  const file = Buffer.alloc(size, 'code');
  file.fill(0, 0, 512);
  [0xfeedfacf, 0x0100000c, 0, 2, 2, 144].forEach((word, i) => {
    file.writeUInt32LE(word, 4 * i);
  });
  [
    ['__TEXT', 0, 8192],
    ['__LINKEDIT', 8192, size - 8192],
  ].forEach(([name, offset, length], i) => {
    const at = 32 + 72 * i;
    file.writeUInt32LE(0x19, at);
    file.writeUInt32LE(72, at + 4);
    file.write(name as string, at + 8);
    file.writeBigUInt64LE(BigInt(offset as number), at + 40);
    file.writeBigUInt64LE(BigInt(length as number), at + 48);
  });
  return file;
}

describe('a macOS program', () => {
  test.each([16384, 10_001])('of %i bytes is signed, and any changed byte breaks the signature', (size) => {
    const program = machO(size);
    expect(inspect(program)).toMatchObject({ platform: 'macos', arch: 'arm64', signed: false });
    const done = signed(program, 'docker-tidy');
    expect(isSigned(done)).toBe(true);
    for (const at of [20, 600, 8191, 8192, size - 1]) {
      const altered = Buffer.from(done);
      altered[at] = (altered[at] as number) ^ 1;
      expect([at, isSigned(altered)]).toEqual([at, false]);
    }
  });

  test('has its code as it was, and the signature inside its last segment', () => {
    const program = machO(10_001);
    const done = signed(program, 'docker-tidy');
    expect(done.subarray(512, 10_001).equals(program.subarray(512))).toBe(true);
    const end = Number(done.readBigUInt64LE(32 + 72 + 40) + done.readBigUInt64LE(32 + 72 + 48));
    expect(end).toBe(done.length);
  });

  test('is not signed twice, nor where its commands have no room or something follows its last segment', () => {
    expect(() => signed(signed(machO(16384), 'a'), 'a')).toThrow('signed already');
    expect(() => signed(Buffer.concat([machO(16384), Buffer.alloc(1)]), 'a')).toThrow('not the end');
    const full = machO(16384);
    full[180] = 1;
    expect(() => signed(full, 'a')).toThrow('no room');
    expect(() => signed(Buffer.alloc(100), 'a')).toThrow('not a 64-bit Mach-O');
  });
});

const bytes = (start: string, ...words: [at: number, value: number][]): Buffer => {
  const file = Buffer.alloc(512);
  file.write(start, 'latin1');
  for (const [at, value] of words) file.writeUInt16LE(value, at);
  return file;
};
const windows = bytes('MZ', [60, 128], [128, 0x4550], [132, 0x8664], [152, 0x20b], [296, 7], [300, 9]);

test.each([
  ['linux', 'x64', bytes('\x7fELF', [18, 62])],
  ['linux', 'arm64', bytes('\x7fELF', [18, 183])],
  ['win', 'x64', windows],
])('a %s program for %s is told by its header; nothing was put into it', (platform, arch, file) => {
  expect(inspect(file)).toEqual({ platform, arch, filled: false });
});

test('a file that is none is told as none; one with a program in it needs both marks', () => {
  expect(inspect(Buffer.from('#!/bin/sh\n'))).toEqual({ filled: false });
  expect(inspect(Buffer.from('MZ'))).toEqual({ filled: false });
  const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
  expect(inspect(Buffer.from(`${fuse}:0 //# sourceURL=docker-tidy`)).filled).toBe(false);
  expect(inspect(Buffer.from(`${fuse}:1 //# sourceURL=docker-tidy`)).filled).toBe(true);
});

test('a Windows program says that it is not signed, and is as it was otherwise', () => {
  const done = withoutCertificate(windows);
  expect(done.subarray(296, 304).equals(Buffer.alloc(8))).toBe(true);
  windows.copy(done, 296, 296, 304);
  expect(done.equals(windows)).toBe(true);
  expect(() => withoutCertificate(bytes('\x7fELF'))).toThrow('not a 64-bit program for Windows');
});

test('the list of parts says the same at another hour, in another folder; other parts have another number', () => {
  const bom = (name: string, timestamp: string, purl: string) => ({
    serialNumber: `urn:uuid:${timestamp}`,
    metadata: { timestamp, component: { name } },
    components: [{ purl }],
  });
  const one = fixed(bom('main', 'now', 'pkg:npm/a@1'), TIME);
  expect(fixed(bom('checkout', 'later', 'pkg:npm/a@1'), TIME)).toBe(one);
  const { serialNumber, metadata } = JSON.parse(one);
  expect(metadata).toEqual({ timestamp: '2026-03-01T12:00:00.000Z', component: { name: 'docker-tidy' } });
  expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(JSON.parse(fixed(bom('main', 'now', 'pkg:npm/a@2'), TIME)).serialNumber).not.toBe(serialNumber);
});

test('each platform is known to the installer of its system', () => {
  for (const target of TARGETS) {
    const script = readFileSync(target.platform === 'win' ? 'install.ps1' : 'install.sh', 'utf8');
    expect(script).toContain(`docker-tidy-${target.name}${target.platform === 'win' ? '.exe' : ''}`);
  }
  expect(TARGETS.map(programName)).toEqual([...Array(4).fill('docker-tidy'), 'docker-tidy.exe']);
});

// The files that are here: `make dist` makes them. They are what SHA256SUMS says, and each is for its platform and filled.
const RELEASE = 'dist/release';
const sums = (() => {
  try {
    return readFileSync(join(RELEASE, 'SHA256SUMS'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
})().map((line) => line.split('  ') as [string, string]);

test.skipIf(sums.length === 0).each(sums)(
  '%s is the checksum of %s, which is for its platform and has the program in it',
  (sum, name) => {
    const file = readFileSync(join(RELEASE, name));
    expect(createHash('sha256').update(file).digest('hex')).toBe(sum);
    const target = TARGETS.find((known) =>
      [known.name, `${known.name}.exe`].includes(name.slice('docker-tidy-'.length)),
    );
    if (!target) return;
    const mac = target.platform === 'macos' ? { signed: true } : {};
    expect(inspect(file)).toEqual({ platform: target.platform, arch: target.arch, filled: true, ...mac });
  },
);
