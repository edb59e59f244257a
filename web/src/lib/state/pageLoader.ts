import type { PageRequest, SeqWindow, Sequenced } from '$lib/window/seqWindow';

/**
 * Fetches the pages that the view needs: the next one ahead while it moves, both neighbours once it
 * rests. At a place of which nothing is held what is in sight comes first, in one small answer.
 *
 * A page that is far from what is needed is called off, so that a dragged scrollbar loads only
 * where it stops.
 */
type Fetch<T> = (request: PageRequest, limit: number, signal: AbortSignal) => Promise<readonly T[]>;

const MOST_AT_ONCE = 3;
const REST_MS = 100;
const AROUND = 20; // rows above and below what is in sight, fetched with it
const LEAD = 60; // rows before the end of what is held: a few frames of fast scrolling
const RETRY_MS = 1_500;

interface Glimpse {
  readonly first: number;
  readonly end: number;
  readonly flight: AbortController;
  isComing: boolean;
}

export class PageLoader<T extends Sequenced> {
  #window: SeqWindow<T>;
  #fetch: Fetch<T>;
  #onLoaded: () => void;
  #onProblem: (error: unknown) => void;
  #flying = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #glimpse: Glimpse | null = null; // what was looked at last, while it is near
  #before: number | null = null; // the first rank needed last, where all that was needed was held

  constructor(
    window: SeqWindow<T>,
    fetch: Fetch<T>,
    on: { loaded: () => void; problem: (error: unknown) => void },
  ) {
    this.#window = window;
    this.#fetch = fetch;
    this.#onLoaded = on.loaded;
    this.#onProblem = on.problem;
  }

  /** Sees to it that the ranks from `first` to before `end` get loaded. */
  need(first: number, end: number): void {
    this.#rest(); // the neighbours of a place that was left are nobody's wish
    const missing = this.#window.need(first, end);
    const [above, below] = this.#around(first, end);
    for (const [page, flight] of this.#flying) {
      if (page < above || page > below) this.#callOff(page, flight);
    }
    this.#leaveGlimpse(first, end);
    const held = this.#heldOf(first, end);
    const isHeld = held === end - first;
    const moved = isHeld ? first - (this.#before ?? first) : 0;
    this.#before = isHeld ? first : null;
    if (!isHeld) this.#loadOrLook(missing, held, [first, end]);
    else this.#loadAround([...missing, below, above], moved, [first, end]);
  }

  #loadOrLook(
    missing: readonly number[],
    held: number,
    [first, end]: readonly [number, number],
  ): void {
    if (held === 0 && missing.length > 0 && !this.#glimpse) void this.#look(first, end);
    else if (!this.#glimpse?.isComing) for (const page of missing) this.#load(page);
  }

  /** All in sight is held: what is near comes with a movement, the rest once the view rests. */
  #loadAround(
    pages: readonly number[],
    moved: number,
    [first, end]: readonly [number, number],
  ): void {
    const inSight = pages.slice(0, -2);
    if (moved !== 0) this.#loadMissing([...inSight, ...this.#ahead(first, end, moved)]);
    this.#wait(REST_MS, () => this.#loadMissing(pages));
  }

  /** Has the page of a rank there; raises what fetching it raises. */
  async hold(rank: number, signal: AbortSignal): Promise<void> {
    const page = Math.floor(rank / this.#window.pageSize);
    if (!this.#window.isMissing(page)) return;
    const request = this.#window.requestFor(page);
    this.#window.fill(page, request, await this.#fetch(request, this.#window.pageSize, signal));
  }

  stop(): void {
    this.#rest();
    if (this.#glimpse?.isComing) this.#glimpse.flight.abort();
    this.#glimpse = null;
    for (const [page, flight] of this.#flying) this.#callOff(page, flight);
  }

  /** How many of the ranks are held, or known to be absent. */
  #heldOf(first: number, end: number): number {
    let held = 0;
    for (let rank = first; rank < end; rank += 1) held += this.#window.isSettled(rank) ? 1 : 0;
    return held;
  }

  /** Forgets what was looked at elsewhere, and calls it off. */
  #leaveGlimpse(first: number, end: number): void {
    const old = this.#glimpse;
    if (!old || (first < old.end && old.first < end)) return;
    if (old.isComing) old.flight.abort();
    this.#glimpse = null;
  }

  /** Fetches what is in sight, and a little around it; its pages come once the view rests. */
  async #look(first: number, end: number): Promise<void> {
    const from = Math.max(0, first - AROUND);
    const flight = new AbortController();
    const glimpse: Glimpse = { first: from, end: end + AROUND, flight, isComing: true };
    this.#glimpse = glimpse;
    try {
      const request = this.#window.requestFrom(from);
      const entries = await this.#fetch(request, glimpse.end - from, flight.signal);
      if (flight.signal.aborted) return;
      glimpse.isComing = false;
      this.#window.glimpse(from, entries);
      this.#onLoaded();
    } catch (error) {
      if (flight.signal.aborted) return;
      this.#glimpse = null;
      this.#failed(error);
    }
  }

  /** The pages before and after those of the ranks. */
  #around(first: number, end: number): [number, number] {
    const size = this.#window.pageSize;
    return [Math.floor(first / size) - 1, Math.floor((end - 1) / size) + 1];
  }

  /** The page that is reached soon by moving on like this. */
  #ahead(first: number, end: number, moved: number): number[] {
    const [above, below] = this.#around(first, end);
    const size = this.#window.pageSize;
    if (moved > 0) return below * size - end < LEAD ? [below] : [];
    return moved < 0 && first - (above + 1) * size < LEAD ? [above] : [];
  }

  #loadMissing(pages: readonly number[]): void {
    for (const page of pages) if (this.#window.isMissing(page)) this.#load(page);
  }

  #load(page: number): void {
    if (this.#flying.has(page) || this.#flying.size >= MOST_AT_ONCE) return;
    const flight = new AbortController();
    this.#flying.set(page, flight);
    void this.#fly(page, flight);
  }

  async #fly(page: number, flight: AbortController): Promise<void> {
    const request = this.#window.requestFor(page);
    try {
      const entries = await this.#fetch(request, this.#window.pageSize, flight.signal);
      if (flight.signal.aborted) return;
      this.#flying.delete(page);
      this.#window.fill(page, request, entries);
      this.#onLoaded();
    } catch (error) {
      if (flight.signal.aborted) return;
      this.#flying.delete(page);
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.#onProblem(error);
    this.#wait(RETRY_MS, this.#onLoaded); // painting again asks again
  }

  #callOff(page: number, flight: AbortController): void {
    flight.abort();
    this.#flying.delete(page);
  }

  #wait(delayMs: number, run: () => void): void {
    this.#rest();
    this.#timer = setTimeout(run, delayMs);
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
