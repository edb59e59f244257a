/**
 * Which drawn row shows which rank.
 *
 * A rank keeps its row while it is drawn. Where nearly all of the ranks are others, as after a jump
 * or while entries pour in, the rows stay in their order and show the new ranks: a text that is
 * replaced costs a browser half of what a row costs that is made and thrown away.
 */
const FEW = 1 / 3; // of the rows; of more that stay each keeps its own

export class Slots {
  #keys = new Map<number, number>(); // by rank, in their order
  #last = 0;

  /** A key for each of the ranks; with `mayTurn` the rows that are there may show other ranks. */
  keysOf(ranks: readonly number[], mayTurn: boolean): readonly number[] {
    const staying = ranks.filter((rank) => this.#keys.has(rank)).length;
    const free = mayTurn && staying <= ranks.length * FEW ? [...this.#keys.values()] : null;
    const keys = ranks.map((rank, at) => (free ? free[at] : this.#keys.get(rank)) ?? this.#fresh());
    this.#keys = new Map(ranks.map((rank, at) => [rank, keys[at] ?? 0]));
    return keys;
  }

  /** Has every row be another from now on. */
  forget(): void {
    this.#keys.clear();
  }

  #fresh(): number {
    this.#last += 1;
    return this.#last;
  }
}
