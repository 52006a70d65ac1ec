// Where cases are tried: an engine of the test's own, its API, and a registry beside it where there can be one.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { TestEngine } from '../support/engine.ts';
import { EngineApi } from '../support/population-api.ts';
import type { Place } from '../support/population-make.ts';

const ENGINE = resolve(import.meta.dirname, '../../scripts/engine');

export interface Bench {
  readonly engine: TestEngine;
  readonly api: EngineApi;
  readonly place: Place;
}

export function benchOf(name: string, at: { readonly host: string; readonly tools: string }): Bench {
  const ours = at.host.startsWith('unix:');
  const registry = ours ? execFileSync(ENGINE, ['registry', name], { encoding: 'utf8' }).trim() : undefined;
  const place = { ...at, ...(registry && { registry }) };
  return { engine: new TestEngine(name, at), api: new EngineApi(at.host), place };
}
