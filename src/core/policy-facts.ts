// What a policy that fits an engine is made from: its repositories, the compose files of its containers, what would go.
import type { Inventory } from './inventory.ts';
import { isNameless } from './inventory.ts';
import type { Limit } from './limit.ts';
import { beyondLimit } from './limit.ts';
import { parsePattern } from './pattern.ts';
import type { Plan } from './plan.ts';
import { isQuarantineName } from './quarantine-name.ts';
import { canonicalRepository, familiarRepository, parseReference } from './reference.ts';
import { namesOf } from './selection.ts';

/** `frees` in bytes. */
interface Going {
  readonly images: number;
  readonly frees: number;
}

/** Images that one rule is about, and what of them goes. */
export interface Share {
  readonly images: number;
  /** Absent while nothing was planned. */
  readonly going?: Going | undefined;
}

export interface Repository extends Share {
  /** As a policy names it. */
  readonly name: string;
}

export interface Facts {
  /** Repositories that are built here, as far as one can see. */
  readonly own: readonly Repository[];
  /** All other images with a name. */
  readonly pulled: Share;
  readonly nameless: Share;
  /** Compose files that the labels of containers name, with these containers' projects. */
  readonly compose: readonly { readonly file: string; readonly project: string }[];
  /** The least share of what there is, in tens of percent from a half on, that the plan does not go beyond. */
  readonly maxRemove?: string;
}

/** `plan`: what goes by the policy; without one no numbers are told. */
export function factsOf(inventory: Inventory, plan?: Plan): Facts {
  const repositories = repositoriesOf(inventory);
  const own = [...repositories].filter(([key, ids]) => isOwn(inventory, key, ids));
  const keys = new Set(own.map(([key]) => key));
  const isPulled = (name: string) => !keys.has(keyOf(name) ?? '');
  const names = inventory.images.map((image) => ({ image, names: namesOf(image) }));
  const share = (images: number, isMeant: (name: string | undefined) => boolean): Share => ({
    images,
    ...(plan && { going: goingOf(plan, isMeant) }),
  });
  return {
    own: own
      .map(([key, ids]) => ({
        name: spelled(inventory, key),
        ...share(ids.size, (name) => name !== undefined && keyOf(name) === key),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    pulled: share(
      names.filter((each) => each.names.some(isPulled)).length,
      (name) => name !== undefined && isPulled(name),
    ),
    nameless: share(inventory.images.filter(isNameless).length, (name) => name === undefined),
    compose: composeFiles(inventory),
    ...(plan && limitFor(inventory, plan)),
  };
}

/** A repository's one spelling; `undefined` for a name that is no reference. */
function keyOf(name: string): string | undefined {
  const reference = parseReference(name);
  return reference && canonicalRepository(reference.repository);
}

/** The IDs of the images of each repository. */
function repositoriesOf({ images }: Inventory): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const image of images) {
    for (const key of namesOf(image).flatMap((name) => keyOf(name) ?? []))
      found.set(key, (found.get(key) ?? new Set()).add(image.id));
  }
  return found;
}

/**
 * Whether a repository is built here: it has several images, and none that came from a registry, where a digest tells
 * that: overlay2 and its like have one only of what was pulled or pushed, the other stores of everything.
 */
function isOwn(inventory: Inventory, key: string, ids: ReadonlySet<string>): boolean {
  const { engine, images } = inventory;
  if (ids.size < 2 || !isNameable(inventory, key)) return false;
  if (['containerd', 'podman'].includes(engine.store)) return true;
  return !images.some(({ digests }) => digests.some((digest) => keyOf(digest) === key));
}

/** A registry at an IPv6 address reads as a glob: what is there is not named. */
function isNameable(inventory: Inventory, key: string): boolean {
  return !/[[\]]/.test(key) && parsePattern(spelled(inventory, key)).matches(key);
}

/** On podman `app` may also be `localhost/app`: there the whole name is given. */
function spelled({ engine }: Inventory, key: string): string {
  return engine.store === 'podman' ? key : familiarRepository(key);
}

function goingOf({ actions }: Plan, isMeant: (name: string | undefined) => boolean): Going {
  const mine = actions.filter(
    ({ kind, expects, target }) =>
      (kind === 'untag' || kind === 'delete-image') &&
      !isQuarantineName(target) &&
      'names' in expects &&
      isMeant(expects.names.length === 0 ? undefined : target),
  );
  return {
    images: new Set(mine.map(({ id }) => id)).size,
    frees: mine.reduce((sum, { frees }) => sum + frees, 0),
  };
}

/** Absolute ones that a glob and a line of text can name: labels come from whoever made the container. */
function composeFiles({ containers }: Inventory): Facts['compose'] {
  const found = new Map<string, string>();
  for (const { labels } of containers) {
    const files = labels['com.docker.compose.project.config_files']?.split(',') ?? [];
    const project = labels['com.docker.compose.project'] ?? '';
    for (const file of files.filter((each) => /^(\/|[A-Za-z]:[\\/])[^\p{C}\p{Z}*?[\]{}!()'"]+$/u.test(each)))
      found.set(file.replaceAll('\\', '/'), /^[\w.-]+$/.test(project) ? project : '');
  }
  return [...found].map(([file, project]) => ({ file, project })).sort((a, b) => (a.file < b.file ? -1 : 1));
}

function limitFor(inventory: Inventory, { actions }: Plan): Pick<Facts, 'maxRemove'> {
  const limits = [50, 60, 70, 80, 90].map((most): Limit => ({ most, share: true, from: `${most}%` }));
  const enough = limits.find((limit) => beyondLimit(inventory, actions, [limit]) === undefined);
  return enough ? { maxRemove: enough.from } : {};
}
