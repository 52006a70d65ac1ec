// What TAB and hooks go by, which are given no flags: the engine that docker would talk to, and how long it may take.
import { homedir } from 'node:os';
import { configDir, readDockerConfig } from '../config/docker-config.ts';
import { parseDuration } from '../core/units.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { resolveEndpoint } from '../engine/endpoint.ts';

/** Throws Refusal or EngineError where docker could not tell either. */
export async function endpointOf(env: NodeJS.ProcessEnv): Promise<Endpoint> {
  const home = homedir();
  const dir = configDir({}, env, home);
  const config = readDockerConfig(dir);
  return await resolveEndpoint({
    globals: {},
    env,
    config,
    configDir: dir,
    home,
    platform: process.platform,
  });
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
