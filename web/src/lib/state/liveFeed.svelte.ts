import { wordsOf, type ApiClient } from '$lib/api/client';
import type { FollowEnvironment } from '$lib/api/connection';
import { LiveEntries } from '$lib/api/live';
import type { Entry, FollowMessage } from '$lib/api/types';
import { NEW_TAIL, next, type Tail, type TailEvent } from '$lib/window/tailMachine';

/**
 * What is recorded over all tasks, as it comes.
 *
 * A bounded number of rows is kept, the newest; how many went out of sight above is counted. While
 * somebody reads, what comes waits behind a count and no row moves; beyond what may wait, the
 * oldest of it goes, counted too.
 */
const MOST_ROWS = 1_000;
const FIRST_ROWS = 100;
const LATELY_MINUTES = 15;
const RATE_MS = 5_000;
const SEVERE = new Set(['error', 'critical']);

export class LiveFeed {
  rows = $state.raw<readonly Entry[]>([]);
  tail = $state.raw<Tail>(NEW_TAIL);
  /** Entries that were shown or waited, and are not any more. */
  gone = $state(0);
  /** More than that may have gone: nobody counted them. */
  isMoreGone = $state(false);
  /** Entries the server left out because they came too fast. */
  skipped = $state(0);
  perSecond = $state(0);
  isReady = $state(false);
  problem = $state<string | null>(null);

  #api: ApiClient;
  #environment: FollowEnvironment;
  #live: LiveEntries | null = null;
  #abort = new AbortController();
  #waiting: Entry[] = [];
  #seen = new Set<string>();
  #painting: number | null = null;
  #times: { at: number; count: number }[] = [];

  constructor(api: ApiClient, environment: FollowEnvironment) {
    this.#api = api;
    this.#environment = environment;
  }

  open(query: string): () => void {
    this.close();
    this.#abort = new AbortController();
    this.#waiting = [];
    this.#seen = new Set();
    this.rows = [];
    this.gone = this.skipped = 0;
    this.isReady = this.isMoreGone = false;
    this.problem = null;
    this.tail = NEW_TAIL;
    const live = new LiveEntries(this.#api, query, this.#environment, {
      onMessage: (message) => this.#take(message),
      onConnected: () => {
        this.problem = null;
        this.#tell({ type: 'connected' });
      },
      onDisconnected: (retryInMs) => {
        this.#tell({ type: 'disconnected', retryInMs });
        void this.#askWhy();
      },
      onUnknownTask: () => undefined, // all tasks are never unknown
      onStanding: () => void this.#begin(live),
    });
    this.#live = live;
    live.start();
    return () => this.close();
  }

  close(): void {
    this.#abort.abort();
    this.#live?.stop();
    this.#live = null;
    if (this.#painting !== null) cancelAnimationFrame(this.#painting);
    this.#painting = null;
  }

  hurry(): void {
    this.#live?.hurry();
  }

  /** What the reader does: scrolls up, comes back to the end, pauses. */
  act(type: 'scrolledUp' | 'reachedEnd' | 'jumpedToEnd' | 'pauseToggled' | 'rowHeld'): void {
    this.#tell({ type });
    if (this.tail.mode === 'FOLLOW') this.#paintSoon();
  }

  /** Entries a second, over the last seconds. */
  countRate(now: number): void {
    this.#times = this.#times.filter(({ at }) => now - at < RATE_MS);
    const count = this.#times.reduce((sum, one) => sum + one.count, 0);
    this.perSecond = (count * 1_000) / RATE_MS;
  }

  async #begin(live: LiveEntries): Promise<void> {
    const { signal } = this.#abort;
    try {
      const lately = await live.lately(LATELY_MINUTES, FIRST_ROWS, signal);
      if (signal.aborted) return;
      this.#waiting = [...this.#fresh(lately.entries), ...this.#waiting];
      this.gone += lately.left;
      this.isMoreGone = lately.isMore;
    } catch (error) {
      if (signal.aborted) return;
      this.problem = wordsOf(error);
    }
    this.isReady = true;
    this.#paintSoon();
  }

  /** A socket that is refused does not say why; an answer does. */
  async #askWhy(): Promise<void> {
    const { signal } = this.#abort;
    try {
      await this.#api.get('/api/tasks', { limit: 1 }, signal);
    } catch (error) {
      if (!signal.aborted && !this.tail.isConnected) this.problem = wordsOf(error);
    }
  }

  #take(message: FollowMessage): void {
    if (message.type === 'batch') this.#arrived(this.#fresh(message.logs));
    if (message.type === 'error') {
      this.problem = message.detail ?? 'The server refused the filter.';
      this.isReady = true;
    }
    const { type, skipped } = message as { readonly type: string; readonly skipped?: number };
    if (type === 'lag') this.skipped += skipped ?? 0;
  }

  /** Those that were not handed in before: history and live meet in the middle. */
  #fresh(entries: readonly Entry[]): Entry[] {
    return entries.filter((entry) => {
      const id = `${entry.task_id ?? ''}#${entry.seq}#${entry.session_id ?? ''}`;
      return !this.#seen.has(id) && this.#seen.add(id);
    });
  }

  #arrived(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#waiting.push(...entries);
    const over = this.#waiting.length - MOST_ROWS;
    if (over > 0) this.#waiting = this.#waiting.slice(over);
    this.gone += Math.max(0, over);
    this.#times.push({ at: performance.now(), count: entries.length });
    const errors = entries.filter(({ level }) => SEVERE.has(level)).length;
    this.#tell({ type: 'arrived', count: entries.length, errors });
    if (this.isReady && this.tail.mode === 'FOLLOW') this.#paintSoon();
  }

  #tell(event: TailEvent): void {
    this.tail = next(this.tail, event);
  }

  #paintSoon(): void {
    this.#painting ??= requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    this.#painting = null;
    if (this.tail.mode !== 'FOLLOW' && this.rows.length > 0) return;
    const all = [...this.rows, ...this.#waiting];
    const over = Math.max(0, all.length - MOST_ROWS);
    this.#waiting = [];
    this.rows = all.slice(over);
    this.gone += over;
    if (over > 0) this.#forget();
  }

  /** What went out of sight is not remembered for ever. */
  #forget(): void {
    if (this.#seen.size < 20 * MOST_ROWS) return;
    const kept = [...this.#seen];
    this.#seen = new Set(kept.slice(-10 * MOST_ROWS));
  }
}
