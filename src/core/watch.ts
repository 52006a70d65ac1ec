// When a watched host is looked at: after events, once it is quiet, and never so often that looking is a load. Pure.
import type { Plan } from './plan.ts';

/** Spans in milliseconds. */
export interface Pace {
  /** So long nothing must have happened. */
  readonly quiet: number;
  /** The host is looked at this often in any case, since ages end without an event. */
  readonly every: number;
}

/** What is known of a host while it is watched. Moments in milliseconds of a clock that never goes back. */
export interface Watching {
  /** The engine's events are heard. */
  readonly heard: boolean;
  /** Since when something has happened that nobody has looked at. */
  readonly wanted?: number;
  /** When something last happened. */
  readonly stirred: number;
  /** When the host is to be looked at though nothing happens. */
  readonly due: number;
  /** Until when it is left in peace. */
  readonly rest: number;
}

export type Happening =
  /** The engine's events are heard from now on: what happened before is not known. */
  | { readonly what: 'heard' }
  | { readonly what: 'lost' }
  /** Something that may change what goes. */
  | { readonly what: 'event' }
  /** It has not looked, since a build is in progress or another run is at it. */
  | { readonly what: 'busy' }
  /** It has looked. `began`: what happened later it may not have seen; `took`: how long looking took; `next`: when a reason to stay ends by itself. */
  | { readonly what: 'looked'; readonly began: number; readonly took: number; readonly next?: number }
  /** It could not look. */
  | { readonly what: 'failed' };

export type Step =
  /** Until something happens. */
  | { readonly do: 'sleep' }
  | { readonly do: 'wait'; readonly until: number }
  /** `anyway`: it has waited for long enough, and looks though a build is in progress. */
  | { readonly do: 'look'; readonly anyway: boolean };

/** A host that is never quiet is looked at all the same once that was wanted for so long. */
const PATIENCE = 3_600_000;
/** So many times as long as a look took the host is left in peace, ten times the quiet time at the most. */
const REST = 10;

export function beforeWatching(now: number, { every }: Pace): Watching {
  return { heard: false, stirred: now, due: now + every, rest: now };
}

/** The state after something has happened. */
export function after(state: Watching, happening: Happening, now: number, pace: Pace): Watching {
  const { quiet, every } = pace;
  switch (happening.what) {
    case 'heard':
      return { ...state, heard: true, wanted: state.wanted ?? now, stirred: now };
    case 'lost':
      return { ...state, heard: false };
    case 'event':
      return { ...state, wanted: state.wanted ?? now, stirred: now };
    case 'busy':
      return { ...state, wanted: wantedAt(state), rest: Math.max(state.rest, now + quiet) };
    case 'looked': {
      const { began, took, next = Number.POSITIVE_INFINITY } = happening;
      const { wanted: _, ...idle } = state;
      const unseen = state.stirred > began ? { wanted: state.stirred } : {};
      const rest = now + REST * Math.min(took, quiet);
      return { ...idle, ...unseen, due: Math.min(now + every, next), rest };
    }
    case 'failed': {
      const rest = Math.max(state.rest, now + Math.min(REST * quiet, every));
      return { ...state, due: rest, rest };
    }
  }
}

/** What is to be done at this moment. */
export function nextStep(state: Watching, now: number, { quiet, every }: Pace): Step {
  if (!state.heard) return { do: 'sleep' };
  const wanted = wantedAt(state);
  const anywayAt = wanted + Math.min(PATIENCE, every);
  const quietAt = Math.max(state.stirred + quiet, wanted);
  const at = Math.max(Math.min(quietAt, anywayAt), state.rest);
  return at <= now ? { do: 'look', anyway: now >= anywayAt } : { do: 'wait', until: at };
}

/** Since when a look is wanted, or from when on. */
function wantedAt({ wanted = Number.POSITIVE_INFINITY, due }: Watching): number {
  return Math.min(wanted, due);
}

/**
 * When the first thing that a plan keeps may go though nothing happens, in milliseconds of the engine's clock: when the last of its
 * reasons ends. `undefined` where all of them last.
 */
export function nextEnd({ kept }: Pick<Plan, 'kept'>): number | undefined {
  const ends = kept.flatMap(({ reasons }) => {
    const each = reasons.map(({ eligible }) => (eligible === undefined ? Number.NaN : Date.parse(eligible)));
    const end = Math.max(...each);
    return each.length === 0 || Number.isNaN(end) ? [] : [end];
  });
  return ends.length === 0 ? undefined : ends.reduce((first, end) => Math.min(first, end));
}

/** Milliseconds between attempts to reach an engine that is away: the first, and the most. */
const [SHORTEST, LONGEST] = [500, 30_000];

/** How long to wait before the next attempt, after so many that failed; `chance` from 0 to 1, so that many do not come back at once. */
export function pauseAfter(failed: number, chance: number): number {
  const most = Math.min(LONGEST, SHORTEST * 2 ** Math.min(failed, 16));
  return Math.round(most * (0.5 + chance / 2));
}
