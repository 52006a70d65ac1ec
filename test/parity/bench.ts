// Where cases are tried: an engine of the test's own, its API, and a registry beside it where there can be one.
import { TestEngine } from '../support/engine.ts';
import { EngineApi } from '../support/population-api.ts';
import type { Place } from '../support/population-make.ts';

export interface Bench {
  readonly engine: TestEngine;
  readonly api: EngineApi;
  readonly place: Place;
}

export function benchOf(name: string, at: { readonly host: string; readonly tools: string }): Bench {
  const engine = new TestEngine(name, at);
  const registry = at.host.startsWith('unix:') ? engine.script('registry') : undefined;
  const place = { ...at, ...(registry && { registry }) };
  return { engine, api: new EngineApi(at.host), place };
}
