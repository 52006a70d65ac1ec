// The archive of a run: what its options say, and the images that are saved before they go.
import { homedir } from 'node:os';
import { Refusal, UsageError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { printable } from '../core/printable.ts';
import { shortId } from '../core/reference.ts';
import { parseDuration } from '../core/units.ts';
import type { Client } from '../engine/client.ts';
import type { Archive } from '../engine/perform.ts';
import { stateFolder } from '../state/folder.ts';
import { size } from './conditions.ts';
import type { Invocation } from './invocation.ts';
import { optionValue } from './invocation.ts';
import { progressOf } from './progress.ts';

/** What the options and the policy say. Sizes in bytes, ages in milliseconds. */
export interface Archiving {
  /** Images are saved before they go. */
  readonly saves: boolean;
  readonly maxSize?: { readonly bytes: number; readonly from: string };
  /** How long archives are kept; absent: for ever. */
  readonly keep?: number;
}

/** Throws UsageError for what is no size or span, and for a limit on what is not done. */
export function archivingOf(invocation: Invocation): Archiving {
  const said = invocation.policy?.policy.archive;
  const saves = invocation.flags.has('archive') || said !== undefined;
  const most = size(invocation, 'archive-max-size');
  const maxSize = lesser(most && { bytes: most.bytes, from: '--archive-max-size' }, said?.maxSize);
  if (most !== undefined && !saves)
    throw new UsageError('--archive-max-size limits what --archive saves: add --archive');
  const text = optionValue(invocation, 'archive-keep');
  const given = text === undefined ? undefined : parseDuration(text);
  const keep = longer(given, said?.keep);
  if (text !== undefined && given === undefined)
    throw new UsageError(
      `invalid argument "${text}" for "--archive-keep": it is a duration as 24h, 30d or 6mo`,
    );
  return { saves, ...(maxSize !== undefined && { maxSize }), ...(keep !== undefined && { keep }) };
}

/** Both limits hold. */
function lesser<T extends { readonly bytes: number }>(a: T | undefined, b: T | undefined): T | undefined {
  return a && b ? (a.bytes <= b.bytes ? a : b) : (a ?? b);
}

/** What either wants to keep is kept. */
function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

/**
 * What archives the images that a plan deletes, each at the first action about it, one after the other. `undefined` where
 * none are saved. Before that, archives that are too old go: only call it while holding the engine's lock. Throws Refusal
 * where they cannot be read or removed.
 */
export async function archiverFor(
  invocation: Invocation,
  { saves, keep, maxSize }: Archiving,
  client: Client,
  plan: Plan,
): Promise<Archive | undefined> {
  if (!saves && keep === undefined) return undefined;
  const { env, cancelled } = invocation;
  const [{ sweepArchives }, { archiveImage }, { default: pLimit }] = await Promise.all([
    import('../state/archive-sweep.ts'),
    import('../engine/archive-image.ts'),
    import('p-limit'),
  ]);
  const at = { folder: stateFolder(env, homedir(), process.platform), engine: plan.engine.id };
  const deleted = new Set(plan.actions.filter(({ kind }) => kind === 'delete-image').map(({ id }) => id));
  const until = keep === undefined ? undefined : Date.now() - keep;
  await sweepArchives(at.folder, at.engine, until, deleted).catch((error: NodeJS.ErrnoException) => {
    if (error.code === undefined) throw error;
    throw new Refusal(
      `nothing was removed: saved images cannot be looked through in ${at.folder} (${error.message}). Make it writable, or set DOCKER_TIDY_STATE to a folder elsewhere`,
    );
  });
  if (!saves) return undefined;
  const oneByOne = pLimit(1); // they share blobs, and one disk
  const saved = new Set<string>();
  return async ({ id, size: bytes, expects: { names } }) => {
    if (!deleted.has(id) || saved.has(id)) return;
    const limits = maxSize === undefined ? {} : { maxSize: maxSize.bytes, from: maxSize.from };
    // The engine hands out about that much; containerd's is packed, and may be far less.
    const ofBytes = plan.engine.store === 'containerd' ? {} : { ofBytes: bytes };
    await oneByOne(() =>
      progressOf(invocation).during(`Saving ${printable(names[0] ?? shortId(id))}`, (tell) =>
        archiveImage(client, { id, names, size: bytes }, at, limits, cancelled, (read) =>
          tell({ bytes: read, ...ofBytes }),
        ),
      ),
    );
    saved.add(id);
  };
}
