// What `docker tidy volumes` does. The guard: what somebody named, made for a project or filled with data goes only by its
// name on the command line, and what anything uses never.
import type { Conditions } from './condition.ts';
import { allOf, limitsAt, tooSmall, tooYoung } from './condition.ts';
import { labelsFit } from './filter.ts';
import type { Inventory, Volume } from './inventory.ts';
import { composeProject, keptByLabels } from './label.ts';
import type { Kept, Part, Space, VolumeAction, VolumeFacts } from './plan.ts';
import { keptByPolicy } from './protection.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import type { Look } from './telltale.ts';
import { volumesInUse } from './volume-usage.ts';

/** What a volume holds, or why nobody can tell. */
export type Seen = Look | { readonly unknown: string };

export interface VolumesAsked {
  /** The volumes that the command line names; with none, anonymous ones are meant. */
  readonly names: readonly string[];
  readonly conditions: Conditions;
  /** What was seen in the volumes that nothing uses. */
  readonly looks: ReadonlyMap<string, Seen>;
  /** Which container mounted a volume last, where that is still known. */
  readonly mounters: ReadonlyMap<string, string>;
}

/** The volumes that are not in use, whatever else keeps them: only these are looked into. */
export function unusedVolumes(inventory: Inventory): Volume[] {
  const used = volumesInUse(inventory);
  return inventory.volumes.filter(
    (volume) => !used.has(volume.name) && alive(volume, inventory).length === 0,
  );
}

/** Judges the named volumes, or with none named all of them, of which only anonymous ones without data can go. */
export function planVolumes(inventory: Inventory, asked: VolumesAsked): Part {
  const { names, conditions, looks, mounters } = asked;
  const limits = limitsAt(conditions, inventory);
  const used = volumesInUse(inventory);
  const judged = inventory.volumes
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter(({ labels }) => labelsFit(labels, conditions.filters))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((volume) => {
      const facts = factsOf(volume, looks.get(volume.name), mounters.get(volume.name));
      const guarded = guardOf(facts, looks.get(volume.name));
      const reasons = [
        ...(used.get(volume.name) ?? []),
        ...alive(volume, inventory),
        ...keptByPolicy(volume.labels, conditions.protection),
        ...keptByLabels(volume.labels, { word: 'created', time: volume.created }, limits.now),
        ...tooYoung({ word: 'created', time: volume.created }, allOf(limits), limits.now),
        ...tooSmall(volume.size, conditions),
      ];
      const unnamed = names.length === 0 && reasons.length === 0 && guarded ? [guarded] : [];
      return { volume, facts, guarded, reasons: [...reasons, ...unnamed] };
    });
  return {
    actions: judged
      .filter(({ reasons }) => reasons.length === 0)
      .map(({ volume, facts, guarded }) => removal(volume, facts, guarded !== undefined)),
    kept: judged
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ volume, facts, reasons }): Kept => ({ kind: 'volume', ...entry(volume, facts), reasons })),
  };
}

/** A compose project that still has containers may start one that mounts it. */
function alive({ labels }: Volume, { containers }: Inventory): Reason[] {
  const project = composeProject(labels);
  const n = containers.filter(
    (each) => project !== undefined && composeProject(each.labels) === project,
  ).length;
  return project !== undefined && n > 0 ? [reason.projectAlive(project, n)] : [];
}

function factsOf(volume: Volume, seen: Seen | undefined, lastMountedBy: string | undefined): VolumeFacts {
  const { driver, options, anonymous } = volume;
  const project = composeProject(volume.labels);
  const { 'com.docker.volume.anonymous': _, ...labels } = volume.labels;
  const external = driver !== 'local' || Object.keys(options).length > 0;
  return {
    type: external ? 'driver' : project !== undefined ? 'compose' : anonymous ? 'anonymous' : 'named',
    driver,
    labels,
    ...(project !== undefined && { project }),
    ...(seen && ('unknown' in seen ? { unknown: seen.unknown } : { looksLike: seen.kind })),
    ...(seen && 'evidence' in seen && seen.evidence !== undefined && { evidence: seen.evidence }),
    ...(lastMountedBy !== undefined && { lastMountedBy }),
  };
}

/** Why a volume is guarded; `undefined` for an anonymous one that was looked into and holds no data. */
function guardOf(facts: VolumeFacts, seen: Seen | undefined): Reason | undefined {
  if (facts.type !== 'anonymous') return reason.namedVolume(facts.type, facts.project ?? facts.driver);
  if (seen === undefined || 'unknown' in seen) return reason.unseenVolume(seen?.unknown ?? 'nobody looked');
  return seen.data ? reason.dataVolume(seen.kind, seen.evidence) : undefined;
}

function removal(volume: Volume, facts: VolumeFacts, guarded: boolean): VolumeAction {
  const { created, driver } = volume;
  return {
    kind: 'delete-volume',
    ...entry(volume, facts),
    because: reason.unusedVolume(!guarded && facts.looksLike === 'files'),
    ...freed(volume, facts),
    expects: { driver, ...(created && { created }) },
    after: [],
    guarded,
  };
}

/** A driver's data, or a folder mounted from elsewhere, may not be on this disk, or outlive the volume. */
function freed({ size }: Volume, { type }: VolumeFacts): Space {
  if (size !== undefined && type !== 'driver') return { frees: size };
  return { frees: 0, about: true, between: [0, size ?? 0] };
}

function entry(volume: Volume, facts: VolumeFacts) {
  const { name, created, size } = volume;
  return {
    target: name,
    id: name,
    group: 'volumes',
    detail: detailOf(facts),
    volume: facts,
    ...(created && { created }),
    ...(size !== undefined && { size }),
  };
}

function detailOf(facts: VolumeFacts): string {
  const { type, driver, project, labels, looksLike, evidence, unknown, lastMountedBy } = facts;
  const others = Object.entries(labels).filter(([key]) => !key.startsWith('com.docker.compose.'));
  return [
    type === 'driver' ? `driver ${driver}` : type === 'compose' ? 'named' : type,
    ...(project !== undefined ? [`compose project ${project}`] : []),
    ...(looksLike !== undefined ? [evidence === undefined ? looksLike : `${looksLike} (${evidence})`] : []),
    ...(unknown !== undefined ? ['could not be looked into'] : []),
    ...(lastMountedBy !== undefined ? [`last mounted by ${lastMountedBy}`] : []),
    ...others.map(([key, value]) => `${key}=${value}`),
  ].join(', ');
}
