// install.sh as a user runs it: a real shell, a real HTTP server, a made-up machine (PATH holds nothing else).

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const installer = join(import.meta.dirname, '..', 'install.sh');
const installerText = readFileSync(installer, 'utf8');
const linuxAsset = 'docker-tidy-linux-x64';
const tools =
  'awk cat chmod cp curl cut df env grep gzip id mkdir mktemp mv od rm rmdir sed sh sha256sum shasum sleep sort tail tar tr';

function which(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}

const shells = [['sh'], ['dash'], ['bash', '--posix'], ['busybox', 'sh']].filter(([name]) => which(name!));
const isRoot = process.getuid?.() === 0;

// --- The machine ---

let root: string;
let bin: string;
let target: string;
let shell: string[];
let environment: Record<string, string>;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'install sh '));
  bin = join(root, 'bin');
  const home = join(root, 'a home');
  target = join(home, '.docker', 'cli-plugins', 'docker-tidy');
  mkdirSync(bin);
  mkdirSync(home);
  for (const name of tools.split(' ')) provide(name);
  command('docker', 'exit 0');
  command('ldd', 'echo "ldd (GNU libc) 2.36"');
  machine('Linux', 'x86_64');
  shell = [which('sh')!];
  environment = { PATH: bin, HOME: home };
});

const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
  rmSync(root, { recursive: true, force: true });
});

function provide(name: string): void {
  const path = which(name);
  if (path) symlinkSync(path, join(bin, name));
}

function command(name: string, body: string): void {
  rmSync(join(bin, name), { force: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
}

function machine(system: string, processor: string): void {
  command('uname', `case $1 in -s) echo ${system} ;; -m) echo ${processor} ;; esac`);
}

interface Run {
  status: number | null;
  out: string;
  err: string;
}

function start(args: string[], script?: string) {
  const file = script === undefined ? [installer] : ['-s', '--'];
  const child = spawn(shell[0]!, [...shell.slice(1), ...file, ...args], { env: environment, cwd: root });
  child.stdin.on('error', () => {}).end(script ?? '');
  const run: Run = { status: null, out: '', err: '' };
  child.stdout.on('data', (text) => (run.out += text));
  child.stderr.on('data', (text) => (run.err += text));
  const done = new Promise<Run>((resolve) => child.on('close', (status) => resolve({ ...run, status })));
  return { child, done };
}

const install = (...args: string[]): Promise<Run> => start(args).done;

// --- What there is to install ---

/** A stand-in for the binary: it answers the metadata handshake. */
function program(version: string): string {
  const metadata = { SchemaVersion: '0.1.0', Vendor: 'docker tidy', Version: version };
  return `#!/bin/sh\n[ "$*" = docker-cli-plugin-metadata ] && echo '${JSON.stringify(metadata)}'\n`;
}

/** The first bytes of a Linux binary for arm64 (ELF, e_machine 183). */
const armBinary = Buffer.from(`7f454c46020101${'00'.repeat(9)}0200b700${'00'.repeat(44)}`, 'hex');

const sha256 = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex');
const sums = (name: string, body: string | Buffer): string =>
  `${'0'.repeat(64)}  docker-tidy-other\n${sha256(body)}  ${name}\n`;

function folder(body: string | Buffer, name = linuxAsset): string {
  const path = mkdtempSync(join(root, 'a release '));
  writeFileSync(join(path, name), body);
  writeFileSync(join(path, 'SHA256SUMS'), sums(name, body));
  return path;
}

/** A .tar.gz of a folder with one program in it. */
function archived(top: string, name: string): Buffer {
  const path = mkdtempSync(join(root, 'packed '));
  mkdirSync(join(path, top));
  writeFileSync(join(path, top, name), program('1.2.3'), { mode: 0o755 });
  return spawnSync('tar', ['-czf', '-', '-C', path, top]).stdout;
}

type Route = string | RequestListener;

async function serve(routes: Record<string, Route>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const route = routes[request.url!];
    if (typeof route === 'function') route(request, response);
    else response.writeHead(route === undefined ? 404 : 200).end(route ?? 'not here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const release = (body: string, path = '', name = linuxAsset): Record<string, Route> => ({
  [`${path}/${name}`]: body,
  [`${path}/SHA256SUMS`]: sums(name, body),
});

/** Sends the first half, then does what it is told. */
const half =
  (body: string, then: (rest: () => void, cut: () => void) => void): RequestListener =>
  (_, response) => {
    const middle = body.length / 2;
    response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, middle));
    setTimeout(
      () =>
        then(
          () => response.end(body.slice(middle)),
          () => response.destroy(),
        ),
      50,
    );
  };

// --- What is there afterwards ---

const versionOf = (path: string): string => spawnSync(path, ['docker-cli-plugin-metadata']).stdout.toString();

/** Everything in the plugin folder, hidden files too. */
const installed = (): string[] =>
  existsSync(join(target, '..')) ? readdirSync(join(target, '..'), { recursive: true }).map(String) : [];

function haveInstalled(version: string): void {
  mkdirSync(join(target, '..'), { recursive: true });
  writeFileSync(target, program(version), { mode: 0o755 });
}

/** Refused in one sentence with status 1, the old version where it was and nothing beside it. */
async function expectRefusal(sentence: RegExp, ...args: string[]): Promise<void> {
  haveInstalled('0.9.0');
  const run = await install(...args);
  expect(run.err).toMatch(sentence);
  expect(run.err.trimEnd().split('\n')).toHaveLength(1);
  expect(run.status).toBe(1);
  expect(readFileSync(target, 'utf8')).toBe(program('0.9.0'));
  expect(installed()).toEqual(['docker-tidy']);
}

describe.each(shells)('in %s', (...words) => {
  beforeEach(() => {
    shell = [which(words[0]!)!, ...words.slice(1)];
  });

  it('installs from a URL, says where, which version and what to run next', async () => {
    const { url } = await serve(release(program('1.2.3')));
    const run = await install('--from', url);
    expect(run).toMatchObject({ status: 0, err: '' });
    expect(run.out).toBe(
      `Downloading ${url}/${linuxAsset}\nInstalled docker tidy 1.2.3 as ${target}\nNext: docker tidy plan\n`,
    );
    expect(versionOf(target)).toContain('1.2.3');
    expect(statSync(target).mode & 0o777).toBe(0o755);
    expect(installed()).toEqual(['docker-tidy']);
  });

  it('refuses a binary whose checksum differs and leaves the installed one in place', async () => {
    const { url } = await serve({ ...release(program('1.2.3')), [`/${linuxAsset}`]: program('6.6.6') });
    await expectRefusal(/checksum of .* differs.*is as it was/, '--from', url);
  });

  it('leaves nothing behind when it is stopped in the middle of a download', async () => {
    let begun = () => {};
    const halfway = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const body = program('1.2.3');
    const { url } = await serve({ ...release(body), [`/${linuxAsset}`]: half(body, () => begun()) });
    haveInstalled('0.9.0');
    const { child, done } = start(['--from', url]);
    await halfway;
    expect(installed().length).toBeGreaterThan(1);
    child.kill('SIGTERM');
    expect((await done).status).toBe(143);
    expect(installed()).toEqual(['docker-tidy']);
  });

  it('does nothing when the script itself arrives cut off, wherever the cut is', async () => {
    environment['DOCKER_TIDY_URL'] = folder(program('1.2.3'));
    const lines = [...installerText.matchAll(/\n/g)].map((match) => match.index + 1);
    const complete = installerText.trimEnd().length;
    const cuts = new Set([
      ...lines.filter((cut, index) => index % 9 === 0 && cut < complete),
      ...Array.from({ length: 16 }, (_, index) => complete - 1 - index),
    ]);
    const runs = [...cuts].map(async (cut) => {
      await start([], installerText.slice(0, cut)).done;
      return existsSync(target) ? cut : undefined;
    });
    expect((await Promise.all(runs)).filter((cut) => cut !== undefined)).toEqual([]);
    expect((await start([], installerText).done).status).toBe(0);
    expect(installed()).toEqual(['docker-tidy']);
  }, 30_000);

  it('removes the plugin and nothing else, and has nothing to do the second time', async () => {
    haveInstalled('1.2.3');
    writeFileSync(join(target, '..', 'docker-compose'), '');
    expect(await install('--uninstall')).toEqual({ status: 0, out: `Removed ${target}\n`, err: '' });
    expect(installed()).toEqual(['docker-compose']);
    const again = await install('--uninstall');
    expect(again).toMatchObject({ status: 0, err: '' });
    expect(again.out).toMatch(/is not installed in .*: nothing was removed/);
  });
});

describe('where it takes the binary from', () => {
  const sources: [string, string[], string][] = [
    ['the latest release by default', [], '/releases/latest/download'],
    ['the release of the version asked for', ['--version', '1.2.3'], '/releases/download/v1.2.3'],
    ['the same with a v', ['--version=v1.2.3'], '/releases/download/v1.2.3'],
  ];
  it.each(sources)('is %s', async (_, args, path) => {
    const { url, asked } = await serve(release(program('1.2.3'), path));
    environment['DOCKER_TIDY_URL'] = `${url}/releases`;
    expect(await install(...args)).toMatchObject({ status: 0, err: '' });
    expect(asked).toEqual([`${path}/SHA256SUMS`, `${path}/${linuxAsset}`]);
  });

  it.each([
    ['/mirror/', '/mirror'],
    ['/releases/tag/v1.2.3', '/releases/download/v1.2.3'],
    [`/mirror/${linuxAsset}`, '/mirror'],
  ])('is, for a URL that ends in %s, the folder %s', async (end, path) => {
    const { url, asked } = await serve(release(program('1.2.3'), path));
    expect(await install('--from', url + end)).toMatchObject({ status: 0, err: '' });
    expect(asked).toEqual([`${path}/SHA256SUMS`, `${path}/${linuxAsset}`]);
  });

  it('is GitHub, by https alone, when nothing is said', async () => {
    command('curl', `echo "$*" >>'${join(root, 'asked')}'; printf 000; exit 6`);
    const run = await install();
    expect(run).toMatchObject({ status: 1 });
    expect(run.err).toMatch(/there is no connection/);
    const asked = readFileSync(join(root, 'asked'), 'utf8');
    expect(asked).toContain('--proto =https ');
    expect(asked).toContain(
      'https://github.com/docker-tidy/docker-tidy/releases/latest/download/SHA256SUMS\n',
    );
  });

  it('may be a local folder, verified by its SHA256SUMS', async () => {
    const run = await install('--from', folder(program('1.2.3')));
    expect(run).toEqual({
      status: 0,
      out: `Installed docker tidy 1.2.3 as ${target}\nNext: docker tidy plan\n`,
      err: '',
    });
  });

  it('may be a local file, which it says it could not verify when there is nothing to verify it by', async () => {
    const file = join(root, 'my build');
    writeFileSync(file, program('1.2.3'));
    const run = await install('--from', 'my build');
    expect(run.status).toBe(0);
    expect(run.out).toMatch(/It was not verified/);
    expect(readFileSync(file, 'utf8')).toBe(program('1.2.3'));
    const checked = await install('--from', file, '--checksum', sha256(program('1.2.3')).toUpperCase());
    expect(checked.status).toBe(0);
    expect(checked.out).not.toMatch(/not verified/);
  });

  it('reads SHA256SUMS with stars, carriage returns and ./ before the names', async () => {
    const from = folder(program('1.2.3'));
    writeFileSync(join(from, 'SHA256SUMS'), `${sha256(program('1.2.3'))} *./${linuxAsset}\r\n`);
    expect(await install('--from', from)).toMatchObject({ status: 0, err: '' });
  });

  it('takes a --checksum for a download in place of SHA256SUMS', async () => {
    const { url } = await serve({ [`/${linuxAsset}`]: program('1.2.3') });
    expect(await install('--from', url, '--checksum', sha256(program('1.2.3')))).toMatchObject({ status: 0 });
    await expectRefusal(/checksum of .* differs/, '--from', url, '--checksum', sha256('another'));
  });
});

describe('what it refuses, leaving the installed one in place', () => {
  it('a download without SHA256SUMS', async () => {
    const { url } = await serve({ [`/${linuxAsset}`]: program('1.2.3') });
    await expectRefusal(/SHA256SUMS, without which nothing is installed: .* HTTP 404/, '--from', url);
  });

  it('a download that SHA256SUMS does not name', async () => {
    const routes = { ...release(program('1.2.3')), '/SHA256SUMS': sums(`${linuxAsset}.gz`, '') };
    const { url } = await serve(routes);
    await expectRefusal(/has no checksum of docker-tidy-linux-x64/, '--from', url);
  });

  it('a page that answers in place of SHA256SUMS', async () => {
    const { url } = await serve({ ...release(program('1.2.3')), '/SHA256SUMS': '<html>Log in</html>' });
    await expectRefusal(/has no checksum of/, '--from', url);
  });

  it('a download that is not there', async () => {
    const { url } = await serve({ '/SHA256SUMS': sums(linuxAsset, 'x') });
    await expectRefusal(/Could not download .*linux-x64: the server answered HTTP 404/, '--from', url);
  });

  it('a download the server cuts off half-way', async () => {
    const body = program('1.2.3');
    const { url } = await serve({ ...release(body), [`/${linuxAsset}`]: half(body, (_, cut) => cut()) });
    await expectRefusal(/the connection was cut off/, '--from', url);
  });

  it('a server that is not there', async () => {
    await expectRefusal(/there is no connection/, '--from', 'http://127.0.0.1:1');
  });

  it('a local file that SHA256SUMS beside it contradicts', async () => {
    const from = folder(program('1.2.3'));
    writeFileSync(join(from, linuxAsset), program('6.6.6'));
    await expectRefusal(/checksum of .* differs/, '--from', join(from, linuxAsset));
  });

  it('a folder without the binary for this machine', async () => {
    await expectRefusal(
      /no docker-tidy-linux-x64 in/,
      '--from',
      folder(program('1.2.3'), 'docker-tidy-macos-x64'),
    );
  });

  it('a binary for another processor', async () => {
    await expectRefusal(/is for linux-arm64, and this machine is linux-x64/, '--from', folder(armBinary));
  });

  it('a file that is no program, without running it', async () => {
    await expectRefusal(/is not a program/, '--from', folder(`touch '${join(root, 'ran')}'\n`));
    expect(existsSync(join(root, 'ran'))).toBe(false);
  });

  it('a program that does not start, with what it complained of', async () => {
    const broken = '#!/bin/sh\necho "libc.so.6: version GLIBC_9 not found" >&2\nexit 1\n';
    await expectRefusal(/does not start on this machine \(.*GLIBC_9 not found\)/, '--from', folder(broken));
  });

  it('a program that does not answer as a plugin', async () => {
    await expectRefusal(/does not answer as a docker plugin/, '--from', folder('#!/bin/sh\necho hello\n'));
  });

  it('a version that is not the one asked for', async () => {
    const from = folder(program('1.2.3'));
    await expectRefusal(
      /is version 1\.2\.3, not the 1\.3\.0 asked for/,
      '--from',
      from,
      '--version',
      '1.3.0',
    );
  });

  it('a download that nothing here can verify', async () => {
    for (const name of ['sha256sum', 'shasum']) rmSync(join(bin, name), { force: true });
    const { url } = await serve(release(program('1.2.3')));
    await expectRefusal(/can compute a SHA-256 checksum/, '--from', url);
  });

  it('a download with neither curl nor wget to fetch it', async () => {
    rmSync(join(bin, 'curl'));
    await expectRefusal(/Neither curl nor wget/, '--from', 'http://127.0.0.1:1');
  });
});

describe('an upgrade', () => {
  it('leaves the old version answering until the new one is whole, and replaces it by renaming', async () => {
    const body = program('1.2.3');
    let during = '';
    const { url } = await serve({
      ...release(body),
      [`/${linuxAsset}`]: half(body, (rest) => {
        during = versionOf(target);
        rest();
      }),
    });
    haveInstalled('0.9.0');
    linkSync(target, join(root, 'the old file'));
    expect(await install('--from', url)).toMatchObject({ status: 0, err: '' });
    expect(during).toContain('0.9.0');
    expect(versionOf(target)).toContain('1.2.3');
    expect(versionOf(join(root, 'the old file'))).toContain('0.9.0');
    expect(installed()).toEqual(['docker-tidy']);
  });

  it('replaces a link, not what the link leads to', async () => {
    haveInstalled('0.9.0');
    const elsewhere = join(root, 'elsewhere');
    writeFileSync(elsewhere, program('0.9.0'), { mode: 0o755 });
    rmSync(target);
    symlinkSync(elsewhere, target);
    expect(await install('--from', folder(program('1.2.3')))).toMatchObject({ status: 0 });
    expect(readFileSync(elsewhere, 'utf8')).toBe(program('0.9.0'));
    expect(versionOf(target)).toContain('1.2.3');
  });
});

describe('the machine', () => {
  it.each([
    ['Linux', 'x86_64', 'linux-x64'],
    ['Linux', 'aarch64', 'linux-arm64'],
    ['Darwin', 'x86_64', 'macos-x64'],
    ['Darwin', 'arm64', 'macos-arm64'],
  ])('%s on %s gets docker-tidy-%s', async (system, processor, platform) => {
    machine(system, processor);
    const { url, asked } = await serve(release(program('1.2.3'), '', `docker-tidy-${platform}`));
    expect(await install('--from', url)).toMatchObject({ status: 0, err: '' });
    expect(asked).toContain(`/docker-tidy-${platform}`);
  });

  it('is an arm64 Mac to a shell under Rosetta as well', async () => {
    machine('Darwin', 'x86_64');
    command('sysctl', '[ "$*" = "-n sysctl.proc_translated" ] && echo 1');
    const { url, asked } = await serve(release(program('1.2.3'), '', 'docker-tidy-macos-arm64'));
    expect(await install('--from', url)).toMatchObject({ status: 0, err: '' });
    expect(asked).toContain('/docker-tidy-macos-arm64');
  });

  it.each([
    ['FreeBSD', 'amd64', /Linux with glibc and on macOS, on x64 and arm64: not on FreeBSD/],
    ['Linux', 'riscv64', /Linux with glibc and on macOS, on x64 and arm64: not on riscv64/],
    ['MINGW64_NT-10.0', 'x86_64', /does not install on Windows: install\.ps1 does/],
    ['CYGWIN_NT-10.0', 'x86_64', /does not install on Windows: install\.ps1 does/],
  ])('%s on %s is told what is supported', async (system, processor, sentence) => {
    machine(system, processor);
    await expectRefusal(sentence, '--from', folder(program('1.2.3')));
  });

  it('with musl is told that the binaries need glibc, before anything is downloaded', async () => {
    command('ldd', 'echo "musl libc (x86_64)" >&2; exit 1');
    const { url, asked } = await serve(release(program('1.2.3')));
    await expectRefusal(/uses musl \(as Alpine does\).*need glibc/, '--from', url);
    expect(asked).toEqual([]);
  });

  it('takes the program out of a released archive, verified, and refuses one that is cut off or holds none', async () => {
    const name = `${linuxAsset}.tar.gz`;
    const whole = archived(linuxAsset, 'docker-tidy');
    expect(await install('--from', join(folder(whole, name), name))).toMatchObject({ status: 0, err: '' });
    expect(versionOf(target)).toContain('1.2.3');
    expect(installed()).toEqual(['docker-tidy']);

    const cut = whole.subarray(0, whole.length / 2);
    await expectRefusal(/Could not open the archive/, '--from', join(folder(cut, name), name));
    const other = archived(linuxAsset, 'something-else');
    await expectRefusal(/no docker-tidy in the archive/, '--from', join(folder(other, name), name));
  });

  it.runIf(which('wget'))('with wget alone installs as well, and refuses as well', async () => {
    rmSync(join(bin, 'curl'));
    provide('wget');
    const body = program('1.2.3');
    const { url } = await serve({
      ...release(body),
      ...release(body, '/cut'),
      [`/cut/${linuxAsset}`]: half(body, (_, cut) => cut()),
      '/moved/SHA256SUMS': (_, response) => response.writeHead(302, { location: '/SHA256SUMS' }).end(),
      [`/moved/${linuxAsset}`]: (_, response) =>
        response.writeHead(302, { location: `/${linuxAsset}` }).end(),
    });
    expect(await install('--from', `${url}/moved`)).toMatchObject({ status: 0, err: '' });
    await expectRefusal(/HTTP 404/, '--from', `${url}/nowhere`);
    await expectRefusal(/cut off/, '--from', `${url}/cut`);
    await expectRefusal(/no connection/, '--from', 'http://127.0.0.1:1');
  });

  it.runIf(which('busybox'))("with BusyBox's wget alone installs from http", async () => {
    rmSync(join(bin, 'curl'));
    command('wget', `exec '${which('busybox')}' wget "$@"`);
    const { url } = await serve(release(program('1.2.3')));
    expect(await install('--from', url)).toMatchObject({ status: 0, err: '' });
    await expectRefusal(/HTTP 404/, '--from', `${url}/nowhere`);
    await expectRefusal(/can't connect/, '--from', 'http://127.0.0.1:1');
  });

  it("with BusyBox's wget alone is not trusted with https", async () => {
    rmSync(join(bin, 'curl'));
    command('wget', 'echo BusyBox >&2; exit 1');
    await expectRefusal(/does not check whom https leads to/, '--from', 'https://127.0.0.1:1');
  });
});

describe('where it installs', () => {
  it('is $DOCKER_CONFIG/cli-plugins where that is set', async () => {
    environment['DOCKER_CONFIG'] = join(root, 'my config');
    expect(await install('--from', folder(program('1.2.3')))).toMatchObject({ status: 0, err: '' });
    expect(versionOf(join(root, 'my config', 'cli-plugins', 'docker-tidy'))).toContain('1.2.3');
    expect(await install('--uninstall')).toMatchObject({ status: 0 });
    expect(readdirSync(join(root, 'my config', 'cli-plugins'))).toEqual([]);
    expect(installed()).toEqual([]);
  });

  it('is the folder given with --dir, and it says when docker does not look there', async () => {
    const run = await install('--from', folder(program('1.2.3')), '--dir', 'some where/');
    expect(run.status).toBe(0);
    expect(run.err).toMatch(/^Warning: docker does not look in .*some where: add it to cliPluginsExtraDirs/);
    expect(versionOf(join(root, 'some where', 'docker-tidy'))).toContain('1.2.3');
    expect(await install('--uninstall', '--dir', 'some where')).toMatchObject({ status: 0 });
    expect(readdirSync(join(root, 'some where'))).toEqual([]);
  });

  it('is not a folder below a file', async () => {
    writeFileSync(join(root, 'a file'), '');
    const below = join(root, 'a file', 'plugins');
    const run = await install('--from', folder(program('1.2.3')), '--dir', below);
    expect(run).toMatchObject({ status: 1, out: '' });
    expect(run.err).toMatch(/^install\.sh: Could not create the folder .*Nothing was changed\.\n$/);
  });

  it.skipIf(isRoot)('is not a folder that may not be written to', async () => {
    haveInstalled('0.9.0');
    chmodSync(join(target, '..'), 0o555);
    const run = await install('--from', folder(program('1.2.3')));
    chmodSync(join(target, '..'), 0o755);
    expect(run).toMatchObject({ status: 1 });
    expect(run.err).toMatch(/Could not write to the folder/);
    expect(versionOf(target)).toContain('0.9.0');
  });

  it('is not a folder of the same name, which stays', async () => {
    mkdirSync(target, { recursive: true });
    expect((await install('--from', folder(program('1.2.3')))).err).toMatch(/is a folder: remove it first/);
    expect((await install('--uninstall')).err).toMatch(/is a folder, not the plugin/);
    expect(installed()).toEqual(['docker-tidy']);
  });

  it("is the system's folder for root alone, and others are told of sudo", async () => {
    command('id', 'echo 1000');
    const run = await install('--system', '--from', folder(program('1.2.3')));
    expect(run).toMatchObject({ status: 1, out: '' });
    expect(run.err).toMatch(/usr\/local\/lib\/docker\/cli-plugins, which needs root: run it with sudo/);
  });

  it('is no longer there when it was made for an install that failed', async () => {
    expect(await install('--from', folder('nothing'))).toMatchObject({ status: 1 });
    expect(existsSync(join(target, '..'))).toBe(false);
  });
});

describe('the warnings', () => {
  it('name another docker-tidy that docker finds first', async () => {
    const extra = join(root, 'extra plugins');
    mkdirSync(extra);
    writeFileSync(join(extra, 'docker-tidy'), '');
    haveInstalled('0.9.0');
    const config = { auths: {}, cliPluginsExtraDirs: ['/nowhere', extra], plugins: {} };
    writeFileSync(join(target, '..', '..', 'config.json'), JSON.stringify(config, null, 2));
    const run = await install('--from', folder(program('1.2.3')));
    expect(run).toMatchObject({ status: 0 });
    expect(run.err).toBe(
      `Warning: docker finds ${join(extra, 'docker-tidy')} before this one and runs that.\n`,
    );
    expect((await install('--uninstall')).out).toBe(
      `Removed ${target}\ndocker still finds ${join(extra, 'docker-tidy')}\n`,
    );
  });

  it('say when docker is not on the PATH', async () => {
    rmSync(join(bin, 'docker'));
    const run = await install('--from', folder(program('1.2.3')));
    expect(run).toMatchObject({ status: 0 });
    expect(run.err).toMatch(/^Warning: docker is not on the PATH.*\n$/);
  });
});

describe('the command line', () => {
  it.each([['-h'], ['--help']])('%s prints the options', async (flag) => {
    const run = await install(flag);
    expect(run).toMatchObject({ status: 0, err: '' });
    for (const option of ['--version', '--from', '--checksum', '--system', '--dir', '--uninstall'])
      expect(run.out).toContain(option);
  });

  it.each([
    [['--bogus'], 'unknown option: --bogus'],
    [['1.2.3'], 'unexpected argument: 1.2.3'],
    [['--from'], '--from needs a value'],
    [['--from', '--system'], '--from needs a value'],
    [['--version', '1/2'], 'not a version: 1/2'],
    [['--checksum', 'abc'], 'not a SHA-256 checksum (64 hexadecimal digits): abc'],
    [['--from', 'ftp://example.com'], 'not https://, http://, a folder or a file: ftp://example.com'],
    [['--system', '--dir', 'x'], '--system and --dir exclude each other'],
    [['--uninstall', '--from', 'x'], '--uninstall takes no --version, --from or --checksum'],
  ])('refuses %j with status 2', async (args, sentence) => {
    const run = await install(...args);
    expect(run).toMatchObject({ status: 2, out: '' });
    expect(run.err.split('\n')[0]).toBe(`install.sh: ${sentence}`);
  });

  it('says so when there is no HOME to install in', async () => {
    delete environment['HOME'];
    const run = await install('--from', folder(program('1.2.3')));
    expect(run).toMatchObject({ status: 1 });
    expect(run.err).toMatch(/HOME is not set/);
  });
});
