// From the words of `docker tidy images` to what they ask for, checked as far as no engine is needed.

import { needsCloseup } from '../core/closeup.ts';
import type { Conditions } from '../core/condition.ts';
import { UsageError } from '../core/errors.ts';
import { labelsFit, referenceFilters, truth } from '../core/filter.ts';
import { KEEP_WORDS, keepTagWords, readKeep } from '../core/keep-options.ts';
import { parsePattern } from '../core/pattern.ts';
import type { SortKey } from '../core/reason.ts';
import type { Keep, Retention } from '../core/retention.ts';
import { keepsAny } from '../core/retention.ts';
import type { GroupBy, Selection } from '../core/selection.ts';
import type { Client } from '../engine/client.ts';
import type { Needs } from '../engine/observe.ts';
import { NOTHING } from '../engine/observe.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import { COMMAND_WORDS, nearest } from './nearest.ts';
import { oneOf } from './showing.ts';

export interface ImagesRequest {
  /** Also tagged images that nothing uses. */
  readonly all: boolean;
  /** An option says so, and not just that a budget looks at them. */
  readonly allByOption: boolean;
  readonly keeps: boolean;
  readonly conditions: Conditions;
  readonly repositories: readonly string[];
  readonly groupBy: GroupBy;
  readonly retention: Retention;
}

const SORTS: readonly SortKey[] = ['created', 'pulled', 'version'];

/** Reads and checks the options. `budgeted`: a budget is in force, which looks at all that nothing uses. Throws UsageError that says what to write instead. */
export function imagesRequest(
  invocation: Invocation,
  conditions: Conditions,
  budgeted = false,
): ImagesRequest {
  const { flags, operands } = invocation;
  const repositories = operands;
  for (const text of repositories) parsePattern(text);
  const references = referenceFilters(conditions.filters, false).map(({ text }) => text);
  const dangling = truth(conditions.filters, 'dangling');
  const allByOption = dangling === undefined ? flags.has('all') : !dangling;
  const all = allByOption || (budgeted && dangling === undefined);
  const rules = keepRules(invocation);
  const keeps = rules.length > 0;
  if (keeps && !rules.some((keep) => keepsAny(keep) && keep.rule !== 'bases') && !all)
    throw new UsageError(
      `${rules.map(({ from }) => from).join(' ')} keeps no image but those in use: add -a if that is what you mean`,
    );
  if (dangling && (keeps || repositories.length > 0))
    throw new UsageError(
      '--filter dangling=true asks for images without a name: leave out the repositories and keep options',
    );
  const named = [...repositories, ...references];
  if (named.length > 0 && !all && !keeps) throw new UsageError(noOption(named));
  const sort = oneOf('--sort', optionValue(invocation, 'sort') ?? 'created', SORTS);
  return {
    all,
    allByOption,
    keeps,
    conditions,
    repositories,
    groupBy: groupBy(optionValue(invocation, 'group-by')),
    retention: { keeps: rules, sort, zone: zoneFor(rules, invocation.env) },
  };
}

/** Without -a and keep options, and with no other image to compare with, nameless images are all that matters. */
export function danglingOnly({ all, keeps, conditions }: ImagesRequest): boolean {
  return !all && !keeps && !conditions.filters.some(({ key }) => key === 'before' || key === 'since');
}

/** Whether what images are made of decides, too: it tells what builds used. */
export function needsLayers({ retention, conditions }: ImagesRequest): boolean {
  return conditions.unusedFor !== undefined || retention.keeps.some(({ rule }) => rule === 'bases');
}

/** What must be observed to decide. `budgeted`: also when images came here, where their last use is not known. */
export function needsOfImages(
  request: ImagesRequest,
  { podman }: Pick<Client, 'podman'>,
  budgeted = false,
): Needs {
  const { all, keeps, groupBy, repositories, conditions, retention } = request;
  const selection: Selection = {
    all,
    keeps,
    groupBy,
    patterns: repositories.map((text) => parsePattern(text, { localhost: podman })),
    references: referenceFilters(conditions.filters, podman),
    fits: ({ labels }) => labelsFit(labels, conditions.filters),
  };
  return {
    ...NOTHING,
    images: danglingOnly(request) ? 'dangling' : 'all',
    inspect: (list) => needsCloseup(list, { selection, retention, conditions }, budgeted),
  };
}

function noOption(repositories: readonly string[]): string {
  const word = repositories[0] as string;
  const near = nearest(word, COMMAND_WORDS);
  const meant = near ? ` (or did you mean the command ${near}?)` : '';
  return `which images of ${repositories.join(', ')}? Add --keep N to keep the N newest, or -a for all that no container uses${meant}`;
}

/** The keep options, in the order of their table. */
function keepRules({ values, flags }: Invocation): Keep[] {
  const last = ['keep', 'keep-last'].flatMap((name) =>
    (values.get(name) ?? []).map((text) => readKeep('last', text, { from: `--${name} ${text}` })),
  );
  if (new Set(last.map((keep) => 'count' in keep && keep.count)).size > 1)
    throw new UsageError('--keep and --keep-last are one option: give one number');
  const others = KEEP_WORDS.filter((word) => word !== 'last').flatMap((word) =>
    (values.get(`keep-${word}`) ?? []).map((text) =>
      readKeep(word, text, { from: word === 'tag' ? keepTagWords(text) : `--keep-${word} ${text}` }),
    ),
  );
  const bases: Keep[] = flags.has('keep-bases') ? [{ rule: 'bases', from: '--keep-bases' }] : [];
  return [...last.slice(0, 1), ...others, ...bases];
}

/** The local time zone, that of TZ. Throws UsageError where a calendar is needed and TZ names none that is known. */
export function zoneFor(keeps: readonly Keep[], { TZ }: Invocation['env']): string {
  const zone = Temporal.Now.timeZoneId();
  const calendar = keeps.some(({ rule }) => !['last', 'tag', 'label', 'bases'].includes(rule));
  if (
    calendar &&
    TZ &&
    /^(Etc\/Unknown|UTC)$/.test(zone) &&
    !/^:?(.*\/)?(UTC|UCT|GMT|Zulu|Universal|Greenwich)\d*$/i.test(TZ)
  )
    throw new UsageError(`TZ=${TZ} is no time zone that is known here: give a name as Europe/Berlin`);
  return zone;
}

function groupBy(text = 'repository'): GroupBy {
  if (text === 'repository' || text === 'none') return { kind: text };
  const key = /^label:(.+)$/.exec(text)?.[1];
  if (key) return { kind: 'label', key };
  throw new UsageError(`invalid argument "${text}" for "--group-by": it is repository, label:KEY or none`);
}
