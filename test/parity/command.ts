// A command of docker's and its counterpart of docker tidy's: the same kind, flags and filters, and docker's config.json.
import type { Made, Population } from '../support/population.ts';
import type { Choices } from '../support/population-choices.ts';
import { LABELS } from '../support/population-random.ts';

export type Scope = 'containers' | 'networks' | 'images' | 'cache' | 'bare' | 'all';

/** A time: as it is written, or the one after a step of the population. */
export type Until = string | { readonly after: number };

export interface Command {
  readonly scope: Scope;
  /** `-a`. */
  readonly all: boolean;
  /** `label=…` and `label!=…`. */
  readonly labels: readonly string[];
  readonly until?: Until;
  /** `pruneFilters` of docker's config.json. */
  readonly configured: readonly string[];
}

const PRUNE: Readonly<Record<Scope, string>> = {
  containers: 'container',
  networks: 'network',
  images: 'image',
  cache: 'builder',
  bare: 'system',
  all: 'system',
};

export function pruneWords(command: Command, made: Made): string[] {
  return [PRUNE[command.scope], 'prune', ...flags(command, made)];
}

export function tidyWords(command: Command, made: Made): string[] {
  return ['tidy', ...(command.scope === 'bare' ? [] : [command.scope]), ...flags(command, made)];
}

/** The command as the report shows it. */
export function shown(command: Command): string {
  const until =
    command.until === undefined ? [] : [`until=${time(command.until, (step) => `<after step ${step}>`)}`];
  const words = ['-f', ...(command.all ? ['-a'] : []), ...filters([...command.labels, ...until])];
  const configured = command.configured.length > 0 ? `  (pruneFilters: ${command.configured.join(' ')})` : '';
  return `docker ${PRUNE[command.scope]} prune ${words.join(' ')}${configured}`;
}

function flags({ all, labels, until }: Command, { after }: Made): string[] {
  const times = until === undefined ? [] : [`until=${time(until, (step) => after[step] as string)}`];
  return ['-f', ...(all ? ['-a'] : []), ...filters([...labels, ...times])];
}

function filters(all: readonly string[]): string[] {
  return all.flatMap((filter) => ['--filter', filter]);
}

function time(until: Until, at: (step: number) => string): string {
  return typeof until === 'string' ? until : at(until.after);
}

const SCOPES: readonly Scope[] = [
  'containers',
  'networks',
  'images',
  'images',
  'images',
  'cache',
  'bare',
  'all',
  'all',
];
/** All the forms of time that docker takes; every engine's build cache takes durations. None so short that when the command runs decides. */
const DURATIONS = ['24h', '1h30m', '90000ms', '8760h'];
const TIMES = [
  '2026-01-01',
  '2026-01-01T00:00:00',
  '2026-01-01T02:00:00+02:00',
  '1767225600',
  '1767225600.5',
];

/** A random command. `durationsOnly`: the engine's build cache takes no other times, as that of 20.10. */
export function randomCommand(
  choices: Choices,
  { steps }: Population,
  { durationsOnly }: { readonly durationsOnly: boolean },
): Command {
  const hasCache = steps.some((step) => step.do === 'buildkit');
  const scope = choices.of(SCOPES.filter((one) => hasCache || one !== 'cache'));
  const builder = ['cache', 'bare', 'all'].includes(scope);
  // `docker builder prune` is buildx's where that is installed, which takes durations only.
  const durations = scope === 'cache' || (durationsOnly && builder);
  const timed = choices.chance(45) ? until(choices, steps.length, durations) : undefined;
  return {
    scope,
    all: choices.chance(55) && ['images', 'cache', 'bare', 'all'].includes(scope),
    labels: scope === 'cache' ? [] : labelFilters(choices), // docker tidy refuses labels for what has none
    configured: choices.chance(15) ? [...labelFilters(choices), ...(timed ? [] : ['until=24h'])] : [],
    ...(timed !== undefined && { until: timed }),
  };
}

function until(choices: Choices, steps: number, durationsOnly: boolean): Until {
  if (durationsOnly) return choices.of(DURATIONS);
  if (choices.chance(65)) return { after: choices.below(steps) };
  return choices.of([...DURATIONS, ...TIMES]);
}

function labelFilters(choices: Choices): string[] {
  const field = choices.of(['label', 'label!']);
  const count = choices.of([0, 0, 1, 1, 1, 2]);
  const one = () => {
    const [key, value] = choices.of(LABELS);
    return `${choices.chance(85) ? field : choices.of(['label', 'label!'])}=${key}${choices.chance(50) ? `=${value}` : ''}`;
  };
  return Array.from({ length: count }, one);
}
