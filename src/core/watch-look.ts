// What a watch asks its looks, and what these answer: as JSON, since each look is a process of its own.
import type { EngineEvent } from './last-use-events.ts';
import type { Ran, Trouble } from './watch-tally.ts';

/** The word before those of a watch by which the plugin knows that it is asked for a look. */
export const LOOK = '__look';

/** `check`: read the options and the policy. `look`: do so, plan, and do what the plan says. */
export type Request<Endpoint> =
  | { readonly do: 'check' }
  | {
      readonly do: 'look';
      readonly endpoint: Endpoint;
      /** Look though a build is in progress. */
      readonly anyway: boolean;
      readonly heard: HeardUses;
      /** Measure what each kind takes, for metrics. */
      readonly measures: boolean;
    };

/** What was heard of uses since the last look. */
export interface HeardUses {
  readonly events: readonly EngineEvent[];
  /** No event was missed since then. */
  readonly whole: boolean;
  /** Up to when, in milliseconds since 1970 by the clock here. */
  readonly at: number;
}

/** A line of a watch's log. */
export interface Line {
  readonly level: 'info' | 'warning' | 'error';
  /** `watching`, `removed`, `refused`, `failed`, `lost`, `back`, `said`, `stopped`. */
  readonly event: string;
  readonly message: string;
  /** For machines. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** What went wrong, as the errors of core/errors.ts. */
export interface Fault {
  readonly what: 'fault';
  readonly kind: 'usage' | 'refusal' | 'engine' | 'cancelled' | 'bug';
  readonly trouble: Trouble;
  readonly message: string;
}

export type Answer =
  | Fault
  /** The options and the policy are right. */
  | { readonly what: 'right'; readonly policy?: string }
  /** A build is in progress: it has not looked. */
  | { readonly what: 'building' }
  | {
      readonly what: 'looked';
      readonly ran: Ran;
      /** What there is to tell of it. */
      readonly line?: Line;
      /** In how many milliseconds a reason to stay ends by itself. */
      readonly nextIn?: number;
    };
