// The options of selection and retention that `docker tidy why` was given, asked of the command of each object's kind.
import { Refusal, UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Plan } from '../core/plan.ts';
import type { Found } from '../core/resolve.ts';
import { nameOf } from '../core/resolve.ts';
import type { Answer } from '../core/why-asked.ts';
import { answersOf, notLookedAt, outsidePolicy } from '../core/why-asked.ts';
import type { Invocation } from './invocation.ts';
import type { Job } from './job.ts';

/** Reads the command line of a command that removes things. Throws UsageError where it does not take an option. */
export type JobOf = (words: readonly string[]) => Promise<Job>;

/** What the commands would do with the objects that one word names. Throws UsageError where none of them takes the options. */
export type Ask = (
  inventory: Inventory,
  found: readonly Found[],
) => Promise<ReadonlyMap<Found, { asked: readonly Answer[] }>>;

const COMMANDS: Readonly<Record<Found['kind'], string>> = {
  image: 'images',
  container: 'containers',
  network: 'networks',
  volume: 'volumes',
};

/** What the options ask; and, where a policy is in force, what `docker tidy` does by it. */
export async function asking(invocation: Invocation, jobOf: JobOf): Promise<Ask> {
  const byOptions = await askingOptions(optionWords(invocation, NOT_ASKED), jobOf);
  const { policy: inForce } = invocation;
  if (!inForce) return byOptions;
  const whole = await jobOf(['all']);
  const asked = { command: 'docker tidy', options: `the policy ${inForce.policy.file}` };
  return async (inventory, found) => {
    const given = await byOptions(inventory, found);
    const plan = planOrRefusal(whole, inventory);
    return new Map(
      found.map((each) => {
        const target = nameOf(each);
        const answers: Answer[] =
          typeof plan === 'string'
            ? [{ ...asked, target, does: 'keep', reasons: [{ rule: 'refused', text: plan }] }]
            : answersOf(asked, plan, each);
        const byPolicy =
          answers.length > 0 ? answers : [outsidePolicy(asked, inventory, each, inForce.policy)];
        return [each, { asked: [...byPolicy, ...(given.get(each)?.asked ?? [])] }];
      }),
    );
  };
}

/** The plan, or why the job plans nothing on this engine: a policy's share of the disk, where that cannot be seen. */
export function planOrRefusal(job: Pick<Job, 'plan'>, inventory: Inventory): Plan | string {
  try {
    return job.plan(inventory);
  } catch (error) {
    if (error instanceof Refusal) return error.message.replace(/^nothing was removed: /, '');
    throw error;
  }
}

/** Without options nothing is asked. Options that no command takes are refused at once. */
async function askingOptions(options: readonly string[], jobOf: JobOf): Promise<Ask> {
  if (options.length === 0) return async () => new Map();
  const tried = await Promise.all(
    Object.values(COMMANDS).map((command) => jobOf([command, ...options]).catch(usageError)),
  );
  const [refused] = tried;
  if (refused instanceof UsageError && tried.every((each) => each instanceof UsageError)) throw refused;
  return async (inventory, found) => {
    const answers = new Map<Found, { asked: readonly Answer[] }>();
    const refusals: UsageError[] = [];
    for (const each of found) {
      const asked = await answersAbout(inventory, each, options, jobOf).catch(usageError);
      if (asked instanceof UsageError) refusals.push(refusal(each, asked));
      else answers.set(each, { asked });
    }
    if (answers.size === 0) throw refusals[0];
    return answers;
  };
}

/** Where an image's name alone keeps it from being looked at, it is asked with `-a`, too. */
async function answersAbout(
  inventory: Inventory,
  found: Found,
  options: readonly string[],
  jobOf: JobOf,
): Promise<Answer[]> {
  const ask = async (given: readonly string[]) => {
    const words = [COMMANDS[found.kind], ...given, ...(found.kind === 'volume' ? [found.volume.name] : [])];
    const asked = { command: `docker tidy ${shell(words)}`, options: shell(given) };
    return { asked, answers: answersOf(asked, (await jobOf(words)).plan(inventory), found) };
  };
  const { asked, answers } = await ask(options);
  if (answers.length > 0) return answers;
  const byAll =
    found.kind === 'image' && !options.includes('-a') ? (await ask(['-a', ...options])).answers : [];
  return [notLookedAt(asked, inventory, found, byAll.length > 0), ...byAll];
}

const NOT_ASKED = ['from', 'format', 'no-trunc', 'quiet', 'progress', 'policy', 'no-policy'];

/** The options that were given, but for some, as words of a command line. */
export function optionWords(
  { flags, values }: Pick<Invocation, 'flags' | 'values'>,
  but: readonly string[],
): string[] {
  const about = [...values].filter(([name]) => !but.includes(name));
  return [
    ...[...flags].filter((name) => !but.includes(name)).map((name) => (name === 'all' ? '-a' : `--${name}`)),
    ...about.flatMap(([name, all]) => all.flatMap((value) => [`--${name}`, value])),
  ];
}

/** Words as a shell takes them. */
export function shell(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w.,:=@%+/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

function usageError(error: unknown): UsageError {
  if (error instanceof UsageError) return error;
  throw error;
}

function refusal(found: Found, { message }: UsageError): UsageError {
  const an = found.kind === 'image' ? 'an' : 'a';
  return new UsageError(
    `${nameOf(found)} is ${an} ${found.kind}, and docker tidy ${COMMANDS[found.kind]} says: ${message}`,
  );
}
