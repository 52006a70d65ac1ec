// What the engine's events tell of the use of images: which were used, by what they are named there, and who had a name when.
import type { EventMark, Seen } from './last-use.ts';
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

/** What is done with images. A build of BuildKit is a `create`, and where its image has a name a `tag`. */
const IMAGE: Readonly<Record<string, string>> = {
  create: 'a build',
  tag: 'a build or docker tag',
  ...Object.fromEntries(
    'commit import load pull push save'.split(' ').map((word) => [word, `docker ${word}`]),
  ),
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

/** An event with what tells it from all others. */
export interface Heard extends EngineEvent {
  readonly mark: EventMark;
}

/** What came after an event; `undefined` where that is not among them, so that some may have been missed. */
export function heardAfter(events: readonly Heard[], last: EventMark | undefined): Heard[] | undefined {
  const place = events.findIndex(
    ({ mark: { at, type, action, id } }) =>
      at === last?.at && type === last.type && action === last.action && id === last.id,
  );
  return place < 0 ? undefined : events.slice(place + 1);
}

interface Remembered {
  /** The moment of the last look, and the last event that was known then. */
  readonly seen: Seen;
  /** When the engine was started, where that is known: it remembers no event from before. */
  readonly started: string | undefined;
  readonly now: string;
  /** It may have forgotten some where it tells of so many. */
  readonly most: number;
}

/**
 * The end of a gap, where the last event of the last look is not among all that the engine remembers: what lies between that
 * look and this moment may have been missed. `undefined` where there had been none since the engine was started, and it
 * remembers more than came; and where that event was pushed out by others, of which the first came before that look: who
 * listens all the time knows more than the events that it hears.
 */
export function missedUntil(
  events: readonly Heard[],
  { seen, started, now, most }: Remembered,
): string | undefined {
  const [oldest] = events;
  const pushedOut = events.length >= most && oldest !== undefined && oldest.mark.at > (seen.event?.at ?? 0);
  if (pushedOut && oldest.at < seen.until && seen.until <= now) return undefined;
  const forgot = started === undefined || events.length >= most;
  if (!forgot && started > seen.until) return started;
  if (!forgot && !seen.event) return undefined;
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
