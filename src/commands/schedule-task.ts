// The command line that a schedule runs: what it was asked for, with all that may be different then pinned down.
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Task, What } from '../core/schedule.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { stateFolder } from '../state/folder.ts';
import { endpointOf } from './endpoint-of.ts';
import type { Invocation } from './invocation.ts';
import { policyFileOf } from './policy-in-force.ts';
import { isTold } from './watch-asked.ts';

/** A command line that is to be run later, as it was read. */
export interface Later extends Invocation {
  /** The command that it is. */
  readonly job: string;
  readonly plan: boolean;
  /** Whether that removes things. */
  readonly removes: boolean;
}

/** Reads words after `docker tidy`, with their policy. Throws what is wrong with them. */
export type ReadLater = (invocation: Invocation, words: readonly string[]) => Promise<Later>;

/** What is younger stays, unless the options or the policy say otherwise. */
const GRACE = '1h';

/** The task, and where it may be at work. */
export interface ScheduledTask {
  readonly task: Task;
  readonly state: string;
  /** Files and folders that must be there for it. */
  readonly needs: readonly string[];
  readonly remote: boolean;
}

/**
 * The task of what stands behind `--`. Throws Refusal where that is nothing to be done unattended, or nobody has said what
 * may go; and what is wrong with it.
 */
export async function scheduledTask(
  invocation: Invocation,
  what: What,
  program: string,
  read: ReadLater,
): Promise<ScheduledTask> {
  const given = [...(invocation.after ?? [])];
  const first = await read(invocation, [...(what === 'watch' ? ['watch'] : []), ...given]);
  refuseUnattended(first, what);
  const home = homedir();
  const { file } = first.flags.has('no-policy') ? {} : policyFileOf(first, home);
  const asks = asksSomething(first) || (what === 'tidy' && given.includes('all'));
  if (file === undefined && !asks) throw nobodySaid(what);
  const words = [
    ...(what === 'watch'
      ? ['watch']
      : [...missing(first, 'force'), ...missing(first, 'wait'), ...graceOf(first)]),
    ...(file === undefined ? [] : ['--policy', file]),
    ...withoutPolicy(given),
  ];
  await read(invocation, words);
  const endpoint = await endpointOf(invocation);
  const state = stateFolder(invocation.env, home, process.platform);
  const task = { what, program, args: [...pinned(invocation, endpoint), 'tidy', ...words] };
  const env = environment(invocation, state, home);
  refuseControls([program, ...task.args, ...Object.values(env)]);
  return {
    task: { ...task, env },
    state,
    needs: [
      program,
      state,
      ...Object.values(env),
      ...(file === undefined ? [] : [file]),
      ...rootsOf(first, file),
      ...socketOf(endpoint),
    ],
    remote: endpoint.transport.kind !== 'unix' && endpoint.transport.kind !== 'npipe',
  };
}

/** A line of a unit or of a crontab ends where a word has a new line in it. */
function refuseControls(words: readonly string[]): void {
  const bad = words.find((word) => /[\u0000-\u001f\u007f]/.test(word));
  if (bad !== undefined)
    throw new UsageError(`${JSON.stringify(bad)} cannot be scheduled: it has control characters in it`);
}

/** What nobody should do without looking. */
function refuseUnattended({ job, plan, removes, flags, values }: Later, what: What): void {
  if (job === 'volumes')
    throw new Refusal('no schedule ever removes volumes: docker tidy volumes asks for the name of each');
  if (plan || flags.has('dry-run'))
    throw new Refusal('a plan alone changes nothing: leave out plan and --dry-run');
  if (values.has('contexts'))
    throw new Refusal('what is scheduled is for one engine: docker --context NAME tidy schedule … for each');
  if (flags.has('interactive')) throw new Refusal('nobody will be there to pick from the plan: leave out -i');
  if (what === 'watch' ? job !== 'watch' : !removes)
    throw new Refusal(`docker tidy ${job} cannot be scheduled: only commands that remove things can`);
}

/** A kind, a repository, or an option about what may go. */
function asksSomething({ flags, values, operands, job }: Later): boolean {
  return !['all', 'watch'].includes(job) || operands.length > 0 || isTold({ flags, values });
}

function nobodySaid(what: What): Refusal {
  const how = what === 'watch' ? '--watch' : '--daily';
  return new Refusal(
    [
      'nothing was written: nobody will look at what goes, so say it first. Either',
      '  write a policy: docker tidy policy init, then put it at ~/.config/docker-tidy/tidy.yaml',
      `  or options: docker tidy schedule ${how} -- -a --older-than 30d`,
    ].join('\n'),
  );
}

function missing({ flags }: Later, flag: string): string[] {
  return flags.has(flag) ? [] : [`--${flag}`];
}

function graceOf({ values }: Later): string[] {
  return values.has('grace') ? [] : ['--grace', GRACE];
}

/** The policy is named by its whole path instead. */
function withoutPolicy(words: readonly string[]): string[] {
  return words.filter(
    (word, i) => word !== '--policy' && words[i - 1] !== '--policy' && !word.startsWith('--policy='),
  );
}

/** docker's own flags: the engine of today, whatever context is in use then. */
function pinned({ globals, env }: Invocation, { context }: Endpoint): string[] {
  const { config, host, tls, tlsverify, tlscacert, tlscert, tlskey } = globals;
  const value = (name: string, text: string | undefined) => (text === undefined ? [] : [`--${name}`, text]);
  const file = (name: string, path: string | undefined) => value(name, path && resolve(path));
  const onOff = (name: string, on: boolean | undefined) => (on === undefined ? [] : [`--${name}=${on}`]);
  const byEnvironment = context === 'default' && !globals.context && env['DOCKER_HOST'];
  return [
    ...file('config', config),
    ...(host === undefined
      ? byEnvironment
        ? hostOnWindows(env)
        : ['--context', context]
      : ['--host', host]),
    ...onOff('tls', tls),
    ...onOff('tlsverify', tlsverify),
    ...file('tlscacert', tlscacert),
    ...file('tlscert', tlscert),
    ...file('tlskey', tlskey),
  ];
}

/** A task there has no environment of its own. */
function hostOnWindows({ DOCKER_HOST: host = '' }: NodeJS.ProcessEnv): string[] {
  return process.platform === 'win32' ? ['--host', host] : [];
}

const CARRIED = ['DOCKER_HOST', 'DOCKER_TLS', 'DOCKER_TLS_VERIFY', 'DOCKER_API_VERSION'] as const;
const FOLDERS = ['DOCKER_CONFIG', 'DOCKER_CERT_PATH'] as const;

function environment({ env, globals }: Invocation, state: string, home: string): Record<string, string> {
  const chosen = globals.context !== undefined || globals.host !== undefined;
  const carried = CARRIED.filter((key) => !(chosen && key === 'DOCKER_HOST'));
  return {
    HOME: home,
    ...Object.fromEntries(carried.flatMap((key) => (env[key] ? [[key, env[key]]] : []))),
    ...Object.fromEntries(FOLDERS.flatMap((key) => (env[key] ? [[key, resolve(env[key])]] : []))),
    DOCKER_TIDY_STATE: resolve(state),
  };
}

/** The files that a policy protects the images of. */
function rootsOf({ policy }: Later, file: string | undefined): string[] {
  if (!policy || file === undefined) return [];
  return Object.values(policy.policy.protect.roots)
    .flat()
    .map(({ text }) => resolve(dirname(file), text));
}

function socketOf({ host }: Endpoint): string[] {
  return host.startsWith('unix://') ? [host.slice('unix://'.length)] : [];
}

/** The program itself: its path, where it is one binary. Throws UsageError where it is run from its source. */
export function thisProgram(execPath = process.execPath): string {
  if (/docker-tidy(\.exe)?$/.test(execPath)) return execPath;
  throw new UsageError('only an installed docker-tidy can be scheduled: make install first');
}
