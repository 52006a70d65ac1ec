// The engine that docker itself would talk to; and for TAB and hooks, which are given no flags, how long it may take.
import { homedir } from 'node:os';
import { configDir, readDockerConfig } from '../config/docker-config.ts';
import { parseDuration } from '../core/units.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { resolveEndpoint } from '../engine/endpoint.ts';
import type { Globals } from '../plugin/globals.ts';

/** `globals`: docker's own flags, where there are any. Throws Refusal or EngineError where docker could not tell either. */
export async function endpointOf({
  globals = {},
  env,
}: {
  readonly globals?: Partial<Globals>;
  readonly env: NodeJS.ProcessEnv;
}): Promise<Endpoint> {
  const home = homedir();
  const dir = configDir(globals, env, home);
  const config = readDockerConfig(dir);
  return await resolveEndpoint({ globals, env, config, configDir: dir, home, platform: process.platform });
}

/** Milliseconds that a setting of `plugins.tidy` in config.json grants; `unless` where it says none. */
export function waitOf(env: NodeJS.ProcessEnv, setting: string, unless: number): number {
  try {
    const { settings } = readDockerConfig(configDir({}, env, homedir()));
    return parseDuration(settings[setting] ?? '') ?? unless;
  } catch {
    return unless; // docker itself says what is wrong with its configuration
  }
}
