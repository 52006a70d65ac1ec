// Why an object stays or goes: what it is, what holds it all the way up, what would remove it, and what that frees.
import { childrenOf } from './ancestry.ts';
import type { Conditions } from './condition.ts';
import { NO_CONDITIONS } from './condition.ts';
import { ancestry } from './df-disk.ts';
import type { Container, Image, Inventory, LastUse } from './inventory.ts';
import type { Kind } from './kind.ts';
import type { Pattern } from './pattern.ts';
import { parsePattern } from './pattern.ts';
import type { Part, Space } from './plan.ts';
import { planContainers } from './plan-containers.ts';
import { planHeld } from './plan-held.ts';
import { planImages } from './plan-images.ts';
import { planNetworks } from './plan-networks.ts';
import { planVolumes } from './plan-volumes.ts';
import { priced } from './price.ts';
import type { Protection } from './protection.ts';
import { isQuarantineName, nameKnown } from './quarantine-name.ts';
import type { Reason } from './reason.ts';
import { reason } from './reason.ts';
import { canonicalReference, shortId } from './reference.ts';
import type { Found } from './resolve.ts';
import { NO_RETENTION } from './retention.ts';
import { namesOf } from './selection.ts';
import { containersUsing, usersOf } from './usage.ts';
import type { ImagesAsked } from './verdict.ts';
import type { Answer } from './why-asked.ts';

/** What holds an object, and what in turn holds that. */
export interface Hold {
  readonly text: string;
  readonly by: readonly Hold[];
}

export interface Explanation {
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
  readonly created?: string;
  readonly size?: number;
  /** Of an image its last use, as far as it is known. */
  readonly used?: LastUse;
  readonly holds: readonly Hold[];
  /** What keeps it from every command that might remove it. */
  readonly kept: readonly Reason[];
  /** The mildest command that would remove it; none while something keeps it. */
  readonly removedBy: readonly string[];
  /** What would let it go by hand, where containers are all that holds it. */
  readonly freedBy?: string;
  /** What removing it would free, where anything would remove it. */
  readonly frees?: Space;
  /** The other names of an image that was asked for by one of them. */
  readonly alsoNamed?: readonly string[];
  /** What its kind's command would do with it, with the options that were given; absent without any. */
  readonly asked?: readonly Answer[];
}

/** Explains one object. `protection`: what a policy protects. */
export function explain(inventory: Inventory, found: Found, protection?: Protection): Explanation {
  const conditions = { ...NO_CONDITIONS, ...(protection && { protection }) };
  switch (found.kind) {
    case 'image':
      return explainImage(inventory, found.image, conditions);
    case 'container':
      return explainContainer(inventory, found.container, conditions);
    case 'network': {
      const { id, name, created } = found.network;
      const attempts = [
        ['docker tidy networks', [planNetworks(inventory, conditions)]],
        ['docker tidy', [planNetworks(inventory, conditions, leaving(inventory, conditions))]],
      ] as const;
      const builtIn = found.network.builtIn ? [{ text: reason.builtIn().text, by: [] }] : [];
      return explained(inventory, 'network', { id, name, created }, attempts, builtIn);
    }
    case 'volume': {
      const { name, created, size } = found.volume;
      const named = { conditions, looks: new Map(), mounters: new Map(), names: [name] };
      const attempts = [[`docker tidy volumes ${name}`, [planVolumes(inventory, named)]]] as const;
      return explained(inventory, 'volume', { id: name, name, created, size }, attempts, []);
    }
  }
}

/** The explanation of an image by the name that it was asked for by, where that is one of several. */
export function calledBy(word: string, { tags }: Image): Pick<Explanation, 'name' | 'alsoNamed'> | undefined {
  const wanted = canonicalReference(word);
  const name = tags.find((tag) => canonicalReference(tag) === wanted);
  return name === undefined || tags.length < 2
    ? undefined
    : { name, alsoNamed: tags.filter((tag) => tag !== name) };
}

function explainContainer(inventory: Inventory, container: Container, conditions: Conditions): Explanation {
  const { id, name, created, size } = container;
  const explanation = (on: Inventory) =>
    explained(
      on,
      'container',
      { id, name, created, size },
      [['docker tidy containers', [planContainers(on, conditions)]]],
      container.state === 'running' ? [{ text: 'it is running', by: [] }] : [],
    );
  const said = withAdvice(inventory, [container], explanation);
  return said.freedBy === undefined
    ? said
    : { ...said, freedBy: `docker stop ${name}, then docker rm ${name}` };
}

function explainImage(inventory: Inventory, image: Image, conditions: Conditions): Explanation {
  const { id, tags, created, size } = image;
  const name = image.was?.names[0] ?? tags[0] ?? image.digests[0] ?? shortId(id);
  const attempts = (on: Inventory) => [
    ['docker tidy images', [planImages(on, [asked(false, conditions)])]] as const,
    ...[namesThat(on, [id]), namesThat(on, descent(on, id)), []].flatMap((names) =>
      namedAttempts(on, names, conditions),
    ),
  ];
  const said = withAdvice(inventory, containersUsing(inventory).get(id) ?? [], (on) =>
    explained(
      on,
      'image',
      { id, name, created, size },
      attempts(on),
      holdsOf(on, image, new Set([id])),
      ancestry(on)([id]),
    ),
  );
  return { ...said, ...(image.used && { used: image.used }) };
}

/** An image and all that were built on it. */
function descent({ images }: Inventory, id: string): Set<string> {
  const children = childrenOf(images);
  const all = new Set([id]);
  for (const each of all) for (const child of children.get(each) ?? []) all.add(child.id);
  return all;
}

/** The names of images, but for ours of the quarantine. */
function namesThat({ images }: Inventory, ids: Iterable<string>): string[] {
  const wanted = new Set(ids);
  return images
    .filter(({ id }) => wanted.has(id))
    .flatMap(namesOf)
    .filter((name) => !isQuarantineName(name));
}

/** Removing all unused images of these names; without any, all. */
function namedAttempts(on: Inventory, names: readonly string[], conditions: Conditions) {
  const naming = { localhost: on.engine.store === 'podman' };
  const those = asked(
    true,
    conditions,
    names.map((name) => parsePattern(name, naming)),
  );
  const scope = names.map((name) => ` ${name}`).join('');
  return [
    [`docker tidy images -a${scope}`, [planImages(on, [those])]],
    [`docker tidy images -a --with-containers${scope}`, planHeld(on, those)],
  ] as const;
}

/** The explanation, and what to do about the containers, if they are all that keeps the object. */
function withAdvice(
  inventory: Inventory,
  users: readonly Container[],
  explanation: (on: Inventory) => Explanation,
): Explanation {
  const freedBy = byHand(inventory, users, (on) => explanation(on).removedBy[0]);
  return { ...explanation(inventory), ...(freedBy !== undefined && { freedBy }) };
}

/** Running containers are stopped, stopped ones removed unless that is enough; then a command removes the object. */
function byHand(
  inventory: Inventory,
  users: readonly Container[],
  removing: (on: Inventory) => string | undefined,
): string | undefined {
  const there = users.filter(({ state }) => state !== 'removing');
  if (there.length === 0) return undefined;
  const others = inventory.containers.filter((container) => !users.includes(container));
  const running = there.filter(({ state }) => RUNNING.includes(state));
  const stop = running.length > 0 ? [`docker stop ${namesIn(running)}`] : [];
  const stopped = there.map((each) => (running.includes(each) ? { ...each, state: 'exited' } : each));
  const enough =
    running.length > 0 ? removing({ ...inventory, containers: [...others, ...stopped] }) : undefined;
  if (enough !== undefined) return [...stop, enough].join(', then ');
  const command = removing({ ...inventory, containers: others });
  return command && [...stop, `docker rm ${namesIn(there)}`, command].join(', then ');
}

const RUNNING: readonly string[] = ['running', 'paused', 'restarting'];

function namesIn(containers: readonly Container[]): string {
  return containers
    .map(({ name }) => name)
    .sort()
    .join(' ');
}

function asked(all: boolean, conditions: Conditions, patterns: readonly Pattern[] = []): ImagesAsked {
  return {
    selection: {
      all,
      keeps: false,
      patterns,
      references: [],
      groupBy: { kind: 'repository' },
      fits: () => true,
    },
    retention: NO_RETENTION,
    conditions,
  };
}

function leaving(inventory: Inventory, conditions: Conditions): Set<string> {
  return new Set(planContainers(inventory, conditions).actions.map(({ id }) => id));
}

/** Users of the image, and images that were built on it with what holds these. */
function holdsOf(inventory: Inventory, image: Image, seen: ReadonlySet<string>): Hold[] {
  const users = usersOf(inventory).get(image.id) ?? [];
  const children = (childrenOf(inventory.images).get(image.id) ?? []).filter(({ id }) => !seen.has(id));
  return [
    ...users.map(({ text }) => ({ text, by: [] })),
    ...children.map((child) => ({
      // BuildKit records no parent: the engine removes such an image, and the child has its layers still.
      text: `${nameKnown(child)} was built on it${child.parent === image.id ? '' : ', and keeps its layers, but not the image'}`,
      by: holdsOf(inventory, child, new Set([...seen, child.id])),
    })),
  ];
}

interface Facts {
  readonly id: string;
  readonly name: string;
  readonly created: string | undefined;
  readonly size?: number | undefined;
}

/** `along`: it, and what goes with it. */
function explained(
  inventory: Inventory,
  kind: Kind,
  { id, name, created, size }: Facts,
  attempts: readonly (readonly [command: string, parts: readonly Part[]])[],
  holds: readonly Hold[],
  along: ReadonlySet<string> = new Set([id]),
): Explanation {
  const removing = attempts.map(([command, parts]) => ({
    command,
    planned: parts.flatMap(({ actions }) => actions),
    kept: parts.flatMap((part) => part.kept).filter((kept) => kept.kind === kind && kept.id === id),
  }));
  const works = removing.filter(({ planned }) =>
    planned.some((action) => action.id === id && action.kind !== 'untag'),
  );
  const reasons = removing.flatMap(({ kept }) => kept.flatMap((each) => each.reasons));
  const distinct = [...new Map(reasons.map((reason) => [reason.text, reason])).values()];
  return {
    kind,
    name,
    id,
    ...(created !== undefined && { created }),
    ...(size !== undefined && { size }),
    holds,
    kept: distinct,
    removedBy: works.slice(0, 1).map(({ command }) => command),
    ...(works[0] &&
      (kind !== 'volume' || size !== undefined) && {
        frees: priced(
          inventory,
          works[0].planned.filter((action) => along.has(action.id)),
        ).space,
      }),
  };
}
