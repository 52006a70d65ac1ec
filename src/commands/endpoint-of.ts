// The engine that docker itself would talk to, when nothing but the environment says which.
import { homedir } from 'node:os';
import { configDir, readDockerConfig } from '../config/docker-config.ts';
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
