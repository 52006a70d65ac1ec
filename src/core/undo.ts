// Taking a run back: from its journal and from what is there now to the steps that bring back what it took, in their order.
import type { Image, Inventory } from './inventory.ts';
import { kindOf } from './plan.ts';
import { isQuarantineName } from './quarantine-name.ts';
import { shortId } from './reference.ts';
import type { Run, RunStep } from './run.ts';
import { count } from './units.ts';

type Facts = Readonly<Record<string, unknown>>;

/** One step, and what it brings back. */
export type Restoring =
  | {
      readonly do: 'create-volume';
      /** The run that removed it. */
      readonly run: Pick<Run, 'id' | 'engine'>;
      readonly target: string;
      readonly facts: Facts;
      readonly backup?: string;
    }
  | { readonly do: 'create-network'; readonly target: string; readonly facts: Facts }
  | { readonly do: 'load-image'; readonly target: string; readonly id: string }
  | {
      readonly do: 'pull-image';
      /** A registry is known to have it. */
      readonly sure: boolean;
      readonly target: string;
      readonly id: string;
      readonly digests: readonly string[];
    }
  | { readonly do: 'tag-image'; readonly target: string; readonly id: string }
  | {
      readonly do: 'leave-quarantine';
      /** The name that it has there. */
      readonly target: string;
      readonly id: string;
      /** It had no name before. */
      readonly nameless: boolean;
    }
  | {
      readonly do: 'create-container';
      readonly target: string;
      readonly facts: Facts;
      readonly imageId: string;
    };

/** What is not brought back, and why. */
export interface NotRestored {
  readonly target: string;
  readonly why: string;
  /** Something else has the name now. */
  readonly taken?: true;
}

export interface Restoration {
  readonly run: string;
  readonly steps: readonly Restoring[];
  /** What is there by that name: as it was, or as something else, which is left alone. */
  readonly there: readonly NotRestored[];
  /** What nothing brings back. */
  readonly lost: readonly NotRestored[];
  /** Sentences about the rest. */
  readonly notes: readonly string[];
}

/** What could bring an image back that is not there any more. */
export interface Sources {
  /** IDs of images in the archive. */
  readonly archived: ReadonlySet<string>;
}

/**
 * What takes a run back, as far as it did anything: volumes and networks first, then images, what others were built on
 * before these, then containers. A step that the run was killed in counts where its object has gone. What exists by a
 * name now is never overwritten.
 */
export function restorationOf(run: Run, now: Inventory, sources: Sources): Restoration {
  const done = run.steps.filter((step) => tookAway(step, now)).reverse();
  const images = imagesBack(done, now, sources);
  const back = images.flatMap(({ steps = [] }) => steps.flatMap((step) => ('id' in step ? [step.id] : [])));
  const there = new Set([...now.images.map(({ id }) => id), ...back]);
  const parts = [
    ...of(done, 'delete-volume').map((step) => volumeBack(step, run, now)),
    ...of(done, 'delete-network').map((step) => networkBack(step, now)),
    ...images,
    ...containersInOrder(of(done, 'delete-container')).map((step) => containerBack(step, now, there)),
  ];
  const cache = of(done, 'prune-cache').length;
  return {
    run: run.id,
    steps: parts.flatMap(({ steps = [] }) => steps),
    there: parts.flatMap(({ there = [] }) => there),
    lost: parts.flatMap(({ lost = [] }) => lost),
    notes: [
      ...parts.flatMap(({ notes = [] }) => notes),
      ...(cache > 0
        ? [`The build cache that went (${count(cache, 'record')}) comes back with the next build.`]
        : []),
    ],
  };
}

/** Whether a run took anything away that could be asked back. */
export function tookAnything({ steps }: Run): boolean {
  return steps.some(({ begun, ended }) => ended?.result === 'done' || (begun && !ended));
}

interface Part {
  readonly notes?: readonly string[];
  readonly steps?: readonly Restoring[];
  readonly there?: readonly NotRestored[];
  readonly lost?: readonly NotRestored[];
}

/** Nobody heard what came of a step that the run was killed in: it is done where the engine has not its object any more. */
function tookAway({ action, begun, ended }: RunStep, now: Inventory): boolean {
  if (ended) return ended.result === 'done';
  if (!begun) return false;
  const { kind, target, id } = action;
  const isNamed = (name: string) => now.images.some((image) => image.id === id && image.tags.includes(name));
  const has = (objects: readonly { readonly id: string }[]) => objects.some((each) => each.id === id);
  switch (kind) {
    case 'untag':
      return !isNamed(target);
    case 'quarantine':
      return isNamed(action.as) || !has(now.images);
    case 'delete-image':
      return !has(now.images);
    case 'delete-container':
      return !has(now.containers);
    case 'delete-network':
      return !has(now.networks);
    case 'prune-cache':
      return !has(now.cache);
    case 'delete-volume':
      return !now.volumes.some(({ name }) => name === id);
  }
}

function of(steps: readonly RunStep[], kind: RunStep['action']['kind']): RunStep[] {
  return steps.filter(({ action }) => action.kind === kind);
}

function factsOf({ begun }: RunStep, what: string): Facts {
  const facts = begun?.facts[what];
  return typeof facts === 'object' && facts !== null ? (facts as Facts) : {};
}

const NO_FACTS = 'its journal does not say what it was';

function isEmpty(facts: Facts): boolean {
  return Object.keys(facts).length === 0;
}

const HALF_FILLED =
  'an undo was cut off while it filled a volume of that name, so what it holds may not be whole; unless you made it anew since, remove it with docker tidy volumes and undo this run again';

function volumeBack(step: RunStep, run: Run, { volumes }: Inventory): Part {
  const { target } = step.action;
  if (volumes.some(({ name }) => name === target) && run.halfFilled.includes(target))
    return { lost: [{ target, why: HALF_FILLED }] };
  if (volumes.some(({ name }) => name === target))
    return { there: [{ target, why: 'a volume of that name is there, and is left alone', taken: true }] };
  const facts = factsOf(step, 'volume');
  if (isEmpty(facts)) return { lost: [{ target, why: NO_FACTS }] };
  const backup = step.ended?.backup ?? step.begun?.facts['backup'];
  if (typeof backup === 'string')
    return {
      steps: [{ do: 'create-volume', run: { id: run.id, engine: run.engine }, target, facts, backup }],
    };
  return { lost: [{ target, why: 'no backup was made of what it held' }] };
}

function networkBack(step: RunStep, { networks }: Inventory): Part {
  const { target } = step.action;
  if (networks.some(({ name }) => name === target))
    return { there: [{ target, why: 'a network of that name is there, and is left alone', taken: true }] };
  const facts = factsOf(step, 'network');
  return isEmpty(facts)
    ? { lost: [{ target, why: NO_FACTS }] }
    : { steps: [{ do: 'create-network', target, facts }] };
}

/** What a container's configuration says of others: it shares their namespaces or volumes. */
interface Sharing {
  readonly NetworkMode?: string;
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly VolumesFrom?: readonly string[] | null;
}

const NAMESPACES = ['NetworkMode', 'PidMode', 'IpcMode'] as const;

/** Those that others share with come before these, and are named instead of by IDs that they have no more. */
function containersInOrder(steps: readonly RunStep[]): RunStep[] {
  const byWord = new Map(
    steps.flatMap((step) => [step.action.id, step.action.target].map((word) => [word, step])),
  );
  const ordered = new Set<RunStep>();
  const add = (step: RunStep, line: readonly RunStep[]) => {
    if (line.includes(step)) return;
    for (const word of sharesWith(step)) {
      const other = byWord.get(word);
      if (other) add(other, [...line, step]);
    }
    ordered.add(step);
  };
  for (const step of steps) add(step, []);
  return [...ordered].map((step) => named(step, byWord));
}

function hostConfigOf(step: RunStep): Sharing {
  return (factsOf(step, 'container')['HostConfig'] as Sharing | undefined) ?? {};
}

function sharesWith(step: RunStep): string[] {
  const host = hostConfigOf(step);
  return [
    ...NAMESPACES.flatMap((key) => /^container:(.+)$/.exec(host[key] ?? '')?.[1] ?? []),
    ...(host.VolumesFrom ?? []).map((from) => from.split(':')[0] as string),
  ];
}

function named(step: RunStep, byWord: ReadonlyMap<string, RunStep>): RunStep {
  const { begun } = step;
  const host = hostConfigOf(step);
  if (!begun || sharesWith(step).length === 0) return step;
  const renamed = NAMESPACES.flatMap((key) => {
    const other = byWord.get(/^container:(.+)$/.exec(host[key] ?? '')?.[1] ?? '');
    return other ? [[key, `container:${other.action.target}`]] : [];
  });
  const HostConfig = { ...host, ...Object.fromEntries(renamed) };
  return {
    ...step,
    begun: { ...begun, facts: { ...begun.facts, container: { ...factsOf(step, 'container'), HostConfig } } },
  };
}

/** `images`: IDs of those that are there by then. */
function containerBack(step: RunStep, { containers }: Inventory, images: ReadonlySet<string>): Part {
  const { target } = step.action;
  if (containers.some(({ name }) => name === target))
    return { there: [{ target, why: 'a container of that name is there, and is left alone', taken: true }] };
  const facts = factsOf(step, 'container');
  const image = facts['Image'];
  if (typeof image !== 'string') return { lost: [{ target, why: NO_FACTS }] };
  const imageId = image.includes(':') ? image : `sha256:${image}`; // podman leaves it out
  return images.has(imageId)
    ? { steps: [{ do: 'create-container', target, facts, imageId }], notes: namedVolumes(target, facts) }
    : { lost: [{ target, why: `its image ${shortId(imageId)} is not there, and cannot come back` }] };
}

/** An engine takes a volume that is there only by its name, and then never for an anonymous one again. */
function namedVolumes(target: string, facts: Facts): string[] {
  const mounts = (facts['Mounts'] ?? []) as readonly { readonly Type?: string; readonly Name?: string }[];
  const names = mounts.filter(({ Type, Name = '' }) => Type === 'volume' && /^[0-9a-f]{64}$/.test(Name));
  if (names.length === 0) return [];
  const them = names.length === 1 ? 'its anonymous volume' : `its ${names.length} anonymous volumes`;
  return [
    `Container ${target} gets ${them} back by name: docker rm -v leaves ${names.length === 1 ? 'it' : 'them'} then, and docker tidy volumes takes what nothing uses.`,
  ];
}

/** Images by ID, each brought back once, then its names. */
function imagesBack(done: readonly RunStep[], now: Inventory, sources: Sources): Part[] {
  const steps = done.filter(({ action }) => kindOf(action) === 'image');
  const parents = new Set(steps.map((step) => factsOf(step, 'image')['parent']));
  return [...Map.groupBy(steps, ({ action }) => action.id)].flatMap(([id, its]) => {
    // One between others has no name to be wanted by: its layers come with what was built on it.
    const isBetween = parents.has(id) && its.flatMap(namesTaken).length === 0;
    return isBetween ? [] : imageBack(id, its, now, sources);
  });
}

function imageBack(id: string, its: readonly RunStep[], now: Inventory, sources: Sources): Part[] {
  const holders = new Map(now.images.flatMap((image) => image.tags.map((tag) => [tag, image.id])));
  const names = [...new Set(its.flatMap(namesTaken))].sort();
  const taken = names.filter((name) => holders.has(name));
  const free = names.filter((name) => !holders.has(name));
  const there = taken.map((target) => {
    const holder = holders.get(target) as string;
    return {
      target,
      ...(holder === id
        ? { why: 'it is there' }
        : {
            why: `it names another image now, ${shortId(holder)}, and is left alone`,
            taken: true as const,
          }),
    };
  });
  const tags = free.map((target): Restoring => ({ do: 'tag-image', target, id }));
  const image = now.images.find((each) => each.id === id);
  if (image) return [{ there, steps: tags }, outOfQuarantine(image, its, names, there)];
  const target = names[0] ?? shortId(id);
  const first = source(id, target, its, sources);
  if ('why' in first) return [{ there, lost: [{ target, why: first.why }, ...others(names, first.why)] }];
  return [{ there, steps: [first, ...tags] }];
}

/** Once it has a name again; one that never had any leaves it, too. Where all its names are taken it stays there. */
function outOfQuarantine(
  { id, tags }: Image,
  its: readonly RunStep[],
  names: readonly string[],
  there: readonly NotRestored[],
): Part {
  const asThere = its.flatMap(({ action }) => (action.kind === 'quarantine' ? action.as : []));
  const ours = asThere.filter((name) => tags.includes(name));
  const isBack = names.length === 0 || there.filter(({ taken }) => taken).length < names.length;
  if (isBack)
    return {
      steps: ours.map((target) => ({ do: 'leave-quarantine', target, id, nameless: names.length === 0 })),
    };
  const why = 'it stays in quarantine, since other images have its names';
  return { there: ours.map(() => ({ target: shortId(id), why, taken: true as const })) };
}

function others([, ...names]: readonly string[], why: string): NotRestored[] {
  return names.map((target) => ({ target, why }));
}

/** The names that steps took off an image: tags, which can be given back. A digest comes with the image that is pulled by it. */
function namesTaken({ action, begun }: RunStep): string[] {
  if (action.kind === 'untag') return action.target.includes('@') ? [] : [action.target];
  const image = begun?.facts['image'] as { readonly tags?: readonly string[] } | undefined;
  return (image?.tags ?? []).filter((name) => !isQuarantineName(name));
}

/** Where an image comes from that is not there: the archive, else a registry that knew it. */
function source(
  id: string,
  target: string,
  its: readonly RunStep[],
  { archived }: Sources,
): Restoring | { why: string } {
  if (archived.has(id)) return { do: 'load-image', target, id };
  // A repository's digest goes with the last tag of it, so each step knew others.
  const known = its.flatMap((step) => (factsOf(step, 'image')['digests'] as string[] | undefined) ?? []);
  const digests = [...new Set(known)];
  return digests.length > 0
    ? { do: 'pull-image', sure: isPullable(its), target, id, digests }
    : { why: 'only this disk had it: no registry knows it, and it was not archived' };
}

/** The plan's own word for it: a store that gives every image a digest does not tell by that alone. */
function isPullable(its: readonly RunStep[]): boolean {
  return its.some(({ action }) => 'comeback' in action && action.comeback === 'pullable');
}
