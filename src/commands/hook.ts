// The hint after a command of docker's own, where there is anything to say that was not said lately.
import { homedir } from 'node:os';
import type { Hint } from '../core/hint.ts';
import { fullHint, heldIn, holdersHint, spaceHint } from '../core/hint.ts';
import type { Endpoint } from '../engine/endpoint.ts';
import { containerAtGlance, engineAtGlance, namelessAtGlance } from '../engine/glance-objects.ts';
import { stateFolder } from '../state/folder.ts';
import { tellOnce } from '../state/told.ts';
import { endpointOf, waitOf } from './endpoint-of.ts';

/** What docker has just done. `error`: what it said when it failed, else empty. */
export interface Done {
  readonly command: string;
  readonly error: string;
  /** It was told to say little. */
  readonly quiet: boolean;
}

const MINUTE = 60_000;
/** What is told is not told again so soon. */
const AGAIN = { held: 10 * MINUTE, space: 24 * 60 * MINUTE };

/** Milliseconds after the start of the process: what is not known by then is not said. */
const LIMIT = 100;

/** The same, or what `plugins.tidy.hint-wait` says. */
export function hintLimit(env: NodeJS.ProcessEnv): number {
  return waitOf(env, 'hint-wait', LIMIT);
}

/** What the engine does not tell before `signal` aborts is left out. */
export async function hintAfter(
  { command, error, quiet }: Done,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  const endpoint = await endpointOf({ env });
  const removal = /^(rmi|image (rm|remove))$/.test(command);
  if (quiet || (removal && error === '')) return undefined;
  const hint = removal
    ? await holders(error, endpoint, signal)
    : await space(command, error, endpoint, signal);
  if (hint === undefined || signal.aborted) return undefined;
  const folder = stateFolder(env, homedir(), process.platform);
  const first = await tellOnce(folder, hint.key, Date.now(), removal ? AGAIN.held : AGAIN.space);
  return first ? hint.text : undefined;
}

async function holders(error: string, endpoint: Endpoint, signal: AbortSignal): Promise<Hint | undefined> {
  const held = heldIn(error);
  const ids = [...new Set(held.flatMap(({ container }) => container ?? []))];
  const found = await Promise.all(
    ids.map(async (id) => [id, await containerAtGlance(endpoint, id, signal)] as const),
  );
  // An engine that does not know them is not the one that was talked to: flags of docker's own do not reach a hook.
  const gone = found.length > 0 && found.every(([, seen]) => seen === 'away');
  const containers = found.flatMap(([id, seen]) =>
    typeof seen === 'string' ? [] : [[id, seen.answer] as const],
  );
  return gone ? undefined : holdersHint(held, new Map(containers), endpoint.host);
}

async function space(
  command: string,
  error: string,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Hint | undefined> {
  if (error !== '') return fullHint(error, endpoint.host);
  const [nameless, engine] = await Promise.all([
    namelessAtGlance(endpoint, signal),
    engineAtGlance(endpoint, signal),
  ]);
  const disk = typeof engine === 'string' ? undefined : engine.answer.disk;
  return spaceHint(
    { ...(typeof nameless !== 'string' && { nameless: nameless.answer }), ...(disk && { disk }) },
    endpoint.host,
    command,
  );
}
