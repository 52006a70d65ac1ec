// One step that brings something back: one or two engine calls, never over what is there, and looked at afterwards.
import { EngineError, Refusal } from '../core/errors.ts';
import { parseReference, shortId } from '../core/reference.ts';
import type { Restoring } from '../core/undo.ts';
import { atLeast, orMissing } from './answer.ts';
import type { Client } from './client.ts';

type Facts = Readonly<Record<string, unknown>>;

/** What steps need that is not the engine's. */
export interface RestoreWith {
  readonly signal: AbortSignal;
  /** Loads an image from the archive. Absent where there is none. */
  readonly load?: (id: string) => Promise<void>;
  /** The X-Registry-Auth header for a reference, from the user's own docker configuration. */
  readonly auth?: (reference: string) => Promise<string | undefined>;
}

const LONG = 60 * 60 * 1000;

/** Does it. Throws EngineError or Refusal, with nothing left half done but what the next try goes on from. */
export async function restore(client: Client, step: Restoring, using: RestoreWith): Promise<void> {
  switch (step.do) {
    case 'create-volume': {
      const { restoreVolume } = await import('./restore-volume.ts');
      return await restoreVolume(client, step, using.signal);
    }
    case 'create-network':
      return await createNetwork(client, step.target, step.facts);
    case 'load-image':
      if (!using.load) throw new Refusal('its archive is not here');
      await using.load(step.id);
      return await mustBeThere(client, step.id);
    case 'pull-image':
      return await pull(client, step, using);
    case 'tag-image':
      return await tag(client, step.id, step.target);
    case 'leave-quarantine': {
      const { leaveQuarantine } = await import('./leave-quarantine.ts');
      return await leaveQuarantine(client, step, using.signal);
    }
    case 'create-container': {
      const { createContainer } = await import('./restore-container.ts');
      return await createContainer(client, step.target, step.facts, step.imageId);
    }
  }
}

/** Between the look and the call somebody may have taken the name: then it stays with them. */
async function tag(client: Client, id: string, name: string): Promise<void> {
  const holder = await orMissing(
    client.call<{ Id: string }>('GET', `/images/${encodeURIComponent(name)}/json`),
  );
  if (holder?.Id === id) return;
  if (holder) throw new Refusal(`it names another image now, ${shortId(holder.Id)}, and is left alone`);
  const reference = parseReference(name);
  if (!reference?.tag) throw new Refusal(`${name} is no name that could be given`);
  const query = { repo: reference.repository, tag: reference.tag };
  await client.call('POST', `/images/${encodeURIComponent(id)}/tag`, query);
}

/** By each digest in turn, until one gives the very same image. */
async function pull(
  client: Client,
  { id, digests }: Extract<Restoring, { do: 'pull-image' }>,
  { signal, auth }: RestoreWith,
): Promise<void> {
  const failures: string[] = [];
  for (const digest of digests) {
    try {
      await pullOne(client, digest, (await auth?.(digest)) ?? '', signal);
      return await mustBeThere(client, id);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`${digest.split('@')[0]}: ${(error as Error).message}`);
    }
  }
  throw new Refusal(`no registry gave it back (${failures.join('; ')})`);
}

/** The engine answers 200 and tells of failures in the stream. */
async function pullOne(client: Client, digest: string, auth: string, signal: AbortSignal): Promise<void> {
  const [fromImage = '', tagOrDigest = ''] = digest.split('@');
  const options = { signal, timeout: LONG, ...(auth && { headers: { 'X-Registry-Auth': auth } }) };
  const query = { fromImage, tag: tagOrDigest };
  await client.read('POST', '/images/create', query, options, async ({ body }) => {
    let text = '';
    for await (const piece of body) text = `${text}${piece}`.slice(-10_000);
    const last = text.trim().split('\n').at(-1) ?? '';
    const { error } = JSON.parse(last || '{}') as { error?: string };
    if (error) throw new EngineError(error, { status: 500 });
  });
}

async function mustBeThere(client: Client, id: string): Promise<void> {
  const found = await orMissing(client.call<{ Id: string }>('GET', `/images/${encodeURIComponent(id)}/json`));
  if (found?.Id !== id) throw new Refusal(`what came is not the image that went, ${shortId(id)}`);
}

interface NetworkFacts {
  readonly Driver?: string;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6?: boolean;
  readonly IPAM?: object;
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly ConfigFrom?: { readonly Network?: string };
  readonly Options?: object | null;
  readonly Labels?: object | null;
}

/** The same settings under the same name; its ID is a new one, which engines choose. */
async function createNetwork(client: Client, name: string, facts: Facts): Promise<void> {
  const there = await orMissing(client.call('GET', `/networks/${encodeURIComponent(name)}`));
  if (there) throw new Refusal('a network of that name is there, and is left alone');
  const { Driver, EnableIPv4, EnableIPv6, IPAM, Internal, Attachable, ConfigFrom, Options, Labels } =
    facts as NetworkFacts;
  const body = {
    Name: name,
    CheckDuplicate: true,
    Driver,
    EnableIPv6,
    IPAM,
    Internal,
    Attachable,
    Options: Options ?? {},
    Labels: Labels ?? {},
    ...(atLeast(client, '1.48') && EnableIPv4 !== undefined && { EnableIPv4 }),
    ...(ConfigFrom?.Network && { ConfigFrom, ConfigOnly: false }),
  };
  await client.call('POST', '/networks/create', {}, { body });
}
