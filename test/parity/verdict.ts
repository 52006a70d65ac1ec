// Whether a case holds: nothing is lost that prune keeps, what stays beyond it is explained, and docker tidy says that it went well.
import type { Step, Thing } from '../support/population.ts';
import { census } from '../support/population-census.ts';
import type { Outcome } from './case.ts';
import { shown } from './command.ts';
import { isMendedBug, reasonsFor } from './differences.ts';

/** What is wrong with the case, line by line; empty when it holds. */
export function faults(outcome: Outcome, engine: string): string[] {
  const { before, prune, tidy, pruned, tidied } = outcome;
  if (prune.status !== 0) return [`prune itself failed: ${prune.stderr}`];
  const seen = { ...outcome, engine, census: census(outcome.population) };
  const explained = (thing: Thing) => reasonsFor(thing, seen).length > 0;
  const [one, other] = before;
  if (one.join() !== other.join())
    return [`it was made differently twice: ${one.join()} and ${other.join()}`];
  const volumes = other.filter((thing) => thing.startsWith('volume ') && !tidied.has(thing));
  const lost = [...pruned].filter(
    (thing) => !tidied.has(thing) && !volumes.includes(thing) && !isMendedBug(thing, seen),
  );
  const more = [...tidied].filter((thing) => !pruned.has(thing) && !explained(thing));
  return [
    ...(tidy.status === 0 ? [] : [`docker tidy ended with ${tidy.status}: ${tidy.stderr.trim()}`]),
    ...volumes.map((thing) => `REMOVED a volume: ${thing}`),
    ...lost.map((thing) => `REMOVED what prune keeps: ${thing}`),
    ...more.map((thing) => `kept what prune removes, and no difference explains it: ${thing}`),
  ];
}

/** The ids of the differences that the case shows. */
export function differencesSeen(outcome: Outcome, engine: string): string[] {
  const seen = { ...outcome, engine, census: census(outcome.population) };
  const more = [...outcome.tidied].filter((thing) => !outcome.pruned.has(thing));
  return [...new Set(more.flatMap((thing) => reasonsFor(thing, seen)))];
}

/** All that it takes to see the case again. */
export function report(outcome: Outcome, engine: string, found: readonly string[]): string {
  const { seed, number, population, command, tidy } = outcome;
  return [
    `${engine}, case ${number} of seed ${seed}: ${shown(command)}`,
    ...found.map((fault) => `  ${fault}`),
    '  on:',
    ...population.steps.map((step, i) => `    ${i} ${line(step)}`),
    `  docker tidy said: ${[tidy.stdout, tidy.stderr].join('').trim().replaceAll('\n', '\n    ')}`,
    `  again: PARITY_SEED=${seed} PARITY_CASE=${number} make parity`,
  ].join('\n');
}

function line({ do: what, ...rest }: Step): string {
  return `${what} ${JSON.stringify(rest)}`;
}
