// What a watch hears of uses of images, until its next look writes it into the ledger.
import type { EngineEvent } from '../core/last-use-events.ts';
import type { HeardUses } from '../core/watch-look.ts';

/** So many events are kept: of more the engine tells the last ones itself, and the ledger notices the gap. */
const MOST = 5_000;

/** What was heard since the last look. */
export class UsesHeard {
  #events: EngineEvent[] = [];
  /** All that has happened since the last look was heard. */
  #whole = false;

  add(event: EngineEvent): void {
    if (event.type !== 'container' && event.type !== 'image') return;
    this.#events.push(event);
    if (this.#events.length <= MOST) return;
    this.#events.shift();
    this.#whole = false;
  }

  /** The connection has ended, or begins anew. */
  interrupted(): void {
    this.#whole = false;
  }

  /** What there is for a look that begins now. */
  take(): HeardUses {
    const taken = { events: this.#events, whole: this.#whole, at: Date.now() };
    this.#events = [];
    this.#whole = true; // the look sees for itself what has happened until now
    return taken;
  }

  /** The look has not looked. */
  giveBack({ events, whole }: HeardUses): void {
    this.#events = [...events, ...this.#events].slice(-MOST);
    this.#whole &&= whole;
  }
}
