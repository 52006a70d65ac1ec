// What `docker tidy containers` does: stopped ones go, whose age counts since they stopped.
import type { Conditions, Limits, Since } from './condition.ts';
import { allOf, limitsAt, tooSmall, tooYoung } from './condition.ts';
import { labelsFit } from './filter.ts';
import type { Container, Inventory } from './inventory.ts';
import { keptByLabels } from './label.ts';
import { realTime } from './order.ts';
import type { ContainerAction, Kept, Part } from './plan.ts';
import { keptByPolicy } from './protection.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { shortId } from './reference.ts';
import { volumesInUse } from './volume-usage.ts';

/** States in which nothing of a container runs, and nothing else is being done with it. */
const STOPPED: readonly string[] = ['exited', 'created', 'dead'];

const GROUP = 'stopped containers';

/** Every container that does not run is shown; those that are stopped, old enough and not kept go. */
export function planContainers(inventory: Inventory, conditions: Conditions): Part {
  const limits = limitsAt(conditions, inventory);
  const candidates = inventory.containers
    .filter(({ state, labels }) => state !== 'running' && labelsFit(labels, conditions.filters))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((container) => ({ container, reasons: reasonsToStay(container, conditions, limits) }));
  const going = candidates.filter(({ reasons }) => reasons.length === 0).map(({ container }) => container);
  const left = unusedWithout(inventory, going);
  return {
    actions: going.map((container) => removal(container, left, limits.now)),
    kept: candidates
      .filter(({ reasons }) => reasons.length > 0)
      .map(({ container, reasons }): Kept => ({ kind: 'container', ...facts(container), reasons })),
  };
}

function reasonsToStay(container: Container, conditions: Conditions, limits: Limits): Reason[] {
  if (!STOPPED.includes(container.state)) return [reason.notStopped(progressive(container.state))];
  return [
    ...keptByPolicy(container.labels, conditions.protection),
    ...keptByLabels(container.labels, since(container), limits.now),
    ...tooYoung(since(container), allOf(limits), limits.now),
    ...tooSmall(container.size, conditions),
  ];
}

function progressive(state: string): string {
  return state === 'removing' ? 'being removed' : state;
}

/** When its last run ended; of one that never ran, when it was made. */
function since({ state, created, finished }: Container): Since {
  return finished === undefined && state === 'created'
    ? { word: 'created', time: created }
    : { word: 'stopped', time: finished };
}

function removal(container: Container, left: ReadonlySet<string>, now: number): ContainerAction {
  const { state, finished, size } = container;
  const leaves = container.volumes.filter((name) => left.has(name)).sort();
  return {
    kind: 'delete-container',
    ...facts(container),
    because: reason.leaving(because(container, now), leaves.length),
    ...(size === undefined ? { frees: 0, about: true, between: [0, 0] as const } : { frees: size }),
    expects: { state, ...(finished && { finished }) },
    after: [],
    leaves,
  };
}

function because(container: Container, now: number): Reason {
  const { word, time } = since(container);
  const at = realTime(time);
  const age = at === undefined ? undefined : Math.max(0, now - at);
  if (word === 'created') return reason.neverStarted(age);
  return reason.stopped(container.state === 'dead' ? 'dead: stopped' : 'stopped', age);
}

function facts(container: Container) {
  const { id, name, image, size, created, finished } = container;
  return {
    target: name,
    id,
    group: GROUP,
    detail: image.startsWith('sha256:') ? shortId(image) : image,
    ...(created && { created }),
    ...(finished && { finished }),
    ...(size !== undefined && { size }),
  };
}

/** Volumes that these containers mount, and no other container or service does. */
function unusedWithout(inventory: Inventory, going: readonly Container[]): Set<string> {
  const ids = new Set(going.map(({ id }) => id));
  const staying = { ...inventory, containers: inventory.containers.filter(({ id }) => !ids.has(id)) };
  const used = volumesInUse(staying);
  return new Set(going.flatMap(({ volumes }) => volumes).filter((name) => !used.has(name)));
}
