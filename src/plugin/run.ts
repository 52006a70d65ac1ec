// From argv to an exit status: globals, command, errors as docker prints them.
import type { Invocation } from '../commands/invocation.ts';
import type { Job } from '../commands/job.ts';
import type { Later } from '../commands/schedule-task.ts';
import { Cancelled, EngineError, Refusal, UsageError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { LOOK } from '../core/watch-look.ts';
import { parseArguments, UsageErrorOf } from './arguments.ts';
import { cancellation, EXIT_CANCELLED } from './cancel.ts';
import { parseGlobals } from './globals.ts';
import { helpHint, helpText, usageLine } from './help.ts';
import { version } from './metadata.ts';
import type { CommandRow } from './options.ts';
import { COMMANDS, KIND_COMMANDS, PLAN, planned, ROOT } from './options.ts';

const EXIT_USAGE = 125;

/** How docker asks for hints: docker/cli, cli-plugins/metadata, HookSubcommandName. */
const HOOKS = 'docker-cli-plugin-hooks';

/** Runs one command. `argv` is what docker passes on, word for word. Returns the exit status. */
export async function run(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', unwritable);
  process.stderr.on('error', unsayable);
  try {
    return await dispatch(argv);
  } catch (error) {
    return tell(error, argv);
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  if (argv[0]?.startsWith('__complete'))
    return print(await (await import('./complete.ts')).completed(argv, process.env));
  if (argv[1] === HOOKS) return print(await (await import('./hooks.ts')).hook(argv[2] ?? '', process.env));
  const looks = argv[0] === LOOK;
  const { globals, rest } = parseGlobals(looks ? argv.slice(1) : argv);
  const { command, job, plan, operands, after, flags, values } = parseArguments(rest);
  if (globals.help || flags.has('help')) return print(helpText(command));
  if (flags.has('version')) return print(`docker tidy version ${version}\n`);
  const invocation = {
    globals,
    flags,
    values,
    operands,
    after,
    words: rest,
    version,
    env: process.env,
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    cancelled: cancellation(process.env),
    planOnly: plan || flags.has('dry-run'),
  };
  try {
    const asked = looks ? LOOK : job;
    if (!obeys(job)) return await runCommand(asked, invocation);
    if (!looks) (await import('../commands/policy-in-force.ts')).warnOfSettings(invocation);
    return await runCommand(asked, await underPolicy(invocation));
  } catch (error) {
    throw error instanceof UsageError ? new UsageErrorOf(command, error.message) : error;
  }
}

type Runner = (invocation: Invocation) => Promise<number>;

/** What each command that removes things is made of, loaded only then. */
const JOBS: Readonly<Record<string, (invocation: Invocation) => Promise<Job>>> = {
  images: async (i) => (await import('../commands/images.ts')).imagesJob(i),
  containers: async (i) => (await import('../commands/containers.ts')).containersJob(i),
  networks: async (i) => (await import('../commands/networks.ts')).networksJob(i),
  cache: async (i) => (await import('../commands/cache.ts')).cacheJob(i),
  volumes: async (i) => (await import('../commands/volumes.ts')).volumesJob(i),
  all: async (i) => (await import('../commands/whole.ts')).wholeJob(i),
};

const OTHERS: Readonly<Record<string, Runner>> = {
  apply: async (i) => (await import('../commands/apply.ts')).apply(i, (words) => jobOf(i, words)),
  why: async (i) => (await import('../commands/why.ts')).why(i, (words) => jobOf(i, words)),
  df: async (i) => (await import('../commands/df.ts')).df(i, (words) => jobOf(i, words)),
  report: async (i) => (await import('../commands/report.ts')).report(i, (words) => jobOf(i, words)),
  rescue: async (i) => (await import('../commands/rescue.ts')).rescue(i),
  'policy init': async (i) => (await import('../commands/policy-init.ts')).policyInit(i, jobOf),
  'policy test': async (i) => (await import('../commands/policy-test.ts')).policyTest(i, jobOf),
  'policy check': async (i) => (await import('../commands/policy-check.ts')).policyCheck(i),
  'policy schema': async (i) => (await import('../commands/policy-check.ts')).policySchema(i),
  undo: async (i) => (await import('../commands/undo.ts')).undo(i),
  restore: async (i) => (await import('../commands/undo.ts')).restore(i),
  history: async (i) => (await import('../commands/history.ts')).history(i),
  watch: async (i) => (await import('../commands/watch.ts')).watch(i),
  [LOOK]: async (i) =>
    (await import('../commands/watch-look.ts')).watchLook(i, JOBS['all'] as (typeof JOBS)[string]),
  inventory: async (i) => (await import('../commands/inventory.ts')).inventory(i),
  schedule: async (i) => (await import('../commands/schedule.ts')).schedule(i, readLater),
};

async function runCommand(name: string, invocation: Invocation): Promise<number> {
  const other = OTHERS[name];
  if (other) return await other(invocation);
  const make = JOBS[name] as (typeof JOBS)[string];
  if (invocation.values.has('contexts'))
    return await (await import('../commands/contexts.ts')).onContexts(invocation, make);
  const job = await make(invocation);
  return await (await import('../commands/job.ts')).runJob(invocation, job);
}

/** The job of a command line that was saved with its plan, or is asked about. */
async function jobOf(invocation: Invocation, words: readonly string[]): Promise<Job> {
  const { job, flags, values, operands } = parseArguments(words);
  const make = JOBS[job];
  if (!make)
    throw new Refusal(`nothing was removed: the plan is of the command ${job}, which removes nothing`);
  const asked = { ...invocation, words, flags, values, operands };
  const saysPolicy = values.has('policy') || flags.has('no-policy');
  return await make(saysPolicy ? await underPolicy(asked) : asked);
}

/** Reads a command line that is to be run later, as it would be then. Throws what is wrong with it. */
async function readLater(invocation: Invocation, words: readonly string[]): Promise<Later> {
  const { job, plan, flags, values, operands } = parseArguments(words);
  const asked = await underPolicy({ ...invocation, words, flags, values, operands });
  const make = JOBS[job];
  await make?.(asked);
  return { ...asked, job, plan, removes: make !== undefined };
}

/** Whether a command goes by a policy. */
function obeys(name: string): boolean {
  return name in JOBS || ['apply', 'why', 'df', 'report'].includes(name);
}

async function underPolicy(invocation: Invocation): Promise<Invocation> {
  return await (await import('../commands/policy-in-force.ts')).underPolicy(invocation);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

/** Prints an error as docker does, and says its exit status. What is none of ours is a bug, and says so. */
function tell(error: unknown, argv: readonly string[]): number {
  if (error instanceof UsageError)
    return tellUsage(error, error instanceof UsageErrorOf ? error.command : guess(argv));
  if (error instanceof Cancelled) return say(error.message, EXIT_CANCELLED);
  if (error instanceof Refusal || error instanceof EngineError) return say(error.message, 1);
  const bug = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return say(`docker tidy ${version} has met a bug, sorry. Nothing more was done. Please report:\n${bug}`, 1);
}

function tellUsage({ message }: UsageError, command: CommandRow): number {
  return say(`${message}\n\n${usageLine(command)}\n\n${helpHint(command)}`, EXIT_USAGE);
}

function say(message: string, status: number): number {
  process.stderr.write(`${message.split('\n').map(printable).join('\n')}\n`);
  return status;
}

/** The command that words which cannot be read were meant for. */
function guess(argv: readonly string[]): CommandRow {
  const named = (among: readonly CommandRow[]) => among.find(({ name }) => argv.includes(name));
  if (!argv.includes(PLAN.name)) return named(COMMANDS) ?? ROOT;
  const kind = named(KIND_COMMANDS);
  return kind ? planned(kind) : PLAN;
}

/** `docker tidy plan | head`: the reader has seen enough, and that is no error. A full disk is one. */
function unwritable(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  process.exitCode = say(`cannot write the output: ${error.message}`, 1);
}

/** Where not even that can be said, as on a terminal that was closed, nothing is. */
function unsayable({ code }: NodeJS.ErrnoException): void {
  if (code !== 'EPIPE') process.exitCode = 1;
}
