/**
 * The few pages of a task's entries that the browser holds.
 *
 * Entries are addressed by rank: their place among the entries that match the filter. Without a
 * filter the rank is `seq - 1`, because a trail's seqs are dense; a rank that stays empty after
 * its page was fetched is an entry that cannot be shown, and the view says so. At most `maxPages`
 * pages are kept; the least recently used go first, those in view never.
 */
export interface Sequenced {
  readonly seq: number;
}

/** How to ask for a page: by a neighbour's seq where one is held, else by rank. */
export type PageRequest =
  { readonly after_seq: number } | { readonly before_seq: number } | { readonly offset: number };

interface Page<T> {
  slots: (T | undefined)[];
  isFetched: boolean;
}

export class SeqWindow<T extends Sequenced> {
  readonly pageSize: number;
  #maxPages: number;
  #isDense = true;
  #pages = new Map<number, Page<T>>(); // least recently used first
  #kept: [number, number] = [0, -1]; // first and last page in view
  #count = 0;
  #lastSeq = 0;
  #changed = new Set<number>();

  constructor(pageSize = 200, maxPages = 60) {
    this.pageSize = pageSize;
    this.#maxPages = maxPages;
  }

  /** How many entries match, as far as is known. */
  get count(): number {
    return this.#count;
  }

  /** The highest seq taken in; a live connection resumes after it. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  get pageCount(): number {
    return this.#pages.size;
  }

  /** The pages in which anything came since the last call. */
  takeChanged(): readonly number[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** Has all pages that are held count as changed. */
  touch(): void {
    for (const page of this.#pages.keys()) this.#changed.add(page);
  }

  /** Empties the window; `isDense` says that no filter is set. */
  reset(isDense: boolean): void {
    this.#isDense = isDense;
    this.#pages.clear();
    this.#changed.clear();
    this.#kept = [0, -1];
    this.#count = 0;
    this.#lastSeq = 0;
  }

  at(rank: number): T | undefined {
    return this.#pages.get(Math.floor(rank / this.pageSize))?.slots[rank % this.pageSize];
  }

  /** Whether nothing more is to be had for the rank: held, or fetched and absent. */
  isSettled(rank: number): boolean {
    const page = this.#pages.get(Math.floor(rank / this.pageSize));
    return page !== undefined && (page.isFetched || page.slots[rank % this.pageSize] !== undefined);
  }

  /** Takes in the newest entries, oldest first, of `total` matching ones. */
  setTail(entries: readonly T[], total: number): void {
    const last = entries.at(-1)?.seq ?? 0;
    this.#lastSeq = Math.max(this.#lastSeq, last);
    this.#count = Math.max(this.#count, this.#isDense ? last : total);
    const first = total - entries.length;
    entries.forEach((entry, i) => this.#put(this.#isDense ? entry.seq - 1 : first + i, entry));
    this.#evict();
  }

  /** Takes in live entries; those held already are left out. Returns the new ones. */
  append(entries: readonly T[]): T[] {
    const fresh = entries.filter((entry) => entry.seq > this.#lastSeq);
    for (const entry of fresh) {
      const rank = this.#isDense ? entry.seq - 1 : this.#count;
      this.#lastSeq = entry.seq;
      this.#count = rank + 1;
      this.#put(rank, entry);
    }
    if (fresh.length > 0) this.#evict();
    return fresh;
  }

  /** Knows of the entries up to a seq without having them; how many are new. Without a filter. */
  passOver(seq: number): number {
    const passed = Math.max(0, seq - this.#lastSeq);
    this.#lastSeq += passed;
    this.#count = Math.max(this.#count, seq);
    return passed;
  }

  /** Takes in the answer to `requestFor(page)`. */
  fill(page: number, request: PageRequest, entries: readonly T[]): void {
    const start = page * this.pageSize;
    const end = start + this.pageSize;
    const first = 'before_seq' in request ? end - entries.length : start;
    this.#use(page).isFetched = true;
    entries.forEach((entry, i) => {
      const rank = this.#isDense ? entry.seq - 1 : first + i;
      if (rank >= start && rank < end && rank < this.#count) this.#put(rank, entry);
    });
    this.#evict();
  }

  /** Takes in the answer to `requestFrom(first)`: less than a page, where more is to come. */
  glimpse(first: number, entries: readonly T[]): void {
    entries.forEach((entry, i) => {
      const rank = this.#isDense ? entry.seq - 1 : first + i;
      if (rank < this.#count && !this.at(rank)) this.#put(rank, entry);
    });
    this.#evict();
  }

  /** Keeps the pages of these ranks; returns those that must be fetched, nearest the middle first. */
  need(first: number, end: number): number[] {
    if (end <= first) return [];
    const [low, high] = [Math.floor(first / this.pageSize), Math.floor((end - 1) / this.pageSize)];
    this.#kept = [low, high];
    const missing: number[] = [];
    for (let page = low; page <= high; page += 1) if (this.isMissing(page)) missing.push(page);
    const middle = (low + high) / 2;
    return missing.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle));
  }

  /** Whether the page exists and has ranks that were never taken in. */
  isMissing(page: number): boolean {
    const start = page * this.pageSize;
    if (page < 0 || start >= this.#count) return false;
    const held = this.#pages.get(page);
    if (!held) return true;
    if (held.isFetched) return false;
    for (let i = 0; i < Math.min(this.pageSize, this.#count - start); i += 1) {
      if (!held.slots[i]) return true;
    }
    return false;
  }

  requestFor(page: number): PageRequest {
    const start = page * this.pageSize;
    const request = this.requestFrom(start);
    const after = 'offset' in request ? this.at(start + this.pageSize) : undefined;
    return after ? { before_seq: after.seq } : request;
  }

  /** How to ask for what stands from a rank on. */
  requestFrom(rank: number): PageRequest {
    if (this.#isDense) return { after_seq: rank };
    const before = this.at(rank - 1);
    return before ? { after_seq: before.seq } : { offset: rank };
  }

  #put(rank: number, entry: T): void {
    if (rank < 0) return;
    const page = Math.floor(rank / this.pageSize);
    this.#use(page).slots[rank % this.pageSize] = entry;
    this.#changed.add(page);
  }

  #use(number: number): Page<T> {
    const page = this.#pages.get(number) ?? { slots: [], isFetched: false };
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return page;
  }

  #evict(): void {
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= this.#maxPages) return;
      if (number < this.#kept[0] || number > this.#kept[1]) this.#pages.delete(number);
    }
  }
}
