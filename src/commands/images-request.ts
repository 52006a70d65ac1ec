// From the words of `docker tidy images` to what they ask for, checked as far as no engine is needed.
import { closest, distance } from 'fastest-levenshtein';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Naming } from '../core/pattern.ts';
import { parsePattern, parseTagGlob } from '../core/pattern.ts';
import type { SortKey } from '../core/reason.ts';
import { familiarRepository, repositoryOf, tagOf } from '../core/reference.ts';
import type { Retention } from '../core/retention.ts';
import type { GroupBy, Selection } from '../core/selection.ts';
import type { Showing } from './carry-out.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';

export interface ImagesRequest extends Showing {
  readonly all: boolean;
  readonly keeps: boolean;
  readonly repositories: readonly string[];
  readonly groupBy: GroupBy;
  readonly retention: Retention;
}

const SORTS: readonly SortKey[] = ['created', 'pulled', 'version'];

/** Reads and checks the options. Throws UsageError that says what to write instead. */
export function imagesRequest(invocation: Invocation): ImagesRequest {
  const { flags, values, operands } = invocation;
  const repositories = operands;
  for (const text of repositories) parsePattern(text);
  const all = flags.has('all');
  const last = keepLast(values);
  const tags = (values.get('keep-tag') ?? []).map((text) => ({ text, matches: parseTagGlob(text) }));
  const keeps = last !== undefined || tags.length > 0;
  if (last === 0 && !all)
    throw new UsageError('--keep 0 keeps no image but those in use: add -a if that is what you mean');
  if (repositories.length > 0 && !all && !keeps) throw new UsageError(noOption(repositories));
  const sort = oneOf('--sort', optionValue(invocation, 'sort') ?? 'created', SORTS);
  return {
    all,
    keeps,
    danglingOnly: !all && !keeps,
    repositories,
    groupBy: groupBy(optionValue(invocation, 'group-by')),
    retention: { tags, sort, ...(last !== undefined && { last }) },
    format: oneOf('--format', optionValue(invocation, 'format') ?? 'table', ['table', 'json']),
  };
}

/** Commands that a mistyped word may have meant. */
const COMMAND_WORDS = ['images', 'plan', 'inventory'];

function noOption(repositories: readonly string[]): string {
  const word = repositories[0] as string;
  const near = nearest(word, COMMAND_WORDS);
  const meant = near ? ` (or did you mean the command ${near}?)` : '';
  return `which images of ${repositories.join(', ')}? Add --keep N to keep the N newest, or -a for all that no container uses${meant}`;
}

function keepLast(values: Invocation['values']): number | undefined {
  const given = ['keep', 'keep-last'].flatMap((name) =>
    (values.get(name) ?? []).map((text) => ({ name, text })),
  );
  const numbers = given.map(({ name, text }) => {
    const n = Number(text);
    if (!/^(-1|\d+)$/.test(text) || !Number.isSafeInteger(n)) {
      throw new UsageError(
        `invalid argument "${text}" for "--${name}": it is a number of images, or -1 to keep all`,
      );
    }
    return n;
  });
  if (new Set(numbers).size > 1)
    throw new UsageError('--keep and --keep-last are one option: give one number');
  return numbers[0];
}

function groupBy(text = 'repository'): GroupBy {
  if (text === 'repository' || text === 'none') return { kind: text };
  const key = /^label:(.+)$/.exec(text)?.[1];
  if (key) return { kind: 'label', key };
  throw new UsageError(`invalid argument "${text}" for "--group-by": it is repository, label:KEY or none`);
}

function oneOf<T extends string>(option: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) {
    throw new UsageError(
      `invalid argument "${text}" for "${option}": it is ${allowed.join(', ').replace(/, (?=[^,]*$)/, ' or ')}`,
    );
  }
  return found;
}

/** The selection on this engine. Throws Refusal for a repository, glob, tag or label that none of its images has. */
export function selectionOn(inventory: Inventory, request: ImagesRequest): Selection {
  const { all, keeps, repositories, groupBy } = request;
  const naming: Naming = { localhost: inventory.engine.store === 'podman' };
  const patterns = repositories.map((text) => parsePattern(text, naming));
  const names = inventory.images.flatMap(({ tags, digests }) => [...tags, ...digests]);
  for (const { text, matches } of patterns) {
    if (!names.some(matches)) throw new Refusal(noMatch(text, names, inventory.images));
  }
  refuseIdleKeeps(inventory, request);
  return { all, keeps, patterns, groupBy };
}

/** A keep option that keeps nothing on the whole engine is a slip, and a dangerous one: nothing is removed on it. */
function refuseIdleKeeps({ images }: Inventory, { keeps, retention, groupBy }: ImagesRequest): void {
  const tags = [...new Set(images.flatMap((image) => image.tags.map(tagOf)))];
  for (const { text, matches } of tags.length > 0 ? retention.tags : []) {
    if (tags.some(matches)) continue;
    const near = nearest(text, tags);
    throw new Refusal(
      `nothing was removed: no tag here matches --keep-tag ${text}${near ? `: did you mean ${near}?` : ''}`,
    );
  }
  if (keeps && groupBy.kind === 'label' && !images.some(({ labels }) => labels[groupBy.key] !== undefined)) {
    throw new Refusal(`nothing was removed: no image carries the label ${groupBy.key} of --group-by`);
  }
}

function noMatch(text: string, names: readonly string[], images: Inventory['images']): string {
  const deep = text.replaceAll(/\*+/g, '**');
  if (deep !== text && names.some(parsePattern(deep).matches)) {
    return `no image matches ${text}, where * stops at / and :. Did you mean ${deep}?`;
  }
  if (images.some(({ id }) => id === text || id.startsWith(`sha256:${text}`))) {
    return `no image matches ${text}: images are named by repository here, not by ID`;
  }
  const repositories = [...new Set(names.map((name) => familiarRepository(repositoryOf(name))))];
  const near = nearest(text, [...repositories, ...COMMAND_WORDS]);
  return `no image matches ${text}${near ? `: did you mean ${near}?` : '. Run docker images to see what there is'}`;
}

function nearest(word: string, among: readonly string[]): string | undefined {
  const others = among.filter((other) => other !== word);
  if (others.length === 0) return undefined;
  const near = closest(word, others);
  return distance(word, near) <= Math.max(2, Math.floor(word.length / 3)) ? near : undefined;
}
