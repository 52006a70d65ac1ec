// What the engine's events tell of the use of images: which were used, by what they are named there, and who had a name when.
import type { Seen } from './last-use.ts';
import { isQuarantineName } from './quarantine-name.ts';
import { canonicalReference } from './reference.ts';

/** One event of the engine. */
export interface EngineEvent {
  /** A moment as the ledger has it. */
  readonly at: string;
  readonly type: string;
  readonly action: string;
  /** What it is about: an ID, and of images that are pulled or pushed a name. */
  readonly id: string;
  /** Of a container its name, of an image that is tagged that name. */
  readonly name?: string;
  /** The image that a container was made from, as it was named. */
  readonly image?: string;
}

/** A use of an image, which is told by its ID, or by a name that several may have had. */
export interface Use {
  readonly image: string;
  readonly at: string;
  /** `container web`, `a build`, `docker pull`. */
  readonly by: string;
}

/** What containers do with their image. podman says `died` and `init`. */
const CONTAINER: readonly string[] = ['create', 'init', 'start', 'restart', 'unpause', 'die', 'died'];

/**
 * What is done with images. A build of BuildKit is a `create`, and where its image has a name a `tag`. A `save` is a copy, and
 * no use: `--archive`, and who backs all images up each night, would keep everything.
 */
const IMAGE: Readonly<Record<string, string>> = {
  create: 'a build',
  tag: 'a build or docker tag',
  ...Object.fromEntries('commit import load pull push'.split(' ').map((word) => [word, `docker ${word}`])),
};

/** `imageOf`: the image of a container that is known, by the container's ID. */
export function usesIn(
  events: readonly EngineEvent[],
  imageOf: (container: string) => readonly string[] | undefined,
): Use[] {
  return events.flatMap(({ at, type, action, id, name, image }): Use[] => {
    if (type === 'container' && CONTAINER.includes(action)) {
      const by = `container ${name ?? id.slice(0, 12)}`;
      const images = imageOf(id) ?? (image === undefined ? [] : [image]);
      return images.map((each) => ({ image: each, at, by }));
    }
    if (name !== undefined && isQuarantineName(name)) return []; // our own doing
    const by = type === 'image' && Object.hasOwn(IMAGE, action) ? IMAGE[action] : undefined;
    return by === undefined ? [] : [{ image: id, at, by }];
  });
}

/** Names that images were given, in the order of time. */
export function taggedIn(events: readonly EngineEvent[]): { readonly id: string; readonly name: string }[] {
  return events.flatMap(({ type, action, id, name }) =>
    type === 'image' && action === 'tag' && name !== undefined && isId(id) ? [{ id, name }] : [],
  );
}

/** Images that were deleted, with the moment. */
export function deletedIn(events: readonly EngineEvent[]): { readonly id: string; readonly at: string }[] {
  return events
    .filter(({ type, action, id }) => type === 'image' && action === 'delete' && isId(id))
    .map(({ id, at }) => ({ id, at }));
}

export function isId(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

/**
 * What came since a moment; `undefined` where nothing is told from before it, so that some may have been forgotten. What is
 * told again that was known is no harm.
 */
export function heardSince(events: readonly EngineEvent[], until: string): EngineEvent[] | undefined {
  const reachesBack = events.some(({ at }) => at < until);
  return reachesBack ? events.filter(({ at }) => at >= until) : undefined;
}

interface Remembered {
  readonly seen: Seen;
  /** When the engine was started, where that is known: it remembers no event from before. */
  readonly started: string | undefined;
  readonly now: string;
  /** It may have forgotten some where it tells of so many. */
  readonly most: number;
}

/**
 * The end of a gap, where the engine remembers nothing from before `seen`: what lies between that and this moment may have been
 * missed. `undefined` where there had been no event since the engine was started, and it remembers more than came.
 */
export function missedUntil(
  events: readonly EngineEvent[],
  { seen, started, now, most }: Remembered,
): string | undefined {
  const forgot = started === undefined || events.length >= most;
  if (!forgot && started > seen.until) return started;
  if (!forgot && seen.last === undefined) return undefined;
  return events[0]?.at ?? now;
}

/** Finds images by what a use calls them: an ID, the beginning of one, or a name that any of these has. */
export function imageFinder(
  all: readonly { readonly id: string; readonly names: readonly string[] }[],
): (name: string) => string[] {
  const byName = new Map<string, Set<string>>();
  const add = (name: string, id: string) => byName.set(name, (byName.get(name) ?? new Set()).add(id));
  for (const { id, names } of all) {
    for (const name of names) {
      add(canonicalReference(name) ?? name, id);
      const digest = name.split('@')[1];
      if (digest !== undefined) add(digest, id);
    }
  }
  return (name) => {
    const digest = name.split('@')[1] ?? (name.startsWith('sha256:') ? name : undefined);
    const named = [
      ...(byName.get(canonicalReference(name) ?? name) ?? []),
      ...((digest !== undefined && byName.get(digest)) || []),
    ];
    if (isId(name)) return [...new Set([name, ...named])];
    const prefix = name.replace(/^sha256:/, '');
    const begun = /^[0-9a-f]{4,64}$/.test(prefix)
      ? all.filter(({ id }) => id.startsWith(`sha256:${prefix}`)).map(({ id }) => id)
      : [];
    return [...new Set([...named, ...begun])];
  };
}
