// The state of a watched host in time: told what happens, it says when to look. Its timers are the only ones while idle.
import { setTimeout as delay } from 'node:timers/promises';
import type { Happening, Pace, Step, Watching } from '../core/watch.ts';
import { after, beforeWatching, nextStep } from '../core/watch.ts';

/** What a timer can wait for, in milliseconds. */
const LONGEST = 2 ** 31 - 1;

export class WatchClock {
  readonly #pace: Pace;
  #state: Watching;
  #stirred = Promise.withResolvers<void>();

  constructor(pace: Pace) {
    this.#pace = pace;
    this.#state = beforeWatching(performance.now(), pace);
  }

  tell(happening: Happening): void {
    this.#state = after(this.#state, happening, performance.now(), this.#pace);
    this.#stirred.resolve();
  }

  /** Resolves when it is time to look; to nothing when the signal aborts. */
  async timeToLook(signal: AbortSignal): Promise<{ readonly anyway: boolean } | undefined> {
    while (!signal.aborted) {
      this.#stirred = Promise.withResolvers();
      const step = nextStep(this.#state, performance.now(), this.#pace);
      if (step.do === 'look') return step;
      await this.#wait(step, signal);
    }
    return undefined;
  }

  async #wait(step: Exclude<Step, { do: 'look' }>, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const time = step.do === 'wait' ? Math.min(Math.ceil(step.until - performance.now()), LONGEST) : LONGEST;
    const timer = delay(Math.max(1, time), undefined, { signal: until }).catch(() => {});
    await Promise.race([timer, this.#stirred.promise]);
    over.abort();
    await timer;
  }
}
