// Whether registries still have images, asked through the engine, which knows their mirrors, proxies and certificates.
import pLimit from 'p-limit';
import { EngineError } from '../core/errors.ts';
import type { InRegistry } from '../core/inventory.ts';
import { registryOf } from '../core/reference.ts';
import type { Client } from './client.ts';

/** Milliseconds for one answer. */
const PATIENCE = 20_000;

/** A registry that failed so often is not asked again: one image may be odd, a registry out of reach takes long each time. */
const ENOUGH = 2;

/** How many are asked at a time. */
const AT_ONCE = 4;

/** What is known of each `repository@digest`, and sentences about what could not be asked. */
export interface Verified {
  readonly registry: Readonly<Record<string, InRegistry>>;
  readonly notes: readonly string[];
}

/**
 * Asks for the digests of each image, until one is there. `auth` gives the login for one. Throws Cancelled.
 */
export async function askRegistries(
  client: Client,
  images: readonly (readonly string[])[],
  auth: (registry: string) => Promise<string | undefined>,
  signal: AbortSignal,
): Promise<Verified> {
  const limit = pLimit(AT_ONCE);
  const found: Record<string, InRegistry> = {};
  const failures = new Map<string, string[]>();
  const ask = async (name: string): Promise<InRegistry> => {
    const registry = registryOf(name);
    const before = failures.get(registry) ?? [];
    if (before.length >= ENOUGH) return 'not-asked';
    try {
      return await isThere(client, name, await auth(registry), signal);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      failures.set(registry, [...before, error.message]);
      return 'not-asked';
    }
  };
  const work = async (names: readonly string[]) => {
    for (const name of names) {
      const there = await ask(name);
      found[name] = there;
      if (there === true) return;
    }
  };
  await Promise.all(images.map((names) => limit(work, names)));
  const notes = [...failures].map(
    ([registry, [why]]) => `${registry} could not be asked (${why}): whether it has its images is not known.`,
  );
  return { registry: found, notes };
}

/** Source: Engine API 1.30, DistributionInspect. It answers 401 and 403 also for what is not there. */
async function isThere(
  client: Client,
  name: string,
  auth: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  const headers = { 'X-Registry-Auth': auth ?? Buffer.from('{}').toString('base64url') };
  try {
    await client.call('GET', `/distribution/${name}/json`, {}, { timeout: PATIENCE, headers, signal });
    return true;
  } catch (error) {
    if (error instanceof EngineError && [401, 403, 404].includes(error.status ?? 0)) return false;
    throw error;
  }
}
