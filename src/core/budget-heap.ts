// A queue of numbered things, the one with the largest key first; a thing whose key has changed is put in again.

/** What is put in once more counts by its last key alone. */
export class Queue {
  readonly #items: number[] = [];
  readonly #keys: number[] = [];
  readonly #last: Float64Array;

  constructor(size: number) {
    this.#last = new Float64Array(size).fill(Number.NaN);
  }

  put(item: number, key: number): void {
    this.#last[item] = key;
    let at = this.#items.length;
    for (let above = (at - 1) >> 1; at > 0 && this.#isFirst(item, key, above); above = (at - 1) >> 1) {
      this.#move(above, at);
      at = above;
    }
    this.#items[at] = item;
    this.#keys[at] = key;
  }

  /** The first, which is taken out; `undefined` when nothing is left. Of equal keys the lower number is first. */
  take(): number | undefined {
    while (this.#items.length > 0) {
      const [item, key] = [this.#items[0] as number, this.#keys[0] as number];
      this.#dropFirst();
      if (this.#last[item] !== key) continue;
      this.#last[item] = Number.NaN;
      return item;
    }
    return undefined;
  }

  #isFirst(item: number, key: number, than: number): boolean {
    const other = this.#keys[than] as number;
    return key > other || (key === other && item < (this.#items[than] as number));
  }

  #move(from: number, to: number): void {
    this.#items[to] = this.#items[from] as number;
    this.#keys[to] = this.#keys[from] as number;
  }

  #dropFirst(): void {
    const item = this.#items.pop() as number;
    const key = this.#keys.pop() as number;
    const size = this.#items.length;
    if (size === 0) return;
    let at = 0;
    for (let below = 1; below < size; below = 2 * at + 1) {
      const right = below + 1;
      const next =
        right < size && this.#isFirst(this.#items[right] as number, this.#keys[right] as number, below)
          ? right
          : below;
      if (this.#isFirst(item, key, next)) break;
      this.#move(next, at);
      at = next;
    }
    this.#items[at] = item;
    this.#keys[at] = key;
  }
}
