import type { PageRequest, SeqWindow, Sequenced } from '$lib/window/seqWindow';

/**
 * Fetches the pages that the view needs, and the neighbours once it rests.
 *
 * A page that is no longer needed is called off, so that a dragged scrollbar loads only where it
 * stops.
 */
type Fetch<T> = (request: PageRequest, signal: AbortSignal) => Promise<readonly T[]>;

const MOST_AT_ONCE = 3;
const REST_MS = 60;
const RETRY_MS = 1_500;

export class PageLoader<T extends Sequenced> {
  #window: SeqWindow<T>;
  #fetch: Fetch<T>;
  #onLoaded: () => void;
  #onProblem: (error: unknown) => void;
  #flying = new Map<number, AbortController>();
  #timer: ReturnType<typeof setTimeout> | null = null;

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
    const missing = this.#window.need(first, end);
    for (const [page, flight] of this.#flying) {
      if (!missing.includes(page)) this.#callOff(page, flight);
    }
    for (const page of missing) this.#load(page);
    if (missing.length === 0) this.#wait(REST_MS, () => this.#loadNeighbours(first, end));
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const [page, flight] of this.#flying) this.#callOff(page, flight);
  }

  #loadNeighbours(first: number, end: number): void {
    const size = this.#window.pageSize;
    const around = [Math.floor((end - 1) / size) + 1, Math.floor(first / size) - 1];
    for (const page of around) if (this.#window.isMissing(page)) this.#load(page);
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
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(run, delayMs);
  }
}
