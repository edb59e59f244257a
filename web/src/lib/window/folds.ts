/**
 * Runs of rows that say the same: the first stands for all, the rest take no room.
 *
 * A run ends with its page: what is folded hangs on entries that are held, never on ones that were
 * let go, so a row's height is known for good once its page was there. Unfolding is per run.
 */
interface Rows<T> {
  readonly pageSize: number;
  readonly count: number;
  at(rank: number): T | undefined;
  /** The pages that changed since the last call. */
  takeChanged(): readonly number[];
}

export class Folds<T> {
  readonly #rows: Rows<T>;
  readonly #isSame: (a: T, b: T) => boolean;
  #hidden = new Map<number, Uint8Array>(); // by page: which of its rows take no room
  #open = new Set<number>(); // first ranks of runs that are to be seen whole
  #wanted: number | null = null; // a row that must be seen as soon as it is there
  #isOn = true;

  constructor(rows: Rows<T>, isSame: (a: T, b: T) => boolean) {
    this.#rows = rows;
    this.#isSame = isSame;
  }

  isHidden(rank: number): boolean {
    return this.#hidden.get(this.#pageOf(rank))?.[rank % this.#rows.pageSize] === 1;
  }

  /** How many rows in a run begin here; 1 where the row is alone, or not the first of its run. */
  lengthAt(rank: number): number {
    if (!this.#isOn || this.#continues(rank)) return 1;
    let end = rank + 1;
    while (this.#continues(end)) end += 1;
    return end - rank;
  }

  /** Whether all of the run that begins here is shown. */
  isOpen(rank: number): boolean {
    return this.#open.has(rank);
  }

  /** Shows all of the run that holds the row, or its first row alone again. */
  toggle(rank: number): (readonly [number, number])[] {
    const first = this.#firstOf(rank);
    if (this.#open.delete(first)) this.#wanted = null;
    else this.#open.add(first);
    return this.#look(this.#pageOf(first));
  }

  /** Has the row shown, whatever run it turns out to be in. */
  reveal(rank: number): (readonly [number, number])[] {
    this.#wanted = rank;
    return this.#look(this.#pageOf(rank));
  }

  /** Has all that is folded told anew, as after its heights were forgotten. */
  forget(): void {
    this.#hidden.clear();
  }

  /** The same for other entries, or another wish: `isOn` says whether runs are folded. */
  reset(isOn: boolean): void {
    this.#isOn = isOn;
    this.#hidden.clear();
    this.#open.clear();
    this.#wanted = null;
  }

  /** Rows that take room or take none since the last call: their ranks, and 1 or 0. */
  changes(): (readonly [number, number])[] {
    return this.#rows.takeChanged().flatMap((page) => this.#look(page));
  }

  #look(page: number): (readonly [number, number])[] {
    const { pageSize } = this.#rows;
    const before = this.#hidden.get(page) ?? new Uint8Array(pageSize);
    if (this.#wanted !== null && this.#pageOf(this.#wanted) === page) {
      this.#open.add(this.#firstOf(this.#wanted));
    }
    const hidden = this.#hiddenIn(page);
    this.#hidden.set(page, hidden);
    const changed: (readonly [number, number])[] = [];
    hidden.forEach((isHidden, at) => {
      if (isHidden !== before[at]) changed.push([page * pageSize + at, 1 - isHidden]);
    });
    return changed;
  }

  #hiddenIn(page: number): Uint8Array {
    const { pageSize, count } = this.#rows;
    const hidden = new Uint8Array(pageSize);
    const start = page * pageSize;
    let first = start;
    for (let rank = start; this.#isOn && rank < Math.min(start + pageSize, count); rank += 1) {
      if (!this.#continues(rank)) first = rank;
      else if (!this.#open.has(first)) hidden[rank - start] = 1;
    }
    return hidden;
  }

  #firstOf(rank: number): number {
    let first = rank;
    while (this.#continues(first)) first -= 1;
    return first;
  }

  /** Whether the row says the same as the one before it, in one page. */
  #continues(rank: number): boolean {
    if (rank % this.#rows.pageSize === 0) return false;
    const [before, here] = [this.#rows.at(rank - 1), this.#rows.at(rank)];
    return before !== undefined && here !== undefined && this.#isSame(before, here);
  }

  #pageOf(rank: number): number {
    return Math.floor(rank / this.#rows.pageSize);
  }
}
