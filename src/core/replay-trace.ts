// A trace: what came to an engine, was used there and went, day by day, for policies and budgets to be tried on. Also its JSON.

import type { Ledger } from './last-use.ts';

/** The version of the trace's JSON; a reader refuses a newer one. */
export const TRACE_VERSION = 1;

/** What an image is. Sizes are bytes. */
export interface TraceImage {
  /** As in an inventory: on the containerd store compressed content and unpacked snapshot. */
  readonly size: number;
  /** When it was built, as its maker wrote it. */
  readonly created?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The image that the classic builder built it on. */
  readonly parent?: string;
  /** Its layers, lowest first, by any ID that two images have in common where they share a layer; absent where not known. */
  readonly layers?: readonly string[];
}

/** `named`: its names changed. `used`: by a container, a build, a pull. Only so exact as the recorder was: one of each kind a day and image. */
export interface TraceEvent {
  /** RFC 3339. */
  readonly at: string;
  readonly image: string;
  readonly does: 'arrived' | 'named' | 'used' | 'gone';
  /** Of `arrived` and `named`: all names that it has from then on, `repository:tag` and `repository@digest`. */
  readonly names?: readonly string[];
}

/**
 * What happened on one engine between two moments. Events are in the order of time; of one moment arrivals come first, and
 * what goes last. An image whose first event is no arrival was there from the beginning.
 */
export interface Trace {
  readonly schemaVersion: typeof TRACE_VERSION;
  readonly since: string;
  readonly until: string;
  /** By ID. */
  readonly images: Readonly<Record<string, TraceImage>>;
  /** What layers take, by the IDs that images have them by. */
  readonly layers: Readonly<Record<string, number>>;
  readonly events: readonly TraceEvent[];
}

const ORDER: readonly TraceEvent['does'][] = ['arrived', 'named', 'used', 'gone'];

/** Events in the order that a trace has them in, whatever order they are given in. */
export function inOrder(events: readonly TraceEvent[]): TraceEvent[] {
  const keyed = events.map((event) => ({ event, at: Date.parse(event.at), kind: ORDER.indexOf(event.does) }));
  return keyed
    .sort((a, b) => a.at - b.at || a.kind - b.kind || (a.event.image < b.event.image ? -1 : 1))
    .map(({ event }) => event);
}

/** The history that a ledger holds. */
export function traceOf(ledger: Ledger): Trace {
  const entries = Object.entries(ledger.images).filter(([, { came }]) => came.length > 0);
  const events = entries.flatMap(([image, { came, went, uses, names }]): TraceEvent[] => {
    const moments = Object.keys(names).sort();
    const named = (at: string) => names[moments.findLast((each) => each <= at) ?? moments[0] ?? ''] ?? [];
    return [
      ...came.map((at): TraceEvent => ({ at, image, does: 'arrived', names: named(at) })),
      ...moments
        .filter((at) => !came.includes(at))
        .map((at): TraceEvent => ({ at, image, does: 'named', names: names[at] ?? [] })),
      ...uses.map((at): TraceEvent => ({ at, image, does: 'used' })),
      ...went.map((at): TraceEvent => ({ at, image, does: 'gone' })),
    ];
  });
  const ordered = inOrder(events);
  return {
    schemaVersion: TRACE_VERSION,
    since: [ledger.since, ...ordered.slice(0, 1).map(({ at }) => at)].sort()[0] as string,
    until: [ledger.seen?.until ?? ledger.since, ...ordered.slice(-1).map(({ at }) => at)]
      .sort()
      .at(-1) as string,
    images: Object.fromEntries(
      entries.map(([id, { size, created, labels = {}, parent, layers }]) => [
        id,
        {
          size,
          ...(created !== undefined && { created }),
          labels,
          ...(parent !== undefined && { parent }),
          ...(layers && { layers }),
        },
      ]),
    ),
    layers: ledger.layers,
    events: ordered,
  };
}
