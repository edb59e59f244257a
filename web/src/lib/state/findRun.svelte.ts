import { wordsOf } from '$lib/api/client';
import { found, hitFrom } from '$lib/api/logFind';
import type { TaskLogs } from '$lib/api/logs';
import type { SearchMessage } from '$lib/api/search';
import type { LogFilters } from '$lib/api/types';
import { Hits } from '$lib/window/hits';

/**
 * A text looked for in all entries that match the filter: how many hold it, and the way from one to
 * the next. Hits are told while the server looks; what lies beyond those it told is asked for.
 */
const MOST_KEPT = 2_000;

export class FindRun {
  text = $state('');
  hits = $state.raw(new Hits([]));
  /** How many entries hold the text, as far as is known. */
  found = $state(0);
  percent = $state(0);
  isRunning = $state(false);
  isComplete = $state(false);
  problem = $state<string | null>(null);
  /** The hit one stands at. */
  at = $state<number | null>(null);

  readonly #logs: TaskLogs;
  #filters: LogFilters = {};
  #abort = new AbortController();
  #told: number[] = [];
  #tellFirst: () => void = () => undefined;
  #painting: number | null = null;

  constructor(logs: TaskLogs) {
    this.#logs = logs;
  }

  /** Place of the present hit among all, from 1; null where that is not known. */
  get place(): number | null {
    if (this.at === null || !this.isComplete) return null;
    const fromEnd = this.hits.fromEnd(this.at);
    return fromEnd === null ? null : this.found - fromEnd;
  }

  /** Whether it runs and has found nothing yet: where it leads first is not known. */
  get isSeeking(): boolean {
    return this.isRunning && this.hits.count === 0;
  }

  /** Looks for a text; resolves when a hit is told, the newest one first, or there is none. */
  start(text: string, filters: LogFilters): Promise<void> {
    return new Promise((resolve) => {
      this.#tellFirst();
      this.#tellFirst = resolve;
      void this.#run(text, filters).finally(resolve);
    });
  }

  async #run(text: string, filters: LogFilters): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    [this.text, this.#filters, this.#told, this.hits] = [text, filters, [], new Hits([])];
    [this.found, this.percent, this.isComplete] = [0, 0, false];
    this.problem = this.at = null;
    if (!text) return;
    this.isRunning = true;
    const messages = found(this.#logs, text, filters, MOST_KEPT, signal);
    try {
      for await (const message of messages) {
        if (signal.aborted) return;
        this.#take(message);
      }
    } catch (error) {
      if (!signal.aborted) this.problem = wordsOf(error);
    } finally {
      if (!signal.aborted) this.#rest();
    }
  }

  /** Ends the search here and at the server; what was found stays. */
  stop(): void {
    this.#abort.abort();
    this.#rest();
  }

  /** Seq of the hit after or before an entry; null where there is none that way. */
  async next(from: number, step: 1 | -1): Promise<number | null> {
    const known = this.hits.next(from, step);
    const isKnown = known !== null && (step < 0 || from >= this.hits.first);
    const isAllKnown = this.isComplete && this.found <= this.hits.count;
    this.at = isKnown || isAllKnown ? known : await this.#ask(from, step);
    return this.at;
  }

  async #ask(from: number, step: 1 | -1): Promise<number | null> {
    const { signal } = this.#abort;
    try {
      return await hitFrom(this.#logs, this.text, [from, step], this.#filters, signal);
    } catch (error) {
      if (!signal.aborted) this.problem = wordsOf(error);
      return null;
    }
  }

  #take(message: SearchMessage): void {
    if (message.type === 'hit' && this.#told.push(message.entry.seq) === 1) {
      this.#paint();
      this.#tellFirst();
    }
    if (message.type === 'error') this.problem = message.detail;
    if (message.type === 'progress' || message.type === 'end') {
      this.found = Math.max(message.found ?? 0, this.#told.length);
      this.percent = (message.searched_bytes / Math.max(1, message.total_bytes)) * 100;
    }
    if (message.type === 'end') this.isComplete = message.is_complete;
    this.#painting ??= requestAnimationFrame(() => this.#paint());
  }

  #rest(): void {
    if (this.#painting !== null) cancelAnimationFrame(this.#painting);
    this.#paint();
    this.isRunning = false;
  }

  #paint(): void {
    this.#painting = null;
    if (this.#told.length !== this.hits.count) this.hits = new Hits(this.#told);
  }
}
