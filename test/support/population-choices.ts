// Random choices from a seed, which can be made again.

export class Choices {
  #state: number;

  constructor(...seeds: number[]) {
    this.#state = 0;
    for (const seed of seeds) this.#state = Math.imul(this.#state ^ seed, 0x9e3779b1) + 0x7f4a7c15;
  }

  /** A whole number from 0 up to, but not, `n` (mulberry32). */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  maybe<T>(percent: number, all: readonly T[]): T | undefined {
    return all.length > 0 && this.chance(percent) ? this.of(all) : undefined;
  }
}
