import { Problem, wordsOf, type ApiClient, type Mistake } from '$lib/api/client';
import { search, type Hit, type Looked, type SearchMessage } from '$lib/api/search';

/** One search over all tasks: its hits as they come, how far it is, and how it ended. */
export type SearchEnd = 'complete' | 'time' | 'stopped' | 'cancelled';

const NOTHING: Looked = {
  shown: 0,
  found: null,
  searched_bytes: 0,
  total_bytes: 0,
  searched_trails: 0,
  total_trails: 0,
};

export class SearchRun {
  hits = $state.raw<readonly Hit[]>([]);
  looked = $state.raw<Looked>(NOTHING);
  isRunning = $state(false);
  ended = $state<SearchEnd | null>(null);
  problem = $state<string | null>(null);
  mistake = $state.raw<Mistake | null>(null);

  #api: ApiClient;
  #abort = new AbortController();
  #fresh: Hit[] = [];
  #painting: number | null = null;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  async start(query: string): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    this.hits = [];
    this.#fresh = []; // another array: it is pushed to, and the other is shown
    this.looked = NOTHING;
    this.ended = this.problem = this.mistake = null;
    if (!query) return;
    this.isRunning = true;
    try {
      for await (const message of search(this.#api, query, signal)) {
        if (signal.aborted) return;
        this.#take(message);
      }
      if (this.ended === null) this.problem ??= 'The answer broke off before its end.';
    } catch (error) {
      if (signal.aborted) return;
      this.problem = wordsOf(error);
      this.mistake = error instanceof Problem ? error.mistake : null;
    } finally {
      if (!signal.aborted) this.#rest();
    }
  }

  /** Ends the search here and at the server; what was found stays. */
  cancel(): void {
    if (!this.isRunning) return;
    this.stop();
    this.ended = 'cancelled';
  }

  stop(): void {
    this.#abort.abort();
    this.#rest();
  }

  #rest(): void {
    if (this.#painting !== null) cancelAnimationFrame(this.#painting);
    this.#paint();
    this.isRunning = false;
  }

  #take(message: SearchMessage): void {
    if (message.type === 'hit') {
      this.#fresh.push({ ...message.entry, title: message.title });
      this.#painting ??= requestAnimationFrame(() => this.#paint());
    }
    if (message.type === 'progress' || message.type === 'end') this.looked = message;
    if (message.type === 'end') this.ended = message.ended;
    if (message.type === 'error') this.problem = message.detail;
  }

  #paint(): void {
    this.#painting = null;
    if (this.#fresh.length > 0) this.hits = [...this.hits, ...this.#fresh];
    this.#fresh = [];
  }
}
