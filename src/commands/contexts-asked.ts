// Which contexts `--contexts` names, and what it cannot go with.
import { homedir } from 'node:os';
import { contextNames } from '../config/context-names.ts';
import { configDir } from '../config/docker-config.ts';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import { nearest } from './nearest.ts';

/** What is about one engine is not for several. Throws UsageError. */
export function refuseMixed({ globals, flags, values, planOnly }: Invocation): void {
  if (globals.context !== undefined || globals.host !== undefined)
    throw new UsageError("--contexts and docker's own --context or --host contradict each other");
  const one = [
    ...(flags.has('interactive') && !planOnly ? ['-i, which picks on one engine'] : []),
    ...(values.has('from') ? ['--from, which is one inventory'] : []),
    ...(values.has('output') ? ['-o, which saves the plan of one engine'] : []),
  ];
  if (one[0] !== undefined)
    throw new UsageError(`--contexts cannot go with ${one[0]}: use docker --context NAME tidy … for each`);
}

/** The contexts of `--contexts`, each once. Throws UsageError and Refusal. */
export async function chosenContexts(invocation: Invocation): Promise<string[]> {
  const { globals, env } = invocation;
  const given = (optionValue(invocation, 'contexts') ?? '').split(',').map((name) => name.trim());
  if (given.some((name) => name === ''))
    throw new UsageError('invalid argument for "--contexts": it is "all", or names with commas between them');
  const known = await contextNames(configDir(globals, env, homedir()));
  if (given.length === 1 && given[0] === 'all') return known;
  const missing = given.find((name) => !known.includes(name));
  if (missing === undefined) return [...new Set(given)];
  const near = nearest(missing, known);
  const meant = near === undefined ? 'docker context ls shows those there are' : `did you mean ${near}?`;
  throw new Refusal(`there is no docker context ${missing}: ${meant}`);
}
