// One case: the same random population twice, once under docker's prune and once under docker tidy, and what is left of each.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ran } from '../support/engine.ts';
import type { Made, Population, Thing } from '../support/population.ts';
import { Choices } from '../support/population-choices.ts';
import { makePopulation } from '../support/population-make.ts';
import { randomPopulation } from '../support/population-random.ts';
import { emptyEngine, survivors } from '../support/population-survivors.ts';
import type { Bench } from './bench.ts';
import { type Command, pruneWords, randomCommand, tidyWords } from './command.ts';

export interface Case {
  readonly seed: number;
  readonly number: number;
  readonly population: Population;
  readonly command: Command;
}

export interface Outcome extends Case {
  /** What was made, the one time and the other. */
  readonly before: readonly [readonly Thing[], readonly Thing[]];
  readonly prune: Ran;
  readonly tidy: Ran;
  /** What prune left, and what docker tidy left. */
  readonly pruned: ReadonlySet<Thing>;
  readonly tidied: ReadonlySet<Thing>;
}

export function caseOf({ engine, place }: Bench, seed: number, number: number): Case {
  const choices = new Choices(seed, number);
  const old = engine.name === '20.10';
  const population = randomPopulation(choices, { imageMounts: !old, registry: place.registry !== undefined });
  return { seed, number, population, command: randomCommand(choices, population, { durationsOnly: old }) };
}

export async function tryCase(bench: Bench, tried: Case): Promise<Outcome> {
  const [prune, tidy] = await bothLeft(bench, tried).catch((error: unknown) => {
    const which = `${bench.engine.name}, case ${tried.number} of seed ${tried.seed}`;
    throw new Error(`${which} cannot be made: ${JSON.stringify(tried.population)}`, { cause: error });
  });
  return {
    ...tried,
    before: [prune.before, tidy.before],
    prune: prune.ran,
    tidy: tidy.ran,
    pruned: new Set(prune.after),
    tidied: new Set(tidy.after),
  };
}

async function bothLeft(bench: Bench, tried: Case) {
  return [await left(bench, tried, pruneWords), await left(bench, tried, tidyWords)] as const;
}

type Words = (command: Command, made: Made) => string[];

async function left({ engine, api, place }: Bench, { population, command }: Case, words: Words) {
  await emptyEngine(api);
  const made = await makePopulation(place, population);
  const before = await survivors(api, made);
  const config = join(engine.config, 'config.json');
  if (command.configured.length > 0)
    writeFileSync(config, JSON.stringify({ pruneFilters: command.configured }));
  const ran = await engine.words(words(command, made));
  rmSync(config, { force: true });
  return { before, ran, after: await survivors(api, made) };
}
