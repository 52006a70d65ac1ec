// From a checked policy file to the policy that core decides by; each part knows its line.
import type { Conditions } from '../core/condition.ts';
import type { Filter, LabelFilter } from '../core/filter.ts';
import { labelFilter, parseFilters } from '../core/filter.ts';
import { readKeep } from '../core/keep-options.ts';
import type {
  CachePolicy,
  Match,
  Policy,
  PolicyRule,
  Protect,
  Said,
  SaidAmount,
  SaidLabel,
} from '../core/policy.ts';
import type { Keep } from '../core/retention.ts';
import { parseDuration, parseSize } from '../core/units.ts';
import type { Path } from './policy-finding.ts';
import { readGroupBy } from './policy-readers.ts';
import type { RuleDocument } from './policy-rule-schema.ts';
import type { PolicyDocument } from './policy-schema.ts';

/** Where a value stands, `tidy.yaml:12`. */
export type Source = (path: Path) => string;

/** The policy of a document whose every value can be read; `file` is its name. */
export function buildPolicy(document: PolicyDocument, file: string, source: Source): Policy {
  const { images, containers, networks, cache, budget, limits, quarantine, keepLocalOnly } = document;
  const { grace, maxRemove } = limits ?? {};
  return {
    file,
    protect: protectOf(document.protect ?? {}, source),
    ...(images !== undefined && {
      images: images ? images.map((rule, i) => ruleOf(rule, i, source)) : 'stays',
    }),
    ...(containers !== undefined && {
      containers: containers ? conditionsOf(containers, ['containers'], source) : 'stays',
    }),
    ...(networks !== undefined && {
      networks: networks ? conditionsOf(networks, ['networks'], source) : 'stays',
    }),
    ...(cache !== undefined && { cache: cache ? cacheOf(cache, source) : 'stays' }),
    ...(budget !== undefined && { budget: budgetOf(budget, source) }),
    ...(quarantine !== undefined &&
      milliseconds(quarantine) > 0 && { quarantine: spanOf(quarantine, ['quarantine'], source) }),
    ...(keepLocalOnly && { localOnly: { from: `keepLocalOnly (${source(['keepLocalOnly'])})` } }),
    ...archiveOf(document.archive, source),
    limits: {
      ...(grace !== undefined && { grace: spanOf(grace, ['limits', 'grace'], source) }),
      ...(maxRemove !== undefined && {
        maxRemove: { text: String(maxRemove), source: source(['limits', 'maxRemove']) },
      }),
    },
  };
}

function archiveOf(archive: PolicyDocument['archive'], source: Source): Pick<Policy, 'archive'> {
  if (archive === undefined || archive === false) return {};
  const { maxSize, keepFor } = archive === true ? {} : archive;
  const at = source(['archive', 'maxSize']);
  return {
    archive: {
      ...(maxSize !== undefined && {
        maxSize: { bytes: bytes(maxSize), from: `archive.maxSize (${at})` },
      }),
      ...(keepFor !== undefined && { keep: milliseconds(keepFor) }),
    },
  };
}

type Listed = string | readonly string[] | undefined;

/** Each entry of a list, or the one that stands in its place, with its path. */
function entries(value: Listed, path: Path): { text: string; path: Path }[] {
  if (typeof value === 'string') return [{ text: value, path }];
  return (value ?? []).map((text, i) => ({ text, path: [...path, i] }));
}

function saids(value: Listed, path: Path, source: Source): Said[] {
  return entries(value, path).map((entry) => ({ text: entry.text, source: source(entry.path) }));
}

function labelsOf(value: Listed): LabelFilter[] {
  return entries(value, []).map(({ text }) => labelFilter(text));
}

function protectOf(
  { references, labels, roots = {} }: NonNullable<PolicyDocument['protect']>,
  source: Source,
): Protect {
  const files = (kind: keyof typeof roots) => saids(roots[kind], ['protect', 'roots', kind], source);
  return {
    references: saids(references, ['protect', 'references'], source),
    labels: saids(labels, ['protect', 'labels'], source).map(
      ({ text, ...from }): SaidLabel => ({ ...labelFilter(text), ...from }),
    ),
    roots: {
      compose: files('compose'),
      dockerfiles: files('dockerfiles'),
      kubernetes: files('kubernetes'),
      lists: files('lists'),
    },
  };
}

function ruleOf(rule: RuleDocument, i: number, source: Source): PolicyRule {
  const path = ['images', i];
  const keep = rule.keep === 'none' ? {} : (rule.keep ?? {});
  const remove = rule.remove || {};
  const keeps = keepsOf(keep, [...path, 'keep'], source);
  return {
    name: rule.name ?? `rule ${i + 1}`,
    source: source(path),
    match: matchOf(rule.match ?? {}, [...path, 'match'], source),
    keeps,
    sort: keep.sort ?? 'created',
    groupBy: readGroupBy(keep.groupBy ?? 'repository') ?? { kind: 'repository' },
    removes: removesOf(rule, keeps),
    conditions: agedBy(conditionsOf(remove, [...path, 'remove'], source), remove.by),
  };
}

/** What olderThan counts from: the last use is a condition of its own, and the longer of two spans counts. */
function agedBy(
  { olderThan, ...conditions }: Conditions,
  by: 'created' | 'pulled' | 'used' = 'created',
): Conditions {
  if (by !== 'used') return { ...conditions, ...(olderThan && { olderThan }), by };
  const { unusedFor } = conditions;
  const longer = (olderThan?.span ?? -1) > (unusedFor?.span ?? -1) ? olderThan : unusedFor;
  return { ...conditions, ...(longer && { unusedFor: longer }) };
}

/** What a rule takes. Nothing, where neither `keep` nor `remove` says anything. */
function removesOf({ remove }: RuleDocument, keeps: readonly Keep[]): PolicyRule['removes'] {
  if (remove === false) return 'nothing';
  if (remove?.dangling) return 'dangling';
  const aged = remove?.olderThan !== undefined || remove?.unusedFor !== undefined;
  if (remove?.all || aged || remove?.largerThan !== undefined) return 'all';
  return keeps.length > 0 ? 'beyond' : 'nothing';
}

function matchOf(match: NonNullable<RuleDocument['match']>, path: Path, source: Source): Match {
  const { largerThan, smallerThan, olderThan, youngerThan, dangling } = match;
  return {
    references: saids(match.references, [...path, 'references'], source),
    registries: entries(match.registry, []).map(({ text }) => text),
    labels: labelsOf(match.labels),
    withoutLabels: labelsOf(match.withoutLabels),
    ...(largerThan !== undefined && { largerThan: bytes(largerThan) }),
    ...(smallerThan !== undefined && { smallerThan: bytes(smallerThan) }),
    ...(olderThan !== undefined && { olderThan: milliseconds(olderThan) }),
    ...(youngerThan !== undefined && { youngerThan: milliseconds(youngerThan) }),
    ...(dangling !== undefined && { dangling }),
  };
}

type KeepDocument = Exclude<NonNullable<RuleDocument['keep']>, 'none'>;

/** The keep rules, in the order of the shape: where sentences name several, it is always the same. */
function keepsOf(keep: KeepDocument, path: Path, source: Source): Keep[] {
  return (Object.keys(keep) as (keyof KeepDocument)[]).flatMap((key): Keep[] => {
    const value = keep[key];
    const at = source([...path, key]);
    if (key === 'groupBy' || key === 'sort' || value === undefined) return [];
    if (key === 'bases') return value === true ? [{ rule: 'bases', from: 'keep.bases', source: at }] : [];
    const given = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    return entries(given, [...path, key]).map(({ text, path: its }) =>
      readKeep(wordOf(key), text, { from: `keep.${key} ${text}`, source: source(its) }),
    );
  });
}

/** `withinDaily` is `--keep-within-daily`, `tags` is `--keep-tag`. */
function wordOf(key: string): string {
  return key
    .replace(/^within(?=.)/, 'within-')
    .replace(/^(tag|label)s$/, '$1')
    .toLowerCase();
}

interface ConditionsDocument {
  readonly olderThan?: string | undefined;
  readonly unusedFor?: string | undefined;
  readonly largerThan?: string | undefined;
  readonly filters?: Listed;
}

function conditionsOf(given: ConditionsDocument, path: Path, source: Source): Conditions {
  const { olderThan, unusedFor, largerThan, filters } = given;
  const largerPath = [...path, 'largerThan'];
  return {
    filters: filtersOf(filters, [...path, 'filters'], source),
    by: 'created',
    ...(olderThan !== undefined && { olderThan: spanOf(olderThan, [...path, 'olderThan'], source) }),
    ...(unusedFor !== undefined && { unusedFor: spanOf(unusedFor, [...path, 'unusedFor'], source) }),
    ...(largerThan !== undefined && {
      largerThan: { bytes: bytes(largerThan), from: `largerThan ${largerThan} (${source(largerPath)})` },
    }),
  };
}

function filtersOf(filters: Listed, path: Path, source: Source): Filter[] {
  return entries(filters, path).flatMap(({ text, path: its }) =>
    parseFilters([text]).map((filter) => ({ ...filter, from: `filters ${text} (${source(its)})` })),
  );
}

/** An age, and how it was said: `olderThan 90d (tidy.yaml:20)`. */
function spanOf(text: string, path: Path, source: Source): { span: number; from: string } {
  return { span: milliseconds(text), from: `${path.at(-1)} ${text} (${source(path)})` };
}

type CacheDocument = Exclude<NonNullable<PolicyDocument['cache']>, false>;

function cacheOf(cache: CacheDocument, source: Source): CachePolicy {
  const amount = (key: 'maxUsedSpace' | 'reservedSpace' | 'minFreeSpace') => {
    const text = cache[key];
    return text === undefined ? {} : { [key]: { text, source: source(['cache', key]) } };
  };
  return {
    all: cache.all ?? false,
    conditions: conditionsOf(cache, ['cache'], source),
    ...amount('maxUsedSpace'),
    ...amount('reservedSpace'),
    ...amount('minFreeSpace'),
  };
}

type BudgetDocument = NonNullable<PolicyDocument['budget']>;

/** What is used crosses the high mark, and comes down to the low one; what is free, the other way round. */
function budgetOf(
  { maxUsedSpace, targetFree }: BudgetDocument,
  source: Source,
): NonNullable<Policy['budget']> {
  const used = maxUsedSpace && marksOf('maxUsedSpace', maxUsedSpace, source);
  const free = targetFree && marksOf('targetFree', targetFree, source);
  return {
    ...(used && { maxUsedSpace: { start: used.high, end: used.low } }),
    ...(free && { targetFree: { start: free.low, end: free.high } }),
  };
}

function marksOf(
  key: keyof BudgetDocument,
  marks: NonNullable<BudgetDocument[keyof BudgetDocument]>,
  source: Source,
): Readonly<Record<'high' | 'low', SaidAmount>> {
  if (typeof marks === 'string') {
    const both = { text: marks, word: key, source: source(['budget', key]) };
    return { high: both, low: both };
  }
  const mark = (end: 'high' | 'low') => ({
    text: marks[end],
    word: `${key}.${end}`,
    source: source(['budget', key, end]),
  });
  return { high: mark('high'), low: mark('low') };
}

// The shape was checked: what is read here can be read.

function milliseconds(text: string): number {
  return parseDuration(text) as number;
}

function bytes(text: string): number {
  return parseSize(text) as number;
}
