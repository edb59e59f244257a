/** The entries that hold a text, as far as they were told: the newest of them. */
export class Hits {
  readonly #seqs: readonly number[]; // ascending

  /** `told` in the order of telling, newest first. */
  constructor(told: readonly number[]) {
    this.#seqs = told.toSorted((a, b) => a - b);
  }

  get count(): number {
    return this.#seqs.length;
  }

  get seqs(): readonly number[] {
    return this.#seqs;
  }

  /** The oldest one told; before it there may be more. */
  get first(): number {
    return this.#seqs[0] ?? Infinity;
  }

  /** The next one after, or the last one before an entry. */
  next(from: number, step: 1 | -1): number | null {
    const after = this.#above(from);
    if (step > 0) return this.#seqs[after] ?? null;
    const before = after - 1;
    return this.#seqs[this.#seqs[before] === from ? before - 1 : before] ?? null;
  }

  /** How many come after a hit; null for what is none. */
  fromEnd(seq: number): number | null {
    const after = this.#above(seq);
    return this.#seqs[after - 1] === seq ? this.#seqs.length - after : null;
  }

  /** Index of the first one above. */
  #above(seq: number): number {
    let [low, high] = [0, this.#seqs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#seqs[middle] ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
