// `--filter` as docker means it, and which filters an object of which kind can be held against.
import { UsageError } from './errors.ts';
import type { Kind } from './kind.ts';
import { KINDS } from './kind.ts';
import type { Pattern } from './pattern.ts';
import { parsePattern } from './pattern.ts';
import { parseDuration } from './units.ts';

/** One `--filter key=value`; `from` is how it was given, for sentences about it. */
export interface Filter {
  readonly key: string;
  readonly value: string;
  readonly from: string;
}

/** Which filters each kind knows: docker's own of its prune, and for images of its list. */
const KEYS: Readonly<Record<Kind, readonly string[]>> = {
  container: ['until', 'label', 'label!'],
  network: ['until', 'label', 'label!'],
  image: ['until', 'label', 'label!', 'reference', 'before', 'since', 'dangling'],
  cache: ['until', 'unused-for', 'id', 'inuse', 'shared', 'private', 'type'],
  volume: ['label', 'label!'],
};

/** The filters that a command knows, by its name; those of a whole tidy where it is no kind's. */
export function filterKeys(command: string): readonly string[] {
  const kind = KINDS.find((each) => COMMANDS[each] === command);
  return kind ? KEYS[kind] : WHOLE;
}

/** Filters that every kind of a whole tidy is held against, as `docker system prune` has them. */
const WHOLE = ['until', 'label', 'label!'];

const COMMANDS: Readonly<Record<Kind, string>> = {
  container: 'containers',
  network: 'networks',
  image: 'images',
  cache: 'cache',
  volume: 'volumes',
};

/** Reads the values of `--filter`. Throws UsageError for what has no `=` or no name. */
export function parseFilters(texts: readonly string[]): Filter[] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`invalid argument "${text}" for "--filter": it is KEY=VALUE`);
    const key = text.slice(0, at).trim().toLowerCase();
    return { key, value: text.slice(at + 1).trim(), from: `--filter ${text}` };
  });
}

/**
 * config.json's `pruneFilters` beside those of the command line. As in docker, the command line's label wins over
 * the very same label there. Source: docker/cli, PruneFilters.
 */
export function withConfigured(given: readonly Filter[], configured: readonly string[]): Filter[] {
  const opposite = ({ key, value }: Filter) =>
    given.some(
      (other) => other.value === value && `${other.key} ${key}`.match(/^(label label!|label! label)$/),
    );
  const more = parseFilters(configured.filter((text) => text.includes('='))).map((filter) => ({
    ...filter,
    from: `pruneFilters ${filter.key}=${filter.value} of config.json`,
  }));
  return [...given, ...more.filter((filter) => !opposite(filter))];
}

/** Refuses filters that no docker command of that kind has, with a sentence. `kind` absent: a whole tidy. */
export function refuseStrangers(filters: readonly Filter[], kind: Kind | undefined): void {
  const known = kind ? KEYS[kind] : WHOLE;
  for (const { key, from } of filters) {
    if (known.includes(key)) continue;
    const others = (Object.keys(KEYS) as Kind[]).filter((other) => KEYS[other].includes(key));
    const what = kind ? COMMANDS[kind] : 'a whole tidy';
    const why =
      kind === 'cache' && key.startsWith('label')
        ? 'the build cache has no labels'
        : `${what} cannot be held against "${key}"`;
    const where =
      others.length > 0
        ? `; docker tidy ${list(
            others.map((other) => COMMANDS[other]),
            'and',
          )} can`
        : '';
    throw new UsageError(`invalid filter ${from}: ${why}${where}. Here it is ${list(known)}`);
  }
}

function list(words: readonly string[], last = 'or'): string {
  return words.join(', ').replace(/, (?=[^,]*$)/, ` ${last} `);
}

/** `k` or `k=v` of `label`. */
export interface LabelFilter {
  readonly key: string;
  readonly value?: string;
}

/** Reads `k` or `k=v`. */
export function labelFilter(text: string): LabelFilter {
  const at = text.indexOf('=');
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

type Labels = Readonly<Record<string, string>>;

/**
 * Whether labels fit: every `label`, and none of the `label!`, so that an object with any of several `label!` stays.
 * (The overlay2 store's own prune deletes an image that carries only one of them.)
 */
export function labelsFit(labels: Labels, filters: readonly Filter[]): boolean {
  const has = (text: string) => hasLabel(labels, labelFilter(text));
  return filters.every((filter) => {
    if (filter.key === 'label') return has(filter.value);
    return filter.key !== 'label!' || !has(filter.value);
  });
}

export function hasLabel(labels: Labels, { key, value }: LabelFilter): boolean {
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

/** A moment that `until` names, with the words that named it. */
export interface Cutoff {
  readonly before: number;
  readonly from: string;
  /** How long before now that is, in milliseconds; absent for a date, which does not move on. */
  readonly span?: number;
}

/** The moments of `until` (and `unused-for`): only what is older may go. Throws UsageError for what is no time. */
export function cutoffs(filters: readonly Filter[], now: number, zone: string): Cutoff[] {
  return filters
    .filter(({ key }) => key === 'until' || key === 'unused-for')
    .map(({ value, from }) => {
      const before = moment(value, now, zone);
      if (before === undefined)
        throw new UsageError(
          `invalid filter ${from}: it is a duration as 24h or 7d, or a date as 2026-01-31 or 2026-01-31T12:00:00Z`,
        );
      const span = parseDuration(value);
      return { before, from, ...(span !== undefined && { span }) };
    });
}

/**
 * What `until` may be: a duration before now, seconds since 1970, or an RFC 3339 date, whose zone is the engine's
 * where it names none. In milliseconds. Source: moby, api/types/time GetTimestamp.
 */
function moment(text: string, now: number, zone: string): number | undefined {
  const span = parseDuration(text);
  if (span !== undefined) return Math.floor((now - span) / 1000) * 1000; // docker cuts it to whole seconds
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (!match) return undefined;
  const [, day, minutes = '00:00', seconds = ':00', itsZone = zone] = match;
  const ms = Date.parse(`${day}T${minutes}${seconds}${itsZone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `reference`: patterns, of which one must match. */
export function referenceFilters(filters: readonly Filter[], localhost: boolean): Pattern[] {
  return filters
    .filter(({ key }) => key === 'reference')
    .map(({ value }) => parsePattern(value, { localhost }));
}

/** The last word of a filter that is true or false; `undefined` when it is not given. Throws UsageError for other values. */
export function truth(filters: readonly Filter[], key: string): boolean | undefined {
  const given = filters.filter((filter) => filter.key === key);
  const values = given.map(({ value, from }) => {
    if (/^(1|t|true|)$/i.test(value)) return true;
    if (/^(0|f|false)$/i.test(value)) return false;
    throw new UsageError(`invalid filter ${from}: it is true or false`);
  });
  if (new Set(values).size > 1)
    throw new UsageError(`${given.map(({ from }) => from).join(' and ')} contradict each other`);
  return values[0];
}
