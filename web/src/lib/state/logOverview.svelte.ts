import { histogramOf } from '$lib/api/logCounts';
import type { TaskLogs } from '$lib/api/logs';
import type { Histogram, LogFilters } from '$lib/api/types';
import { Overview } from '$lib/window/overview';

/**
 * A log from far: how many entries of each level when, and where its errors stand.
 *
 * Asked for again while entries come, the more seldom the longer an answer takes.
 */
const BARS = 180;
const FINE = 1_000; // stretches in which errors are placed
const LEAST_PAUSE_MS = 3_000;
const PAUSE_BY_COST = 12; // at most a twelfth of the time is spent asking
const MOST_ERRORS_APART = 400; // more are shown by stretches

export class LogOverview {
  bars = $state.raw<Histogram | null>(null);
  whole = $state.raw(new Overview([]));
  /** Where errors stand, as shares of the list. */
  errors = $state.raw<readonly (readonly [number, number])[]>([]);

  readonly #logs: TaskLogs;
  #filters: LogFilters = {};
  #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStale = false;
  #isAsking = false;

  constructor(logs: TaskLogs) {
    this.#logs = logs;
  }

  /** Shows another filter; what was shown stays until the answer is there. */
  open(filters: LogFilters): void {
    this.close();
    this.#filters = filters;
    this.#abort = new AbortController();
    void this.#ask();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort.abort();
    this.#isAsking = this.#isStale = false;
  }

  /** Entries came. */
  grown(): void {
    this.#isStale = true;
    if (!this.#isAsking && this.#timer === undefined) this.#wait(LEAST_PAUSE_MS);
  }

  #wait(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#isStale && !document.hidden) void this.#ask();
    }, delayMs);
  }

  async #ask(): Promise<void> {
    const { signal } = this.#abort;
    const began = performance.now();
    [this.#isStale, this.#isAsking] = [false, true];
    try {
      const bars = await histogramOf(this.#logs, this.#filters, BARS, signal);
      this.bars = bars;
      this.whole = new Overview(bars.buckets);
      const serious = { ...this.#filters, min_level: 'error' };
      const errors = await histogramOf(this.#logs, serious, FINE, signal);
      this.errors = this.#placesOf(errors);
    } catch {
      // An overview is a help: without an answer the old one stays, and the next ask tries again.
    }
    if (signal.aborted) return;
    this.#isAsking = false;
    this.#wait(Math.max(LEAST_PAUSE_MS, (performance.now() - began) * PAUSE_BY_COST));
  }

  #placesOf({ total_count, buckets }: Histogram): readonly (readonly [number, number])[] {
    const isMany = total_count > MOST_ERRORS_APART;
    return buckets.flatMap(({ first_seq, last_seq }) => {
      if (first_seq === null || last_seq === null) return [];
      const ends = [this.whole.shareOf(first_seq), this.whole.shareOf(last_seq)] as const;
      return isMany ? [ends] : [[ends[0], ends[0]] as const, [ends[1], ends[1]] as const];
    });
  }
}
