// A real PostgreSQL data folder, as a tar: made once by Debian's own initdb, which is fetched and unpacked, not installed.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The owner of the files, as in the official image. */
export const POSTGRES_UID = 999;

const CACHE = join(tmpdir(), 'docker-tidy-engines', 'postgres');
/** initdb is not run by root, nor by a user who has no name: `nobody`. */
const NOBODY = 65534;
const QUIET = { stdio: 'pipe', maxBuffer: 2 ** 30 } as const;

/** Why no data folder can be made here; `undefined` where it can. */
export function postgresUnavailable(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'initdb is run as another user by root';
  const missing = ['apt-get', 'dpkg-deb', 'setpriv', 'tar'].filter((tool) => !inPath(tool));
  return missing.length > 0 ? `needs ${missing.join(', ')}` : undefined;
}

/** The content of a fresh data folder, its root as `./`, and the version that `PG_VERSION` says. */
export function postgresFolder(): { tar: Buffer; version: string } {
  const cached = join(CACHE, 'folder.tar');
  if (!existsSync(cached)) make(cached);
  const tar = readFileSync(cached);
  return { tar, version: execFileSync('tar', ['-xOf', cached, './PG_VERSION'], QUIET).toString().trim() };
}

function make(cached: string): void {
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'work-'));
  try {
    chmodSync(work, 0o755);
    const root = installed('/') ? '/' : unpack(join(work, 'root'));
    const data = join(work, 'data');
    initdb(root, data);
    writeFileSync(
      `${work}/data.tar`,
      execFileSync(
        'tar',
        [
          `--owner=${POSTGRES_UID}`,
          `--group=${POSTGRES_UID}`,
          '--numeric-owner',
          '--blocking-factor=1', // no padding: podman fails where it writes on when all was read
          '-cf',
          '-',
          '-C',
          data,
          '.',
        ],
        QUIET,
      ),
    );
    renameSync(`${work}/data.tar`, cached);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Where initdb is below a root. */
function installed(root: string): string | undefined {
  const versions = join(root, 'usr/lib/postgresql');
  if (!existsSync(versions)) return undefined;
  return readdirSync(versions)
    .map((version) => join(versions, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')));
}

/** The server and its libraries, as if nothing were installed here: what is may be in any state. The libc is this machine's. */
function unpack(root: string): string {
  mkdirSync(root);
  writeFileSync(join(root, 'status'), '');
  const options = [
    '-qq',
    '-o',
    `Dir::State::status=${join(root, 'status')}`,
    '-o',
    'APT::Sandbox::User=root',
  ];
  const apt = (...words: string[]) => run('apt-get', [...options, ...words], { cwd: root }).toString();
  const fetch = () => {
    const planned = apt('install', '-s', '--no-install-recommends', 'postgresql');
    const names = [...planned.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] as string);
    const needed =
      /^(postgresql-(client-)?\d+|lib(?!c6|c-bin|gcc|crypt|pam|perl|json|common-sense|types-).*)$/;
    apt('download', ...names.filter((name) => needed.test(name)));
  };
  try {
    fetch();
  } catch {
    // No lists yet, or older ones than the mirror's.
    run('apt-get', ['-qq', 'update']);
    fetch();
  }
  for (const deb of readdirSync(root).filter((name) => name.endsWith('.deb')))
    run('dpkg-deb', ['-x', join(root, deb), root]);
  return root;
}

/** PostgreSQL finds what belongs to it beside its programs, wherever these are. */
function initdb(root: string, data: string): void {
  const bin = installed(root);
  if (!bin) throw new Error(`Debian's postgresql brought no initdb to ${root}`);
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, NOBODY, NOBODY);
  const libraries = ['usr/lib', 'lib'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder)).map((name) => join(root, folder, name))
      : [],
  );
  const user = ['--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'];
  const options = [
    '-D',
    data,
    '-U',
    'postgres',
    '--locale=C',
    '--encoding=UTF8',
    '--auth=trust',
    '--no-sync',
  ];
  const env = {
    PATH: process.env['PATH'],
    ...(root !== '/' && { LD_LIBRARY_PATH: libraries.filter((path) => /-linux-/.test(path)).join(':') }),
  };
  run('setpriv', [...user, join(bin, 'initdb'), ...options], { cwd: '/', env });
}

function run(
  tool: string,
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Buffer {
  return execFileSync(tool, words, { ...QUIET, ...options });
}

function inPath(tool: string): boolean {
  const folders = `${process.env['PATH']}:/usr/sbin:/sbin`.split(':');
  return folders.some((folder) => existsSync(join(folder, tool)));
}
