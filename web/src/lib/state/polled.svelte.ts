import { Problem, wordsOf } from '$lib/api/client';
import { Poller } from './poller';

/** One answer of the API, kept fresh. After an error what was shown stays. */
const EVERY_MS = 3_000;

export class Polled<T> {
  value = $state.raw<T | null>(null);
  problem = $state<string | null>(null);
  isMissing = $state(false);

  #load: ((signal: AbortSignal) => Promise<T>) | null = null;
  #abort = new AbortController();
  #poller: Poller;

  constructor(every: number | (() => number) = EVERY_MS) {
    const pause = typeof every === 'number' ? (): number => every : every;
    this.#poller = new Poller(() => this.#refresh(), pause);
  }

  /** Loads now and again from now on; `isOther`: what is shown answers another question. */
  open(load: (signal: AbortSignal) => Promise<T>, isOther = true): () => void {
    this.close();
    this.#load = load;
    this.#abort = new AbortController();
    if (isOther) this.value = null;
    this.problem = null;
    this.isMissing = false;
    this.#poller.start();
    return () => this.close();
  }

  close(): void {
    this.#abort.abort();
    this.#poller.stop();
  }

  retry(): void {
    void this.#poller.now();
  }

  async #refresh(): Promise<boolean> {
    const { signal } = this.#abort;
    try {
      const value = await this.#load?.(signal);
      if (signal.aborted || value === undefined) return true;
      this.value = value;
      this.problem = null;
      this.isMissing = false;
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.isMissing = error instanceof Problem && error.status === 404;
      this.problem = this.isMissing ? null : wordsOf(error);
      return this.isMissing;
    }
  }
}
