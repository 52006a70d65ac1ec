// A systemd of the test's own, where it can be had: process 1 of new namespaces, with no units but those of the test.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const SYSTEMD = '/lib/systemd/systemd';
const UNITS = '/lib/systemd/system';
/** What a service and a timer stand on. */
const BASE = [
  'basic.target',
  'sysinit.target',
  'timers.target',
  'shutdown.target',
  '-.slice',
  'system.slice',
];

/** Units as `docker tidy schedule --print` shows them, each below its path, by their names. */
export function printedUnits(text: string): ReadonlyMap<string, string> {
  const parts = text.split(/^# (\/.*)$/m).slice(1);
  return new Map(
    parts.flatMap((path, i) =>
      i % 2 === 0 ? [[basename(path), (parts[i + 1] ?? '').replace(/^\n/, '')] as const] : [],
    ),
  );
}

/** A folder with these units; a name with a slash is a drop-in. */
export function unitFolder(units: ReadonlyMap<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'docker-tidy-units-'));
  for (const [name, text] of units) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** What systemd itself says about units: nothing, when they are right. `undefined` where it is not installed. */
export function verified(units: ReadonlyMap<string, string>, scope: 'user' | 'system'): string | undefined {
  const folder = unitFolder(units);
  const words = ['verify', `--${scope}`, ...[...units.keys()].map((name) => join(folder, name))];
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  const { error, status, stdout, stderr } = spawnSync('systemd-analyze', words, { env, encoding: 'utf8' });
  return error ? undefined : `${status === 0 ? '' : `status ${status}\n`}${stdout}${stderr}`;
}

/** One that runs. */
export interface Systemd {
  readonly stop: () => Promise<void>;
}

/** Empty control groups, where the machine has no systemd of its own that they could be of. */
const LEFT =
  'find /sys/fs/cgroup -depth -type d \\( -path "*/system.slice*" -o -name init.scope \\) -exec rmdir {} +';

/** Long enough for a busy machine; where it runs, it does within a second. */
const PATIENCE = 15_000;

/**
 * Starts systemd with these units and what `started` names. Resolves to `undefined` where it cannot run: it needs root,
 * namespaces and a folder of control groups that it may write to.
 */
export async function startSystemd(
  units: ReadonlyMap<string, string>,
  started: string,
): Promise<Systemd | undefined> {
  if (process.getuid?.() !== 0 || !existsSync(SYSTEMD)) return undefined;
  const folder = unitFolder(units);
  for (const name of BASE)
    if (existsSync(join(UNITS, name))) copyFileSync(join(UNITS, name), join(folder, name));
  const probe = join(folder, 'probe');
  writeFileSync(join(folder, 'probe.service'), `[Service]\nType=oneshot\nExecStart=/bin/touch ${probe}\n`);
  writeFileSync(join(folder, 'boot.target'), `[Unit]\nWants=probe.service ${started}\n`);
  const boot = [
    'mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir -p /run/systemd /run/lock',
    `exec env container=test SYSTEMD_UNIT_PATH=${folder} ${SYSTEMD} --system --unit=boot.target --log-target=null`,
  ].join(' && ');
  const namespaces = [
    '--pid',
    '--mount',
    '--fork',
    '--mount-proc',
    '--ipc',
    '--uts',
    '--cgroup',
    '--kill-child',
  ];
  const child = spawn('unshare', [...namespaces, 'sh', '-c', boot], { stdio: 'ignore' });
  const ended = new Promise<void>((done) => {
    child.on('exit', () => done());
    child.on('error', () => done());
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    if (!existsSync('/run/systemd/system'))
      await until(() => spawnSync('sh', ['-c', LEFT]).status === 0, 2_000);
  };
  const runs = await Promise.race([until(() => existsSync(probe)), ended.then(() => false)]);
  if (runs) return { stop };
  await stop();
  return undefined;
}

/** Whether that comes to be. */
export async function until(is: () => boolean | Promise<boolean>, patience = PATIENCE): Promise<boolean> {
  for (const deadline = Date.now() + patience; Date.now() < deadline; ) {
    if (await is()) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** A file that may not be there yet. */
export function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
