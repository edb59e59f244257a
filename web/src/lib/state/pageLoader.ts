import type { PageRequest, SeqWindow, Sequenced } from '$lib/window/seqWindow';

/**
 * Fetches the pages that the view needs: the next one ahead while it moves, both neighbours once it
 * rests.
 *
 * A page that is far from what is needed is called off, so that a dragged scrollbar loads only
 * where it stops.
 */
type Fetch<T> = (request: PageRequest, signal: AbortSignal) => Promise<readonly T[]>;

const MOST_AT_ONCE = 3;
const REST_MS = 100;
const LEAD = 60; // rows before the end of what is held: a few frames of fast scrolling
const RETRY_MS = 1_500;

export class PageLoader<T extends Sequenced> {
  #window: SeqWindow<T>;
  #fetch: Fetch<T>;
  #onLoaded: () => void;
  #onProblem: (error: unknown) => void;
  #flying = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | null = null;
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
    for (const page of missing) this.#load(page);
    const moved = first - (this.#before ?? first);
    this.#before = missing.length > 0 ? null : first;
    if (missing.length > 0) return;
    this.#loadMissing(this.#ahead(first, end, moved));
    this.#wait(REST_MS, () => this.#loadMissing([below, above]));
  }

  /** Has the page of a rank there; raises what fetching it raises. */
  async hold(rank: number, signal: AbortSignal): Promise<void> {
    const page = Math.floor(rank / this.#window.pageSize);
    if (!this.#window.isMissing(page)) return;
    const request = this.#window.requestFor(page);
    this.#window.fill(page, request, await this.#fetch(request, signal));
  }

  stop(): void {
    this.#rest();
    for (const [page, flight] of this.#flying) this.#callOff(page, flight);
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
      const entries = await this.#fetch(request, flight.signal);
      if (flight.signal.aborted) return;
      this.#flying.delete(page);
      this.#window.fill(page, request, entries);
      this.#onLoaded();
    } catch (error) {
      if (flight.signal.aborted) return;
      this.#flying.delete(page);
      this.#onProblem(error);
      this.#wait(RETRY_MS, this.#onLoaded); // painting again asks for the page again
    }
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
